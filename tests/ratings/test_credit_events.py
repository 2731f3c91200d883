"""From an act in the register to points, standing and eligibility, on a real database with real parallel connections."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from agencies.queries import facts_of
from market.accounts.queries import organisation
from market.demo.agencies import Agent, admit_agency, some_agency
from market.demo.contracts import deliver_results, refuse_contract, return_results, sign_both
from market.demo.projects import publish_project
from market.demo.world import World
from market.kernel.calendar import end_text
from market.kernel.db import execute, fetch, fetch_value, from_json, transaction
from market.kernel.errors import Refusal
from market.register.actions import record
from market.register.queries import Entry, entry, history_of
from projects.eligibility import assess
from projects.queries import demand_of
from ratings.credit import actions, queries
from ratings.credit.rules import Charge
from ratings.lists import queries as lists
from ratings.lists.actions import NewEntry, enter
from ratings.periods import add_months, term_end
from tests.contracts.award import Award


async def account(award_or_agent: Award | Agent, now: datetime) -> queries.Account:
    code = award_or_agent.code if isinstance(award_or_agent, Agent) else award_or_agent.winner.organisation_code
    return await queries.agency_account(code, now)


async def kinds_of(organisation_id: UUID) -> list[tuple[str, int]]:
    rows = await fetch(
        "SELECT kind, points FROM credit_event WHERE organisation_id = $1 ORDER BY recorded_at, id", organisation_id
    )
    return [(row["kind"], row["points"]) for row in rows]


async def act(world: World, kind: str = "delivery.returned", subject: str = "MX-0000-000001") -> Entry:
    """A register entry to serve as evidence."""
    async with transaction():
        entry_id = await record(kind, subject=subject, by="market", data={"made": "for a test"}, at=world.now)
    return await entry(entry_id)


async def deduct(
    world: World, agent: Agent, points: int, *, kind: str = "returned_twice", proof: Entry | None = None
) -> bool:
    """Books a deduction on evidence of its own, as the job does."""
    evidence = proof or await act(world)
    charge = Charge(agent.code, kind, -points * 100, "credit.deduct.returned_twice.points")
    resting = actions.Proof(evidence.id, evidence.at, world.rulebook, None)
    async with transaction():
        return bool(await actions.book_charges([charge], resting, now=world.now))


@pytest.fixture
async def agent(world: World) -> Agent:
    made = await admit_agency(world, some_agency(1))
    await world.settle()
    return made


async def test_refusing_to_sign_costs_twenty_points(award: Award) -> None:
    contract, winner = await award.run_past_notice(), award.winner
    assert winner.organisation_id is not None
    await refuse_contract(award.world, contract, winner)
    await award.world.settle()
    assert await kinds_of(winner.organisation_id) == [("sign_refused", -2_000)]
    found = await queries.agency_account(winner.organisation_code, award.world.now)
    assert (found.score.points, found.score.band, found.score.rated) == (8_000, 3, True)
    refused = next(one for one in await history_of(award.number) if one.kind == "contract.refused")
    assert found.events[0].evidence_id == refused.id


async def test_letting_the_time_to_sign_pass_costs_the_same(award: Award) -> None:
    contract, winner = await award.run_past_notice(), award.winner
    assert winner.organisation_id is not None
    await award.world.run_until(contract.sign_due_at)
    assert await kinds_of(winner.organisation_id) == [("sign_lapsed", -2_000)]


async def test_an_owner_who_refuses_has_a_breach_and_no_score(award: Award) -> None:
    contract = await award.run_past_notice()
    assert award.owner.organisation_id is not None
    await refuse_contract(award.world, contract, award.owner)
    await award.world.settle()
    assert await kinds_of(award.owner.organisation_id) == [("owner_sign_refused", 0)]
    assert award.winner.organisation_id is not None
    assert await kinds_of(award.winner.organisation_id) == []


async def test_a_late_delivery_costs_by_started_tenths_of_the_limit(award: Award) -> None:
    await award.run_past_notice()
    contract = await sign_both(award.world, award.number, award.owner, award.winner)
    assert contract.delivery_due_at is not None
    await award.world.run_until(award.world.calendar.add_working_days(contract.delivery_due_at, 3) - timedelta(hours=8))
    await deliver_results(award.world, award.number, award.winner)
    await award.world.settle()
    [made] = [one for one in await history_of(award.number) if one.kind == "delivery.made"]
    late, limit = made.data["late_days"], made.data["limit_days"]
    assert late > 0
    steps = -(-late * 10 // limit)
    assert award.winner.organisation_id is not None
    assert await kinds_of(award.winner.organisation_id) == [("late_delivery", -min(3 * steps, 15) * 100)]


async def test_the_second_return_costs_five_points_and_the_first_none(award: Award) -> None:
    await award.run_past_notice()
    await sign_both(award.world, award.number, award.owner, award.winner)
    assert award.winner.organisation_id is not None
    for expected in ([], [("returned_twice", -500)]):
        await deliver_results(award.world, award.number, award.winner)
        await return_results(award.world, award.number, award.owner)
        await award.world.settle()
        assert await kinds_of(award.winner.organisation_id) == expected


async def test_every_event_stands_in_the_register_and_in_the_inbox(award: Award) -> None:
    contract, winner = await award.run_past_notice(), award.winner
    await refuse_contract(award.world, contract, winner)
    await award.world.settle()
    [booked] = [one for one in await history_of(winner.organisation_code) if one.kind == "credit.event"]
    assert (booked.data["points"], booked.data["rule"]) == ("-20", "credit.deduct.sign_refused.points")
    [told] = await fetch(
        "SELECT text, facts, link FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'credit:%'",
        winner.organisation_id,
    )
    assert told["link"] == f"/agencies/{winner.organisation_code}/credit"
    assert from_json(told["facts"])["score"] == "80"


async def test_a_job_that_runs_again_books_nothing(award: Award) -> None:
    contract, winner = await award.run_past_notice(), award.winner
    await refuse_contract(award.world, contract, winner)
    await award.world.settle()
    refused = next(one for one in await history_of(award.number) if one.kind == "contract.refused")
    again = await asyncio.gather(
        *(actions.count_act(refused, award.world.rulebook, now=award.world.now) for _ in range(6))
    )
    assert again == [0] * 6
    assert len([one for one in await history_of(winner.organisation_code) if one.kind == "credit.event"]) == 1


async def test_many_jobs_at_once_leave_the_sum_of_all(world: World, agent: Agent) -> None:
    """Eight connections, each with an event of its own for one agency: none is lost, and the standing is the last word."""
    proofs = [await act(world) for _ in range(8)]
    assert await asyncio.gather(*(deduct(world, agent, 5, proof=one) for one in proofs)) == [True] * 8
    found = await account(agent, world.now)
    assert found.score.points == 6_000
    assert await fetch_value("SELECT points FROM credit_account WHERE organisation_id = $1", agent.id) == 6_000
    standing = await queries.standing_of(agent.id)
    assert standing.score == 60
    assert standing.suspended_until == found.pause.ends_at if found.pause else None
    assert standing.suspended_at(world.now)
    assert len([one for one in await history_of(agent.code) if one.kind == "credit.event"]) == 8


async def test_the_same_act_in_many_jobs_at_once_counts_once(world: World, agent: Agent) -> None:
    proof = await act(world)
    results = await asyncio.gather(*(deduct(world, agent, 5, proof=proof) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]
    assert (await account(agent, world.now)).score.points == 9_500


async def test_a_clock_that_reads_earlier_does_not_hide_what_was_booked(world: World, agent: Agent) -> None:
    """Two workers read the clock, the later reading gets the lock first: the standing must still count both."""
    early, proof = world.now, await act(world)
    world.clock.advance(seconds=30)
    await deduct(world, agent, 20)
    charge = Charge(agent.code, "returned_twice", -2_000, "credit.deduct.returned_twice.points")
    async with transaction():
        await actions.book_charges([charge], actions.Proof(proof.id, proof.at, world.rulebook, None), now=early)
    assert (await queries.standing_of(agent.id)).score == 60


async def test_below_seventy_the_agency_cannot_sign_up_and_afterwards_it_can(award: Award) -> None:
    world = award.world
    agent = next(one for one in award.agents if one.viewer == award.losers[0])
    demand = await demand_of((await award.project()).id)

    async def eligible() -> bool:
        [facts] = await facts_of([agent.id])
        return assess(demand, facts, catalogue=world.catalogue, at=world.now).eligible

    assert await eligible()
    await deduct(world, agent, 31)
    assert not await eligible()
    standing = await queries.standing_of(agent.id)
    assert standing.suspended_until == term_end(world.now, 1)
    assert standing.suspension_reason == "Credit score below the limit for signing up"
    changed = [one for one in await history_of(agent.code) if one.kind == "standing.changed"]
    assert [one.data["rule"] for one in changed] == ["tier.pause_below"]
    await world.run_until(standing.suspended_until)
    assert await eligible()


async def test_the_agency_is_told_what_the_pause_means(world: World, agent: Agent) -> None:
    await deduct(world, agent, 31)
    [told] = await fetch(
        "SELECT facts FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'pause:%'", agent.id
    )
    assert end_text(term_end(world.now, 1)) in told["facts"]


async def test_a_score_below_ninety_is_a_reminder_and_above_it_silence(world: World, agent: Agent) -> None:
    async def warnings() -> int:
        return len(
            await fetch("SELECT id FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'warning:%'", agent.id)
        )

    await deduct(world, agent, 10)
    assert await warnings() == 0
    await deduct(world, agent, 1)
    assert await warnings() == 1


async def test_expired_events_leave_the_account_by_themselves(world: World, agent: Agent) -> None:
    await deduct(world, agent, 31)
    ends = add_months(world.now, 12)
    world.clock.set(ends - timedelta(seconds=1))
    await world.settle()
    assert (await queries.standing_of(agent.id)).score == 69
    world.clock.set(ends)
    await world.settle()
    assert (await queries.standing_of(agent.id)).score == 100
    assert await fetch_value("SELECT next_change_at FROM credit_account WHERE organisation_id = $1", agent.id) is None
    past = await account(agent, ends - timedelta(days=1))
    assert (past.score.points, (await account(agent, ends)).score.points) == (6_900, 10_000)


async def test_a_correction_takes_the_event_and_its_pause_back(world: World, agent: Agent) -> None:
    await deduct(world, agent, 31)
    event_id = await fetch_value("SELECT id FROM credit_event WHERE organisation_id = $1", agent.id)
    decision = await act(world, "objection.answered")
    world.clock.advance(days=2)
    async with transaction():
        await actions.take_back(event_id, evidence_id=decision.id, by="market", now=world.now)
    standing = await queries.standing_of(agent.id)
    assert (standing.suspended_until, standing.score) == (None, 100)
    assert (await account(agent, world.now - timedelta(days=1))).score.points == 6_900
    with pytest.raises(ValueError, match="taken back already"):
        async with transaction():
            await actions.take_back(event_id, evidence_id=(await _same(world)), by="market", now=world.now)


async def _same(world: World) -> UUID:
    return await record("objection.answered", subject="MX-0000-000001", by="market", data={}, at=world.now)


async def test_five_points_cost_the_red_list_in_the_same_transaction(world: World, agent: Agent) -> None:
    owner = await organisation(agent.id)
    proof = await act(world)
    async with transaction():
        await enter(NewEntry("red", owner.id, owner.code, "符合红名单条件", "market", None, proof.id, world.now,
                             add_months(world.now, 12)), now=world.now)  # fmt: skip
    await deduct(world, agent, 2)
    assert await lists.unremoved_entry("red", agent.id) is not None
    await deduct(world, agent, 5)
    assert await lists.unremoved_entry("red", agent.id) is None
    assert [one.kind for one in await history_of(agent.code) if one.kind.startswith("list.")] == [
        "list.entered",
        "list.removed",
    ]


async def test_events_can_neither_be_changed_nor_deleted(world: World, agent: Agent) -> None:
    await deduct(world, agent, 5)
    statements: list[tuple[str, Any]] = [("UPDATE credit_event SET points = 0", ()), ("DELETE FROM credit_event", ())]
    for sql, args in statements:
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(sql, *args)


async def test_an_act_that_names_nobody_known_fails_loudly(world: World) -> None:
    proof = await act(world)
    with pytest.raises(LookupError, match="unknown organisations"):
        async with transaction():
            await actions.book_charges([Charge("91370202000000000X", "sign_refused", -1, "x")],
                                       actions.Proof(proof.id, proof.at, world.rulebook, None), now=world.now)  # fmt: skip


async def test_the_third_breach_of_an_owner_pauses_its_posting_for_a_month(award: Award) -> None:
    world, owner = award.world, award.owner
    for number in range(3):
        proof = await act(world)
        async with transaction():
            charge = Charge(owner.organisation_code, "owner_sign_refused", 0, "owner.pause_after")
            await actions.book_charges([charge], actions.Proof(proof.id, proof.at, world.rulebook, None), now=world.now)
        if number < 2:
            world.clock.advance(days=5)
            await publish_project(world, owner, title=f"第{number + 1}次违约后仍可发布", budget="20000", price="18000")
    with pytest.raises(Refusal, match=r"posting\.paused"):
        await publish_project(world, owner, title="第三次违约后不得发布", budget="20000", price="18000")
    await world.run_until(term_end(world.now, 1))
    await publish_project(world, owner, title="暂停期满后可以发布", budget="20000", price="18000")
