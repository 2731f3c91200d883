"""Making and revoking tokens. Like sessions they live in real time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from market.accounts.queries import token_digest
from market.accounts.tokens.rules import Scope, refuse_more, term_of
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, transaction
from market.kernel.ids import new_id
from market.web.viewer import Viewer

PREFIX = "mx_"
_SHOWN = 8


@dataclass(frozen=True)
class NewToken:
    name: str
    scopes: Sequence[Scope]
    days: int


async def make_token(viewer: Viewer, new: NewToken) -> tuple[UUID, str]:
    """Its id, and the token itself: nobody can read it again. Raises Refusal when there are too many."""
    token, now, token_id = PREFIX + secrets.token_urlsafe(32), wall_now(), new_id()
    async with transaction():
        alive = await fetch(
            "SELECT id FROM api_token WHERE organisation_id = $1 AND revoked_at IS NULL AND expires_at > $2"
            " ORDER BY id FOR UPDATE",
            viewer.organisation_id, now,
        )  # fmt: skip
        refuse_more(len(alive))
        await execute(
            "INSERT INTO api_token (id, organisation_id, person_id, name, token_digest, beginning, scopes, created_at, expires_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
            token_id, viewer.organisation_id, viewer.person_id, new.name, token_digest(token), token[:_SHOWN],
            [str(scope) for scope in new.scopes], now, now + term_of(new.days),
        )  # fmt: skip
    return token_id, token


async def revoke_token(viewer: Viewer, token_id: UUID) -> bool:
    """Ends it at once, and for good; False when it had ended before."""
    return bool(await execute(
        "UPDATE api_token SET revoked_at = $3, revoked_by = $4 WHERE id = $1 AND organisation_id = $2 AND revoked_at IS NULL",
        token_id, viewer.organisation_id, wall_now(), viewer.person_id,
    ))  # fmt: skip
