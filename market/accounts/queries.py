from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.clock import wall_now
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.oversight.rules import Scope
from market.register.naming import names_actors
from market.web.viewer import ANONYMOUS, Viewer

SECOND_FACTOR_KINDS = frozenset({"regulator", "operator"})


@dataclass(frozen=True)
class OrganisationView:
    id: UUID
    kind: str
    code: str
    name: str
    legal_representative: str
    region_code: str
    address: str
    phone: str
    complaint_phone: str
    parent_code: str | None
    created_at: datetime
    closed_at: datetime | None


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# Of the organisation o, as `scopes_from` reads them.
SCOPES = """coalesce((SELECT json_agg(json_build_array(region_prefix, department)) FROM regulator_scope r
  WHERE r.organisation_id = o.id), '[]'::json)"""


def scopes_from(listed: str) -> tuple[Scope, ...]:
    return tuple(Scope(region, department) for region, department in from_json(listed))


_VIEWER = f"""
SELECT s.id AS session_id, s.second_factor_passed, p.id AS person_id, p.name AS person_name, p.totp_confirmed_at,
       o.id AS organisation_id, o.kind, o.name, o.code, m.admin, m.handler, m.signatory,
       {SCOPES} AS scopes,
       (SELECT count(*) FROM inbox_unread u WHERE u.person_id = p.id AND u.organisation_id = o.id) AS unread
FROM session s
JOIN person p ON p.id = s.person_id AND p.disabled_at IS NULL
JOIN organisation o ON o.id = s.organisation_id AND o.closed_at IS NULL
JOIN membership m ON m.person_id = p.id AND m.organisation_id = o.id AND m.until IS NULL
WHERE s.token_digest = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
"""


async def load_viewer(token: str, *, second_factor_needed: bool) -> Viewer:
    """The person behind a session cookie, or nobody. A session that still owes its second factor is nobody yet."""
    row = await fetch_one(_VIEWER, token_digest(token), wall_now())
    if row is None:
        return ANONYMOUS
    due = second_factor_needed and row["kind"] in SECOND_FACTOR_KINDS and not row["second_factor_passed"]
    due = due or (row["totp_confirmed_at"] is not None and not row["second_factor_passed"])
    if due:
        return Viewer(session_id=row["session_id"], second_factor_due=True)
    return Viewer(
        person_id=row["person_id"],
        person_name=row["person_name"],
        organisation_id=row["organisation_id"],
        organisation_kind=row["kind"],
        organisation_name=row["name"],
        organisation_code=row["code"],
        roles=frozenset(role for role in ("admin", "handler", "signatory") if row[role]),
        scopes=scopes_from(row["scopes"]),
        session_id=row["session_id"],
        unread=row["unread"],
    )


async def organisation(organisation_id: UUID) -> OrganisationView:
    row = await fetch_one("SELECT * FROM organisation WHERE id = $1", organisation_id)
    if row is None:
        raise NotFound
    return OrganisationView(**row)


async def organisation_by_code(code: str) -> OrganisationView | None:
    row = await fetch_one("SELECT * FROM organisation WHERE code = $1", code)
    return OrganisationView(**row) if row else None


@names_actors
async def institutions(codes: Collection[str]) -> dict[str, str]:
    """Owners that are no natural persons, regulators and operators, by code; agencies have names once they are public."""
    rows = await fetch(
        "SELECT code, name FROM organisation"
        " WHERE code = ANY ($1) AND kind IN ('enterprise', 'public_body', 'regulator', 'operator')",
        list(codes),
    )
    return {row["code"]: row["name"] for row in rows}


async def inbox(
    organisation_id: UUID, *, reader: UUID | None = None, limit: int = 20, before: datetime | None = None
) -> list[dict[str, Any]]:
    """Newest messages first: text (message id), facts, link, at, unread (by the person `reader`)."""
    rows = await fetch(
        "SELECT id, text, facts, link, at,"
        " EXISTS (SELECT 1 FROM inbox_unread u WHERE u.message_id = i.id AND u.person_id = $4) AS unread"
        " FROM inbox_message i WHERE organisation_id = $1"
        " AND ($2::timestamptz IS NULL OR at < $2) ORDER BY at DESC, id DESC LIMIT $3",
        organisation_id, before, limit, reader,
    )  # fmt: skip
    return [{**row, "facts": from_json(row["facts"])} for row in rows]


@dataclass(frozen=True)
class PersonView:
    """The person behind a session, also while the second factor is still owed."""

    id: UUID
    login: str
    name: str
    phone: str
    email: str
    totp_secret: str | None
    totp_confirmed_at: datetime | None
    totp_last_step: int


async def person_of_session(session_id: UUID) -> PersonView:
    row = await fetch_one(
        "SELECT p.id, p.login, p.name, p.phone, p.email, p.totp_secret, p.totp_confirmed_at, p.totp_last_step"
        " FROM session s JOIN person p ON p.id = s.person_id WHERE s.id = $1 AND s.revoked_at IS NULL",
        session_id,
    )
    if row is None:
        raise NotFound
    return PersonView(**row)


async def password_hash_of(person_id: UUID) -> str | None:
    found: str | None = await fetch_value("SELECT password_hash FROM person WHERE id = $1", person_id)
    return found


async def open_sessions(person_id: UUID) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT id, user_agent, address, created_at, last_seen_at, expires_at FROM session"
        " WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC",
        person_id, wall_now(),
    )  # fmt: skip


async def colleagues(organisation_id: UUID) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT p.id, p.login, p.name, p.phone, p.totp_confirmed_at, m.admin, m.handler, m.signatory, m.since"
        " FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.organisation_id = $1 AND m.until IS NULL ORDER BY m.since, p.name",
        organisation_id,
    )


async def memberships(person_id: UUID) -> list[dict[str, Any]]:
    """The organisations this person acts for now."""
    return await fetch(
        "SELECT o.id, o.name, o.kind FROM membership m JOIN organisation o ON o.id = m.organisation_id"
        " WHERE m.person_id = $1 AND m.until IS NULL AND o.closed_at IS NULL ORDER BY m.since",
        person_id,
    )


async def regulators() -> list[dict[str, Any]]:
    return await fetch(
        "SELECT o.id, o.code, o.name, s.region_prefix, s.department FROM organisation o"
        " LEFT JOIN regulator_scope s ON s.organisation_id = o.id WHERE o.kind = 'regulator' ORDER BY o.name, s.region_prefix",
    )


async def calendar_corrections() -> list[dict[str, Any]]:
    return await fetch("SELECT day, working, reason, entered_at FROM calendar_day ORDER BY day DESC")
