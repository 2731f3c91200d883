"""Late payment: how many days, how much interest, what is recorded when. Pure.

Interest runs on what is unpaid from the day after the last day to pay up to and with the day of payment (保障中小企业款项
支付条例); a part that is in dispute bears none while the dispute is open. It is rounded once, half up to the fen: the
spans of a statement are differences of that one sum, so that they always add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from market.kernel.calendar import ONE_DAY
from market.kernel.money import BASIS_POINTS, Money, divide_half_up


@dataclass(frozen=True)
class Debt:
    """`due_on`: the last day to pay. `rate`: basis points a day."""

    amount_fen: int
    due_on: date
    rate: int


@dataclass(frozen=True)
class Paid:
    on: date
    fen: int


@dataclass(frozen=True)
class Stop:
    """So much is in dispute from the day `since` on, and no more from the day `until` on (None: still)."""

    since: date
    until: date | None
    fen: int


@dataclass(frozen=True)
class Span:
    """Days on end, `first` to `last`, on which the same amounts were unpaid and in dispute."""

    first: date
    last: date
    unpaid_fen: int
    disputed_fen: int
    interest_fen: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def unpaid(self) -> Money:
        return Money(self.unpaid_fen)

    @property
    def disputed(self) -> Money:
        return Money(self.disputed_fen)

    @property
    def interest(self) -> Money:
        return Money(self.interest_fen)


@dataclass(frozen=True)
class Statement:
    """As of the end of the day `until`. `late_days`: on which something was unpaid, in dispute or not."""

    debt: Debt
    until: date
    spans: tuple[Span, ...]
    unpaid_fen: int

    @property
    def late_days(self) -> int:
        return sum(span.days for span in self.spans)

    @property
    def interest(self) -> Money:
        return Money(sum(span.interest_fen for span in self.spans))

    @property
    def unpaid(self) -> Money:
        return Money(self.unpaid_fen)

    @property
    def a_day(self) -> Money:
        """What one more day costs, half up."""
        last = self.spans[-1] if self.spans and self.spans[-1].last == self.until else None
        bearing = min(last.unpaid_fen - last.disputed_fen, self.unpaid_fen) if last else 0
        return Money(bearing).share(self.debt.rate)


def interest_statement(debt: Debt, paid: Iterable[Paid], stops: Sequence[Stop], until: date) -> Statement:
    """What was late on which days up to and with the day `until`, and what it costs."""
    payments = sorted(paid, key=lambda one: one.on)
    left = debt.amount_fen - sum(one.fen for one in payments if one.on <= until)
    first, end = debt.due_on + ONE_DAY, until + ONE_DAY
    edges = {first, end, *(one.on + ONE_DAY for one in payments), *(stop.since for stop in stops)}
    edges |= {stop.until for stop in stops if stop.until is not None}
    spans: list[Span] = []
    weight = charged = 0
    for start, stop in pairwise(sorted(edge for edge in edges if first <= edge <= end)):
        unpaid = debt.amount_fen - sum(one.fen for one in payments if one.on < start)
        if unpaid <= 0:
            break
        disputed = min(unpaid, _disputed(stops, start))
        weight += (unpaid - disputed) * (stop - start).days
        total = divide_half_up(weight * debt.rate, BASIS_POINTS)
        spans.append(Span(start, stop - ONE_DAY, unpaid, disputed, total - charged))
        charged = total
    return Statement(debt, until, tuple(spans), max(left, 0))


def _disputed(stops: Iterable[Stop], day: date) -> int:
    return sum(stop.fen for stop in stops if stop.since <= day and (stop.until is None or day < stop.until))


def steps_reached(steps: Iterable[int], late_days: int) -> tuple[int, ...]:
    """The numbers of days late that have been reached and are recorded, the smallest first."""
    return tuple(sorted(step for step in steps if step <= late_days))


def reminder_due(days_before: Iterable[int], due_at: datetime, now: datetime) -> int | None:
    """Which reminder stands at `now`: the latest whose day has come; None before the first, and when time is over."""
    begun = [days for days in days_before if due_at - timedelta(days=days) <= now < due_at]
    return min(begun, default=None)


def next_moment(due_at: datetime, days_before: Iterable[int], steps: Iterable[int], now: datetime) -> datetime | None:
    """When the next reminder is sent or the next day late is recorded: the n-th day late begins n−1 days after the end
    of the last day to pay."""
    moments = [due_at - timedelta(days=days) for days in days_before]
    moments += [due_at + timedelta(days=step - 1) for step in steps]
    return min((moment for moment in moments if moment > now), default=None)
