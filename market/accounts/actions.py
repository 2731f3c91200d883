"""People and organisations come in, sign in, take colleagues on. Sessions live in real time."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.accounts.passwords import password_matches
from market.accounts.queries import token_digest
from market.accounts.rules import WINDOW, refuse_too_many, refuse_without_admin
from market.accounts.tables import Membership, Organisation, Person, RegulatorScope
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_one, require_transaction, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id


@dataclass(frozen=True)
class NewOrganisation:
    kind: str
    code: str
    name: str
    legal_representative: str
    region_code: str
    address: str
    phone: str
    complaint_phone: str = ""
    parent_code: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class NewPerson:
    login: str
    name: str
    phone: str
    password_hash: str
    email: str = ""
    id_number_sealed: str | None = None
    id_number_digest: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class Roles:
    admin: bool = False
    handler: bool = False
    signatory: bool = False


@dataclass(frozen=True)
class SignedIn:
    token: str
    second_factor_set_up: bool


async def register_organisation(
    organisation: NewOrganisation, founder: NewPerson, *, now: datetime, scope: tuple[str, str] | None = None
) -> UUID:
    """A new organisation with its first person, who holds every role. Returns the organisation's id.
    `scope`: for a regulator, the region (code prefix) and department it watches over, "" = all."""
    async with transaction():
        await Organisation.insert(Organisation(
            id=organisation.id, kind=organisation.kind, code=organisation.code, name=organisation.name,
            legal_representative=organisation.legal_representative, region_code=organisation.region_code,
            address=organisation.address, phone=organisation.phone, complaint_phone=organisation.complaint_phone,
            parent_code=organisation.parent_code, created_at=now, closed_at=None,
        ))  # fmt: skip
        await _insert_person(founder, now=now)
        await _insert_membership(founder.id, organisation.id, Roles(True, True, True), now=now)
        if scope is not None:
            await give_scope(organisation.id, *scope)
    return organisation.id


async def sign_in(login: str, password: str, *, hours: int, user_agent: str, address: str) -> SignedIn:
    """Checks the password and opens a session in the first organisation the person acts for.
    Raises Refusal when wrong, Throttled after too many tries; a wrong name and a wrong password look and take the same.
    A form without either is no try."""
    if not login or not password:
        raise _wrong()
    await _refuse_throttled(login, address)
    found = await fetch_one(_BY_LOGIN, login)
    if not await password_matches(password, found["password_hash"] if found else None) or found is None:
        await _note_attempt(login, address, succeeded=False)
        raise _wrong()
    if found["organisation_id"] is None:
        raise Refusal("sign_in.nowhere", N_("This account does not act for any organisation any more."),
                      todo=N_("Ask an administrator of your organisation to add you again."))  # fmt: skip
    await _note_attempt(login, address, succeeded=True)
    token = await open_session(
        found["person_id"], found["organisation_id"], hours=hours, second_factor_passed=False, user_agent=user_agent,
        address=address,
    )  # fmt: skip
    return SignedIn(token, second_factor_set_up=found["totp_confirmed_at"] is not None)


def _wrong() -> Refusal:
    return Refusal("sign_in.wrong", N_("The sign-in name or the password is wrong."))


_BY_LOGIN = """
SELECT p.id AS person_id, p.password_hash, p.totp_confirmed_at, m.organisation_id
FROM person p LEFT JOIN membership m ON m.person_id = p.id AND m.until IS NULL
WHERE p.login = $1 AND p.disabled_at IS NULL ORDER BY m.since LIMIT 1
"""


async def _refuse_throttled(login: str, address: str) -> None:
    since = wall_now() - WINDOW
    rows = await fetch(
        "SELECT at, login = $1 AS of_login, address = $2 AS of_address FROM sign_in_attempt WHERE NOT succeeded AND at > $3"
        " AND (login = $1 OR address = $2) AND at > coalesce((SELECT max(at) FROM sign_in_attempt WHERE login = $1"
        " AND succeeded), '-infinity') ORDER BY at",
        login, address, since,
    )  # fmt: skip
    refuse_too_many([row["at"] for row in rows if row["of_login"]], [row["at"] for row in rows if row["of_address"]])


async def _note_attempt(login: str, address: str, *, succeeded: bool) -> None:
    await execute(
        "INSERT INTO sign_in_attempt VALUES ($1,$2,$3,$4,$5)", new_id(), login[:60], address[:64], succeeded, wall_now()
    )


async def refuse_guessing(login: str) -> None:
    """Codes are throttled like passwords: six digits could otherwise be tried through."""
    await _refuse_throttled(f"code:{login}", "")


async def note_wrong_code(login: str) -> None:
    await _note_attempt(f"code:{login}", "", succeeded=False)


async def pass_second_factor(session_id: UUID, person_id: UUID, step: int) -> bool:
    """Marks the session and burns the code's time step; False when the same code was used a moment ago."""
    async with transaction():
        burnt = await execute(
            "UPDATE person SET totp_last_step = $2, totp_confirmed_at = coalesce(totp_confirmed_at, $3)"
            " WHERE id = $1 AND totp_last_step < $2",
            person_id, step, wall_now(),
        )  # fmt: skip
        if burnt:
            await execute(
                "UPDATE session SET second_factor_passed = true, confirmed_at = $2 WHERE id = $1",
                session_id,
                wall_now(),
            )
    return bool(burnt)


async def propose_second_factor(person_id: UUID, sealed_secret: str) -> None:
    """Keeps a new secret until its first code confirms it; a confirmed one is not replaced."""
    await execute(
        "UPDATE person SET totp_secret = $2 WHERE id = $1 AND totp_confirmed_at IS NULL", person_id, sealed_secret
    )


async def remove_second_factor(person_id: UUID) -> None:
    await execute("UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL WHERE id = $1", person_id)


async def revoke_session(person_id: UUID, session_id: UUID) -> bool:
    """Only one's own; True if it was still open."""
    return bool(await execute(
        "UPDATE session SET revoked_at = $3 WHERE id = $2 AND person_id = $1 AND revoked_at IS NULL",
        person_id, session_id, wall_now(),
    ))  # fmt: skip


async def revoke_other_sessions(person_id: UUID, kept: UUID | None) -> int:
    return await execute(
        "UPDATE session SET revoked_at = $3 WHERE person_id = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL",
        person_id, kept, wall_now(),
    )  # fmt: skip


async def change_profile(person_id: UUID, *, name: str, phone: str, email: str) -> None:
    await execute("UPDATE person SET name = $2, phone = $3, email = $4 WHERE id = $1", person_id, name, phone, email)


async def change_password(person_id: UUID, password_hash: str, *, kept_session: UUID | None) -> None:
    """A new password ends every other session of the person."""
    async with transaction():
        await execute("UPDATE person SET password_hash = $2 WHERE id = $1", person_id, password_hash)
        await revoke_other_sessions(person_id, kept_session)


async def change_roles(organisation_id: UUID, person_id: UUID, roles: Roles | None, *, now: datetime) -> None:
    """New roles for a colleague; None ends the membership and the colleague's sessions there.
    Raises Refusal when nobody would be left to manage the organisation's people."""
    async with transaction():
        members = await fetch(
            "SELECT person_id, admin FROM membership WHERE organisation_id = $1 AND until IS NULL ORDER BY id FOR UPDATE",
            organisation_id,
        )
        if person_id not in {member["person_id"] for member in members}:
            raise NotFound
        keeps_admin = roles is not None and roles.admin
        refuse_without_admin(sum(m["admin"] for m in members if m["person_id"] != person_id) + keeps_admin)
        await execute(
            "UPDATE membership SET until = $3 WHERE organisation_id = $1 AND person_id = $2 AND until IS NULL",
            organisation_id, person_id, now,
        )  # fmt: skip
        if roles is not None:
            await _insert_membership(person_id, organisation_id, roles, now=now)
        else:
            await execute(
                "UPDATE session SET revoked_at = $3 WHERE organisation_id = $1 AND person_id = $2 AND revoked_at IS NULL",
                organisation_id, person_id, wall_now(),
            )  # fmt: skip


async def add_colleague(organisation_id: UUID, person: NewPerson, roles: Roles, *, now: datetime) -> UUID:
    async with transaction():
        await _insert_person(person, now=now)
        await _insert_membership(person.id, organisation_id, roles, now=now)
    return person.id


async def give_scope(organisation_id: UUID, region_prefix: str, department: str) -> None:
    """Lets a regulator watch over a region (code prefix) and a department's industry ("" = all)."""
    await RegulatorScope.insert(
        RegulatorScope(id=new_id(), organisation_id=organisation_id, region_prefix=region_prefix, department=department)
    )


async def open_session(
    person_id: UUID, organisation_id: UUID, *, hours: int, second_factor_passed: bool, user_agent: str, address: str
) -> str:
    """A new session under a fresh random token (never one the browser proposed); returns the token for the cookie."""
    token, now = secrets.token_urlsafe(32), wall_now()
    async with transaction():
        await execute(
            "INSERT INTO session VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$8,$9,NULL)",
            new_id(), token_digest(token), person_id, organisation_id, second_factor_passed, user_agent[:200],
            address[:64], now, now + timedelta(hours=hours),
        )  # fmt: skip
    return token


async def tell(
    organisation_id: UUID, text: str, *, link: str, cause: str, now: datetime, facts: Mapping[str, Any] | None = None,
    due_at: datetime | None = None, person_id: UUID | None = None,
) -> None:  # fmt: skip
    """Puts a message (message id + JSON facts) into an organisation's inbox, in the caller's transaction.

    The same cause tells once. Its first word, up to the colon, is the event of `market.notices.events`: that decides who
    in the organisation hears of it by which other ways, and which facts may leave the market.
    `due_at`: when what it speaks of ends, if anything does; `person_id`: for whom of the organisation alone it is."""
    await tell_all(
        [organisation_id], text, link=link, cause=cause, now=now, facts=facts, due_at=due_at, person_id=person_id
    )


# Unread to whoever acts for the organisation at this moment, or to the one whom it is for; a later colleague finds it as
# read.
_TELL = """
WITH told AS (
    INSERT INTO inbox_message (id, organisation_id, text, facts, link, cause, at, due_at, for_person_id)
    SELECT one.id, one.organisation_id, $3, $4::jsonb, $5, $6, $7::timestamptz, $8::timestamptz, $9::uuid
    FROM unnest($1::uuid[], $2::uuid[]) AS one (id, organisation_id)
    ON CONFLICT ON CONSTRAINT inbox_message_once DO NOTHING RETURNING id, organisation_id)
INSERT INTO inbox_unread (person_id, message_id, organisation_id)
SELECT m.person_id, told.id, told.organisation_id FROM told
JOIN membership m ON m.organisation_id = told.organisation_id AND m.until IS NULL AND ($9 IS NULL OR m.person_id = $9)
"""


async def tell_all(
    organisation_ids: Sequence[UUID], text: str, *, link: str, cause: str, now: datetime,
    facts: Mapping[str, Any] | None = None, due_at: datetime | None = None, person_id: UUID | None = None,
) -> None:  # fmt: skip
    """The same message to several organisations, in one step."""
    require_transaction()
    await execute(
        _TELL, [new_id() for _ in organisation_ids], list(organisation_ids), text, to_json(dict(facts or {})), link, cause, now,
        due_at, person_id,
    )  # fmt: skip


async def _insert_person(person: NewPerson, *, now: datetime) -> None:
    await Person.insert(Person(
        id=person.id, login=person.login, name=person.name, phone=person.phone, email=person.email,
        password_hash=person.password_hash, totp_secret=None, totp_confirmed_at=None, totp_last_step=0,
        id_number_sealed=person.id_number_sealed, id_number_digest=person.id_number_digest, created_at=now,
        disabled_at=None,
    ))  # fmt: skip


async def _insert_membership(person_id: UUID, organisation_id: UUID, roles: Roles, *, now: datetime) -> None:
    await Membership.insert(Membership(
        id=new_id(), person_id=person_id, organisation_id=organisation_id, admin=roles.admin, handler=roles.handler,
        signatory=roles.signatory, since=now, until=None,
    ))  # fmt: skip
