"""Terms and windows in months, as the Civil Code counts them (Art. 201-203)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.calendar import BEIJING, beijing_date, end_of_day, end_text, last_day
from ratings.periods import add_months, term_end

MONTHS = st.integers(1, 60)
DAYS = st.dates(date(1992, 1, 1), date(2090, 1, 1))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.sampled_from([UTC, BEIJING]))


def test_windows_end_on_the_same_day_or_the_last_one() -> None:
    assert add_months(datetime(2026, 1, 31, 4, tzinfo=UTC), 1) == datetime(2026, 2, 28, 4, tzinfo=UTC)
    assert add_months(datetime(2026, 3, 31, 4, tzinfo=UTC), -12) == datetime(2025, 3, 31, 4, tzinfo=UTC)
    # 17:00 UTC is the next day in Beijing, and Beijing's days count.
    assert add_months(datetime(2026, 1, 30, 17, tzinfo=UTC), 1) == datetime(2026, 2, 27, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "ends"),
    [
        ("2026-03-15T10:00:00+08:00", 1, "2026-04-15 24:00"),
        ("2026-03-15T00:00:01+08:00", 6, "2026-09-15 24:00"),
        ("2026-01-31T23:59:00+08:00", 1, "2026-02-28 24:00"),
        ("2028-01-31T08:00:00+08:00", 1, "2028-02-29 24:00"),
        ("2028-02-29T08:00:00+08:00", 12, "2029-02-28 24:00"),
        ("2026-11-30T08:00:00+08:00", 3, "2027-02-28 24:00"),
        # The notice of a red list ends at the 24:00 of the sixteenth, which is the first moment of the seventeenth.
        ("2026-06-17T00:00:00+08:00", 12, "2027-06-16 24:00"),
        # The National Day moves no sanction.
        ("2026-09-01T08:00:00+08:00", 1, "2026-10-01 24:00"),
    ],
)  # fmt: skip
def test_a_term_ends_with_the_corresponding_day(start: str, months: int, ends: str) -> None:
    assert end_text(term_end(datetime.fromisoformat(start), months)) == ends


@given(MOMENTS, MONTHS)
def test_a_term_is_never_shorter_than_decided_and_ends_at_midnight(start: datetime, months: int) -> None:
    ends = term_end(start, months)
    assert ends.astimezone(BEIJING).time() == time.min
    first, last = last_day(start), last_day(ends)
    assert (last.year - first.year) * 12 + last.month - first.month == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(days=1)).day == 1)


@given(MOMENTS, MOMENTS, MONTHS)
def test_what_begins_later_ends_no_earlier(one: datetime, other: datetime, months: int) -> None:
    first, second = sorted([one, other])
    assert term_end(first, months) <= term_end(second, months) <= term_end(second, months + 1)
    assert add_months(first, months) <= add_months(second, months)


@given(DAYS, st.times(), MONTHS)
def test_the_time_of_day_is_nothing_to_a_term(day: date, at: time, months: int) -> None:
    begins = datetime.combine(day, at, tzinfo=BEIJING)
    if at != time.min:
        assert term_end(begins, months) == term_end(end_of_day(day), months)
    assert beijing_date(add_months(begins, months)) <= last_day(term_end(end_of_day(day), months))
