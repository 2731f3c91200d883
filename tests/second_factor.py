"""Somebody who has an authenticator app."""

from __future__ import annotations

from market.accounts.passwords import new_totp_secret, seal
from market.accounts.step_up import TOTP
from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import execute
from market.web.viewer import Viewer


async def give_second_factor(viewer: Viewer, *, world: World) -> str:
    """From now on this person is asked for a code before what binds. Returns the secret that makes the codes."""
    secret = new_totp_secret()
    await execute(
        "UPDATE person SET totp_secret = $2, totp_confirmed_at = $3 WHERE id = $1",
        viewer.person_id, seal(world.settings.secret_key, TOTP, secret), wall_now(),
    )  # fmt: skip
    return secret


async def confirm_sessions(viewer: Viewer) -> None:
    """As if a code had been typed in this moment."""
    await execute("UPDATE session SET confirmed_at = $2 WHERE person_id = $1", viewer.person_id, wall_now())
