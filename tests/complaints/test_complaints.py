"""A complaint from its filing to its decision: what is suspended, what goes on, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from market.demo import complaints as demo
from market.demo.complaints import accept, correct, dismiss, extend, give_back, refuse, uphold, withdraw
from market.demo.contracts import refuse_contract, sign_both, sign_contract
from market.demo.selection import object_to
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.complaints.queries import complaint_by_id
from projects.complaints.rules import Effect, Remedy, Standing, State
from projects.contracts.rules import Ending
from projects.queries import project_by_number
from projects.rules import Stage
from projects.selection.dossiers.draw_checks import verify
from projects.selection.objections.queries import objection_by_id
from projects.selection.rounds.queries import dossier_of, round_by_no
from tests.complaints.dispute import Dispute
from tests.contracts.award import acts_of
from tests.ratings.people import open_regulator


async def stage(dispute: Dispute) -> Stage:
    return (await dispute.award.project()).stage


async def past_notice(dispute: Dispute) -> None:
    project = await dispute.award.project()
    assert project.result_notice_ends_at is not None
    await dispute.world.run_until(project.result_notice_ends_at + timedelta(hours=1))


async def test_nothing_becomes_final_until_it_is_decided(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await dispute.complain()
    assert (complaint.standing, complaint.state, complaint.held) == (Standing.OBJECTOR, State.FILED, True)
    assert complaint.number == f"{dispute.award.number}-T1"
    await past_notice(dispute)
    project = await dispute.award.project()
    assert (project.stage, project.due_at) == (Stage.RESULT_NOTICE, None)
    accepted = await accept(dispute.world, complaint, dispute.regulator)
    assert accepted.decision_due_at == dispute.world.calendar.add_working_days(dispute.world.now, 30)
    decided = await dismiss(dispute.world, accepted, dispute.regulator)
    assert (decided.state, decided.held, decided.remedy) == (State.DECIDED, False, None)
    await dispute.world.settle()
    assert await stage(dispute) is Stage.CONTRACTING


async def test_the_register_knows_that_there_is_one_but_not_what_it_says(dispute: Dispute) -> None:
    await dispute.reject()
    await demo.complain(dispute.world, dispute.objection, dispute.objector, "执业人员注册信息")
    filed = next(one for one in await history_of(dispute.award.number) if one.kind == "complaint.filed")
    assert filed.data["standing"] == "objector"
    assert demo.GROUNDS not in str(filed.data)
    assert filed.private_digest


async def test_it_has_to_be_answered_or_overdue_first(dispute: Dispute) -> None:
    with pytest.raises(Refusal) as early:
        await dispute.complain()
    assert early.value.code == "complaint.not_answered"
    objection = await objection_by_id(dispute.objection)
    await dispute.world.run_until(objection.answer_due_at)
    assert (await dispute.complain()).held
    assert await stage(dispute) is Stage.RESULT_NOTICE


async def test_the_time_to_complain_ends(dispute: Dispute) -> None:
    await dispute.reject()
    world = dispute.world
    await world.run_until(world.calendar.add_working_days(world.now, 15))
    with pytest.raises(Refusal) as late:
        await dispute.complain()
    assert late.value.code == "complaint.too_late"


async def test_everybody_entitled_complains_once_and_nobody_else(dispute: Dispute) -> None:
    await dispute.reject()
    first, again = await dispute.complain(), await dispute.complain()
    assert first.id == again.id
    assert (await dispute.complain(dispute.award.owner)).standing is Standing.OWNER
    for stranger in (dispute.award.winner, dispute.award.losers[1]):
        with pytest.raises(NotFound):
            await dispute.complain(stranger)
    assert await acts_of(dispute.award.number, "complaint.filed") == 2


async def test_a_complaint_taken_back_is_over_for_good(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await dispute.complain()
    with pytest.raises(NotFound):
        await withdraw(dispute.world, complaint, dispute.award.owner)
    taken_back = await withdraw(dispute.world, complaint, dispute.objector)
    assert (taken_back.state, taken_back.held) == (State.WITHDRAWN, False)
    assert (await dispute.complain()).state is State.WITHDRAWN
    await past_notice(dispute)
    assert await stage(dispute) is Stage.CONTRACTING
    with pytest.raises(Refusal):
        await accept(dispute.world, taken_back, dispute.regulator)


async def test_refused_signing_goes_on(dispute: Dispute) -> None:
    await dispute.reject()
    refused = await refuse(dispute.world, await dispute.complain(), dispute.regulator)
    assert (refused.state, refused.held) == (State.REFUSED, False)
    await past_notice(dispute)
    assert await stage(dispute) is Stage.CONTRACTING


async def test_returned_corrected_accepted(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await give_back(dispute.world, await dispute.complain(), dispute.regulator)
    assert (complaint.state, complaint.held) == (State.RETURNED, True)
    with pytest.raises(Refusal):
        await accept(dispute.world, complaint, dispute.regulator)
    await dispute.world.run_until(dispute.world.now + timedelta(days=2))
    corrected = await correct(dispute.world, complaint, dispute.objector, "补充材料")
    assert corrected.state is State.FILED
    assert corrected.acceptance_due_at > complaint.acceptance_due_at
    with pytest.raises(Refusal) as twice:
        await give_back(dispute.world, corrected, dispute.regulator)
    assert twice.value.code == "complaint.returned_before"
    assert (await accept(dispute.world, corrected, dispute.regulator)).state is State.ACCEPTED


async def test_not_corrected_in_time_it_ends_by_itself(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await give_back(dispute.world, await dispute.complain(), dispute.regulator)
    assert complaint.correction_due_at is not None
    await dispute.world.run_until(complaint.correction_due_at)
    ended = await complaint_by_id(complaint.id)
    assert (ended.state, ended.held) == (State.REFUSED, False)
    assert await stage(dispute) is Stage.CONTRACTING


async def test_extended_once(dispute: Dispute) -> None:
    await dispute.reject()
    accepted = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    assert accepted.decision_due_at is not None
    extended = await extend(dispute.world, accepted, dispute.regulator)
    assert extended.decision_due_at == dispute.world.calendar.add_working_days(
        accepted.decision_due_at - timedelta(microseconds=1), 15
    )
    with pytest.raises(Refusal):
        await extend(dispute.world, extended, dispute.regulator)


async def test_only_a_regulator_in_charge_and_not_involved(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await dispute.complain()
    elsewhere = await open_regulator(dispute.world, 2, "4401")
    other_field = await open_regulator(dispute.world, 3, "3702", "meteorology")
    for stranger in (elsewhere, other_field, dispute.award.owner, dispute.objector):
        with pytest.raises(NotFound):
            await accept(dispute.world, complaint, stranger)
    operator = await fetch_value("SELECT answered_by FROM objection WHERE id = $1", dispute.objection)
    with pytest.raises(Refusal) as involved:
        await accept(dispute.world, complaint, replace(dispute.regulator, person_id=operator))
    assert involved.value.code == "complaint.involved"
    second = await open_regulator(dispute.world, 4, "370203")
    await accept(dispute.world, complaint, dispute.regulator)
    with pytest.raises(NotFound):  # it lies with the authority that took it up
        await dismiss(dispute.world, complaint, second)


async def contracting(dispute: Dispute) -> Viewer:
    """The objection is rejected and the contract open; returns who is to sign it."""
    await dispute.reject()
    await past_notice(dispute)
    assert await stage(dispute) is Stage.CONTRACTING
    return dispute.award.winner


async def test_an_open_contract_stands_still_and_goes_on_where_it_stood(dispute: Dispute) -> None:
    winner = await contracting(dispute)
    world, before = dispute.world, await dispute.award.contract()
    await sign_contract(world, before, winner)
    await world.run_until(world.now + timedelta(days=3))
    left = world.calendar.working_days_between(world.now, before.sign_due_at - timedelta(microseconds=1))
    complaint = await dispute.complain()
    held = await dispute.award.contract()
    assert held.held_since == complaint.filed_at
    for act in (sign_contract, refuse_contract):
        with pytest.raises(Refusal) as suspended:
            await act(world, held, dispute.award.owner)
        assert suspended.value.code == "contract.suspended"
        assert suspended.value.facts["since"] == complaint.filed_at
    await world.run_until(before.sign_due_at + timedelta(days=2))
    assert await stage(dispute) is Stage.CONTRACTING  # the time to sign did not run out
    await dismiss(world, await accept(world, complaint, dispute.regulator), dispute.regulator)
    after = await dispute.award.contract()
    assert after.held_since is None
    assert after.sign_due_at == world.calendar.add_working_days(world.now, left)
    assert (await dispute.award.project()).due_at == after.sign_due_at
    assert after.terms.sign_due_at == before.terms.sign_due_at  # what was signed is what was signed
    await sign_contract(world, after, dispute.award.owner)
    assert await stage(dispute) is Stage.FULFILMENT


async def test_the_time_to_sign_lapses_after_the_suspension(dispute: Dispute) -> None:
    await contracting(dispute)
    world, complaint = dispute.world, await dispute.complain()
    await world.run_until(world.now + timedelta(days=30))
    await withdraw(world, complaint, dispute.objector)
    contract = await dispute.award.contract()
    await world.run_until(contract.sign_due_at - timedelta(hours=1))
    assert await stage(dispute) is Stage.CONTRACTING
    await world.run_until(contract.sign_due_at)
    assert (await dispute.award.contract()).ended is Ending.LAPSED


async def test_overlapping_suspensions_count_once(dispute: Dispute) -> None:
    await contracting(dispute)
    world, before = dispute.world, await dispute.award.contract()
    left = world.calendar.working_days_between(world.now, before.sign_due_at - timedelta(microseconds=1))
    first = await dispute.complain()
    await world.run_until(world.now + timedelta(days=4))
    second = await dispute.complain(dispute.award.owner)
    await world.run_until(world.now + timedelta(days=4))
    await withdraw(world, first, dispute.objector)
    assert (await dispute.award.contract()).held_since is not None
    await world.run_until(world.now + timedelta(days=4))
    await withdraw(world, second, dispute.award.owner)
    after = await dispute.award.contract()
    assert after.sign_due_at == world.calendar.add_working_days(world.now, left)


async def upheld(dispute: Dispute, remedy: Remedy, *, leave_out_winner: bool = False) -> None:
    accepted = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    await uphold(dispute.world, accepted, dispute.regulator, remedy, leave_out_winner=leave_out_winner)


async def test_upheld_under_notice_a_further_round_without_the_winner(dispute: Dispute) -> None:
    await dispute.reject()
    winner = dispute.award.winner
    await upheld(dispute, Remedy.REDRAW, leave_out_winner=True)
    project = await dispute.award.project()
    second = await round_by_no(project.id, 2)
    assert (project.stage, second.cause) == (Stage.DRAWING, "complaint_upheld")
    assert [one.code for one in second.excluded or ()] == [winner.organisation_code]
    await dispute.world.run_past(dispute.world.now)
    drawn = await dispute.award.project()
    assert drawn.stage is Stage.RESULT_NOTICE
    assert drawn.winner_id != winner.organisation_id
    for no in (1, 2):
        assert verify(await dossier_of(drawn.id, no)).ok
    decided = next(one for one in await history_of(drawn.number) if one.kind == "complaint.decided")
    assert decided.data["excluded"] == winner.organisation_code
    assert (decided.data["legal_cause"], decided.data["rule"]) == (demo.LEGAL_CAUSE, demo.RULE)
    (event,) = await fetch("SELECT organisation_id, points FROM credit_event WHERE kind = 'complaint_upheld'")
    assert (event["organisation_id"], event["points"]) == (winner.organisation_id, -500)


async def test_upheld_while_the_contract_is_open_takes_it_away(dispute: Dispute) -> None:
    winner = await contracting(dispute)
    await sign_contract(dispute.world, await dispute.award.contract(), winner)
    await upheld(dispute, Remedy.REDRAW)
    contract = await dispute.award.contract()
    assert (contract.ended, await stage(dispute)) == (Ending.ANNULLED, Stage.DRAWING)
    second = await round_by_no(contract.project_id, 2)
    assert winner.organisation_code in {one.code for one in second.pool or ()}  # the cause did not lie with it
    assert await acts_of(dispute.award.number, "contract.annulled") == 1
    assert await fetch("SELECT 1 FROM signing_hold WHERE until IS NULL") == []


async def test_upheld_sign_up_opens_again(dispute: Dispute) -> None:
    await contracting(dispute)
    await upheld(dispute, Remedy.REOPEN)
    project = await dispute.award.project()
    assert (project.stage, project.winner_id) == (Stage.SIGN_UP, None)
    assert project.sign_up_open(dispute.world.now)
    await dispute.world.run_past(project.sign_up_closes_at)
    assert await stage(dispute) is Stage.RESULT_NOTICE


async def test_upheld_the_selection_is_annulled(dispute: Dispute) -> None:
    await dispute.reject()
    await upheld(dispute, Remedy.ANNUL)
    project = await dispute.award.project()
    assert (project.stage, project.winner_id) == (Stage.FAILED, None)
    assert (await round_by_no(project.id, 1)).annulment_reason == "complaint_upheld"
    failed = next(one for one in await history_of(project.number) if one.kind == "project.failed")
    assert failed.data == {"reason": "complaint_upheld"}


async def test_other_objections_to_the_result_end_with_it(dispute: Dispute) -> None:
    await dispute.reject()
    other = await object_to(dispute.world, dispute.award.losers[1], await dispute.award.project())
    await upheld(dispute, Remedy.REDRAW)
    joined = await objection_by_id(other)
    assert (joined.decision, joined.remedy, joined.legal_cause) == ("upheld", "redraw", demo.LEGAL_CAUSE)


async def test_a_contract_in_force_stays_and_the_finding_is_recorded(dispute: Dispute) -> None:
    winner = await contracting(dispute)
    await sign_both(dispute.world, dispute.award.number, dispute.award.owner, winner)
    complaint = await dispute.complain()
    assert (complaint.held, complaint.effect) == (False, Effect.FINDING)
    accepted = await accept(dispute.world, complaint, dispute.regulator)
    with pytest.raises(Refusal) as impossible:
        await uphold(dispute.world, accepted, dispute.regulator, Remedy.REDRAW)
    assert impossible.value.code == "complaint.remedy"
    decided = await uphold(dispute.world, accepted, dispute.regulator, Remedy.FINDING)
    assert decided.remedy is Remedy.FINDING
    assert await stage(dispute) is Stage.FULFILMENT


async def test_the_winner_whose_result_was_annulled_complains(dispute: Dispute) -> None:
    first_winner = dispute.award.winner
    await dispute.uphold()
    complaint = await dispute.complain(first_winner)
    assert (complaint.standing, complaint.held) == (Standing.WINNER, True)
    await past_notice(dispute)
    assert await stage(dispute) is Stage.RESULT_NOTICE  # the result of the further draw is held
    accepted = await accept(dispute.world, complaint, dispute.regulator)
    await uphold(dispute.world, accepted, dispute.regulator, Remedy.REDRAW)
    project = await dispute.award.project()
    third = await round_by_no(project.id, 3)
    assert first_winner.organisation_code in {one.code for one in third.pool or ()}  # its place is given back


async def test_while_sign_up_is_open_again_a_decision_waits_or_ends_it(dispute: Dispute) -> None:
    first_winner = dispute.award.winner
    await demo_reopen(dispute)
    accepted = await accept(dispute.world, await dispute.complain(first_winner), dispute.regulator)
    with pytest.raises(Refusal) as running:
        await uphold(dispute.world, accepted, dispute.regulator, Remedy.REOPEN)
    assert running.value.code == "complaint.remedy"
    await uphold(dispute.world, accepted, dispute.regulator, Remedy.ANNUL)
    assert await stage(dispute) is Stage.FAILED


async def demo_reopen(dispute: Dispute) -> None:
    from market.demo.selection import uphold as answer

    await answer(dispute.world, dispute.objection)
    assert await stage(dispute) is Stage.SIGN_UP


async def test_everybody_concerned_is_told(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    await dismiss(dispute.world, complaint, dispute.regulator)
    await dispute.world.settle()
    rows = await fetch(
        "SELECT organisation_id, split_part(cause, ':', 1) AS act FROM inbox_message WHERE cause LIKE 'complaint.%'"
    )
    told = {(row["organisation_id"], row["act"]) for row in rows}
    assert (dispute.regulator.organisation_id, "complaint.filed") in told
    parties = {
        dispute.award.owner.organisation_id,
        dispute.award.winner.organisation_id,
        dispute.objector.organisation_id,
    }
    for act in ("complaint.accepted", "complaint.decided"):
        assert {one for one, kind in told if kind == act} == parties


async def test_a_failed_decision_leaves_nothing_behind(dispute: Dispute) -> None:
    await dispute.reject()
    complaint = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    with pytest.raises(Refusal):
        await uphold(dispute.world, complaint, dispute.regulator, Remedy.FINDING)
    unchanged = await complaint_by_id(complaint.id)
    assert (unchanged.state, unchanged.held) == (State.ACCEPTED, True)
    assert (await project_by_number(dispute.award.number)).stage is Stage.RESULT_NOTICE
