"""Flags open by themselves after a published result, once each, tell nothing earlier, and are judged by people."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from market.cli.audit import audit_market
from market.demo.world import FREEZE_PAUSE
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of
from ratings.flags import actions
from ratings.flags.actions import Closing, rates
from ratings.flags.panels import to_answer, to_review
from ratings.flags.queries import desk
from ratings.flags.queries.cases import case_of
from ratings.flags.queries.desk import Filters
from ratings.flags.queries.patterns import most_within
from ratings.flags.queries.records import Record, records
from ratings.flags.screens.interface import Reads
from tests.flags.conftest import Ring, flag_count
from tests.ratings.people import open_regulator

SOUND = Closing("unfounded", "经核实，四家机构报价依据同一政府指导价计算。")


def entry_kinds(found: desk.FlagView) -> set[str]:
    return {entry.kind for entry in found.evidence}


async def test_nothing_is_told_of_sealed_bids(sealed: Ring) -> None:
    case = await case_of(sealed.project.number, sealed.world.calendar)
    assert case is not None
    assert (case.pool, case.bids, case.winner, case.price_fen) == ((), (), None, None)
    # Frozen, and the beacon is not out yet.
    await sealed.world.run_until(sealed.project.sign_up_closes_at + FREEZE_PAUSE)
    for reads in Reads:
        await actions.look_at(sealed.project.number, reads, calendar=sealed.world.calendar, now=sealed.world.now)
    assert {one.screen for one in await sealed.flags()} <= {"tailored", "quiet_notice", "short_window"}


async def test_colluding_bids_are_found_by_themselves(ring: Ring) -> None:
    assert {one.screen for one in await ring.flags()} == {"price_steps", "shared_identity"}
    steps = await desk.access_flag(ring.regulator, (await ring.flag("price_steps")).id)
    assert [row[1] for row in steps.rows] == ["¥120,000.00", "¥121,000.00", "¥122,000.00", "¥123,000.00"]
    assert entry_kinds(steps) == {"bids.opened", "selection.decided"}
    assert steps.evidence_numbers == tuple(entry.written for entry in steps.evidence)
    assert [one.code for one in steps.parties] and {one.code for one in steps.parties} == {
        one.code for one in ring.agents
    }
    phone = await ring.flag("shared_identity")
    assert {one.code for one in phone.parties} == {one.code for one in ring.agents[:2]}


async def test_found_again_it_is_the_same_flag(ring: Ring) -> None:
    before = await flag_count()
    for _ in range(2):
        await actions.recompute(
            datetime(2026, 1, 1, tzinfo=UTC), calendar=ring.world.calendar, now=ring.world.now, progress=lambda *_: None
        )
    both = [
        actions.look_at(ring.project.number, Reads.RESULT, calendar=ring.world.calendar, now=ring.world.now)
        for _ in range(3)
    ]
    assert await asyncio.gather(*both) == [0, 0, 0]
    assert await flag_count() == before
    await execute("DELETE FROM flag_party")
    await execute("DELETE FROM flag")
    again = [
        actions.look_at(ring.project.number, Reads.RESULT, calendar=ring.world.calendar, now=ring.world.now)
        for _ in range(3)
    ]
    assert sum(await asyncio.gather(*again)) == before


async def test_patterns_are_sought_once_a_day(ring: Ring) -> None:
    day = date(2026, 7, 1)
    sweep = [actions.sweep_day(day, calendar=ring.world.calendar, now=ring.world.now) for _ in range(2)]
    assert sum(await asyncio.gather(*sweep)) == 1
    assert not await actions.sweep_day(day, calendar=ring.world.calendar, now=ring.world.now)
    assert await fetch_value("SELECT count(*) FROM flag_sweep WHERE day = $1", day) == 1


async def test_scope_is_enforced(ring: Ring) -> None:
    flag = await ring.flag("price_steps")
    for number, (region, department) in enumerate((("4401", ""), ("3702", "water")), 5):
        stranger = await open_regulator(ring.world, number, region, department)
        assert await desk.flags(stranger, Filters()) == []
        assert await desk.untaken(stranger) is None
        with pytest.raises(NotFound):
            await desk.access_flag(stranger, flag.id)
        with pytest.raises(NotFound):
            await actions.take_up(flag.id, viewer=stranger, now=ring.world.now)
    assert await desk.flags(ring.owner, Filters()) == []
    assert await desk.flags(ring.agents[0].viewer, Filters()) == []
    industry = (await fetch("SELECT departments FROM flag WHERE id = $1", flag.id))[0]["departments"]
    colleague = await open_regulator(ring.world, 8, "370203", industry[0])
    assert [one.id for one in await desk.flags(colleague, Filters(screen="price_steps"))] == [flag.id]


async def test_review_with_a_question_and_its_answer(ring: Ring) -> None:
    world, flag = ring.world, await ring.flag("price_steps")
    with pytest.raises(Refusal, match=r"flag\.not_taken"):
        await actions.close(flag.id, SOUND, viewer=ring.regulator, now=world.now)
    await actions.take_up(flag.id, viewer=ring.regulator, now=world.now)
    with pytest.raises(Refusal, match=r"flag\.taken"):
        await actions.take_up(flag.id, viewer=ring.regulator, now=world.now)
    firm = ring.agents[0]
    asked = await actions.ask(
        flag.id, firm.id, "请说明贵机构报价的测算依据。", viewer=ring.regulator, calendar=world.calendar, now=world.now
    )
    (waits,) = await to_answer(firm.viewer, world.now)
    assert waits.due_at is not None
    assert await to_answer(ring.agents[1].viewer, world.now) == []
    founded = Closing("founded", "报价呈规律性差异且无法合理解释。", (await history_of(ring.project.number))[-1])
    with pytest.raises(Refusal, match=r"flag\.answer_awaited"):
        await actions.close(flag.id, founded, viewer=ring.regulator, now=world.now)
    with pytest.raises(NotFound):
        await actions.answer(asked, "不是问我们的。", viewer=ring.agents[1].viewer, now=world.now)
    await actions.answer(asked, "按工日和设备台班测算，附测算表。", viewer=firm.viewer, now=world.now)
    with pytest.raises(Refusal, match=r"flag\.answered"):
        await actions.answer(asked, "补充说明如下所述。", viewer=firm.viewer, now=world.now)
    await actions.close(flag.id, founded, viewer=ring.regulator, now=world.now)
    with pytest.raises(Refusal, match=r"flag\.closed"):
        await actions.close(flag.id, SOUND, viewer=ring.regulator, now=world.now)
    assert await to_answer(firm.viewer, world.now) == []
    await settled_review(ring, flag.id, founded)


async def settled_review(ring: Ring, flag_id: object, closing: Closing) -> None:
    """The register knows that it was reviewed and names nobody; the record counts it; the audit agrees."""
    found = await ring.flag("price_steps")
    (entry,) = await history_of(found.number)
    assert closing.decision is not None
    assert entry.data == {
        "screen": "price_steps", "version": 1, "outcome": "founded", "decision": str(closing.decision.id)
    }  # fmt: skip
    assert not any(agent.code in str(entry.data) or agent.name in str(entry.data) for agent in ring.agents)
    record = (await records(ring.world.now - timedelta(days=30)))["price_steps"]
    assert (record.opened, record.founded, record.precision) == (1, 1, 10_000)
    assert await audit_market() == []
    await execute("UPDATE flag SET outcome = 'unfounded', decision_id = NULL, reason = '改过' WHERE id = $1", flag_id)
    assert {one.table for one in await audit_market()} == {"flag"}


async def test_a_closed_flag_stays_as_it_was_judged(ring: Ring) -> None:
    flag = await ring.flag("price_steps")
    await actions.take_up(flag.id, viewer=ring.regulator, now=ring.world.now)
    await actions.close(flag.id, SOUND, viewer=ring.regulator, now=ring.world.now)
    before = await fetch("SELECT * FROM flag WHERE id = $1", flag.id)
    await actions.look_at(
        ring.project.number, Reads.RESULT, calendar=ring.world.calendar, now=ring.world.now + timedelta(days=1)
    )
    assert await fetch("SELECT * FROM flag WHERE id = $1", flag.id) == before


async def test_silence_does_not_hold_a_review_up_for_ever(ring: Ring) -> None:
    world, flag = ring.world, await ring.flag("price_steps")
    await actions.take_up(flag.id, viewer=ring.regulator, now=world.now)
    asked = await actions.ask(
        flag.id,
        ring.agents[0].id,
        "请说明贵机构报价的测算依据。",
        viewer=ring.regulator,
        calendar=world.calendar,
        now=world.now,
    )
    stranger = ring.owner.organisation_id
    assert stranger is not None
    with pytest.raises(Refusal, match=r"flag\.no_party"):
        await actions.ask(flag.id, stranger, "请说明。", viewer=ring.regulator, calendar=world.calendar,
                          now=world.now)  # fmt: skip
    due = (await desk.question_by_id(asked)).answer_due_at
    await actions.close(flag.id, replace(SOUND, outcome="founded"), viewer=ring.regulator, now=due)
    with pytest.raises(Refusal, match=r"flag\.closed"):
        await actions.answer(asked, "迟到的情况说明。", viewer=ring.agents[0].viewer, now=due)


async def test_what_waits_on_the_bench(ring: Ring) -> None:
    (new,) = await to_review(ring.regulator, ring.world.now)
    assert new.text.facts == {"count": 2}
    flag = await ring.flag("price_steps")
    await actions.take_up(flag.id, viewer=ring.regulator, now=ring.world.now)
    assert [one.link for one in await to_review(ring.regulator, ring.world.now)] == [
        "/regulator/desk/flags?state=open",
        flag.url,
    ]
    assert await to_review(ring.agents[0].viewer, ring.world.now) == []


async def test_a_screen_that_fires_on_too_many_is_reported_once_in_a_time(ring: Ring) -> None:
    now = ring.world.now
    assert await actions.report_rates(now=now) == 0  # one project tells nothing about a rate
    found = (await records(now - timedelta(days=30)))["price_steps"]
    assert (found.fired, found.cases, found.too_often(3_000, 1), found.too_often(3_000, 20)) == (1, 1, True, False)
    busy = Record("price_steps", 7, 7, 0, 0, 7, 20)
    assert (busy.rate, busy.too_often(3_000, 20), busy.too_often(3_500, 20)) == (3_500, True, False)
    for moment, reported in ((now, 1), (now + timedelta(hours=1), 0), (now + timedelta(days=31), 1)):
        assert await rates.report([busy], 3_000, 20, 1, now=moment) == reported
    (first, second) = await fetch("SELECT DISTINCT cause, text FROM inbox_message WHERE cause LIKE 'flag.rate:%'")
    assert first["text"] == second["text"] == rates.TOLD
    told = await fetch("SELECT DISTINCT o.kind FROM inbox_message m JOIN organisation o ON o.id = m.organisation_id"
                       " WHERE m.cause LIKE 'flag.rate:%' ORDER BY 1")  # fmt: skip
    assert {row["kind"] for row in told} <= {"operator", "regulator"}
    assert told


def test_most_within_a_stretch_of_days() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(days=day) for day in (0, 10, 30, 35, 40, 61)]
    assert most_within(moments, timedelta(days=30)) == 4  # days 10 to 40
    assert most_within([], timedelta(days=30)) == 0
