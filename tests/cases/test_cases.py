"""A case from its facts to its repair, on a real database: who may do what, when, and what follows at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from litestar import Litestar

from agencies.actions import apply_again, end_one_removed
from agencies.queries import facts_of
from agencies.rules import Standing
from market.catalogue.queries import catalogue_at
from market.cli.audit import audit_market
from market.demo import cases
from market.demo.agencies import Agent, admit_agency, operator_of, some_agency
from market.demo.cases import ONE_YEAR
from market.demo.contracts import refuse_contract
from market.demo.projects import publish_project
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.calendar import last_day
from market.kernel.db import execute, fetch_one, fetch_value, from_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of, utc_text
from market.search.interface import ANYBODY, SearchQuery
from market.search.kinds import DATABASE, kind_called
from market.web.viewer import Viewer
from projects.eligibility import Demand, assess
from projects.queries import project_by_id
from ratings.cases import actions, queries
from ratings.cases.actions import Notice, Ruling
from ratings.cases.actions.measures import hide_next
from ratings.cases.rules import Appeal, Measure, Sanction, State, Violation
from ratings.credit.queries import agency_account, standing_of
from ratings.decisions.actions import RED_REASON
from ratings.lists import queries as lists
from ratings.lists.actions import NewEntry, enter
from ratings.periods import add_months, term_end
from tests.contracts.award import Award
from tests.ratings.people import open_regulator
from tests.visitor import Visitor

PAUSE = Sanction(Measure.PAUSE, 6)
WARNING = Sanction(Measure.WARNING)


@dataclass
class Bench:
    """The firm, the person who records, the one who decides, and the one who decides about the appeal."""

    world: World
    firm: Agent
    recorder: Viewer
    judge: Viewer
    third: Viewer

    async def opened(self, violation: Violation = Violation.FRAUD) -> str:
        return await cases.open_case(self.world, self.firm.id, self.recorder, violation=violation)

    async def notified(self, violation: Violation = Violation.FRAUD, proposed: Sanction = ONE_YEAR) -> str:
        number = await self.opened(violation)
        await cases.notify(self.world, number, self.recorder, proposed)
        return number

    async def decided(self, sanction: Sanction = ONE_YEAR, violation: Violation = Violation.FRAUD) -> str:
        number = await self.notified(violation, sanction)
        await cases.past_defence(self.world, number)
        await cases.decide(self.world, number, self.judge, sanction)
        return number

    async def state(self, number: str) -> State:
        return (await cases.view(self.world, number)).state

    async def points(self) -> int:
        return (await agency_account(self.firm.code, self.world.now)).score.points


@pytest.fixture
async def bench(world: World) -> Bench:
    operator = await operator_of(world)
    firm = await admit_agency(world, some_agency(1))
    recorder = await open_regulator(world, 1, "3702")
    judge = await cases.colleague_of(world, recorder, "regulator-1b", "孙敏")
    await world.settle()
    return Bench(world, firm, recorder, judge, operator)


async def announced(world: World, text: str) -> dict[str, str]:
    """What a search among the announcements finds, and where it leads."""
    hits = (await DATABASE.search(SearchQuery("announcements", text, world.now), ANYBODY)).hits
    return {hit.what: hit.link for hit in (await kind_called("announcements").read(hits, ANYBODY)).values()}


async def test_the_whole_way_to_the_restricted_list_and_back(bench: Bench) -> None:
    world, firm = bench.world, bench.firm
    until = await _on_the_red_list(bench)
    number = await bench.notified()
    await cases.state(world, number, firm.viewer)
    await cases.past_defence(world, number)
    await cases.decide(world, number, bench.judge)
    found = await cases.view(world, number)
    assert (found.state, found.is_published, await bench.points()) == (State.DECIDED, True, 0)
    standing = await standing_of(firm.id)
    assert standing.restricted_until == term_end(found.decided_at or world.now, 12)
    assert standing.restriction_reason == found.ground.title
    [entry] = await lists.standing_entries("restricted", world.now)
    assert entry.evidence_id == found.decision_entry_id
    assert await lists.standing_entries("red", world.now) == []
    assert await announced(world, firm.viewer.organisation_name) == {
        "decision": f"/decisions/{number}",
        "restricted": "/lists?name=restricted",
    }
    await cases.appeal(world, number, firm.viewer)
    await cases.decide_appeal(world, number, bench.third)
    found = await cases.view(world, number)
    assert (found.state, found.is_published, await bench.points()) == (State.ANNULLED, False, 10_000)
    assert (await standing_of(firm.id)).restricted_until is None
    assert (await standing_of(firm.id)).suspended_until is None
    assert await lists.standing_entries("restricted", world.now) == []
    [red] = await lists.standing_entries("red", world.now)
    assert (red.until_at, red.from_at) == (until, found.appeal_decided_at)
    assert await announced(world, firm.viewer.organisation_name) == {"red": "/lists?name=red"}
    with pytest.raises(NotFound):
        await queries.published_case(number, world.now)
    assert [one.kind for one in await history_of(number)] == [
        "case.opened", "case.notified", "case.stated", "case.decided", "case.appealed", "case.appeal_decided",
    ]  # fmt: skip
    assert await audit_market() == []


async def _on_the_red_list(bench: Bench) -> datetime:
    """For a year from now, until the moment returned; the evidence is whatever stands in the register about the firm."""
    now, [first, *_] = bench.world.now, await history_of(bench.firm.code)
    new = NewEntry(
        "red", bench.firm.id, bench.firm.code, RED_REASON, "market", None, first.id, now, add_months(now, 12)
    )
    async with transaction():
        await enter(new, now=now)
    return new.until_at


async def test_nobody_is_accused_in_public_before_the_decision(bench: Bench) -> None:
    number = await bench.notified()
    for entry in await history_of(number):
        said = str(entry.data) + entry.by
        assert bench.firm.code not in said
        assert "fraud" not in said


async def test_the_recorder_does_not_judge_and_no_judge_judges_twice(bench: Bench) -> None:
    world, number = bench.world, await bench.notified()
    await cases.past_defence(world, number)
    with pytest.raises(Refusal, match=r"case\.own"):
        await cases.decide(world, number, bench.recorder)
    await cases.decide(world, number, bench.judge)
    await cases.appeal(world, number, bench.firm.viewer)
    for viewer, code in ((bench.recorder, r"case\.own"), (bench.judge, r"case\.judged_before")):
        with pytest.raises(Refusal, match=code):
            await cases.decide_appeal(world, number, viewer)
    await cases.decide_appeal(world, number, bench.third, Appeal.UPHELD)
    assert await bench.state(number) is State.FINAL


async def _by_force(number: str, **values: object) -> None:
    """What an administrator could try straight in the database."""
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 2))
    await execute(f"UPDATE conduct_case SET {columns} WHERE number = $1", number, *values.values())


async def test_the_database_itself_wants_four_eyes_and_the_time_to_defend(bench: Bench) -> None:
    world, number = bench.world, await bench.notified()
    found = await cases.view(world, number)
    ruling: dict[str, object] = {
        "outcome": "founded", "reasons": "…", "decided_at": world.now, "served_at": world.now,
        "decision_entry_id": found.entry_id, "appeal_due_at": world.now + timedelta(days=9),
    }  # fmt: skip
    with pytest.raises(asyncpg.CheckViolationError, match="conduct_case_defended_before"):
        await _by_force(number, **ruling, decided_by=bench.judge.person_id)
    await cases.past_defence(world, number)
    ruling |= {"decided_at": world.now, "served_at": world.now}
    with pytest.raises(asyncpg.CheckViolationError, match="conduct_case_decided_by_another"):
        await _by_force(number, **ruling, decided_by=bench.recorder.person_id)
    with pytest.raises(asyncpg.RestrictViolationError):
        await _by_force(number, recorded_by=bench.third.person_id)
    await cases.decide(world, number, bench.judge)
    with pytest.raises(asyncpg.RestrictViolationError):
        await _by_force(number, decided_by=bench.third.person_id)
    late: dict[str, object] = {
        "appeal": "…",
        "appealed_by": bench.firm.viewer.person_id,
        "appeal_decision_due_at": world.now,
    }
    with pytest.raises(asyncpg.CheckViolationError, match="conduct_case_appealed"):
        await _by_force(number, **late, appealed_at=world.now + timedelta(days=60))
    await cases.appeal(world, number, bench.firm.viewer)
    for person in (bench.recorder, bench.judge):
        with pytest.raises(asyncpg.CheckViolationError, match="conduct_case_appeal_decided_by_a_third"):
            await _by_force(number, appeal_outcome="upheld", appeal_reasons="…", appeal_decided_by=person.person_id,
                            appeal_decided_at=world.now, appeal_entry_id=found.entry_id)  # fmt: skip
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("DELETE FROM conduct_case WHERE number = $1", number)


async def test_no_evidence_after_the_notice_and_no_statement_after_its_time(bench: Bench) -> None:
    world, number = bench.world, await bench.notified()
    found = await cases.view(world, number)
    file_id = found.files[0][1].id
    other = await cases.open_case(world, bench.firm.id, bench.recorder)
    stranger = (await cases.view(world, other)).files[0][1].id
    assert file_id != stranger
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute(
            "INSERT INTO conduct_case_file VALUES (gen_random_uuid(), $1, $2, 'evidence', $3)",
            found.id, stranger, world.now + timedelta(seconds=1),
        )  # fmt: skip
    with pytest.raises(Refusal, match=r"case\.moved_on"):
        await cases.notify(world, number, bench.recorder)
    await cases.past_defence(world, number)
    with pytest.raises(Refusal, match=r"case\.defence_over"):
        await cases.state(world, number, bench.firm.viewer)


async def test_nothing_is_decided_against_the_firm_too_early_or_unheard(bench: Bench) -> None:
    world, number = bench.world, await bench.opened()
    with pytest.raises(Refusal, match=r"case\.not_notified"):
        await cases.decide(world, number, bench.judge)
    await cases.notify(world, number, bench.recorder)
    await cases.state(world, number, bench.firm.viewer, asks_hearing=True)
    with pytest.raises(Refusal, match=r"case\.defence_runs"):
        await cases.decide(world, number, bench.judge)
    await cases.past_defence(world, number)
    with pytest.raises(Refusal, match=r"case\.hearing_owed"):
        await cases.decide(world, number, bench.judge)
    at = world.now + timedelta(hours=30)
    await actions.set_hearing(number, at, "市政务服务中心 302 室", viewer=bench.recorder, now=world.now)
    minutes: dict[str, Any] = {"viewer": bench.recorder, "files": world.running.files}
    with pytest.raises(Refusal, match=r"case\.not_heard_yet"):
        await actions.write_minutes(number, "当事人到会陈述。", (), now=world.now, **minutes)
    await world.run_until(at + timedelta(hours=1))
    await actions.write_minutes(number, "当事人到会陈述。", (), now=world.now, **minutes)
    await cases.decide(world, number, bench.judge)
    assert await bench.state(number) is State.DECIDED
    assert await audit_market() == []


async def test_in_favour_of_the_firm_it_may_end_at_any_time(bench: Bench) -> None:
    number = await bench.notified()
    await cases.decide(bench.world, number, bench.judge, None)
    assert await bench.state(number) is State.DISMISSED
    assert bench.firm.code not in str([one.data for one in await history_of(number)])
    assert await bench.points() == 10_000
    assert await audit_market() == []


async def test_two_decisions_at_once_make_one(bench: Bench) -> None:
    world, number = bench.world, await bench.notified()
    await cases.past_defence(world, number)
    judges = [bench.judge, bench.third, bench.judge, bench.third]
    results = await asyncio.gather(*(cases.decide(world, number, one) for one in judges), return_exceptions=True)
    assert [one for one in results if not isinstance(one, Refusal)] == [None]
    assert len(await lists.standing_entries("restricted", world.now)) == 1
    assert await bench.points() == 0


async def test_after_the_window_there_is_no_appeal(bench: Bench) -> None:
    number = await bench.decided()
    found = await cases.view(bench.world, number)
    assert found.appeal_due_at is not None
    bench.world.clock.set(found.appeal_due_at)
    assert await bench.state(number) is State.FINAL
    with pytest.raises(Refusal, match=r"case\.appeal_late"):
        await cases.appeal(bench.world, number, bench.firm.viewer)
    # Its time on the page ends as well, and with it what a search finds.
    assert found.publish_until is not None
    assert await hide_next(found.publish_until) and not await hide_next(found.publish_until)
    assert "decision" not in await announced(bench.world, bench.firm.viewer.organisation_name)
    assert await audit_market() == []


async def test_strangers_do_not_know_of_a_case(bench: Bench) -> None:
    world, number = bench.world, await bench.opened()
    far = await open_regulator(world, 2, "11")
    other = await admit_agency(world, some_agency(2))
    for viewer in (far, other.viewer, bench.firm.viewer):
        with pytest.raises(NotFound):
            await queries.access_case(viewer, number, world.now)
    await cases.notify(world, number, bench.recorder)
    assert (await queries.access_own(bench.firm.viewer, number, world.now)).number == number
    for viewer in (far, other.viewer):
        with pytest.raises(NotFound):
            await actions.decide(
                number, Ruling("unfounded", "…"), viewer=viewer, calendar=world.calendar, now=world.now
            )
    assert await queries.waiting_for(far, world.now) == []


@pytest.mark.parametrize(("days_ago", "code"), [(-1, "case.future"), (3 * 366, "case.too_old")])
async def test_facts_are_neither_of_the_future_nor_of_long_ago(bench: Bench, days_ago: int, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        await cases.open_case(bench.world, bench.firm.id, bench.recorder, days_ago=days_ago)


async def test_a_decision_books_its_points_at_its_own_time_whenever_it_happened(bench: Bench) -> None:
    number = await cases.open_case(bench.world, bench.firm.id, bench.recorder, days_ago=300)
    await cases.notify(bench.world, number, bench.recorder)
    await cases.past_defence(bench.world, number)
    await cases.decide(bench.world, number, bench.judge)
    event = await fetch_one("SELECT * FROM credit_event WHERE organisation_id = $1", bench.firm.id)
    found = await cases.view(bench.world, number)
    assert event is not None
    assert (event["occurred_at"], event["points"], event["kind"]) == (found.decided_at, -10_000, "fraud")


async def test_a_decided_pause_bars_at_once_and_open_sign_ups_fall_at_the_freeze(award: Award) -> None:
    world, firm = award.world, award.agents[0]
    recorder = await open_regulator(world, 1, "3702")
    judge = await cases.colleague_of(world, recorder, "regulator-1b", "孙敏")
    number = await cases.open_case(world, firm.id, recorder, violation=Violation.POOR_PERFORMANCE)
    await cases.notify(world, number, recorder, PAUSE)
    await cases.past_defence(world, number)
    project = await publish_project(world, award.owner, title="另一项测量服务")
    for agent in award.agents:
        await sign_up(world, agent, project)
    await cases.decide(world, number, judge, PAUSE)
    standing = await standing_of(firm.id)
    assert standing.suspended_until == term_end(world.now, 6)
    assert standing.suspension_reason == "Late or poor performance of a contract"
    await world.run_past(project.sign_up_closes_at)
    excluded = await fetch_value("SELECT excluded FROM selection_round WHERE project_id = $1", project.id)
    assert [one["code"] for one in from_json(excluded)] == [firm.code]
    assert (await project_by_id(project.id)).winner_id != firm.id


async def test_an_appeal_may_make_it_milder_but_never_harder(bench: Bench) -> None:
    world, number = bench.world, await bench.decided(PAUSE, Violation.OVERCHARGE)
    decided_at = (await cases.view(world, number)).decided_at
    assert decided_at is not None
    await cases.appeal(world, number, bench.firm.viewer)
    with pytest.raises(Refusal, match=r"case\.not_milder"):
        await cases.decide_appeal(world, number, bench.third, Appeal.CHANGED, ONE_YEAR)
    await cases.decide_appeal(world, number, bench.third, Appeal.CHANGED, Sanction(Measure.PAUSE, 3))
    assert (await standing_of(bench.firm.id)).suspended_until == term_end(decided_at, 3)
    assert await bench.points() == 8_000
    assert await audit_market() == []


async def test_repair_after_the_least_publicity_ends_measure_and_publication(bench: Bench) -> None:
    world, number = bench.world, await bench.decided(Sanction(Measure.PAUSE, 12), Violation.OVERCHARGE)
    with pytest.raises(Refusal, match=r"case\.repair_early"):
        await cases.ask_repair(world, number, bench.firm.viewer)
    world.clock.set(term_end(world.now, 3))
    await cases.ask_repair(world, number, bench.firm.viewer)
    with pytest.raises(Refusal, match=r"case\.repair_open"):
        await cases.ask_repair(world, number, bench.firm.viewer)
    await actions.decide_repair(number, "granted", "整改属实，准予修复。", viewer=bench.judge, now=world.now)
    assert await bench.state(number) is State.REPAIRED
    assert (await standing_of(bench.firm.id)).suspended_until is None
    assert await queries.published(world.now) == []
    assert await bench.points() == 8_000
    assert await audit_market() == []


async def test_no_repair_of_fraud_inside_the_ban(bench: Bench) -> None:
    number = await bench.decided()
    bench.world.clock.set(add_months(bench.world.now, 5))
    with pytest.raises(Refusal, match=r"case\.no_repair"):
        await cases.ask_repair(bench.world, number, bench.firm.viewer)


async def test_a_case_from_an_event_falls_together_with_its_points(award: Award) -> None:
    contract, winner = await award.run_past_notice(), award.winner
    world = award.world
    await refuse_contract(world, contract, winner)
    await world.settle()
    assert winner.organisation_id is not None
    recorder = await open_regulator(world, 1, "3702")
    judge = await cases.colleague_of(world, recorder, "regulator-1b", "孙敏")
    event_id: UUID = await fetch_value("SELECT id FROM credit_event WHERE organisation_id = $1", winner.organisation_id)
    opened: dict[str, Any] = {"violation": Violation.SIGN_REFUSED, "event_id": event_id, "days_ago": 0}
    number = await cases.open_case(world, winner.organisation_id, recorder, **opened)
    with pytest.raises(Refusal, match=r"case\.known"):
        await cases.open_case(world, winner.organisation_id, recorder, **opened)
    await actions.notify(
        number, Notice(PAUSE), viewer=recorder, files=world.running.files, calendar=world.calendar, now=world.now
    )
    await cases.past_defence(world, number)
    await cases.decide(world, number, judge, PAUSE)
    assert (await agency_account(winner.organisation_code, world.now)).score.points == 8_000
    await cases.appeal(world, number, winner)
    await cases.decide_appeal(world, number, await operator_of(world))
    assert (await agency_account(winner.organisation_code, world.now)).score.points == 10_000
    assert not (await standing_of(winner.organisation_id)).suspended_at(world.now)


async def test_a_removal_is_told_as_what_it_is_and_ends_with_a_new_application(bench: Bench, site: Litestar) -> None:
    world, firm = bench.world, bench.firm
    number = await bench.decided(Sanction(Measure.REMOVAL, 12), Violation.KICKBACK)
    measure = (await cases.view(world, number)).measure
    assert measure is not None
    assert measure.until_at is not None
    async with Visitor(site) as visitor:
        until = last_day(measure.until_at).isoformat()
        for path in ("/agencies", f"/agencies/{firm.code}", f"/agencies/{firm.code}/credit"):
            assert f"已清退，至 {until}" in (await visitor.get(path)).text, path
        assert f'href="/decisions/{number}"' in (await visitor.get(f"/agencies/{firm.code}")).text
        told = (await visitor.get(f"/api/v1/agencies/{firm.code}")).json()
        assert told["removal_decision"].endswith(f"/decisions/{number}")
        assert told["removed_until"] == utc_text(measure.until_at)
    [facts], demand = await facts_of([firm.id]), Demand(("A001",), firm.id, firm.code)
    [line] = [one for one in assess(demand, facts, catalogue=await catalogue_at(world.now), at=world.now).lines if one.rule == "suspended"]  # fmt: skip
    assert (line.passed, line.message.facts["decision"]) == (False, number)
    with pytest.raises(Refusal, match=r"agency\.removed"):
        await apply_again(firm.id, now=world.now)
    assert await audit_market() == []
    assert not await end_one_removed(measure.until_at - timedelta(seconds=1))
    assert await end_one_removed(measure.until_at)
    assert await fetch_value("SELECT stage FROM agency WHERE organisation_id = $1", firm.id) == "exited"
    assert await audit_market() == []
    await apply_again(firm.id, now=measure.until_at)


async def test_an_annulled_removal_leaves_nothing(bench: Bench) -> None:
    number = await bench.decided(Sanction(Measure.REMOVAL, 12), Violation.KICKBACK)
    await cases.appeal(bench.world, number, bench.firm.viewer)
    await cases.decide_appeal(bench.world, number, bench.third)
    assert await standing_of(bench.firm.id) == Standing(None, "", None, "", 100)
    assert await audit_market() == []
