"""When and how somebody is told: quiet hours, digests, pauses between tries. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from market.kernel.calendar import BEIJING, ONE_DAY
from market.kernel.i18n import DEFAULT_LOCALE
from market.notices.events import SMS, Event, Urgency

CHANNELS: Final = ("email", "sms")
URGENT: Final = timedelta(hours=24)
CODE_DIGITS: Final = 6
CODE_TRIES: Final = 5
CODE_LIFE: Final = timedelta(minutes=15)
CODE_PAUSE: Final = timedelta(minutes=1)
_EMAIL: Final = re.compile(r"[^@\s<>\"(),;:\\\x00-\x1f]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)


def reachable(channel: str, address: str) -> bool:
    """Whether anything can be sent there at all: text messages reach mobile numbers of the mainland alone."""
    return (_MOBILE.fullmatch(mobile_number(address)) if channel == SMS else _EMAIL.fullmatch(address)) is not None


def mobile_number(text: str) -> str:
    """As a provider wants it: without country code and signs between."""
    return text.replace("-", "").replace(" ", "").removeprefix("+86")


@dataclass(frozen=True)
class Preference:
    """`choices`: (event id, channel) -> wanted, where it differs from the market's proposal. Hours are Beijing's."""

    locale: str = DEFAULT_LOCALE
    quiet_from: int = 22
    quiet_until: int = 7
    urgent_breaks_through: bool = True
    digest_hour: int | None = None
    choices: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    def wants(self, event: Event, channel: str) -> bool:
        return self.choices.get((event.id, channel), channel in event.channels)


@dataclass(frozen=True)
class Sending:
    """`digest`: `at` is the hour of the digest that it becomes a part of."""

    at: datetime
    digest: bool


def when(
    preference: Preference, event: Event | None, channel: str, *, due_at: datetime | None, now: datetime
) -> Sending:
    """The moment at which a message goes out. What ends within a day goes at once if the person chose so; everything else
    waits for the digest, where there is one, and for the end of the quiet hours."""
    urgent = due_at is not None and now < due_at <= now + URGENT
    if urgent and preference.urgent_breaks_through:
        return Sending(now, digest=False)
    held = event is None or event.urgency is not Urgency.DEADLINE or not urgent
    if preference.digest_hour is not None and channel != SMS and held:
        return Sending(next_hour(preference.digest_hour, now), digest=True)
    return Sending(after_quiet(preference, now), digest=False)


def after_quiet(preference: Preference, now: datetime) -> datetime:
    """`now`, or the end of the quiet hours in which it lies."""
    begins, ends, hour = preference.quiet_from, preference.quiet_until, now.astimezone(BEIJING).hour
    quiet = begins <= hour < ends if begins < ends else (hour >= begins or hour < ends) if begins > ends else False
    return next_hour(ends, now) if quiet else now


def next_hour(hour: int, now: datetime) -> datetime:
    """The next full hour of that name in Beijing, after now."""
    local = now.astimezone(BEIJING)
    today = datetime.combine(local.date(), time(hour), BEIJING)
    return today if today > local else today + ONE_DAY


def pause_after(tries: int, jitter: int) -> timedelta:
    """How long to wait after so many failed tries: doubling from half a minute up to an hour. `jitter` (0..999) spreads
    it over plus and minus a quarter, so that what failed together does not come back together."""
    whole = min(_FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 20), _LONGEST_PAUSE)
    return timedelta(milliseconds=whole // timedelta(milliseconds=1) * (750 + jitter // 2) // 1000)


def reminders_due(due_at: datetime, days_before: tuple[int, ...], *, since: datetime, now: datetime) -> int | None:
    """Which reminder a deadline needs at this moment: so many days before it, the nearest one that is not missed. None
    while none is due, once the deadline is over, and where the time was shorter from the start."""
    left = due_at - now
    if left <= timedelta(0):
        return None
    reached = [days for days in days_before if left <= ONE_DAY * days < due_at - since]
    return min(reached, default=None)
