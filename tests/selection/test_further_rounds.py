"""Further selections after sign-up was opened again: what was opened before does not count any more."""

from __future__ import annotations

import json

import pytest

from market.cli.audit import audit_here, audit_market
from market.demo import complaints
from market.demo.agencies import Agent
from market.demo.bids import submit_bid
from market.demo.selection import object_to, uphold
from market.demo.world import World
from market.kernel.db import execute, transaction
from projects.complaints.rules import Remedy
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.queries import dossier_of
from projects.selection.selection_checks import verify
from tests.ratings.people import open_regulator


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
