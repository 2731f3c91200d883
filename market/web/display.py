"""How values look to people: money, times, durations, masked personal data. One place."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from market.kernel.calendar import BEIJING, day_and_clock
from market.kernel.errors import Message
from market.kernel.i18n import N_, locale, tell, translate
from market.kernel.money import Money, divide_half_up
from market.kernel.plurals import unit_for

FEN_A_WAN = 1_000_000
_TAG = re.compile(r"(<[^>]*>)")
_ONE_PIECE = re.compile(
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?|\((?:Beijing time|北京时间)\)|\b[A-Z]{1,2}-\d{4}-\d{6}(?:-[A-Z]\d+)*|\bE-mail\b"
)


def _money(value: Money | int) -> Money:
    return value if isinstance(value, Money) else Money(value)


def money(value: Money | int) -> str:
    amount = _money(value)
    sign = "-" if amount.fen < 0 else ""
    return f"{sign}¥{abs(amount.fen) // 100:,}.{abs(amount.fen) % 100:02d}"


def wan(value: Money | int) -> str:
    """Headline form: 185.6万元 / ¥1,856,000; below one 万 the plain amount."""
    amount = _money(value)
    if locale() == "en" or abs(amount.fen) < FEN_A_WAN:
        return money(amount).removesuffix(".00")
    hundredths = divide_half_up(abs(amount.fen) * 100, FEN_A_WAN)
    text = f"{hundredths // 100:,}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return f"{'-' if amount.fen < 0 else ''}{text}万元"


def moment(value: datetime) -> str:
    """2026-06-17 17:00 (Beijing time). Midnight ends a day, as people read deadlines: 2026-06-17 24:00."""
    return _with_zone(*day_and_clock(value))


def moment_exact(value: datetime) -> str:
    """To the second, as receipts and refusals need it."""
    return _with_zone(*day_and_clock(value, "%H:%M:%S"))


def _with_zone(day: date, clock: str) -> str:
    return f"{day.isoformat()} {clock} ({translate(N_('Beijing time'))})"


def day(value: date | datetime) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(BEIJING).date()
    return value.isoformat()


def last_day(end: datetime) -> str:
    """The day up to which something lasts, where there is no room for its time."""
    return day_and_clock(end)[0].isoformat()


def local_input(value: datetime) -> str:
    """For datetime-local fields."""
    return f"{value.astimezone(BEIJING):%Y-%m-%dT%H:%M}"


def duration(value: timedelta) -> str:
    """The two largest units: "2 days 3 hours"."""
    seconds = int(abs(value).total_seconds())
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        (days, N_("{n} days")), (hours, N_("{n} hours")), (minutes, N_("{n} minutes")), (seconds, N_("{n} seconds")),
    ]  # fmt: skip
    words = [translate(unit, n=count) for count, unit in parts if count][:2]
    return " ".join(words) or translate(N_("{n} seconds"), n=0)


def percent(basis_points: int | None) -> str:
    """4260 -> 42.6 %, 1330 -> 13.3 %; nothing to divide by -> a dash."""
    if basis_points is None:
        return "—"
    return f"{basis_points // 100}.{basis_points % 100:02d}".rstrip("0").rstrip(".") + " %"


def unit(name: str, number: object) -> str:
    """What the number before it counts, in the reader's language: "firms" of 1 -> firm."""
    return unit_for(number, name) if locale() == "en" else translate(name)


def mask_phone(text: str) -> str:
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 7 else "****"


def mask_name(text: str) -> str:
    return text[:1] + "*" * max(len(text) - 1, 1)


def mask_id_number(text: str) -> str:
    return f"{text[:3]}{'*' * 11}{text[-4:]}" if len(text) == 18 else "****"


def show(value: Any) -> str:
    """Facts inside messages."""
    match value:
        case Message():
            return tell(value, show)
        case Money():
            return money(value)
        case datetime():
            return moment_exact(value)
        case date():
            return value.isoformat()
        case timedelta():
            return duration(value)
        case _ if hasattr(value, "to"):  # a bilingual wording of the catalogue
            return str(value.to(locale()))
        case _:
            return str(value)


def say(message: Message) -> str:
    return tell(message, show)


def whole(value: Any) -> Markup:
    """What stands in a table cell, with days, times and numbers kept on one line: a browser would break them at each hyphen.

    Only text between tags is touched, and none where a browser allows no elements (options, text areas).
    """
    text = escape(value)
    if "-" not in text or "<textarea" in text or "<option" in text:
        return text
    pieces = _TAG.split(text)
    pieces[::2] = [_ONE_PIECE.sub(r'<span class="nowrap">\g<0></span>', piece) for piece in pieces[::2]]
    return Markup("".join(pieces))  # noqa: S704  (escaped above, or markup already)
