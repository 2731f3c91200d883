from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.notices.events import BY_ID, Event, event_of
from market.notices.rules import Preference
from market.web.viewer import Viewer

PAGE_SIZE = 20


@dataclass(frozen=True)
class MessageView:
    id: UUID
    organisation_id: UUID
    text: str
    facts: dict[str, Any]
    link: str
    event: Event | None
    at: datetime
    due_at: datetime | None
    unread: bool

    @property
    def url(self) -> str:
        """Opens it, which marks it as read."""
        return f"/messages/{self.id}"

    @property
    def day(self) -> date:
        return beijing_date(self.at)


@dataclass(frozen=True)
class Inbox:
    """`total`: of what was asked for; `unread`, `everything`: of the whole inbox; `kinds`: kind -> messages of it."""

    messages: Sequence[MessageView]
    total: int
    unread: int
    everything: int
    kinds: dict[str, int]

    @property
    def pages(self) -> int:
        return max(-(-self.total // PAGE_SIZE), 1)

    @property
    def by_day(self) -> list[tuple[date, list[MessageView]]]:
        days: dict[date, list[MessageView]] = {}
        for one in self.messages:
            days.setdefault(one.day, []).append(one)
        return list(days.items())


_UNREAD = "EXISTS (SELECT 1 FROM inbox_unread u WHERE u.message_id = i.id AND u.person_id = $1)"
# $1: the person who reads.
_MESSAGE = f"SELECT id, organisation_id, text, facts, link, event, at, due_at, {_UNREAD} AS unread FROM inbox_message i"


def _view(row: dict[str, Any]) -> MessageView:
    return MessageView(**{**row, "facts": from_json(row["facts"]), "event": event_of(row["event"])})


async def inbox(person_id: UUID, organisation_id: UUID, *, kind: str, unread: bool, page: int) -> Inbox:
    """One page of the inbox, newest first. `kind`: "" for all; `page` counts from 1, and the last one stands in for those
    beyond it."""
    words = await fetch(
        "SELECT i.event, count(*) AS total, count(u.message_id) AS unread FROM inbox_message i"
        " LEFT JOIN inbox_unread u ON u.message_id = i.id AND u.person_id = $1"
        " WHERE i.organisation_id = $2 GROUP BY i.event",
        person_id, organisation_id,
    )  # fmt: skip
    kinds: dict[str, int] = {}
    for row in words:
        kinds[_kind(row["event"])] = kinds.get(_kind(row["event"]), 0) + (row["unread"] if unread else row["total"])
    chosen = [row for row in words if not kind or _kind(row["event"]) == kind]
    total = sum(row["unread" if unread else "total"] for row in chosen)
    last = max(-(-total // PAGE_SIZE), 1)
    rows = await fetch(
        f"{_MESSAGE} WHERE organisation_id = $2 AND event = ANY ($3) AND (NOT $4 OR {_UNREAD})"
        " ORDER BY at DESC, id DESC LIMIT $5 OFFSET $6",
        person_id, organisation_id, [row["event"] for row in chosen], unread, PAGE_SIZE, (min(page, last) - 1) * PAGE_SIZE,
    )  # fmt: skip
    return Inbox(
        [_view(row) for row in rows], total, sum(row["unread"] for row in words), sum(row["total"] for row in words),
        {one: count for one, count in kinds.items() if count},
    )  # fmt: skip


def _kind(word: str) -> str:
    event = event_of(word)
    return event.kind if event else "other"


async def access_message(viewer: Viewer, message_id: UUID) -> MessageView:
    """One's own organisation's message; NotFound for any other."""
    row = await fetch_one(
        f"{_MESSAGE} WHERE id = $2 AND organisation_id = $3", viewer.person_id, message_id, viewer.organisation_id
    )
    if row is None:
        raise NotFound
    return _view(row)


async def messages_in(person_id: UUID, parcel_id: UUID) -> list[MessageView]:
    """What a person's parcel holds, oldest first."""
    rows = await fetch(
        f"{_MESSAGE} WHERE id IN (SELECT message_id FROM message_item WHERE parcel_id = $2) ORDER BY at, id",
        person_id, parcel_id,
    )  # fmt: skip
    return [_view(row) for row in rows]


@dataclass(frozen=True)
class AddressView:
    """`address`: where a code was sent; it counts once it is `verified_at` and while it is the person's present one."""

    id: UUID
    channel: str
    address: str
    asked_at: datetime
    tries: int
    verified_at: datetime | None


async def addresses_of(person_id: UUID) -> dict[str, AddressView]:
    """channel -> what is known of it; an address that the person has changed since is not in it."""
    rows = await fetch(
        "SELECT a.id, a.channel, a.address, a.asked_at, a.tries, a.verified_at FROM message_address a"
        " JOIN person p ON p.id = a.person_id WHERE a.person_id = $1"
        " AND a.address = CASE a.channel WHEN 'email' THEN p.email ELSE p.phone END",
        person_id,
    )
    return {row["channel"]: AddressView(**row) for row in rows}


async def person_reached_at(person_id: UUID) -> dict[str, str]:
    """channel -> the address in the person's particulars, verified or not; "" where there is none."""
    row = await fetch_one("SELECT email, phone FROM person WHERE id = $1", person_id)
    if row is None:
        raise NotFound
    return {"email": row["email"], "sms": row["phone"]}


async def preferences_of(person_ids: Sequence[UUID]) -> dict[UUID, Preference]:
    """How each of them wants to be told; the market's proposal for whoever said nothing."""
    rows = await fetch("SELECT * FROM message_preference WHERE person_id = ANY ($1)", list(person_ids))
    said = {row["person_id"]: row for row in rows}
    choices: dict[UUID, dict[tuple[str, str], bool]] = {}
    for row in await fetch(
        "SELECT person_id, event, channel, wanted FROM message_choice WHERE person_id = ANY ($1)", list(person_ids)
    ):
        if row["event"] in BY_ID:
            choices.setdefault(row["person_id"], {})[row["event"], row["channel"]] = row["wanted"]
    return {one: _preference(said.get(one), choices.get(one, {})) for one in person_ids}


def _preference(row: dict[str, Any] | None, choices: dict[tuple[str, str], bool]) -> Preference:
    if row is None:
        return Preference(choices=choices)
    names = ("locale", "quiet_from", "quiet_until", "urgent_breaks_through", "digest_hour")
    return Preference(**{name: row[name] for name in names}, choices=choices)


async def parcels_of(person_id: UUID, *, limit: int = 10) -> list[dict[str, Any]]:
    """What was last sent to a person outside the market: channel, kind, address, made_at, state, due_at, ended_at, tries,
    problem."""
    return await fetch(
        "SELECT channel, kind, address, made_at, state, due_at, ended_at, tries, problem FROM message_parcel"
        " WHERE person_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2",
        person_id, limit,
    )  # fmt: skip
