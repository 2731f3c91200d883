"""Periods, questions and the guarding of small numbers: without a database."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import MultiDict

from market.catalogue.files import read_catalogue
from market.site.figures.asking import answered_by, as_query, left_out, read
from market.site.figures.each import FIGURES
from market.site.figures.guarding import cases, guarded
from market.site.figures.kept import KeptAnswers
from market.site.figures.model import COUNTS, Answer, Asked, Line
from market.site.figures.names import change, shown, written
from market.site.figures.periods import Period, named, offered

CATALOGUE = read_catalogue()
COMPLAINTS = FIGURES["complaints"]
names = st.one_of(
    st.integers(2000, 2099).map(str),
    st.builds("{}-{}".format, st.integers(2000, 2099), st.sampled_from(["H1", "H2", "Q1", "Q2", "Q3", "Q4", *(f"{month:02d}" for month in range(1, 13))])),
)  # fmt: skip


def asked(**query: str) -> tuple[Asked, dict[str, list[str]]]:
    found, errors = read(MultiDict(query.items()), CATALOGUE, FIGURES["funnel"])
    return found, {name: [one.text for one in told] for name, told in errors.items()}


@given(names)
def test_the_period_before_ends_where_this_one_begins(name: str) -> None:
    period = named(name)
    assert period is not None
    before = period.previous
    if name.startswith("2000"):
        return  # there is no name for what lies before the first year
    assert before is not None
    assert before.until == period.since - timedelta(days=1)  # type: ignore[operator]
    assert len(before.name) == len(name)


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(0, 800))
def test_two_days_are_compared_with_as_many_days_before(since: date, days: int) -> None:
    before = Period("", since, since + timedelta(days=days)).previous
    assert before is not None and before.since is not None and before.until is not None
    assert (before.until - before.since).days == days
    assert before.until == since - timedelta(days=1)


def test_a_period_has_its_last_day_and_ends_before_the_next_in_beijing() -> None:
    period = named("2018-H1")
    assert period is not None
    assert (period.starts_at, period.ends_at) == (
        datetime(2017, 12, 31, 16, tzinfo=UTC),
        datetime(2018, 6, 30, 16, tzinfo=UTC),
    )
    assert Period("", date(2026, 1, 1), None).previous is None


def test_periods_on_offer_are_named_and_have_begun() -> None:
    today = date(2026, 6, 16)
    found = [named(name) for name in offered(today)]
    assert all(one is not None and one.since is not None and one.since <= today for one in found)
    assert {"2026", "2026-H1", "2026-Q2", "2026-06", "2025-Q4", "2025-07"} <= set(offered(today))
    assert "2026-Q3" not in offered(today)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"region": "abc"}, "region"), ({"region": "999999"}, "region"), ({"region": "٣٧٠٢"}, "region"),
        ({"region": "3" * 10_000}, "region"), ({"class": "Z"}, "class"), ({"method": "bribe"}, "method"), ({"owner": "king"}, "owner"),
        ({"period": "2026-13"}, "period"), ({"period": "2026-00"}, "period"), ({"period": "２０２６"}, "period"),
        ({"period": "x" * 10_000}, "period"), ({"from": "2026-02-30"}, "from"), ({"to": "never"}, "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"), ({"period": "2026", "from": "2026-01-01"}, "period"),
        ({"by": "moon"}, "by"), ({"by": "stage"}, "by"), ({"regoin": "370200"}, ""), ({"%_\\": "🏗" * 5_000}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_left_out(query: dict[str, str], wrong: str) -> None:
    found, errors = asked(**query)
    assert set(errors) == {wrong}
    named_kept = (
        {"period": "2026"}
        if query.get("period") == "2026"
        else {"from": "2026-02-01"}
        if wrong == "to" and "from" in query
        else {}
    )
    assert as_query(found) == named_kept


def test_messages_never_repeat_a_long_input() -> None:
    _, errors = read(MultiDict([("period", "x" * 10_000), ("y" * 10_000, "1")]), CATALOGUE)
    assert all(len(str(fact)) < 200 for told in errors.values() for one in told for fact in one.facts.values())


def test_a_question_survives_its_address() -> None:
    query = {
        "region": "370200",
        "class": "C",
        "method": "draw",
        "owner": "enterprise",
        "period": "2026-Q1",
        "by": "region",
    }
    found, errors = asked(**query)
    assert not errors
    assert as_query(found) == query
    assert as_query(asked(**{"from": "2026-01-01"})[0]) == {"from": "2026-01-01"}


def test_figures_say_which_filters_they_do_not_know() -> None:
    found, _ = asked(region="370200", method="draw", period="2026")
    assert left_out(FIGURES["credit"], found) == ["method", "period"]
    assert as_query(answered_by(FIGURES["credit"], found)) == {"region": "370200"}
    assert left_out(FIGURES["funnel"], found) == []


def line(key: str, received: int) -> Line:
    return Line(key, {one.id: received for one in COMPLAINTS.columns})


@given(st.lists(st.integers(0, 12), max_size=8), st.integers(2, 5))
def test_small_lines_are_withheld_and_cannot_be_worked_out(sizes: list[int], least: int) -> None:
    lines = [line(str(place), size) for place, size in enumerate(sizes)]
    whole = sum(sizes)
    total, shown_lines = guarded(COMPLAINTS, line("", whole), lines, least=least)
    hidden = [place for place, one in enumerate(shown_lines) if one.withheld]
    assert all(sizes[place] == 0 or place in hidden or sizes[place] >= least for place in range(len(sizes)))
    assert total.withheld == (0 < whole < least)
    if len(hidden) == 1:  # then there was no other line to hide it behind, and the whole is as small
        assert not any(size >= least for place, size in enumerate(sizes) if place not in hidden)
        assert total.withheld
    assert all(one.values["received"] is None for one in shown_lines if one.withheld)
    assert all(cases(COMPLAINTS, one) == size for one, size in zip(shown_lines, sizes, strict=True) if not one.withheld)


def test_what_nobody_needs_to_guard_is_shown() -> None:
    funnel = FIGURES["funnel"]
    one = Line("a", {column.id: 1 for column in funnel.columns})
    assert guarded(funnel, one, [one], least=3) == (one, [one])


@pytest.mark.parametrize(
    ("value", "unit", "page", "file"),
    [
        (4260, "share", "42.6 %", "42.60"), (1330, "share", "13.3 %", "13.30"), (185_600_000, "fen", "¥1,856,000.00", "1856000.00"),
        (90_000, "seconds", "1 天 1 小时", "25.0"), (5_400, "seconds", "1 小时 30 分钟", "1.5"), (437, "stars", "4.37", "4.37"),
        (1711, "projects", "1,711", "1711"), (None, "share", "—", ""),
    ],
)  # fmt: skip
def test_numbers_for_people_and_for_spreadsheets(value: int | None, unit: str, page: str, file: str) -> None:
    assert (shown(value, unit), written(value, unit)) == (page, file)  # type: ignore[arg-type]


def test_changes_say_their_direction() -> None:
    assert change(5, 3, "projects") == ("up", "+2")
    assert change(4000, 4260, "share") == ("down", "−2.6 个百分点")
    assert change(3, 3, "projects") == ("same", "0")
    assert change(3, None, "projects") is None


def test_every_figure_is_whole() -> None:
    for figure in FIGURES.values():
        ids = [column.id for column in figure.columns]
        assert len(ids) == len(set(ids))
        assert figure.headline in ids
        drawn = [figure.drawing, *figure.drawings.values()]
        for one in drawn:
            units = {figure.column(name).unit for name in one.columns}
            assert len(units) == 1 or units <= COUNTS
        assert set(figure.drawings) <= set(figure.breakdowns)
        assert set(figure.source.own) <= set(figure.breakdowns)
        assert ("month" in figure.breakdowns) == (figure.source.moment is not None) == bool(figure.dated)


async def test_only_what_took_long_is_kept_and_counted_once() -> None:
    counted = 0
    answer = Answer(COMPLAINTS, Asked(), "kind", line("", 5), (), None, datetime(2026, 6, 16, tzinfo=UTC), "2025-1")

    async def count() -> Answer:
        nonlocal counted
        counted += 1
        return answer

    quick = KeptAnswers()
    for _ in range(2):
        await quick.answer(COMPLAINTS, Asked(), None, count)
    assert counted == 2
    slow = KeptAnswers(worth=0)
    for asked_for in (Asked(), Asked(), Asked(region="37")):
        assert await slow.answer(COMPLAINTS, asked_for, None, count) is answer
    assert counted == 4
    gone = KeptAnswers(worth=0, fresh=0, old=0)
    for _ in range(2):
        await gone.answer(COMPLAINTS, Asked(), None, count)
    assert counted == 6
    stale = KeptAnswers(worth=0, fresh=0)
    for _ in range(3):
        assert await stale.answer(COMPLAINTS, Asked(), None, count) is answer
    assert counted == 7  # given out at once, and counted anew behind the visitors' backs, once
    await asyncio.gather(*stale.renewing.values())
    assert (counted, stale.renewing) == (8, {})
