"""The arithmetic of figures: shares, regions and months, and what the front page sums up. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from market.kernel.money import BASIS_POINTS, Money, divide_half_up, ratio_in_basis_points

LEVELS = (2, 4, 6)  # digits of a region code that name a province, a city, a county


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


def share(part: int | None, whole: int | None) -> int | None:
    """part ÷ whole in basis points, half up; None where the whole is nothing."""
    return divide_half_up((part or 0) * BASIS_POINTS, whole) if whole else None


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
    return {key: months.get(key, Tally()) for key in months_between(list(months))}


def months_between(months: Sequence[str]) -> list[str]:
    """Every month from the first to the last: "2025-11", "2026-02" -> those and the two between them."""
    if not months:
        return []
    first, last = min(months), max(months)
    filled, year, month = [], int(first[:4]), int(first[5:])
    while (key := f"{year:04d}-{month:02d}") <= last:
        filled.append(key)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return filled
