"""A fresh code of the second factor before an act that binds: a session that was left open signs nothing.

A handler calls `require_fresh_code` before its page and before its act. Where the code is older than `FRESH` the answer
is the page that asks for one, and then the way back. Somebody without a second factor is asked for none: outside a
demonstration those who supervise and those who run the market cannot sign in without.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request

from market.accounts import actions
from market.accounts.passwords import totp_step, unseal
from market.accounts.queries import PersonView
from market.kernel.clock import wall_now
from market.kernel.db import fetch_one
from market.kernel.settings import Secret
from market.web.viewer import CodeNeeded, viewer_of

FRESH: Final = timedelta(minutes=15)
TOTP: Final = "totp"
_SESSION = """
SELECT p.totp_confirmed_at IS NOT NULL AS set_up, s.confirmed_at
FROM session s JOIN person p ON p.id = s.person_id WHERE s.id = $1
"""


async def require_fresh_code(request: Request[Any, Any, Any]) -> None:
    """Raises CodeNeeded where the viewer has a second factor and its last code is older than FRESH, in real time."""
    row = await fetch_one(_SESSION, viewer_of(request).session_id)
    if row is None or not row["set_up"]:
        return
    if row["confirmed_at"] is None or row["confirmed_at"] < wall_now() - FRESH:
        raise CodeNeeded


async def accept_code(person: PersonView, session_id: UUID, typed: str, *, key: Secret) -> bool:
    """Whether this was the person's code of the moment, used for the first time; then the session is confirmed.
    Raises Refusal after too many wrong ones."""
    secret = person.totp_secret and unseal(key, TOTP, person.totp_secret)
    code = "".join(typed.split())
    step = (
        totp_step(secret, code, unix_time=int(wall_now().timestamp()), last_step=person.totp_last_step)
        if secret
        else None
    )
    await actions.refuse_guessing(person.login)
    if step is not None and await actions.pass_second_factor(session_id, person.id, step):
        return True
    await actions.note_wrong_code(person.login)
    return False
