"""What an agency may suppose about its own account: pure rules, and the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from market.catalogue.files import DATA, read_rulebook
from market.demo.contracts import refuse_contract
from market.kernel.db import fetch_value
from ratings.credit.queries import credit_rules, pause_rules
from ratings.credit.rules import Event, score
from ratings.credit.rules.outlook import Supposed, outlook, recovers_at, with_supposed
from ratings.credit.rules.position import position
from ratings.periods import add_months, term_end
from tests.contracts.award import Award
from tests.visitor import Visitor

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
REPLY = NOW + timedelta(days=7)
BOOK = read_rulebook(DATA / "rulebook-2025-1.toml")
CREDIT, PAUSES = credit_rules(BOOK), pause_rules(BOOK)


def event(number: int, points: int, days_ago: int) -> Event:
    at = NOW - timedelta(days=days_ago)
    return Event(UUID(int=1000 + number), "returned_twice", points, at, at, add_months(at, 12))


def supposing(events: tuple[Event, ...] = (), **what: object) -> tuple[Event, ...]:
    return with_supposed(events, Supposed(**what), BOOK.integer, NOW, reply_ends_at=REPLY)  # type: ignore[arg-type]


def points_at(events: tuple[Event, ...], at: datetime = REPLY) -> int:
    return score(events, CREDIT, at).points


@pytest.mark.parametrize(
    ("what", "points"),
    [
        ({"late_percent": 1}, 9_700), ({"late_percent": 10}, 9_700), ({"late_percent": 11}, 9_400),
        ({"late_percent": 900}, 8_500), ({"stars": 5}, 10_100), ({"stars": 3}, 10_000), ({"stars": 2}, 9_700),
        ({"refuses": True}, 8_000), ({"refuses": True, "late_percent": 30, "stars": 1}, 6_800), ({}, 10_000),
    ],
)  # fmt: skip
def test_what_things_cost(what: dict[str, Any], points: int) -> None:
    assert points_at(supposing(**what)) == points


def test_a_low_rating_counts_after_the_right_of_reply() -> None:
    events = supposing(stars=1)
    assert points_at(events, REPLY - timedelta(seconds=1)) == 10_000
    assert [step.at for step in outlook(events, CREDIT, PAUSES, NOW, finished_jobs=0)][:2] == [NOW, REPLY]


def test_when_it_recovers() -> None:
    """85 points; a refusal makes it 65 and a month's pause; the old event expires after half a year."""
    events = supposing((event(1, -1_500, 180),), refuses=True)
    steps = outlook(events, CREDIT, PAUSES, NOW, finished_jobs=1)
    assert steps[0].position.paused_until == term_end(NOW, 1)
    assert [step.position.points for step in steps] == [6_500, 6_500, 8_000, 10_000]
    assert [step.at for step in steps][1:] == [
        term_end(NOW, 1), add_months(NOW - timedelta(days=180), 12), add_months(NOW, 12),
    ]  # fmt: skip
    assert recovers_at(steps, 9_000) == add_months(NOW, 12)
    assert recovers_at(steps, 6_000) == term_end(NOW, 1)
    assert recovers_at(steps, 11_000) is None


@given(st.lists(st.tuples(st.integers(-3_000, 300), st.integers(0, 364)), max_size=6))
def test_every_step_is_the_position_at_its_moment(made: list[tuple[int, int]]) -> None:
    events = tuple(event(number, points, days) for number, (points, days) in enumerate(made))
    steps = outlook(events, CREDIT, PAUSES, NOW, finished_jobs=1)
    assert steps[0].at == NOW
    for step in steps:
        assert step.position == position(events, CREDIT, PAUSES, step.at, finished_jobs=1)
    assert steps[-1].position.points == CREDIT.base
    assert steps[-1].position.paused_until is None


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_the_page_computes_and_writes_nothing(award: Award, site: Litestar, locale: str) -> None:
    contract = await award.run_past_notice()
    await refuse_contract(award.world, contract, award.winner)
    await award.world.settle()
    viewer = award.winner
    before = await fetch_value("SELECT (SELECT count(*) FROM register_entry) + (SELECT count(*) FROM credit_event)")
    async with Visitor(site) as visitor:
        assert viewer.person_id is not None
        assert viewer.organisation_id is not None
        await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)
        visitor.cookies.set("mx_locale", locale)
        asked = {"late": "30", "stars": "", "refuses": "on", "by": "2026-12-31"}
        page = await visitor.get("/credit/what-if", params=asked)
        assert page.status_code == 200
        assert "51" in page.text  # 80 − 20 − 9
        wrong = await visitor.get("/credit/what-if", params={"late": "viel", "stars": "9", "by": "2020-01-01"})
        assert wrong.status_code == 422
        assert wrong.text.count("field__errors") == 3
        assert "/credit/what-if" in (await visitor.get(f"/agencies/{viewer.organisation_code}/credit")).text
        other = award.losers[0].organisation_code
        assert "/credit/what-if" not in (await visitor.get(f"/agencies/{other}/credit")).text
    after = await fetch_value("SELECT (SELECT count(*) FROM register_entry) + (SELECT count(*) FROM credit_event)")
    assert after == before
