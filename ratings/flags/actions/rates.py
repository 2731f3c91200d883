"""A screen that fires on too many projects is itself to be looked at: operator and regulators are told, once in a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from market.accounts.actions import tell_all
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch, transaction
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from ratings.flags.queries.records import Record, records
from ratings.flags.screens import SCREENS
from ratings.periods import add_months

TOLD = N_("A screen opened {fired} red flags on {cases} projects: it fires on too many and is itself to be reviewed.")


async def report_rates(*, now: datetime) -> int:
    """How many screens were reported. Safe to repeat: each once in the rulebook's time."""
    book = await rulebook_in_force(NATION, now)
    found = await records(add_months(now, -book.months("screen.period")))
    return await report(
        found.values(), book.share("screen.flag_rate_max"), book.integer("screen.rate_cases_min"),
        book.months("screen.rate_report_months"), now=now,
    )  # fmt: skip


async def report(found: Iterable[Record], most: int, least_cases: int, months: int, *, now: datetime) -> int:
    """Tells of those above `most` basis points, where there are enough projects to tell."""
    since_on = period_start(beijing_date(now), months)
    return sum([await _report(one, most, since_on, now) for one in found if one.too_often(most, least_cases)])


def period_start(day: date, months: int) -> date:
    """The first day of the stretch of so many months, counted from January, in which a day lies."""
    length = max(months, 1)
    first = (day.year * 12 + day.month - 1) // length * length
    return date(first // 12, first % 12 + 1, 1)


async def _report(record: Record, most: int, since_on: date, now: datetime) -> bool:
    screen = SCREENS[record.screen]
    async with transaction():
        fresh = await execute(
            "INSERT INTO flag_rate_report (id, screen, version, fired, cases, most, since_on, told_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT flag_rate_report_once DO NOTHING",
            new_id(), screen.code, screen.version, record.fired, record.cases, most, since_on, now,
        )  # fmt: skip
        if fresh:
            watching = await fetch("SELECT id FROM organisation WHERE kind IN ('operator', 'regulator') ORDER BY id")
            await tell_all(
                [row["id"] for row in watching], TOLD, link=f"/regulator/flags/screens/{screen.code}",
                cause=f"flag.rate:{screen.code}:{since_on}", now=now,
                facts={"fired": record.fired, "cases": record.cases},
            )  # fmt: skip
    return bool(fresh)
