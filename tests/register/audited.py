"""A market with a bit of everything in it, to tamper with."""

from __future__ import annotations

from pathlib import Path

from agencies.queries import authorised_persons
from market.beacon.local import LocalBeacon
from market.demo import cases
from market.demo.agencies import operator_of
from market.demo.contracts import accept_delivery, deliver_results, refuse_contract, sign_both
from market.demo.projects import publish_project
from market.demo.ratings import rate_both
from market.demo.selection import object_to, reject
from market.demo.world import World, open_world
from market.kernel.clock import FixedClock
from market.kernel.db import execute
from market.kernel.settings import Settings
from projects.selection.sign_ups.actions import SignUpOffer, sign_up, withdraw
from tests.conftest import START
from tests.contracts.award import Award, make_award
from tests.ratings.people import open_regulator


async def build_market(settings: Settings, dsn: str) -> None:
    """A draw that was objected to, a winner that refused, a further draw, a contract fulfilled and rated, a restriction,
    an open notice; and entries enough for a complete tile."""
    import app  # noqa: F401  (registers every package's jobs and sweeps)

    clock = FixedClock(START)
    async with open_world(settings, dsn, clock=clock, beacon=LocalBeacon.from_seed("audit", clock)) as world:
        award = await make_award(world, agencies=4)
        await _object(world, award)
        await _refuse_and_draw_again(world, award)
        await sign_both(world, award.number, award.owner, award.winner)
        await deliver_results(world, award.number, award.winner)
        await accept_delivery(world, award.number, award.owner)
        await world.settle()
        await rate_both(world, award.number, award.owner, award.winner)
        await world.settle()
        await _restrict_somebody(world, award)
        await _publish_another(world, award)
        await _fill_a_tile(world)


async def _object(world: World, award: Award) -> None:
    objection = await object_to(world, award.losers[0], await award.project())
    await reject(world, objection)
    await world.settle()


async def _refuse_and_draw_again(world: World, award: Award) -> None:
    await award.run_past_notice()
    await refuse_contract(world, await award.contract(), award.winner)
    await world.settle()
    await world.run_until(world.now.replace(microsecond=0))
    project = await award.project()
    while project.winner_id is None or project.result_notice_ends_at is None:
        await world.run_past(project.due_at or world.now)
        project = await award.project()
    await award.refresh()
    await award.run_past_notice()


async def _restrict_somebody(world: World, award: Award) -> None:
    regulator = await open_regulator(world, 1, "3702")
    loser = award.losers[0]
    assert loser.organisation_id is not None
    await cases.restrict(world, loser.organisation_id, regulator, await operator_of(world))
    await world.settle()


async def _publish_another(world: World, award: Award) -> None:
    """Still open: one signed up, one signed up and withdrew."""
    project = await publish_project(world, award.owner, title="另一项测量服务")
    for agent in [agent for agent in award.agents if agent.viewer not in award.losers[:1]][:2]:
        offer = SignUpOffer((await authorised_persons(agent.id))[0].id)
        assert agent.viewer.person_id is not None
        await sign_up(project.id, agent.id, offer, by=agent.viewer.person_id, now=world.now)
    await withdraw(project.id, agent.id, now=world.now)
    await world.settle()


async def _fill_a_tile(world: World) -> None:
    """Of a kind that leaves nothing else behind."""
    await execute(
        "INSERT INTO register_entry (id, at, kind, subject, by, data) SELECT gen_random_uuid(), $1, 'list.proposed', 'nobody', 'market',"
        " jsonb_build_object('n', n) FROM generate_series(1, 300) AS n",
        world.now,
    )
    await world.settle()


def copied_keys(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for file in source.glob("*.key"):
        (target / file.name).write_bytes(file.read_bytes())
        (target / file.name).chmod(0o600)
