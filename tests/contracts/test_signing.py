"""From a final result to a contract in force, on a real database."""

from __future__ import annotations

import pytest

from market.demo.contracts import refuse_contract, sign_both, sign_contract
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of
from projects.contracts import actions
from projects.contracts.rules import Ending, State
from projects.rules import Stage
from projects.selection.objections.actions import raise_objection, withdraw_objection
from tests.contracts.award import Award, acts_of


async def test_a_result_becomes_final_with_the_end_of_its_notice_and_opens_the_contract(award: Award) -> None:
    project = await award.project()
    assert project.stage is Stage.RESULT_NOTICE
    contract = await award.run_past_notice()
    project = await award.project()
    assert project.stage is Stage.CONTRACTING
    assert project.result_final_at == award.world.now
    assert project.due_at == contract.sign_due_at
    assert contract.state is State.SIGNING
    assert contract.number == f"{award.number}-C1"
    assert (contract.owner_code, contract.agency_code) == (
        award.owner.organisation_code,
        award.winner.organisation_code,
    )
    assert contract.sign_due_at == award.world.calendar.add_working_days(award.world.now, 10)


async def test_the_terms_are_the_result_and_their_fingerprint_is_public(award: Award) -> None:
    contract = await award.run_past_notice()
    project, terms = await award.project(), contract.terms
    assert terms.price_fen == project.price_fen == contract.price_fen
    assert (terms.title, terms.content, terms.service_days) == (project.title, project.content, project.service_days)
    assert (terms.acceptance.silence_days, terms.acceptance.reminder_days) == (10, (5, 9))
    drawn = next(entry for entry in await history_of(award.number) if entry.kind == "draw.made")
    assert terms.award.dossier_sha256 == drawn.data["dossier_sha256"]
    opened = next(entry for entry in await history_of(award.number) if entry.kind == "contract.opened")
    assert opened.data["terms_sha256"] == terms.sha256 == contract.terms_sha256


async def test_both_sides_are_told_once(award: Award) -> None:
    await award.run_past_notice()
    await award.world.settle()
    rows = await fetch("SELECT organisation_id, link FROM inbox_message WHERE cause LIKE 'contract.opened:%'")
    assert {row["organisation_id"] for row in rows} == {award.owner.organisation_id, award.winner.organisation_id}
    assert len(rows) == 2


async def test_with_the_second_signature_the_contract_is_in_force(award: Award) -> None:
    contract = await award.run_past_notice()
    contract = await sign_contract(award.world, contract, award.winner)
    assert contract.state is State.SIGNING
    assert (await award.project()).stage is Stage.CONTRACTING
    award.world.clock.advance(hours=30)
    contract = await sign_contract(award.world, contract, award.owner)
    assert contract.state is State.IN_FORCE
    assert contract.delivery_due_at == award.world.calendar.add_working_days(
        award.world.now, contract.terms.service_days
    )
    project = await award.project()
    assert (project.stage, project.signed_at) == (Stage.FULFILMENT, award.world.now)
    assert [await acts_of(award.number, kind) for kind in ("contract.signed", "contract.in_force")] == [2, 1]


async def test_the_same_signature_sent_twice_is_recorded_once(award: Award) -> None:
    contract = await award.run_past_notice()
    for _ in range(2):
        await sign_contract(award.world, contract, award.winner)
    await sign_both(award.world, award.number, award.owner, award.winner)
    await sign_contract(award.world, contract, award.owner)
    assert await acts_of(award.number, "contract.signed") == 2
    assert await acts_of(award.number, "contract.in_force") == 1


async def test_a_fingerprint_of_other_terms_signs_nothing(award: Award) -> None:
    contract = await award.run_past_notice()
    with pytest.raises(Refusal, match=r"contract\.other_terms"):
        await actions.sign(
            contract.number,
            viewer=award.owner,
            terms_sha256="0" * 64,
            calendar=award.world.calendar,
            now=award.world.now,
        )
    assert (await award.contract()).owner_signed_at is None
    assert await acts_of(award.number, "contract.signed") == 0


async def test_strangers_find_no_contract_to_sign(award: Award) -> None:
    contract = await award.run_past_notice()
    for stranger in award.losers:
        with pytest.raises(NotFound):
            await sign_contract(award.world, contract, stranger)
        with pytest.raises(NotFound):
            await refuse_contract(award.world, contract, stranger)


async def test_an_agency_that_refuses_is_replaced_by_a_draw_among_the_rest(award: Award) -> None:
    contract = await award.run_past_notice()
    first = award.winner
    refused = await refuse_contract(award.world, contract, first, "本单位项目负责人因病无法履约。")
    assert (refused.ended, refused.end_reason) == (Ending.AGENCY_REFUSED, "本单位项目负责人因病无法履约。")
    project = await award.project()
    assert project.stage is Stage.DRAWING
    row = await fetch_one(
        "SELECT no, cause, pool FROM selection_round WHERE project_id = $1 ORDER BY no DESC", project.id
    )
    assert row is not None
    assert (row["no"], row["cause"]) == (2, "winner_refused")
    assert first.organisation_code not in {one["code"] for one in from_json(row["pool"])}
    await award.world.run_past(award.world.now)
    await award.refresh()
    assert award.winner != first
    second = await award.run_past_notice()
    assert second.number == f"{award.number}-C2"
    assert await acts_of(award.number, "contract.refused") == 1


async def test_nobody_who_refused_is_drawn_again_and_the_project_fails_when_nobody_is_left(award: Award) -> None:
    refusers = []
    for _ in award.agents:
        contract = await award.run_past_notice()
        await award.refresh()
        refusers.append(award.winner)
        await refuse_contract(award.world, contract, award.winner)
        await award.world.run_past(award.world.now)
    assert len(set(refusers)) == len(award.agents)
    assert (await award.project()).stage is Stage.FAILED


async def test_an_owner_that_refuses_ends_its_project_and_the_reason_is_public(award: Award) -> None:
    contract = await award.run_past_notice()
    await sign_contract(award.world, contract, award.winner)
    await refuse_contract(award.world, contract, award.owner, "上级批复调整，本项目不再实施。")
    project = await award.project()
    assert (project.stage, project.terminated_at) == (Stage.TERMINATED, award.world.now)
    acts = {entry.kind: entry.data for entry in await history_of(award.number)}
    assert acts["contract.refused"]["side"] == "owner"
    assert acts["project.terminated"]["reason"] == "上级批复调整，本项目不再实施。"


async def test_a_contract_that_nobody_signs_lapses_and_the_draw_is_repeated(award: Award) -> None:
    contract, first = await award.run_past_notice(), award.winner
    await award.world.run_until(contract.sign_due_at)
    lapsed = [entry for entry in await history_of(award.number) if entry.kind == "contract.lapsed"]
    assert [entry.data["missing"] for entry in lapsed] == [["owner", "agency"]]
    assert (await award.project()).stage is Stage.DRAWING
    await award.world.run_past(award.world.now)
    await award.refresh()
    assert award.winner != first


async def test_where_only_the_owner_did_not_sign_the_project_ends(award: Award) -> None:
    contract = await award.run_past_notice()
    await sign_contract(award.world, contract, award.winner)
    await award.world.run_until(contract.sign_due_at)
    assert (await award.project()).stage is Stage.TERMINATED
    [lapsed] = [entry for entry in await history_of(award.number) if entry.kind == "contract.lapsed"]
    assert lapsed.data["missing"] == ["owner"]
    assert (await award.contract()).ended is Ending.LAPSED


async def test_an_open_objection_holds_the_contract_back(award: Award) -> None:
    project = await award.project()
    loser = award.losers[0]
    assert loser.organisation_id is not None
    assert loser.person_id is not None
    raised = await raise_objection(
        project.id, loser.organisation_id, grounds="中选机构的测绘资质专业类别与公告要求不符。", by=loser.person_id,
        now=award.world.now,
    )  # fmt: skip
    assert project.result_notice_ends_at is not None
    await award.world.run_until(project.result_notice_ends_at)
    assert (await award.project()).stage is Stage.RESULT_NOTICE
    await withdraw_objection(raised, loser.organisation_id, now=award.world.now)
    await award.world.settle()
    assert (await award.project()).stage is Stage.CONTRACTING
