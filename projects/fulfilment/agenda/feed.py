"""Which deadlines an organisation has, and the secret address of its calendar file."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from market.accounts.passwords import digest
from market.kernel.db import execute, fetch, fetch_one, transaction
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import N_
from market.kernel.settings import Secret
from market.web.agendas import Event, agenda
from market.web.viewer import Viewer
from projects.contracts.filing.queries import to_file
from projects.contracts.queries import CONTRACT_SQL, ContractView, contract_view
from projects.contracts.rules import Side
from projects.fulfilment.queries import Fulfilment, running_of
from projects.fulfilment.rules import Turn

_PURPOSE: Final = "agenda-feed"
_TODO: Final = {
    Turn.DELIVERY: N_("Delivery due: {project}"), Turn.ANSWER: N_("Answer to the delivery due: {project}"),
}  # fmt: skip


@agenda("projects.contracts")
async def contract_events(organisation_id: UUID, now: datetime) -> list[Event]:
    """Signing, delivery, answers, requests and filing of its contracts, whoever is on turn."""
    rows = await fetch(
        f"{CONTRACT_SQL} WHERE c.in_force_at IS NULL AND c.ended IS NULL AND (c.owner_id = $1 OR c.agency_id = $1)"
        " ORDER BY c.created_at",
        organisation_id,
    )
    signing = [_signing(contract_view(row), organisation_id) for row in rows]
    running = [event for one in await running_of(organisation_id) for event in _running(one, organisation_id)]
    filings = [_filing(contract, due.due_at) for contract, due in await to_file(organisation_id)]
    return [one for one in [*signing, *running, *filings] if one is not None]


def _filing(contract: ContractView, due_at: datetime) -> Event:
    text = Message(N_("Contract to be filed: {project}"), {"project": contract.title})
    since = contract.in_force_at or contract.created_at
    return Event(f"{contract.number}-file", text, since, due_at, f"{contract.url}/filing", contract.number, own=True)


def _signing(contract: ContractView, organisation_id: UUID) -> Event | None:
    step, side = contract.signing, contract.side_of(organisation_id)
    if step is None:
        return None
    text = Message(N_("Contract to be signed: {project}"), {"project": contract.title})
    return Event(
        f"{contract.number}-sign", text, step.since, step.due_at, contract.url, contract.number, side in step.who
    )


def _running(one: Fulfilment, organisation_id: UUID) -> list[Event]:
    contract, side = one.contract, one.contract.side_of(organisation_id)
    found = []
    if one.step is not None:
        uid = f"{contract.number}-M{one.milestone.no}-{one.turn}-{len(one.facts)}"
        text = Message(_TODO[one.turn], {"project": contract.title})
        found.append(
            Event(
                uid, text, one.step.since, one.step.due_at, contract.project_url, contract.number, side in one.step.who
            )
        )
    if one.request is not None:
        text = Message(N_("Answer to the request about the time due: {project}"), {"project": contract.title})
        found.append(Event(
            f"{contract.number}-K{one.request.no}", text, one.request.asked_at, one.request.answer_due_at,
            f"{contract.project_url}/clock", contract.number, side is Side(one.request.side).other,
        ))  # fmt: skip
    return found


async def token_of(key: Secret, organisation_id: UUID) -> str | None:
    """What the address of the file ends in; None where none was made."""
    row = await fetch_one("SELECT nonce FROM agenda_feed WHERE organisation_id = $1", organisation_id)
    return digest(key, _PURPOSE, f"{organisation_id}:{row['nonce']}") if row else None


async def make_feed(viewer: Viewer, *, now: datetime) -> None:
    """A new address; the one before, if there was one, leads nowhere any more."""
    async with transaction():
        await execute(
            "INSERT INTO agenda_feed VALUES ($1, $2, $3, $4) ON CONFLICT (organisation_id) DO UPDATE"
            " SET nonce = $2, made_by = $3, made_at = $4",
            viewer.organisation_id, secrets.token_hex(16), viewer.person_id, now,
        )  # fmt: skip


async def stop_feed(viewer: Viewer) -> None:
    async with transaction():
        await execute("DELETE FROM agenda_feed WHERE organisation_id = $1", viewer.organisation_id)


async def access_feed(key: Secret, code: str, token: str) -> tuple[UUID, str]:
    """The organisation (id, name) whose address this is; NotFound for any other."""
    row = await fetch_one("SELECT id, name FROM organisation WHERE code = $1", code)
    expected = await token_of(key, row["id"]) if row else None
    if row is None or expected is None or not hmac.compare_digest(expected.encode(), token.encode()):
        raise NotFound
    return row["id"], row["name"]
