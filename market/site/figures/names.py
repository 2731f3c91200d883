"""What the lines and numbers of an answer are called, and how a number looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from market.accounts.rules import KIND_NAMES
from market.catalogue.rules import Catalogue
from market.kernel.db import fetch
from market.kernel.i18n import N_, locale, translate
from market.kernel.money import Money
from market.site.figures.each import credit
from market.site.figures.model import Answer, Breakdown, Figure, Unit
from market.site.figures.periods import Period
from market.web.display import duration, money, percent, wan
from projects.page.views import region_name, short_region
from projects.selection.methods import METHODS

NOWHERE: Final = "000000"
BREAKDOWNS: Final[Mapping[Breakdown, str]] = {
    "month": N_("Month"),
    "region": N_("Region"),
    "class": N_("Service class"),
    "method": N_("Method"),
    "owner": N_("Kind of owner"),
    "named_owner": N_("Project owner"),
    "stage": N_("Step"),
    "band": N_("Credit score"),
    "kind": N_("Kind"),
    "screen": N_("Screen"),
}
FILTERS: Final[Mapping[str, str]] = {
    "region": N_("Region"), "class": N_("Service class"), "method": N_("Method"), "owner": N_("Kind of owner"),
    "period": N_("Period"), "from": N_("From"), "to": N_("To"), "by": N_("Broken down by"),
}  # fmt: skip
UNITS: Final[Mapping[Unit, str]] = {
    "projects": N_("projects"), "agencies": N_("agencies"), "acts": N_("items"), "payments": N_("payments"),
    "ratings": N_("ratings"), "flags": N_("flags"), "fen": N_("yuan"), "share": "%", "seconds": N_("hours"),
    "stars": N_("stars"), "index": "",
}  # fmt: skip


async def named_owners(answer: Answer) -> Mapping[str, str]:
    """Names of the owners that stand as lines, by id."""
    if answer.by != "named_owner":
        return {}
    ids = [line.key for line in answer.lines]
    return {
        str(row["id"]): row["name"]
        for row in await fetch("SELECT id, name FROM organisation WHERE id = ANY ($1::uuid[])", ids)
    }


def name_of(
    key: str, by: Breakdown, figure: Figure, catalogue: Catalogue, owners: Mapping[str, str], *, short: bool = False
) -> str:
    """In the current locale. Regions of one breakdown differ at one level only, so that there the short name says enough."""
    match by:
        case "region" if key == NOWHERE:
            return translate(N_("Without a place"))
        case "region":
            return (short_region if short else region_name)(key, catalogue)
        case "class":
            return catalogue.service_class(key).name.to(locale())
        case "method":
            return translate(METHODS[key].name)
        case "owner":
            return translate(KIND_NAMES[key])
        case "named_owner":
            return owners[key]
        case "band" if key != credit.UNRATED:
            return credit.band_name(key)
    return translate(figure.names[key]) if key in figure.names else key


def period_name(period: Period) -> str:
    """2026 上半年; First half of 2026."""
    year, part = period.name[:4], period.name[5:]
    if not period.name:
        return _days(period)
    match part[:1]:
        case "":
            return translate(N_("the year {year}"), year=year)
        case "H":
            return translate(N_("first half of {year}") if part == "H1" else N_("second half of {year}"), year=year)
        case "Q":
            return translate(N_("quarter {quarter} of {year}"), year=year, quarter=part[1:])
    return period.name


def _days(period: Period) -> str:
    if period.since and period.until:
        return translate(N_("{since} to {until}"), since=period.since, until=period.until)
    if period.since:
        return translate(N_("from {day}"), day=period.since)
    return translate(N_("to {day}"), day=period.until)


def shown(value: int | None, unit: Unit, *, headline: bool = False) -> str:
    """A number as people read it; a dash where there is none."""
    if value is None:
        return "—"
    if unit == "fen":
        return wan(Money(value)) if headline else money(Money(value))
    if unit == "share":
        return percent(value)
    if unit == "seconds":
        return duration(timedelta(seconds=value))
    return f"{value // 100}.{value % 100:02d}" if unit == "stars" else f"{value:,}"


def written(value: int | None, unit: Unit) -> str:
    """A number as spreadsheets read it, in the unit that `UNITS` names; empty where there is none."""
    if value is None:
        return ""
    if unit == "fen":
        return Money(value).yuan_text
    if unit in ("share", "stars"):
        return f"{value // 100}.{value % 100:02d}"
    return f"{value // 3600}.{value % 3600 * 10 // 3600}" if unit == "seconds" else str(value)


def change(now: int | None, before: int | None, unit: Unit) -> tuple[str, str] | None:
    """How much more or less than in the period before: ("up" | "down" | "same", "+3"). None where one of them is missing."""
    if now is None or before is None:
        return None
    difference = now - before
    direction = "up" if difference > 0 else "down" if difference < 0 else "same"
    text = shown(abs(difference), unit, headline=True)
    if unit == "share":
        text = translate(N_("{n} points"), n=text.removesuffix(" %"))
    return direction, text if not difference else f"{'+' if difference > 0 else '−'}{text}"
