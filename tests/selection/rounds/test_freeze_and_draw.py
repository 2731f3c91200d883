"""From the close of sign-up to the published result: one freeze, one draw, everything provable."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from agencies.actions import set_standing
from agencies.rules import Standing
from market.beacon.rules import round_time
from market.demo.agencies import Agent, admit_agencies, some_agency
from market.demo.bids import submit_bid
from market.demo.projects import notice_values, open_owner, publish_project
from market.demo.selection import close_sign_up, draw_project, sign_up, sign_up_all
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.jobs import NotYet
from market.kernel.sweep import sweep_all
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.posting.actions import amend
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.draw_checks import verify
from projects.selection.dossiers.draw_dossier import parse
from projects.selection.rounds import actions, queries
from tests.visitor import Visitor


async def kinds(project: ProjectView) -> list[str]:
    return [entry.kind for entry in await history_of(project.number)]


async def test_the_whole_way_from_sign_up_to_a_verified_result(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    drawn = await draw_project(world, agents, project)
    assert drawn.stage is Stage.RESULT_NOTICE
    assert drawn.winner_id in {one.id for one in agents}
    data = await queries.dossier_of(project.id, 1)
    report = verify(data, expected_chain=world.beacon.chain.hash)
    assert report.ok, report.failures
    assert parse(data).winners == [drawn.winner_code]
    changed = data.replace(drawn.winner_code.encode(), agents[0].code.encode(), 1)  # type: ignore[union-attr]
    assert changed == data or not verify(changed).ok
    assert not verify(data[:-3] + b"0" + data[-2:]).ok
    assert [kind for kind in await kinds(project) if kind.startswith(("pool", "draw"))] == ["pool.frozen", "draw.made"]


async def test_the_result_is_published_with_the_hash_of_its_dossier(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await draw_project(world, agents, project)
    made = next(entry for entry in await history_of(project.number) if entry.kind == "draw.made")
    frozen = next(entry for entry in await history_of(project.number) if entry.kind == "pool.frozen")
    dossier = parse(await queries.dossier_of(project.id, 1))
    assert made.data["dossier_sha256"] == dossier.digest
    assert frozen.data["sha256"] == dossier.pool.hash
    assert [one["code"] for one in frozen.data["entrants"]] == sorted(one.code for one in agents)


async def test_names_are_nowhere_in_public_before_the_pool_is_frozen(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    written = str(
        [(entry.by, entry.data) for entry in await history_of(project.number) if entry.kind == "sign_up.made"]
    )
    assert not any(one.code in written or one.name in written for one in agents)


async def test_sign_up_is_still_open_a_moment_before_the_close(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at - timedelta(microseconds=1))
    assert (await project_by_number(project.number)).stage is Stage.SIGN_UP
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    assert (await project_by_number(project.number)).stage is Stage.DRAWING


async def test_two_sweeps_at_once_freeze_once(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    world.clock.set(project.sign_up_closes_at + FREEZE_PAUSE)
    frozen = await asyncio.gather(*[actions.freeze(project.id, world.now) for _ in range(5)])
    assert sum(frozen) == 1
    assert (await kinds(project)).count("pool.frozen") == 1
    assert await fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'selection.decide'") == 1


async def test_the_round_is_waited_for(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    current = await queries.open_round(project.id)
    assert current is not None
    assert current.beacon_round is not None
    public_at = round_time(world.beacon.chain, current.beacon_round)
    assert public_at >= project.sign_up_closes_at + timedelta(seconds=2 * world.beacon.chain.period)
    world.clock.set(public_at - timedelta(microseconds=1))
    with pytest.raises(NotYet):
        await actions.decide(project.id, world.beacon, world.now)
    await world.settle()
    assert (await project_by_number(project.number)).stage is Stage.DRAWING
    await world.run_until(public_at)
    assert (await project_by_number(project.number)).stage is Stage.RESULT_NOTICE


async def test_a_beacon_that_is_silent_delays_the_draw_and_changes_nothing_else(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    class Silent:
        chain = world.beacon.chain
        demonstration = True

        async def round(self, number: int) -> None:
            return None

        async def close(self) -> None:
            return None

    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    before = await queries.open_round(project.id)
    world.clock.advance(hours=3)
    with pytest.raises(NotYet):
        await actions.decide(project.id, Silent(), world.now)
    assert await queries.open_round(project.id) == before
    assert await actions.decide(project.id, world.beacon, world.now)
    drawn = await queries.standing_round(project.id)
    assert drawn is not None and before is not None
    assert drawn.beacon_round == before.beacon_round
    assert drawn.pool == before.pool


async def test_two_draw_jobs_at_once_give_one_result(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    world.clock.advance(minutes=1)
    done = await asyncio.gather(*[actions.decide(project.id, world.beacon, world.now) for _ in range(4)])
    assert sum(done) == 1
    assert (await kinds(project)).count("draw.made") == 1


async def test_a_lost_draw_job_is_found_again(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents, project)
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    await execute("DELETE FROM procrastinate_jobs WHERE task_name = 'selection.decide'")
    world.clock.advance(minutes=5)
    await world.settle()
    assert (await project_by_number(project.number)).stage is Stage.DRAWING
    world.clock.advance(minutes=10)
    await world.settle()
    assert (await project_by_number(project.number)).stage is Stage.RESULT_NOTICE


async def test_suspended_between_sign_up_and_close_means_left_out_with_the_reason(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    out = agents[1]
    async with transaction():
        until = world.now + timedelta(days=60)
        await set_standing(out.id, Standing(until, "报名后弃权三次", None, "", 60), now=world.now)
    drawn = await close_sign_up(world, project)
    found = await queries.round_by_no(project.id, 1)
    assert found.excluded is not None and found.pool is not None
    assert [one.code for one in found.excluded] == [out.code]
    assert [line.rule for line in found.excluded[0].failed] == ["suspended"]
    assert "报名后弃权三次" in found.excluded[0].reason
    assert out.code not in {one.code for one in found.pool}
    assert drawn.winner_id != out.id
    snapshot = await fetch("SELECT agency_id, eligible FROM eligibility_snapshot WHERE round_id = $1", found.id)
    assert {row["agency_id"]: row["eligible"] for row in snapshot} == {one.id: one.id != out.id for one in agents}
    assert verify(await queries.dossier_of(project.id, 1)).ok


async def test_head_office_and_branch_count_once(world: World, owner: Viewer) -> None:
    head = some_agency(11)
    news = [head, some_agency(12, branch_of=head.code), some_agency(13), some_agency(14)]
    head_office, branch, *others = await admit_agencies(world, news)
    project = await publish_project(world, owner)
    await sign_up_all(world, [branch, head_office, *others], project)
    await close_sign_up(world, project)
    found = await queries.round_by_no(project.id, 1)
    assert [one.code for one in found.excluded or ()] == [head_office.code]
    assert [line.rule for line in found.excluded[0].failed] == ["one_bidder"]  # type: ignore[index]
    assert {one.code for one in found.pool or ()} == {branch.code, *(one.code for one in others)}


async def test_state_funds_need_three(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await sign_up_all(world, agents[:2], project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    entry = next(one for one in await history_of(project.number) if one.kind == "project.failed")
    assert entry.data == {"reason": "too_few", "signed_up": 2, "eligible": 2, "needed": 3}
    found = await queries.round_by_no(project.id, 1)
    assert found.state == "annulled"
    assert len(found.pool or ()) == 2


async def test_social_funds_need_one(world: World, agents: list[Agent]) -> None:
    company = await open_owner(
        world, name="青岛海岸置业有限公司", code="91370203MA3C8AAA1B", kind="enterprise", legal_representative="陈明"
    )
    project = await publish_project(world, company, funding="none")
    drawn = await draw_project(world, agents[:1], project)
    assert drawn.stage is Stage.RESULT_NOTICE
    assert drawn.winner_id == agents[0].id


async def test_nobody_signed_up(world: World, project: ProjectView) -> None:
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    assert (await queries.round_by_no(project.id, 1)).pool == ()


async def test_a_pool_that_cannot_be_frozen_does_not_hold_up_the_others(
    world: World, owner: Viewer, project: ProjectView, agents: list[Agent]
) -> None:
    other = await publish_project(world, owner, title="李沧区老旧小区改造工程测量")
    await sign_up_all(world, agents, other)
    await execute("UPDATE selection_round SET superseded_at = $2 WHERE project_id = $1", project.id, world.now)
    world.clock.set(project.sign_up_closes_at + FREEZE_PAUSE)
    assert await sweep_all(world.clock) >= 1
    assert (await project_by_number(other.number)).stage is Stage.DRAWING
    assert (await project_by_number(project.number)).stage is Stage.SIGN_UP


async def test_losers_and_winner_are_told_once(world: World, project: ProjectView, agents: list[Agent]) -> None:
    await draw_project(world, agents, project)
    told = await fetch("SELECT organisation_id, cause FROM inbox_message WHERE cause LIKE 'draw.made:%'")
    assert {row["organisation_id"] for row in told} == {project.owner_id, *(one.id for one in agents)}
    assert len(told) == len(agents) + 1


async def test_a_sign_up_racing_with_the_freeze_is_in_the_pool_or_refused(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    """All requests arrived in time; the freeze runs among them."""
    await sign_up_all(world, agents[:3], project)
    arrived = project.sign_up_closes_at - timedelta(microseconds=1)
    world.clock.set(arrived)

    refusals: list[str] = []

    async def try_sign_up(agent: Agent) -> bool:
        try:
            await sign_up(world, agent, project)
        except Refusal as refusal:
            refusals.append(refusal.code)
            return False
        return True

    results = await asyncio.gather(
        try_sign_up(agents[3]), actions.freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE)
    )
    if not results[1]:  # the freeze met the sign-up and steps aside until its next pass
        assert await actions.freeze(project.id, project.sign_up_closes_at + FREEZE_PAUSE)
    found = await queries.round_by_no(project.id, 1)
    assert (agents[3].code in {one.code for one in found.pool or ()}) is results[0]
    assert refusals == ([] if results[0] else ["sign_up.not_open"])


async def test_the_freeze_waits_for_what_arrived_before_the_close(
    world: World, owner: Viewer, project: ProjectView, priced: ProjectView, agents: list[Agent]
) -> None:
    """Both a sign-up and a sealed bid that reached the server in time and are written down a second later."""
    closes_at = project.sign_up_closes_at
    instant = timedelta(microseconds=1)
    for given, enter in ((project, sign_up), (priced, submit)):
        world.clock.set(given.sign_up_closes_at - timedelta(seconds=1))
        await enter(world, agents[0], given)
    for given in (project, priced):
        assert not await actions.freeze(given.id, closes_at + FREEZE_PAUSE - instant)
    world.clock.set(closes_at - instant)  # when the requests arrived
    for given, enter in ((project, sign_up), (priced, submit)):
        for agent in agents[1:3]:
            await enter(world, agent, given)
    world.clock.set(closes_at + timedelta(milliseconds=1))
    for given, enter in ((project, sign_up), (priced, submit)):
        with pytest.raises(Refusal) as refused:
            await enter(world, agents[3], given)
        assert refused.value.code == "sign_up.closed"
        assert await actions.freeze(given.id, closes_at + FREEZE_PAUSE)
        frozen = await queries.open_round(given.id)
        assert frozen is not None
        assert {one.code for one in frozen.pool or ()} == {agent.code for agent in agents[:3]}


async def submit(world: World, agent: Agent, project: ProjectView) -> None:
    await submit_bid(world, agent, project, 100_000_00)


async def test_late_comers_do_not_keep_the_pool_from_being_frozen(
    world: World, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents[:3], project)
    world.clock.set(project.sign_up_closes_at + FREEZE_PAUSE)

    async def come_late() -> str:
        with pytest.raises(Refusal) as refused:
            await sign_up(world, agents[3], project)
        return refused.value.code

    answers = await asyncio.gather(actions.freeze(project.id, world.now), *[come_late() for _ in range(8)])
    assert answers[0] is True
    assert set(answers[1:]) == {"sign_up.closed"}


async def test_an_amended_window_is_drawn_with_its_new_round(
    world: World, client: Visitor, owner: Viewer, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    values = notice_values(world, working_days=6, price="150000")
    await amend(
        owner, project.number, values, reason="调整价格", calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    drawn = await close_sign_up(world, project)
    assert drawn.stage is Stage.RESULT_NOTICE
    first, second = await queries.rounds_of(project.id)
    assert (first.state, second.state) == ("superseded", "drawn")
    assert verify(await queries.dossier_of(project.id, 2)).ok
    for no in (1, 2):
        assert (await client.get(f"{project.url}/rounds/{no}")).status_code == 200
