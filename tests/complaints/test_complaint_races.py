"""A complaint, a decision and a signature at the same instant, each on its own connection."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from market.demo.complaints import accept, complain, dismiss, uphold, withdraw
from market.demo.contracts import sign_contract
from market.kernel.db import fetch_value
from market.kernel.errors import Refusal
from projects.complaints.rules import Remedy, State
from projects.contracts import actions as contracts
from projects.contracts.rules import State as ContractState
from projects.rules import Stage
from tests.complaints.dispute import Dispute
from tests.contracts.award import acts_of
from tests.contracts.test_signing_races import at_once


async def open_holds() -> int:
    count: int = await fetch_value("SELECT count(*) FROM signing_hold WHERE until IS NULL")
    return count


async def test_a_complaint_while_the_result_becomes_final(dispute: Dispute) -> None:
    """Whichever comes first, nothing is signed: the result is held, or the contract that was just opened is."""
    await dispute.reject()
    project = await dispute.award.project()
    assert project.result_notice_ends_at is not None
    dispute.world.clock.set(project.result_notice_ends_at)
    opening = [
        contracts.open_contract(project.id, calendar=dispute.world.calendar, now=dispute.world.now) for _ in range(3)
    ]
    results = await at_once(*opening, complain(dispute.world, dispute.objection, dispute.objector))
    opened, stage = results[:3].count(True), (await dispute.award.project()).stage
    assert (opened, stage) in {(0, Stage.RESULT_NOTICE), (1, Stage.CONTRACTING)}
    assert (await dispute.complaint()).held
    if opened:
        contract = await dispute.award.contract()
        assert contract.held_since is not None
        signed = await at_once(sign_contract(dispute.world, contract, dispute.award.owner))
        assert isinstance(signed[0], Refusal)
    assert await acts_of(dispute.award.number, "result.final") == opened


async def test_the_same_complaint_sent_many_times(dispute: Dispute) -> None:
    await dispute.reject()
    found = await asyncio.gather(*[complain(dispute.world, dispute.objection, dispute.objector) for _ in range(4)])
    assert len({one.id for one in found}) == 1
    assert await acts_of(dispute.award.number, "complaint.filed") == 1
    assert await open_holds() == 1


async def test_a_decision_and_the_last_signature(dispute: Dispute) -> None:
    """The decision that frees the contract and the signature meet: both count, or the signature came too early."""
    contract = await signed_by_winner(dispute)
    accepted = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    results = await at_once(
        dismiss(dispute.world, accepted, dispute.regulator), sign_contract(dispute.world, contract, dispute.award.owner)
    )
    in_force = not isinstance(results[1], Refusal)
    assert (await dispute.award.contract()).state is (ContractState.IN_FORCE if in_force else ContractState.SIGNING)
    assert await open_holds() == 0


async def signed_by_winner(dispute: Dispute):
    await dispute.reject()
    contract = await dispute.award.run_past_notice()
    return await sign_contract(dispute.world, contract, dispute.award.winner)


async def test_an_annulling_decision_and_the_last_signature(dispute: Dispute) -> None:
    contract = await signed_by_winner(dispute)
    accepted = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    results = await at_once(
        uphold(dispute.world, accepted, dispute.regulator, Remedy.REDRAW),
        sign_contract(dispute.world, contract, dispute.award.owner),
    )
    assert isinstance(results[1], Refusal)
    assert (await dispute.award.contract()).state is ContractState.ENDED
    assert await acts_of(dispute.award.number, "contract.in_force") == 0
    assert (await dispute.award.project()).stage is Stage.DRAWING


async def test_filing_and_the_last_signature(dispute: Dispute) -> None:
    """The signature first: the contract is in force and the complaint can only lead to a finding. The complaint first:
    the signature is refused."""
    contract = await signed_by_winner(dispute)
    results = await at_once(
        sign_contract(dispute.world, contract, dispute.award.owner),
        complain(dispute.world, dispute.objection, dispute.objector),
    )
    signed, held = not isinstance(results[0], Refusal), (await dispute.complaint()).held
    assert (signed, held) in {(True, False), (False, True)}


async def test_a_decision_and_the_withdrawal(dispute: Dispute) -> None:
    await dispute.reject()
    accepted = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    results = await at_once(
        uphold(dispute.world, accepted, dispute.regulator, Remedy.ANNUL),
        withdraw(dispute.world, accepted, dispute.objector),
    )
    assert sum(isinstance(one, Refusal) for one in results) == 1
    state, stage = (await dispute.complaint()).state, (await dispute.award.project()).stage
    assert (state, stage) in {(State.DECIDED, Stage.FAILED), (State.WITHDRAWN, Stage.RESULT_NOTICE)}


async def test_two_authorities_take_it_up_at_once(dispute: Dispute) -> None:
    from tests.ratings.people import open_regulator

    await dispute.reject()
    complaint, second = await dispute.complain(), await open_regulator(dispute.world, 7, "3702")
    results = await asyncio.gather(
        accept(dispute.world, complaint, dispute.regulator), accept(dispute.world, complaint, second),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(one, BaseException) for one in results) == 1
    assert await acts_of(dispute.award.number, "complaint.accepted") == 1


async def test_the_lapse_and_the_complaint(dispute: Dispute) -> None:
    """The time to sign is over just when a complaint comes in."""
    await dispute.reject()
    contract = await dispute.award.run_past_notice()
    project_id: UUID = contract.project_id
    dispute.world.clock.set(contract.sign_due_at)
    results = await at_once(
        contracts.lapse(project_id, contract.id, now=contract.sign_due_at),
        complain(dispute.world, dispute.objection, dispute.objector),
    )
    lapsed, after = results[0], await dispute.award.contract()
    assert after.state is (ContractState.ENDED if lapsed else ContractState.SIGNING)
    if not lapsed:
        assert after.held_since == contract.sign_due_at
        await dispute.world.run_until(contract.sign_due_at + timedelta(days=1))
        assert (await dispute.award.contract()).state is ContractState.SIGNING
