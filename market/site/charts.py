"""The small picture of the months on the front page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from market.kernel.i18n import locale
from market.site.rules.figures import Tally


@dataclass(frozen=True)
class Bar:
    """One month of the small picture on the front page; `height` and `inner` of 100."""

    label: str
    posted: int
    selected: int
    height: int
    inner: int


def small_bars(months: Mapping[str, Tally], *, most: int = 12) -> list[Bar]:
    """The last months for the picture on the front page."""
    shown = dict(list(months.items())[-most:])
    top = max((tally.posted for tally in shown.values()), default=0) or 1
    return [
        Bar(_month(key), tally.posted, tally.selected, tally.posted * 100 // top, tally.selected * 100 // top)
        for key, tally in shown.items()
    ]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _month(key: str) -> str:
    number = int(key[5:])
    return _MONTHS[number - 1] if locale() == "en" else f"{number}月"
