"""From the inbox to the outbox: who hears of a message by which other ways, decided once in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.ids import new_id
from market.notices.events import EVERYONE, Event, event_of
from market.notices.queries import preferences_of
from market.notices.rules import Preference, Sending, when
from market.notices.webhooks.carrying import call_endpoints

BATCH = 200
# People of an organisation who can be reached: by an address that is theirs now and that they confirmed.
_REACHABLE = """
SELECT m.organisation_id, p.id AS person_id, a.channel, a.address, m.admin, m.handler, m.signatory
FROM membership m JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL
JOIN message_address a ON a.person_id = p.id AND a.verified_at IS NOT NULL
     AND a.address = CASE a.channel WHEN 'email' THEN p.email ELSE p.phone END
WHERE m.until IS NULL AND m.organisation_id = ANY ($1) ORDER BY p.id, a.channel
"""


@dataclass(frozen=True)
class _Reachable:
    person_id: UUID
    channel: str
    address: str
    roles: frozenset[str]


async def carry(now: datetime) -> int:
    """Takes messages nobody has carried yet and puts what follows into the outbox; returns how many they were."""
    async with transaction():
        rows = await fetch(
            "SELECT id, organisation_id, event, text, facts, link, at, due_at, for_person_id FROM inbox_message WHERE carried_at IS NULL"
            " ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED",
            BATCH,
        )
        if not rows:
            return 0
        await _to_people(rows, now)
        await call_endpoints(rows, now)
        await execute("UPDATE inbox_message SET carried_at = $2 WHERE id = ANY ($1)", [row["id"] for row in rows], now)
    return len(rows)


async def _to_people(rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    reachable = await _reachable(sorted({row["organisation_id"] for row in rows}))
    people = sorted({one.person_id for group in reachable.values() for one in group})
    preferences = await preferences_of(people) if people else {}
    for row in rows:
        event = event_of(row["event"])
        for one in reachable.get(row["organisation_id"], ()):
            if row["for_person_id"] not in (None, one.person_id):
                continue
            if one.roles & (event.audience if event else EVERYONE):
                await _to_person(row, event, one, preferences[one.person_id], now)


async def _reachable(organisations: Sequence[UUID]) -> dict[UUID, list[_Reachable]]:
    found: dict[UUID, list[_Reachable]] = {}
    for row in await fetch(_REACHABLE, list(organisations)):
        roles = frozenset(role for role in ("admin", "handler", "signatory") if row[role])
        one = _Reachable(row["person_id"], row["channel"], row["address"], roles)
        found.setdefault(row["organisation_id"], []).append(one)
    return found


async def _to_person(
    row: Mapping[str, Any], event: Event | None, one: _Reachable, preference: Preference, now: datetime
) -> None:
    """What no event covers is announced by e-mail alone."""
    wanted = preference.wants(event, one.channel) if event else one.channel == "email"
    if not wanted:
        return
    sending = when(preference, event, one.channel, due_at=row["due_at"], now=now)
    parcel_id = await _parcel(one, preference, sending, now)
    await execute(
        "INSERT INTO message_item VALUES ($1,$2,$3,$4,$5) ON CONFLICT ON CONSTRAINT message_item_once DO NOTHING",
        new_id(), parcel_id, row["id"], one.person_id, one.channel,
    )  # fmt: skip


async def _parcel(one: _Reachable, preference: Preference, sending: Sending, now: datetime) -> UUID:
    """A parcel of its own, or the one of the coming digest."""
    kind = "digest" if sending.digest else "single"
    parcel_id: UUID = await fetch_value(
        "INSERT INTO message_parcel (id, person_id, channel, kind, address, locale, made_at, digest_at, state, due_at, tries)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'waiting',$9,0)"
        " ON CONFLICT ON CONSTRAINT message_parcel_digest_once DO UPDATE SET address = $5, locale = $6 RETURNING id",
        new_id(), one.person_id, one.channel, kind, one.address, preference.locale, now,
        sending.at if sending.digest else None, sending.at,
    )  # fmt: skip
    return parcel_id
