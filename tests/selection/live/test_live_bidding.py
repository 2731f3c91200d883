"""Live bidding on a real database: what is taken, what is refused and how it is dated, races, and what is published."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.cli.audit import live as live_audit
from market.cli.audit.comparing import compare
from market.demo.agencies import Agent
from market.demo.bids import submit_bid
from market.demo.live import begin_bidding, bid_in_turn, bid_live, bidding_of, end_bidding
from market.demo.projects import publish_project
from market.demo.selection import object_to, sign_up, uphold
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.kernel.jobs import NotYet
from market.kernel.money import Money
from market.register.canonical import canonical
from market.register.queries import entry, history_of
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers import selection_format
from projects.selection.dossiers.verification import verify
from projects.selection.live import actions, queries
from projects.selection.live.rules import Bounds, Last, Phase, Schedule, check_bid, standing_of, step_of
from projects.selection.methods.multi_round import better
from projects.selection.methods.offers import fault_of
from projects.selection.methods.terms import BiddingTerms, Limits, Quote
from projects.selection.rounds import queries as selection_queries
from tests.register.forging import by_force

YUAN = 100


@pytest.fixture
async def project(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    """Four agencies signed up for a live bidding between 76,000 and 152,000 yuan; the last of them left a reserve price."""
    found = await publish_project(world, owner, method="multi_round")
    for agent in agents[:3]:
        await sign_up(world, agent, found)
    await submit_bid(world, agents[3], found, 120_000 * YUAN)
    return found


@pytest.fixture
async def bidding(world: World, project: ProjectView) -> ProjectView:
    """The first round has just begun."""
    return await begin_bidding(world, project)


async def refused(world: World, agent: Agent, project: ProjectView, quoted: int) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await bid_live(world, agent, project, quoted)
    return caught.value


async def amounts(project: ProjectView, agent: Agent) -> list[int]:
    return [one.quoted for one in await queries.own_bids(await bidding_of(project), agent.id)]


def test_rounds_lie_back_to_back(world: World) -> None:
    schedule = Schedule(world.now, BiddingTerms(3, 3))
    instant = timedelta(microseconds=1)
    assert schedule.ends_at - schedule.starts_at == timedelta(minutes=9)
    assert [schedule.no(world.now + delta) for delta in (-instant, 0 * instant)] == [0, 1]
    for no, starts_at, ends_at in schedule.rounds():
        assert schedule.no(starts_at) == schedule.no(ends_at - instant) == no
        assert schedule.next_change(starts_at) == ends_at
    assert schedule.phase(schedule.ends_at) is Phase.OVER
    assert (schedule.no(schedule.ends_at), schedule.next_change(schedule.ends_at)) == (3, None)


def test_standing_tells_rank_and_lowest_and_nothing_else() -> None:
    bests = {"a": 90, "b": 80, "c": 90, "d": 100}
    standing = standing_of(bests, "c", Quote.PRICE, show_count=False)
    assert (standing.rank, standing.best, standing.lowest, standing.bidders) == (2, 90, 80, None)
    assert standing_of(bests, "d", Quote.DISCOUNT, show_count=True).bidders == 4
    assert standing_of(bests, "d", Quote.DISCOUNT, show_count=True).rank == 1
    assert standing_of(bests, "x", Quote.PRICE, show_count=False).rank is None
    assert standing_of({}, "x", Quote.PRICE, show_count=False).lowest is None


async def test_from_the_first_bid_to_the_result(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    a, b, c, d = agents
    await bid_in_turn(world, bidding, [(a, 150_000 * YUAN), (b, 149_000 * YUAN), (a, 140_000 * YUAN)])
    world.clock.advance(minutes=3)
    await bid_in_turn(world, bidding, [(b, 130_000 * YUAN), (c, 125_000 * YUAN)])
    assert (await project_by_number(bidding.number)).stage is Stage.DRAWING
    decided = await end_bidding(world, bidding)
    assert decided.stage is Stage.RESULT_NOTICE
    assert (decided.winner_id, decided.price_fen) == (d.id, 120_000 * YUAN)  # by its reserve price
    dossier = selection_format.parse(await selection_queries.dossier_of(bidding.id, 1))
    assert dossier.evidence is not None
    assert [[bid["code"] for bid in one["bids"]] for one in dossier.evidence["rounds"]] == [
        [a.code, b.code, a.code], [b.code, c.code], [],
    ]  # fmt: skip
    assert {one["code"]: one.get("live", []) for one in dossier.entries} == {
        a.code: [140_000 * YUAN], b.code: [149_000 * YUAN, 130_000 * YUAN], c.code: [125_000 * YUAN], d.code: [],
    }  # fmt: skip
    assert verify(await selection_queries.dossier_of(bidding.id, 1)).ok


async def test_a_live_bid_below_every_reserve_wins(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    await bid_in_turn(world, bidding, [(agents[1], 140_000 * YUAN), (agents[0], 119_999 * YUAN + 99)])
    decided = await end_bidding(world, bidding)
    assert (decided.winner_id, decided.price_fen) == (agents[0].id, 119_999 * YUAN + 99)


async def test_state_funds_need_three_who_bid(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    """Four signed up, and a reserve price and one live bid are two."""
    await bid_in_turn(world, bidding, [(agents[0], 119_000 * YUAN)])
    assert (await end_bidding(world, bidding)).stage is Stage.FAILED


async def test_nobody_has_to_be_online(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="multi_round")
    for agent, yuan in zip(agents, (99_000, 98_000, 97_000, 200_000), strict=True):
        await submit_bid(world, agent, project, yuan * YUAN)
    await begin_bidding(world, project)
    decided = await end_bidding(world, project)
    assert (decided.winner_id, decided.price_fen) == (agents[2].id, 97_000 * YUAN)


async def test_nobody_bids(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(world, owner, method="multi_round")
    for agent in agents:
        await sign_up(world, agent, project)
    await begin_bidding(world, project)
    assert (await end_bidding(world, project)).stage is Stage.FAILED


async def test_the_register_keeps_a_bid_sealed_until_its_salt_is_published(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    taken = await bid_live(world, agents[0], bidding, 111_111 * YUAN)
    recorded = await entry(taken.entry_id)
    assert (recorded.kind, recorded.subject, recorded.by, recorded.data) == ("bid.live", "sealed", "agency", {})
    assert bidding.number not in {one.subject for one in [recorded]}
    digest = await fetch_value("SELECT private_digest FROM register_entry WHERE id = $1", taken.entry_id)
    await bid_live(world, agents[1], bidding, 111_000 * YUAN)
    await end_bidding(world, bidding)
    dossier = selection_format.parse(await selection_queries.dossier_of(bidding.id, 1))
    assert dossier.evidence is not None
    first = dossier.evidence["rounds"][0]["bids"][0]
    assert (first["entry"], first["quoted"]) == (str(taken.entry_id), 111_111 * YUAN)
    facts = {"agency": first["code"], "project": bidding.number, "quoted": first["quoted"], "round": 1}
    assert hashlib.sha256(first["salt"].encode() + canonical(facts)).hexdigest() == digest


async def test_each_bid_is_better_than_the_own_last(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    a, b, *_ = agents
    first = await bid_live(world, a, bidding, 150_000 * YUAN)
    assert (await bid_live(world, a, bidding, 150_000 * YUAN)).id == first.id  # the same form sent twice
    problem = await refused(world, a, bidding, 150_000 * YUAN + 1)
    assert problem.code == "live.no_better"
    assert problem.facts["last"] == Money(150_000 * YUAN)
    await bid_live(world, b, bidding, 151_000 * YUAN)  # another's bid may be higher than the lowest
    world.clock.advance(minutes=4)
    assert (await refused(world, a, bidding, 151_000 * YUAN)).code == "live.no_better"  # in later rounds as well
    problem = await refused(world, a, bidding, 149_848 * YUAN + 1)
    assert (problem.code, problem.facts["following"]) == ("live.step", Money(149_848 * YUAN))
    await bid_live(world, a, bidding, 149_848 * YUAN)  # a thousandth of the ceiling less
    assert await amounts(bidding, a) == [149_848 * YUAN, 150_000 * YUAN]
    await bid_live(world, a, bidding, 76_000 * YUAN + 100)
    await bid_live(world, a, bidding, 76_000 * YUAN)  # the floor may be bid, however near it is
    problem = await refused(world, a, bidding, 76_000 * YUAN + 1)
    assert problem.todo is not None
    assert "best that the notice allows" in problem.todo.text


@given(
    quote=st.sampled_from(list(Quote)),
    share=st.integers(0, 500),
    ceiling=st.integers(1, 10**13),
    floor=st.integers(0, 10_000),
    last=st.integers(0, 10_000),
    change=st.integers(-600, 600),
)
def test_a_next_bid_is_taken_exactly_where_it_is_said_to_be(
    quote: Quote, share: int, ceiling: int, floor: int, last: int, change: int
) -> None:
    limits = Limits(ceiling, ceiling * floor // 10_000, 0, 9_999)
    bounds = Bounds(limits, quote, step_of(limits, quote, share))
    schedule = Schedule(datetime(2026, 11, 20, 9, tzinfo=UTC), BiddingTerms(3, 3))
    first = ceiling * last // 10_000 if quote is Quote.PRICE else min(last, 9_999)
    quoted = first + change * (max(ceiling // 10_000, 1) if quote is Quote.PRICE else 1)
    if fault_of(limits, quote, quoted) is not None:
        return
    following = bounds.next_after(first)
    enough = following is not None and (quoted == following or better(quote, quoted, following))
    now = schedule.starts_at
    if enough:
        assert check_bid(schedule, Stage.DRAWING, bounds, quoted, Last(first, now), now=now) == 1
        assert better(quote, quoted, first)
        return
    with pytest.raises(Refusal) as caught:
        check_bid(schedule, Stage.DRAWING, bounds, quoted, Last(first, now), now=now)
    assert caught.value.code == ("live.step" if better(quote, quoted, first) else "live.no_better")


@pytest.mark.parametrize(
    ("yuan", "code"), [(152_001, "live.above_ceiling"), (75_999, "live.below_floor"), (0, "live.below_floor")]
)
async def test_bids_outside_the_limits(
    world: World, bidding: ProjectView, agents: list[Agent], yuan: int, code: str
) -> None:
    assert (await refused(world, agents[0], bidding, yuan * YUAN)).code == code
    assert await amounts(bidding, agents[0]) == []


async def test_discounts(world: World, owner: Viewer, agents: list[Agent]) -> None:
    project = await publish_project(
        world, owner, method="multi_round", quote="discount", smallest_discount="5", largest_discount="40"
    )
    for agent in agents[:3]:
        await sign_up(world, agent, project)
    await begin_bidding(world, project)
    assert (await refused(world, agents[0], project, 499)).code == "live.discount_too_small"
    assert (await refused(world, agents[0], project, 4001)).code == "live.discount_too_large"
    await bid_live(world, agents[0], project, 1000)
    assert (await refused(world, agents[0], project, 999)).code == "live.no_better"
    await bid_live(world, agents[1], project, 1001)
    await bid_live(world, agents[2], project, 600)
    decided = await end_bidding(world, project)
    assert (decided.winner_id, decided.price_fen) == (agents[1].id, 152_000 * YUAN * (10_000 - 1001) // 10_000)


async def test_a_millisecond_late_is_late(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    ends_at = (await bidding_of(bidding)).schedule.ends_at
    world.clock.set(ends_at - timedelta(milliseconds=1))
    assert (await bid_live(world, agents[0], bidding, 130_000 * YUAN)).no == 3
    for late in (timedelta(), timedelta(milliseconds=1)):
        world.clock.set(ends_at + late)
        problem = await refused(world, agents[1], bidding, 120_000 * YUAN)
        assert (problem.code, problem.facts["arrived_at"], problem.facts["ended_at"]) == (
            "live.over",
            ends_at + late,
            ends_at,
        )
    assert problem.facts["late"].facts == {"seconds": "0.001"}


async def test_before_the_first_round_it_is_too_early(world: World, project: ProjectView, agents: list[Agent]) -> None:
    with pytest.raises(NotFound):  # there is no pool yet
        await bid_live(world, agents[0], project, 130_000 * YUAN)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    world.clock.set((await bidding_of(project)).schedule.starts_at - timedelta(milliseconds=1))
    assert (await refused(world, agents[0], project, 130_000 * YUAN)).code == "live.too_early"


async def test_strangers_do_not_bid(world: World, owner: Viewer, bidding: ProjectView, agents: list[Agent]) -> None:
    with pytest.raises(NotFound):
        await bid_live(world, Agent(owner), bidding, 130_000 * YUAN)
    with pytest.raises(NotFound):
        await bid_live(world, agents[0], await _other_method(world, owner), 130_000 * YUAN)


async def _other_method(world: World, owner: Viewer) -> ProjectView:
    return await publish_project(world, owner, title="李沧区老旧小区改造工程测量")


async def test_two_bids_of_one_agency_at_once_are_taken_one_after_the_other(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    """Ten connections: whatever the order, each bid that was taken is better than the one before it."""
    quotes = [(130_000 - 200 * step) * YUAN for step in range(10)]
    answers = await asyncio.gather(
        *(bid_live(world, agents[0], bidding, quoted) for quoted in quotes), return_exceptions=True
    )
    taken = (await amounts(bidding, agents[0]))[::-1]
    assert taken == sorted(taken, reverse=True)
    assert taken[-1] == quotes[-1]
    refusals = [one for one in answers if isinstance(one, Refusal)]
    assert {one.code for one in refusals} <= {"live.no_better"}
    assert len(taken) + len(refusals) == len(quotes)


async def test_the_same_bid_ten_times_at_once_is_one(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    taken = await asyncio.gather(*(bid_live(world, agents[0], bidding, 130_000 * YUAN) for _ in range(10)))
    assert len({one.id for one in taken}) == 1
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'bid.live'") == 1


async def test_bids_at_the_closing_instant_are_published_or_refused(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    """All requests arrived in time, and the bidding is closed among them: none is both accepted and missing."""
    bidding_now = await bidding_of(bidding)
    ends_at = bidding_now.schedule.ends_at
    world.clock.set(ends_at - timedelta(microseconds=1))
    arrived = [
        actions.NewBid(agent.id, agent.code, (130_000 - 200 * step) * YUAN, agent.viewer.person_id)
        for step in range(5) for agent in agents if agent.viewer.person_id is not None
    ]  # fmt: skip

    async def attempt(new: actions.NewBid) -> UUID | str:
        try:
            return (await actions.bid(bidding.id, new, now=world.now)).id
        except Refusal as refusal:
            return refusal.code

    first, rest = arrived[:7], arrived[7:]
    answers = await asyncio.gather(
        *(attempt(one) for one in first),
        actions.close(bidding.id, now=ends_at + FREEZE_PAUSE),
        *(attempt(one) for one in rest),
    )
    assert answers[7] is True
    del answers[7]
    assert {one for one in answers if isinstance(one, str)} <= {"live.closed", "live.no_better"}
    decided = await end_bidding(world, bidding)
    dossier = selection_format.parse(await selection_queries.dossier_of(decided.id, 1))
    assert dossier.evidence is not None
    published = [bid["entry"] for one in dossier.evidence["rounds"] for bid in one["bids"]]
    accepted = {one for one in answers if isinstance(one, UUID)}
    rows = await fetch("SELECT id, entry_id::text AS entry FROM live_bid")
    assert {row["id"] for row in rows} == accepted
    assert {row["entry"] for row in rows} == set(published)
    assert verify(await selection_queries.dossier_of(decided.id, 1)).ok


async def test_a_bid_that_the_close_overtook_is_refused(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    ends_at = (await bidding_of(bidding)).schedule.ends_at
    world.clock.set(ends_at - timedelta(seconds=1))
    assert await actions.close(bidding.id, now=ends_at + FREEZE_PAUSE)
    assert not await actions.close(bidding.id, now=ends_at + FREEZE_PAUSE)
    assert (await refused(world, agents[0], bidding, 130_000 * YUAN)).code == "live.closed"


async def test_bidding_is_not_closed_before_its_end(world: World, bidding: ProjectView) -> None:
    ends_at = (await bidding_of(bidding)).schedule.ends_at
    assert not await actions.close(bidding.id, now=ends_at + FREEZE_PAUSE - timedelta(milliseconds=1))
    current = await selection_queries.open_round(bidding.id)
    assert current is not None
    with pytest.raises(NotYet):
        await queries.bidding_evidence(bidding, current)
    await world.run_until(ends_at + FREEZE_PAUSE)
    assert await queries.is_closed(bidding.id, (await bidding_of(bidding)).schedule.starts_at)


async def test_a_bid_that_arrived_before_one_that_is_recorded(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    """Two requests of one agency overtook each other on the way: what is published stays in the order of arrival."""
    earlier = world.now
    world.clock.advance(seconds=1)
    await bid_live(world, agents[0], bidding, 130_000 * YUAN)
    new = actions.NewBid(agents[0].id, agents[0].code, 120_000 * YUAN, agents[0].viewer.person_id or UUID(int=0))
    with pytest.raises(Refusal, match=r"live\.overtaken"):
        await actions.bid(bidding.id, new, now=earlier)


async def test_live_bids_are_never_changed(world: World, bidding: ProjectView, agents: list[Agent]) -> None:
    await bid_live(world, agents[0], bidding, 130_000 * YUAN)
    for sql in ("UPDATE live_bid SET quoted = 1", "DELETE FROM live_bid", "TRUNCATE live_bid"):
        with pytest.raises(asyncpg.PostgresError):
            await execute(sql)


async def test_the_pool_is_told_when_bidding_begins_and_nobody_else(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    told = await fetch("SELECT organisation_id FROM inbox_message WHERE link = $1", f"{bidding.url}/live")
    assert {row["organisation_id"] for row in told} == {agent.id for agent in agents}


async def test_no_public_entry_names_a_bidder_before_the_result(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    await bid_in_turn(world, bidding, [(agents[0], 130_000 * YUAN), (agents[1], 123_456 * YUAN)])
    said = " ".join(str((one.kind, one.by, one.data)) for one in await history_of(bidding.number))
    said += " ".join(str((one.by, one.data)) for one in await history_of("sealed"))
    assert not [agent for agent in agents if agent.code in said or agent.name in said]
    assert str(123_456 * YUAN) not in said


async def _audit() -> set[tuple[str, str]]:
    compared = [one for comparer in live_audit.COMPARERS for one in await compare(comparer)]
    found = [*compared, *await live_audit.check_live_bids()]
    return {(one.kind, one.table) for one in found}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE live_bid SET quoted = quoted - 1", "altered"),
        ("UPDATE live_bid SET received_at = received_at + interval '1 second'", "altered"),
        ("UPDATE live_bid SET agency_id = (SELECT max(agency_id::text)::uuid FROM sign_up)", "altered"),
        ("UPDATE live_bid SET starts_at = starts_at - interval '1 day'", "altered"),
        ("DELETE FROM live_bid", "missing"),
    ],
)
async def test_the_audit_finds_bids_changed_in_the_database(
    world: World, bidding: ProjectView, agents: list[Agent], sql: str, expected: str
) -> None:
    await bid_live(world, agents[0], bidding, 130_000 * YUAN)
    assert await _audit() == set()
    await by_force(sql)
    assert await _audit() == {(expected, "live_bid")}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE live_bidding_end SET closed_at = closed_at + interval '1 minute'", "altered"),
        ("UPDATE live_bidding_end SET starts_at = starts_at + interval '1 minute'", "extra"),
        ("DELETE FROM live_bidding_end", "missing"),
    ],
)
async def test_the_audit_finds_an_end_of_bidding_changed_in_the_database(
    world: World, bidding: ProjectView, sql: str, expected: str
) -> None:
    ends_at = (await bidding_of(bidding)).schedule.ends_at
    assert await actions.close(bidding.id, now=ends_at + FREEZE_PAUSE)
    assert await _audit() == set()
    await by_force(sql)
    assert (expected, "live_bidding_end") in await _audit()


async def test_a_further_selection_compares_the_same_bids_without_the_one_left_out(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    a, b, c, _ = agents
    await bid_in_turn(world, bidding, [(a, 100_000 * YUAN), (b, 110_000 * YUAN), (c, 130_000 * YUAN)])
    decided = await end_bidding(world, bidding)
    assert decided.winner_id == a.id
    objection = await object_to(world, b.viewer, decided)
    await uphold(world, objection, exclude=a.id)
    await world.run_until(world.now + timedelta(minutes=1))
    again = await project_by_number(bidding.number)
    assert (again.winner_id, again.price_fen) == (b.id, 110_000 * YUAN)
    data = await selection_queries.dossier_of(bidding.id, 2)
    assert verify(data).ok
    evidence = selection_format.parse(data).evidence
    assert evidence is not None
    assert [bid["code"] for bid in evidence["rounds"][0]["bids"]] == [b.code, c.code]


async def test_sign_up_opened_again_means_bidding_again(
    world: World, bidding: ProjectView, agents: list[Agent]
) -> None:
    a, b, c, _ = agents
    await bid_in_turn(world, bidding, [(a, 100_000 * YUAN), (b, 110_000 * YUAN)])
    decided = await end_bidding(world, bidding)
    await uphold(world, await object_to(world, b.viewer, decided))
    reopened = await project_by_number(bidding.number)
    assert reopened.bidding_starts_at is not None
    assert reopened.bidding_starts_at > reopened.sign_up_closes_at
    begun = await begin_bidding(world, reopened)
    assert await amounts(begun, a) == []  # what was bid before the decision was annulled is history
    await bid_in_turn(world, begun, [(a, 140_000 * YUAN), (b, 139_000 * YUAN), (c, 138_000 * YUAN)])
    final = await end_bidding(world, begun)
    assert (final.winner_id, final.price_fen) == (c.id, 138_000 * YUAN)
    assert verify(await selection_queries.dossier_of(bidding.id, 2)).ok
