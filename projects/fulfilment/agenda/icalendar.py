"""An organisation's deadlines by day, and as an iCalendar file (RFC 5545). Pure but for the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from market.web.agendas import Event
from market.web.display import say

_LINE: Final = 75  # octets
_ESCAPED: Final = re.compile(r"([\\;,])")


def by_day(events: Sequence[Event]) -> dict[date, list[Event]]:
    days: dict[date, list[Event]] = {}
    for event in sorted(events, key=lambda one: (one.due_at, one.uid)):
        days.setdefault(event.day, []).append(event)
    return days


def icalendar(events: Sequence[Event], *, name: str, site: str, now: datetime) -> str:
    """`site`: the market's address, before links and behind uids."""
    host = site.split("://", 1)[-1]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{host}//agenda//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
             f"X-WR-CALNAME:{_text(name)}", "X-PUBLISHED-TTL:PT1H"]  # fmt: skip
    for event in sorted(events, key=lambda one: (one.due_at, one.uid)):
        lines += _event(event, host=host, site=site, now=now)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(event: Event, *, host: str, site: str, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT", f"UID:{event.uid}@{host}", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}", f"SUMMARY:{_text(say(event.text))}",
        f"DESCRIPTION:{_text(event.number)}", f"URL:{site}{event.link}", "TRANSP:TRANSPARENT", "END:VEVENT",
    ]  # fmt: skip


def _text(value: str) -> str:
    return _ESCAPED.sub(r"\\\1", value).replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, never cut within a character; each further one begins with a space."""
    rest, room = line, _LINE
    while len(rest.encode()) > room:
        cut = next(n for n in range(min(len(rest), room), 0, -1) if len(rest[:n].encode()) <= room)
        yield (" " if room < _LINE else "") + rest[:cut]
        rest, room = rest[cut:], _LINE - 1
    yield (" " if room < _LINE else "") + rest
