"""The audit accounts for every act of a dispute, and finds what is changed of it straight in the database."""

from __future__ import annotations

import pytest

from market.cli.audit import audit_market
from market.demo.complaints import accept, correct, dismiss, extend, give_back, refuse, uphold, withdraw
from market.register.audit import Finding
from projects.complaints.rules import Remedy
from tests.complaints.dispute import Dispute
from tests.register.forging import by_force


async def findings(dispute: Dispute) -> set[tuple[str, str]]:
    await dispute.world.settle()
    found: list[Finding] = await audit_market()
    return {(one.kind, one.table) for one in found}


@pytest.fixture
async def decided(dispute: Dispute) -> Dispute:
    """Returned, corrected, accepted, extended and upheld while the contract was being signed."""
    world = dispute.world
    await dispute.reject()
    await dispute.award.run_past_notice()
    complaint = await give_back(world, await dispute.complain(), dispute.regulator)
    complaint = await correct(world, complaint, dispute.objector)
    complaint = await extend(world, await accept(world, complaint, dispute.regulator), dispute.regulator)
    await uphold(world, complaint, dispute.regulator, Remedy.REDRAW, leave_out_winner=True)
    return dispute


async def test_nothing_is_found_where_all_is_well(decided: Dispute) -> None:
    assert await findings(decided) == set()


async def test_nor_after_the_other_endings(dispute: Dispute) -> None:
    world = dispute.world
    await dispute.reject()
    await dispute.award.run_past_notice()
    await refuse(world, await dispute.complain(), dispute.regulator)
    second = await dispute.complain(dispute.award.owner)
    await withdraw(world, second, dispute.award.owner)
    assert await findings(dispute) == set()


async def test_nor_after_a_dismissal(dispute: Dispute) -> None:
    await dispute.reject()
    await dispute.award.run_past_notice()
    await dismiss(
        dispute.world, await accept(dispute.world, await dispute.complain(), dispute.regulator), dispute.regulator
    )
    assert await findings(dispute) == set()
    await by_force("UPDATE complaint SET decision_due_at = decision_due_at + interval '9 days'")  # never extended
    assert await findings(dispute) == {("altered", "complaint")}


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE complaint SET decision = 'dismissed', remedy = NULL, excluded_id = NULL", ("altered", "complaint")),
        ("UPDATE complaint SET excluded_id = NULL", ("altered", "complaint")),
        ("UPDATE complaint SET reasons = reasons || '。'", ("altered", "complaint")),
        ("UPDATE complaint SET legal_cause = '依职权'", ("altered", "complaint")),
        ("UPDATE complaint SET grounds = '另有理由'", ("altered", "complaint")),
        ("UPDATE complaint SET correction = '另有材料'", ("altered", "complaint")),
        ("UPDATE complaint SET decision_due_at = decision_due_at + interval '9 days'", ("altered", "complaint")),
        ("DELETE FROM complaint", ("missing", "complaint")),
        ("UPDATE signing_hold SET since = since - interval '1 day'", ("altered", "signing_hold")),
        ("DELETE FROM signing_hold", ("missing", "signing_hold")),
        ("UPDATE objection SET statement = '另有说明'", ("altered", "objection")),
        ("UPDATE objection SET legal_cause = '依职权'", ("altered", "objection")),
        ("UPDATE contract SET ended = 'lapsed'", ("missing", "contract")),
    ],
)
async def test_what_is_changed_is_found(decided: Dispute, forgery: str, found: tuple[str, str]) -> None:
    await decided.world.settle()
    await by_force(forgery)
    assert found in await findings(decided)
