"""People and organisations come in, sign in, take colleagues on. Sessions live in real time."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.accounts.queries import token_digest
from market.accounts.tables import Membership, Organisation, Person, RegulatorScope
from market.kernel.clock import wall_now
from market.kernel.db import execute, require_transaction, to_json, transaction
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


async def register_organisation(organisation: NewOrganisation, founder: NewPerson, *, now: datetime) -> UUID:
    """A new organisation with its first person, who holds every role. Returns the organisation's id."""
    async with transaction():
        await Organisation.insert(Organisation(
            id=organisation.id, kind=organisation.kind, code=organisation.code, name=organisation.name,
            legal_representative=organisation.legal_representative, region_code=organisation.region_code,
            address=organisation.address, phone=organisation.phone, complaint_phone=organisation.complaint_phone,
            parent_code=organisation.parent_code, created_at=now, closed_at=None,
        ))  # fmt: skip
        await _insert_person(founder, now=now)
        await _insert_membership(founder.id, organisation.id, Roles(True, True, True), now=now)
    return organisation.id


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
    organisation_id: UUID, text: str, *, link: str, cause: str, now: datetime, facts: Mapping[str, Any] | None = None
) -> None:
    """Puts a message (message id + JSON facts) into an organisation's inbox, in the caller's transaction.
    The same cause tells once."""
    require_transaction()
    await execute(
        "INSERT INTO inbox_message VALUES ($1,$2,$3,$4,$5,$6,$7,NULL) ON CONFLICT ON CONSTRAINT inbox_message_once DO NOTHING",
        new_id(), organisation_id, text, to_json(dict(facts or {})), link, cause, now,
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
