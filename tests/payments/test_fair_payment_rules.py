"""Interest for late payment, and what is recorded when: against a count of single days, and on worked examples."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.calendar import BEIJING, Calendar, end_of_day, last_day
from market.kernel.money import Money, divide_half_up
from projects.payments.overdue.rules import (
    Debt,
    Paid,
    Statement,
    Stop,
    interest_statement,
    next_moment,
    reminder_due,
    steps_reached,
)
from projects.payments.terms import due_at

DUE = date(2026, 9, 1)
DAYS = st.integers(-40, 120).map(lambda days: DUE + timedelta(days=days))
AMOUNTS = st.integers(1, 5_000_000_00)


@st.composite
def stops(draw: st.DrawFn) -> Stop:
    since = draw(DAYS)
    until = draw(st.none() | st.integers(0, 60).map(lambda days: since + timedelta(days=days)))
    return Stop(since, until, draw(AMOUNTS))


debts = st.builds(Debt, AMOUNTS, st.just(DUE), st.integers(0, 100))
payments = st.lists(st.builds(Paid, DAYS, AMOUNTS), max_size=4)


def by_single_days(debt: Debt, paid: list[Paid], disputes: list[Stop], until: date) -> tuple[int, int]:
    """(days late, interest): the same counted day by day."""
    days = weight = 0
    day = debt.due_on + timedelta(days=1)
    while day <= until:
        unpaid = debt.amount_fen - sum(one.fen for one in paid if one.on < day)
        if unpaid > 0:
            disputed = sum(one.fen for one in disputes if one.since <= day and (one.until is None or day < one.until))
            days, weight = days + 1, weight + unpaid - min(unpaid, disputed)
        day += timedelta(days=1)
    return days, divide_half_up(weight * debt.rate, 10_000)


@given(debts, payments, st.lists(stops(), max_size=3), DAYS)
def test_interest_is_what_single_days_come_to(debt: Debt, paid: list[Paid], disputes: list[Stop], until: date) -> None:
    found = interest_statement(debt, paid, disputes, until)
    assert (found.late_days, found.interest.fen) == by_single_days(debt, paid, disputes, until)
    assert all(span.interest_fen >= 0 and 0 <= span.disputed_fen <= span.unpaid_fen for span in found.spans)
    assert all(
        one.last + timedelta(days=1) == other.first for one, other in zip(found.spans, found.spans[1:], strict=False)
    )
    assert found.unpaid_fen == max(debt.amount_fen - sum(one.fen for one in paid if one.on <= until), 0)


@given(debts, payments, st.lists(stops(), max_size=3), DAYS, st.integers(0, 30))
def test_interest_never_falls_and_disputes_only_lower_it(
    debt: Debt, paid: list[Paid], disputes: list[Stop], until: date, more: int
) -> None:
    here = interest_statement(debt, paid, disputes, until)
    assert interest_statement(debt, paid, disputes, until + timedelta(days=more)).interest.fen >= here.interest.fen
    assert interest_statement(debt, paid, [], until).interest.fen >= here.interest.fen


@given(debts, DAYS)
def test_who_pays_in_time_owes_no_interest(debt: Debt, until: date) -> None:
    found = interest_statement(debt, [Paid(debt.due_on, debt.amount_fen)], [], until)
    assert (found.late_days, found.interest.fen, found.spans) == (0, 0, ())


def statement(*paid: Paid, disputes: tuple[Stop, ...] = (), until: date) -> Statement:
    return interest_statement(Debt(100_000_00, DUE, 5), paid, disputes, until)


def test_a_worked_example() -> None:
    """100,000 yuan at 0.05 % a day: 50 yuan a day."""

    def on(day: int) -> date:
        return date(2026, 9, day)

    assert statement(until=on(1)).spans == ()
    assert (statement(until=on(2)).late_days, statement(until=on(2)).interest) == (1, Money(50_00))
    ten = statement(until=on(11))
    assert (ten.late_days, ten.interest, ten.a_day) == (10, Money(500_00), Money(50_00))
    # Half of it is paid on the sixth day late, which still counts whole; the rest five days later.
    parts = statement(Paid(on(7), 50_000_00), Paid(on(12), 50_000_00), until=on(30))
    assert [(span.days, span.unpaid_fen, span.interest_fen) for span in parts.spans] == [
        (6, 100_000_00, 300_00), (5, 50_000_00, 125_00)]  # fmt: skip
    assert (parts.unpaid, parts.a_day) == (Money(0), Money(0))
    # 40,000 yuan are in dispute from the third day late until the fifth.
    disputed = statement(disputes=(Stop(on(4), on(6), 40_000_00),), until=on(8))
    assert [(span.days, span.disputed_fen, span.interest_fen) for span in disputed.spans] == [
        (2, 0, 100_00), (2, 40_000_00, 60_00), (3, 0, 150_00)]  # fmt: skip


def test_rounding_happens_once() -> None:
    """One yuan costs 0.05 fen a day: nothing for nine days, one fen from the tenth on; spans still add up."""
    debt = Debt(100, DUE, 5)
    ends = [interest_statement(debt, [], [], DUE + timedelta(days=day)).interest.fen for day in (9, 10, 29, 30)]
    assert ends == [0, 1, 1, 2]
    cut = [Stop(DUE + timedelta(days=day), DUE + timedelta(days=day), 1) for day in range(2, 30)]
    assert interest_statement(debt, [], cut, DUE + timedelta(days=30)).interest.fen == 2


@pytest.mark.parametrize(
    ("delivered", "days", "last"),
    [
        (datetime(2026, 6, 16, 23, 59, tzinfo=BEIJING), 30, date(2026, 7, 16)),
        (datetime(2026, 6, 11, 9, 0, tzinfo=BEIJING), 30, date(2026, 7, 13)),  # a Saturday moves to Monday
        (datetime(2026, 8, 3, 9, 0, tzinfo=BEIJING), 60, date(2026, 10, 8)),  # not into the National Day holidays
    ],
)
def test_the_term_runs_from_the_delivery(delivered: datetime, days: int, last: date) -> None:
    calendar = Calendar(overrides={date(2026, 10, day): day >= 8 for day in range(1, 9)}, provisional=frozenset({2026}))
    assert due_at(delivered, days, calendar) == end_of_day(last)
    assert last_day(due_at(delivered, days, calendar)) == last


def test_reminders_and_recorded_days() -> None:
    due = end_of_day(DUE)
    before, steps = (7, 1), (1, 30, 60)
    at = lambda days: due + timedelta(days=days)  # noqa: E731
    assert [reminder_due(before, due, at(days)) for days in (-8, -7, -2, -1, 0)] == [None, 7, 7, 1, None]
    assert [next_moment(due, before, steps, at(days)) for days in (-30, -7, -1, 0, 29, 59)] == [
        at(-7), at(-1), at(0), at(29), at(59), None]  # fmt: skip
    assert steps_reached(steps, 0) == ()
    assert steps_reached(steps, 30) == (1, 30)
