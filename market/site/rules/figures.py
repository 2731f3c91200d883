"""What the market publishes about itself: how far projects came, what was saved, how long it took. Pure.

Every figure speaks of the projects that were *published* in the period, so that the four steps of the funnel count
the same projects and a later figure can never be larger than an earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from market.kernel.calendar import BEIJING, end_of_day
from market.kernel.money import BASIS_POINTS, Money, divide_half_up, ratio_in_basis_points

LEVELS = (2, 4, 6)  # digits of a region code that name a province, a city, a county


@dataclass(frozen=True)
class Filters:
    """`region`: the first digits that all region codes within have in common; `until`: the last day counted."""

    region: str = ""
    service_class: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def starts_at(self) -> datetime | None:
        return datetime.combine(self.since, time.min, tzinfo=BEIJING) if self.since else None

    @property
    def ends_at(self) -> datetime | None:
        """Half-open: the midnight that ends the last day."""
        return end_of_day(self.until) if self.until else None


@dataclass(frozen=True)
class Tally:
    """Projects of one group. `priced`: those with an estimate and a final result, over which `budget` and `price` are
    summed; `on_time`: fulfilled without any late delivery; `judged`: those of whose reports an approval authority
    decided at least one, `passed_first` without ever returning any."""

    posted: int = 0
    selected: int = 0
    signed: int = 0
    fulfilled: int = 0
    failed: int = 0
    withdrawn: int = 0
    on_time: int = 0
    priced: int = 0
    judged: int = 0
    passed_first: int = 0
    budget: Money = field(default=Money(0))
    price: Money = field(default=Money(0))

    @property
    def saved(self) -> Money:
        return self.budget - self.price

    @property
    def saving_rate(self) -> int | None:
        """Saved ÷ estimate in basis points; None where no project has both an estimate and a result."""
        return ratio_in_basis_points(self.saved, self.budget)

    @property
    def on_time_rate(self) -> int | None:
        return share(self.on_time, self.fulfilled)

    @property
    def passed_first_rate(self) -> int | None:
        return share(self.passed_first, self.judged)

    @property
    def funnel(self) -> tuple[int, int, int, int]:
        return (self.posted, self.selected, self.signed, self.fulfilled)


@dataclass(frozen=True)
class StageTime:
    """How long one stage took over the projects that left it: the middle one, and the one that nine in ten beat."""

    stage: str
    projects: int
    median: timedelta
    ninth: timedelta


@dataclass(frozen=True)
class DirectShare:
    """What one owner posted in a year, and how much of it with direct selection; failed and withdrawn notices aside."""

    year: int
    code: str
    name: str
    posted: int
    direct: int
    amount: Money
    direct_amount: Money

    @property
    def share(self) -> int | None:
        """Direct selections ÷ all, by number, in basis points."""
        return share(self.direct, self.posted)

    @property
    def amount_share(self) -> int | None:
        return ratio_in_basis_points(self.direct_amount, self.amount)


@dataclass(frozen=True)
class Figures:
    """Groups by key: months "2026-06", region codes, class codes, methods; each in the order of its keys."""

    filters: Filters
    total: Tally
    months: Mapping[str, Tally]
    regions: Mapping[str, Tally]
    classes: Mapping[str, Tally]
    methods: Mapping[str, Tally]
    times: tuple[StageTime, ...]
    direct: tuple[DirectShare, ...] = ()


def share(part: int, whole: int) -> int | None:
    """part ÷ whole in basis points, half up; None where the whole is nothing."""
    return divide_half_up(part * BASIS_POINTS, whole) if whole else None


def finest_level(codes: Sequence[str]) -> int:
    """How many digits to group regions by: the widest level at which there is something to compare."""
    return next((level for level in LEVELS if len({code[:level] for code in codes}) > 1), LEVELS[-1])


def region_at(code: str, level: int) -> str:
    """The code of the province, city or county that this code lies in: 370203 at 4 digits -> 370200."""
    return code[:level].ljust(6, "0")


def prefix_of(code: str) -> str:
    """What all codes within a region begin with: 370000 -> 37, 370200 -> 3702, the nation (100000) -> ""."""
    if code == "100000":
        return ""
    return code.removesuffix("00").removesuffix("00") if len(code) == 6 else code


def sum_of(tallies: Sequence[Tally]) -> Tally:
    """Groups that share no project, taken together."""
    return Tally(
        **{name: sum(getattr(one, name) for one in tallies) for name in COUNTS},
        budget=Money(sum(one.budget.fen for one in tallies)),
        price=Money(sum(one.price.fen for one in tallies)),
    )


COUNTS = (
    "posted", "selected", "signed", "fulfilled", "failed", "withdrawn", "on_time", "priced", "judged", "passed_first",
)  # fmt: skip


def with_gaps_filled(months: Mapping[str, Tally]) -> dict[str, Tally]:
    """Every month from the first to the last, so that a quiet one is seen as quiet."""
    if not months:
        return {}
    first, last = min(months), max(months)
    filled, year, month = {}, int(first[:4]), int(first[5:])
    while (key := f"{year:04d}-{month:02d}") <= last:
        filled[key] = months.get(key, Tally())
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return filled
