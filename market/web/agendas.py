"""An organisation's deadlines, made of parts: each package adds those that it knows of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.errors import Message

_INSTANT: Final = timedelta(microseconds=1)  # a limit at midnight belongs to the day before


@dataclass(frozen=True)
class Event:
    """`uid`: the same as long as it is the same deadline, so that a program moves it when it moves; `own`: whether the
    organisation itself is on turn."""

    uid: str
    text: Message
    since: datetime
    due_at: datetime
    link: str
    number: str
    own: bool

    @property
    def day(self) -> date:
        """The last day of the time."""
        return beijing_date(self.due_at - _INSTANT)


EventFinder = Callable[[UUID, datetime], Awaitable[Sequence[Event]]]
_FINDERS: dict[str, EventFinder] = {}


def agenda(name: str) -> Callable[[EventFinder], EventFinder]:
    """Registers `async def f(organisation_id, now) -> events`, for owners and agencies alike."""

    def register(find: EventFinder) -> EventFinder:
        _FINDERS[name] = find
        return find

    return register


async def events_of(organisation_id: UUID, now: datetime) -> list[Event]:
    """What is due first stands first."""
    found = [event for find in _FINDERS.values() for event in await find(organisation_id, now)]
    return sorted(found, key=lambda one: (one.due_at, one.uid))
