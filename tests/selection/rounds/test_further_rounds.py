"""Further selections after sign-up was opened again: what was opened before does not count any more."""

from __future__ import annotations

import json

import pytest
from litestar import Litestar

from market.cli.audit import audit_here, audit_market
from market.demo import complaints
from market.demo.agencies import Agent, operator_of
from market.demo.bids import submit_bid
from market.demo.projects import publish_project
from market.demo.selection import object_to, sign_up, uphold
from market.demo.world import World
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.web.viewer import Viewer
from projects.complaints.rules import Effect, Remedy, remedies_of
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.selection_checks import verify
from projects.selection.rounds.actions import redraw
from projects.selection.rounds.queries import dossier_of, open_round
from projects.selection.rounds.routes import announced_terms
from projects.selection.rounds.rules import TOO_FEW_VALID, Cause
from tests.ratings.people import open_regulator
from tests.visitor import Visitor


async def test_a_winner_that_did_not_bid_again_cannot_stop_a_further_round(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    """Its result fell, it did not bid when sign-up was opened again, and the regulator gives it its place back."""
    for agent, price in zip(agents, (90_000_00, 100_000_00, 110_000_00, 120_000_00), strict=True):
        await submit_bid(world, agent, priced, price)
    await world.run_past(priced.sign_up_closes_at)
    objection = await object_to(world, agents[1].viewer, await project_by_number(priced.number))
    await uphold(world, objection)
    complaint = await complaints.complain(world, objection, agents[0].viewer)
    regulator = await open_regulator(world, 1, "3702")
    await complaints.accept(world, complaint, regulator)
    again = await project_by_number(priced.number)
    for agent, price in zip(agents[1:], (101_000_00, 111_000_00, 121_000_00), strict=True):
        await submit_bid(world, agent, again, price)
    await world.run_past(again.sign_up_closes_at)
    second = await project_by_number(priced.number)
    assert (second.stage, second.winner_code) == (Stage.RESULT_NOTICE, agents[1].code)
    await complaints.uphold(world, complaint, regulator, Remedy.REDRAW)
    await world.run_past(world.now)
    third = await project_by_number(priced.number)
    assert (third.stage, third.winner_code, third.price_fen) == (Stage.RESULT_NOTICE, agents[1].code, 101_000_00)
    data = await dossier_of(third.id, 3)
    assert verify(data).ok
    assert [one["code"] for one in json.loads(data)["pool"]["excluded"]] == [agents[0].code]
    assert await audit_market() == []
    async with transaction():
        await execute("UPDATE project SET price_fen = price_fen + 100 WHERE id = $1", third.id)
        assert [one.table for one in await audit_here()] == ["project"]


async def test_who_refused_an_award_is_not_selected_again_when_sign_up_is_opened_anew(
    world: World, priced: ProjectView, agents: list[Agent]
) -> None:
    for agent, price in zip(agents, (90_000_00, 100_000_00, 110_000_00, 120_000_00), strict=True):
        await submit_bid(world, agent, priced, price)
    await world.run_past(priced.sign_up_closes_at)
    async with transaction():
        await redraw(priced.id, cause=Cause.WINNER_REFUSED, exclude={agents[0].id}, now=world.now)
    await world.run_past(world.now)
    second = await project_by_number(priced.number)
    assert second.winner_code == agents[1].code
    await uphold(world, await object_to(world, agents[2].viewer, second))
    again = await project_by_number(priced.number)
    with pytest.raises(Refusal) as refused:
        await submit_bid(world, agents[0], again, 91_000_00)
    assert refused.value.code == "sign_up.not_eligible"
    assert refused.value.facts["reason_1"].text == "Refused the award."
    current = await open_round(again.id)
    assert current is not None
    assert (current.no, (await announced_terms(again, current)).minimum) == (3, 3)  # as many as at the first time
    for agent, price in zip(agents[1:], (101_000_00, 111_000_00, 999_000_00), strict=True):
        await submit_bid(world, agent, again, price)
    await world.run_past(again.sign_up_closes_at)
    failed = await project_by_number(priced.number)
    assert (failed.stage, failed.failure_reason) == (Stage.FAILED, TOO_FEW_VALID)
    data = await dossier_of(failed.id, 3)
    assert verify(data).ok
    assert [one["code"] for one in json.loads(data)["pool"]["excluded"]] == [agents[0].code]
    assert await audit_market() == []


async def test_a_named_agency_is_not_named_again(
    world: World, site: Litestar, owner: Viewer, agents: list[Agent]
) -> None:
    project = await publish_project(world, owner, method="direct", invited_code=[agents[1].code])
    await sign_up(world, agents[1], project)
    await world.settle()
    objection = await object_to(world, agents[1].viewer, await project_by_number(project.number))
    world.clock.advance(days=30)
    operator = await operator_of(world)
    assert operator.person_id is not None
    assert operator.organisation_id is not None
    async with Visitor(site) as visitor:
        await visitor.sign_in_as(operator.person_id, operator.organisation_id)
        page = (await visitor.get(f"/objections/{objection}/answer")).text
    assert "终止本次选取" in page
    assert 'value="reopen"' not in page
    with pytest.raises(Refusal) as refused:
        await uphold(world, objection)
    assert refused.value.code == "objection.remedy"
    await uphold(world, objection, exclude=agents[1].id)
    assert (await project_by_number(project.number)).stage is Stage.FAILED
    assert remedies_of(Effect.REMEDY, alone=True) == (Remedy.ANNUL,)


@pytest.mark.parametrize("change", [
    "nonce = 'ffffffffffffffffffffffffffffffff'", "beacon_round = beacon_round + 1", "beacon_chain = repeat('ab', 32)",
    "agency_id = (SELECT owner_id FROM project)", "ciphertext = ciphertext || ' '", "ciphertext_sha256 = repeat('ab', 32)",
])  # fmt: skip
async def test_the_audit_finds_a_sealed_bid_that_was_spoilt(
    world: World, priced: ProjectView, agents: list[Agent], change: str
) -> None:
    """Each of these would make an honest bid invalid at the opening."""
    await submit_bid(world, agents[0], priced, 100_000_00)
    async with transaction():
        assert await audit_here() == []
        await execute(f"UPDATE sealed_bid SET {change}")
        assert "sealed_bid" in {one.table for one in await audit_here()}
