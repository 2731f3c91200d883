"""How each screen has done over the whole market: how often it fired, and what people made of its flags. No firm and no
project is named here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from market.kernel.db import fetch, fetch_one, fetch_value
from ratings.flags.screens import SCREENS
from ratings.flags.screens.interface import WHOLE

MONTHS = 12


@dataclass(frozen=True)
class Record:
    """`fired`: flags of the period against the projects in it."""

    screen: str
    opened: int
    waiting: int
    founded: int
    unfounded: int
    fired: int
    cases: int

    @property
    def precision(self) -> int | None:
        """Share of founded ones among those judged, in basis points."""
        judged = self.founded + self.unfounded
        return self.founded * WHOLE // judged if judged else None

    @property
    def rate(self) -> int | None:
        """Flags for ten thousand projects of the period."""
        return self.fired * WHOLE // self.cases if self.cases else None

    def too_often(self, most: int, least_cases: int) -> bool:
        """Above the share, where there are enough projects to tell."""
        return self.cases >= max(least_cases, 1) and self.fired * WHOLE > most * self.cases


@dataclass(frozen=True)
class VersionRecord:
    """Flags of one version of a screen under one rulebook."""

    version: int
    rulebook_version: str
    first_at: datetime
    last_at: datetime
    opened: int
    founded: int
    unfounded: int


@dataclass(frozen=True)
class RateReport:
    version: int
    fired: int
    cases: int
    most: int
    since_on: date
    told_at: datetime


async def records(since: datetime) -> dict[str, Record]:
    """Of every screen, and how often it fired since a moment."""
    cases: int = await fetch_value("SELECT count(*) FROM project WHERE published_at >= $1", since)
    rows = await fetch(
        "SELECT screen, count(*) AS opened, count(*) FILTER (WHERE closed_at IS NULL) AS waiting,"
        " count(*) FILTER (WHERE outcome = 'founded') AS founded, count(*) FILTER (WHERE outcome = 'unfounded') AS unfounded,"
        " count(*) FILTER (WHERE opened_at >= $1) AS fired FROM flag GROUP BY screen", since,
    )  # fmt: skip
    found = {row["screen"]: Record(**row, cases=cases) for row in rows}
    return {code: found.get(code, Record(code, 0, 0, 0, 0, 0, cases)) for code in SCREENS}


async def versions_of(screen: str) -> list[VersionRecord]:
    """The newest first."""
    rows = await fetch(
        "SELECT version, rulebook_version, min(opened_at) AS first_at, max(opened_at) AS last_at, count(*) AS opened,"
        " count(*) FILTER (WHERE outcome = 'founded') AS founded, count(*) FILTER (WHERE outcome = 'unfounded') AS unfounded"
        " FROM flag WHERE screen = $1 GROUP BY version, rulebook_version ORDER BY version DESC, first_at DESC", screen,
    )  # fmt: skip
    return [VersionRecord(**row) for row in rows]


async def last_report(screen: str) -> RateReport | None:
    """The last time that it was told to fire on too many."""
    row = await fetch_one(
        "SELECT version, fired, cases, most, since_on, told_at FROM flag_rate_report WHERE screen = $1"
        " ORDER BY told_at DESC LIMIT 1", screen,
    )  # fmt: skip
    return RateReport(**row) if row else None
