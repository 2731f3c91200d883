"""Reading tokens: in whose name one acts, and which an organisation has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.accounts.queries import SCOPES, scopes_from, token_digest
from market.accounts.tokens.rules import Scope, in_use
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_one
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.viewer import TokenUnusable, Viewer

_VIEWER = f"""
SELECT t.id, t.scopes, t.expires_at, t.revoked_at, t.last_used_at, t.last_address, p.id AS person_id, p.name AS person_name,
       o.id AS organisation_id, o.kind, o.name, o.code, m.admin, m.handler, m.signatory,
       p.disabled_at IS NULL AND o.closed_at IS NULL AND m.id IS NOT NULL AS still_acts,
       {SCOPES} AS watches
FROM api_token t
JOIN person p ON p.id = t.person_id
JOIN organisation o ON o.id = t.organisation_id
LEFT JOIN membership m ON m.person_id = p.id AND m.organisation_id = o.id AND m.until IS NULL
WHERE t.token_digest = $1
"""


async def load_token(token: str, address: str) -> Viewer:
    """The person behind a token, with the roles that person has at this moment. Raises TokenUnusable."""
    row = await fetch_one(_VIEWER, token_digest(token))
    if row is None:
        raise TokenUnusable("token.unknown", N_("This token is not known here."))
    if row["revoked_at"] is not None:
        raise TokenUnusable("token.revoked", N_("This token was revoked."))
    if not in_use(expires_at=row["expires_at"], revoked_at=None, now=wall_now()):
        raise TokenUnusable("token.expired", N_("This token has expired."))
    if not row["still_acts"]:
        raise TokenUnusable(
            "token.person_left", N_("Whoever made this token does not act for the organisation any more.")
        )
    await _note_use(row["id"], address)
    return Viewer(
        person_id=row["person_id"], person_name=row["person_name"], organisation_id=row["organisation_id"],
        organisation_kind=row["kind"], organisation_name=row["name"], organisation_code=row["code"],
        roles=frozenset(role for role in ("admin", "handler", "signatory") if row[role]),
        scopes=scopes_from(row["watches"]),
        token_id=row["id"], token_scopes=frozenset(row["scopes"]),
    )  # fmt: skip


async def _note_use(token_id: UUID, address: str) -> None:
    """To the minute: a program that polls should not cost a write each time."""
    await execute(
        "UPDATE api_token SET last_used_at = $2, last_address = $3 WHERE id = $1"
        " AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute' OR last_address <> $3)",
        token_id, wall_now(), address[:64],
    )  # fmt: skip


@dataclass(frozen=True)
class TokenView:
    id: UUID
    name: str
    beginning: str
    scopes: tuple[Scope, ...]
    person_name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_address: str
    revoked_at: datetime | None

    @property
    def in_use(self) -> bool:
        return in_use(expires_at=self.expires_at, revoked_at=self.revoked_at, now=wall_now())


_OWN = """
SELECT t.id, t.name, t.beginning, t.scopes, p.name AS person_name, t.created_at, t.expires_at, t.last_used_at,
       t.last_address, t.revoked_at
FROM api_token t JOIN person p ON p.id = t.person_id
WHERE t.organisation_id = $1 AND ($2::uuid IS NULL OR t.id = $2)
ORDER BY t.created_at DESC, t.id DESC
"""


async def tokens_of(organisation_id: UUID, token_id: UUID | None = None) -> list[TokenView]:
    """All tokens an organisation ever had, the newest first."""
    rows = await fetch(_OWN, organisation_id, token_id)
    return [TokenView(**{**row, "scopes": tuple(Scope(one) for one in row["scopes"])}) for row in rows]


async def access_token(viewer: Viewer, token_id: UUID) -> TokenView:
    """One of the viewer's own organisation."""
    assert viewer.organisation_id is not None
    found = await tokens_of(viewer.organisation_id, token_id)
    if not found:
        raise NotFound
    return found[0]
