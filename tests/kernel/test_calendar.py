from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.calendar import BEIJING, Calendar, CalendarYearMissing, add_calendar_days, end_of_day

CALENDAR = Calendar()
moments = st.integers(0, 500 * 86400).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def test_make_up_workdays_and_moved_holidays_of_2026() -> None:
    assert CALENDAR.is_working(date(2026, 2, 14))  # a Saturday worked for the Spring Festival
    assert not CALENDAR.is_working(date(2026, 2, 20))  # the Friday it paid for
    assert not CALENDAR.is_working(date(2026, 10, 1))
    assert CALENDAR.is_working(date(2026, 10, 10))


def test_the_day_of_the_event_does_not_count() -> None:
    tuesday = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
    assert CALENDAR.add_working_days(tuesday, 1) == end_of_day(date(2026, 6, 17))


def test_a_period_skips_the_dragon_boat_festival() -> None:
    thursday = datetime(2026, 6, 18, 10, 0, tzinfo=BEIJING)
    assert CALENDAR.add_working_days(thursday, 1) == end_of_day(date(2026, 6, 22))


def test_a_year_nobody_has_published_is_an_error_not_a_guess() -> None:
    with pytest.raises(CalendarYearMissing) as missing:
        CALENDAR.is_working(date(2031, 5, 1))
    assert missing.value.year == 2031


def test_an_opened_year_goes_by_weekends_and_corrections() -> None:
    calendar = Calendar({date(2031, 5, 1): False, date(2031, 5, 3): True}, provisional=frozenset({2031}))
    assert not calendar.is_working(date(2031, 5, 1))
    assert calendar.is_working(date(2031, 5, 2))
    assert calendar.is_working(date(2031, 5, 3))  # a Saturday


@given(moments, st.integers(1, 40))
def test_a_period_ends_on_a_working_day_and_contains_as_many(moment: datetime, days: int) -> None:
    end = CALENDAR.add_working_days(moment, days)
    last_day = (end - timedelta(seconds=1)).astimezone(BEIJING)
    assert CALENDAR.is_working(last_day.date())
    assert CALENDAR.working_days_between(moment, last_day) == days


@given(moments, moments)
def test_counting_backwards_is_the_negative(one: datetime, other: datetime) -> None:
    assert CALENDAR.working_days_between(one, other) == -CALENDAR.working_days_between(other, one)


def test_calendar_days_end_at_midnight_in_beijing() -> None:
    assert add_calendar_days(datetime(2026, 6, 16, 23, 59, tzinfo=BEIJING), 3) == end_of_day(date(2026, 6, 19))
