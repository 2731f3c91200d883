"""Waiting steps under their lamps, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from market.catalogue.rules import Rulebook
from market.kernel.calendar import Calendar, CalendarYearMissing
from market.kernel.lamps import LampRule, lamp
from market.web.panels import Waiting

Light = Literal["green", "amber", "red", "off"]
ORDER: Final[tuple[Light, ...]] = ("red", "amber", "green", "off")
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Lit:
    """`days_left`: whole working days until the limit, None where there is no limit or no calendar for it."""

    light: Light
    days_left: int | None


@dataclass(frozen=True)
class LitWaiting:
    item: Waiting
    lit: Lit


@dataclass(frozen=True)
class Like:
    """Things that say the same of different projects: the most urgent of them, and the others behind it."""

    first: LitWaiting
    more: tuple[LitWaiting, ...]


def lamp_rule(book: Rulebook) -> LampRule:
    return LampRule(book.share("lamp.yellow_share"), book.working_days("lamp.yellow_days"))


def light(now: datetime, since: datetime, due_at: datetime | None, *, calendar: Calendar, rule: LampRule) -> Lit:
    """Off where there is no limit, and where nobody has published the working days up to it: that is no time to guess."""
    if due_at is None:
        return Lit("off", None)
    # Limits end at midnight: the last day is the one that this midnight ends.
    last_moment = due_at - _INSTANT
    try:
        left = calendar.working_days_between(now, last_moment)
        return Lit(lamp(now, min(since, now), last_moment, calendar=calendar, rule=rule), left)
    except CalendarYearMissing:
        return Lit("red" if now >= due_at else "off", None)


def lit_queue(items: Iterable[Waiting], now: datetime, *, calendar: Calendar, rule: LampRule) -> list[LitWaiting]:
    """By lamp, then by what is due first, then by what has waited longest."""
    queue = [LitWaiting(item, light(now, item.since, item.due_at, calendar=calendar, rule=rule)) for item in items]
    return sorted(
        queue, key=lambda one: (ORDER.index(one.lit.light), one.item.due_at or one.item.since, one.item.since)
    )


ALIKE: Final = 3


def like_together(queue: Sequence[LitWaiting]) -> list[Like]:
    """In the order of the queue; up to so many alike stand by themselves, more than that stand behind the first."""
    alike: dict[str, list[LitWaiting]] = {}
    for one in queue:
        alike.setdefault(one.item.text.text, []).append(one)
    shown = []
    for one in queue:
        same = alike[one.item.text.text]
        if len(same) <= ALIKE:
            shown.append(Like(one, ()))
        elif same[0] is one:
            shown.append(Like(one, tuple(same[1:])))
    return shown
