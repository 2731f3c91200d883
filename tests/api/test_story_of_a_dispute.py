"""A quarrel about a milestone's money, by the programs of both sides."""

from __future__ import annotations

import base64

from market.demo import payment_disputes as acts
from market.demo.agencies import credit_code, paper
from market.demo.payments import pay_by_bank
from market.demo.projects import open_owner
from projects.disputes.queries import dispute_by_number
from projects.disputes.rules import State
from tests.api.conftest import Enter, Program
from tests.beginnings import begins_with
from tests.disputes.case import Case, contested
from tests.disputes.conftest import alipay, browser, case, gateway, identity, letterbox

__all__ = ["alipay", "browser", "case", "gateway", "identity", "letterbox"]

beginning = begins_with({"case": contested})
PIECE = {"name": "检验记录.pdf", "content": base64.b64encode(paper("检验记录").content).decode()}
QUARREL = {"kind": "quality", "division": "part", "refund": "5000", "statement": acts.STATEMENT}


async def both(case: Case, enter: Enter) -> tuple[Program, Program]:
    other = await open_owner(case.world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11"))
    owner, agency = await enter(case.owner), await enter(case.agency)
    owner.strangers = agency.strangers = [await enter(other), await enter(case.award.losers[0])]
    return owner, agency


async def test_from_the_opening_to_the_transfer(case: Case, enter: Enter) -> None:
    await pay_by_bank(case.world, case.award.number, case.owner, case.agency)
    (owner, agency), contract = await both(case, enter), (await case.contract()).number
    wrong = await owner.is_refused("openDispute", "invalid", {**QUARREL, "statement": "短"}, number=contract, no=1)
    assert [one["field"] for one in wrong["errors"]] == ["statement"]
    told = await owner.does("openDispute", QUARREL, number=contract, no=1)
    number = told["page"].rpartition("/")[2]
    await agency.is_refused("openDispute", "dispute.open", QUARREL, number=contract, no=1)
    await owner.does("withdrawDispute", number=number)
    await owner.is_refused("withdrawDispute", "dispute.moved_on", number=number)
    await agency.is_refused("answerDispute", "dispute.moved_on", {"answer": acts.ANSWER}, number=number)

    case.world.clock.advance(minutes=1)
    told = await owner.does("openDispute", QUARREL, number=contract, no=1)
    number = told["page"].rpartition("/")[2]
    await owner.is_refused("addEvidence", "invalid", {}, number=number)
    await owner.does("addEvidence", {"files": [PIECE]}, number=number)
    await agency.is_refused("answerDispute", "invalid", {"answer": "不"}, number=number)
    await agency.does("answerDispute", {"answer": acts.ANSWER, "files": [PIECE]}, number=number)
    proposal = {"division": "part", "refund": "5000", "reasons": acts.PROPOSAL}
    await owner.is_refused("proposeAgreement", "invalid", {**proposal, "refund": "99999999"}, number=number)
    await agency.is_refused("answerProposal", "dispute.no_proposal", {"reply": "refused"}, number=number)
    await owner.does("proposeAgreement", proposal, number=number)
    await agency.does("answerProposal", {"reply": "refused"}, number=number)
    await owner.is_refused("sayLastWord", "dispute.moved_on", {"word": acts.LAST_WORD}, number=number)
    dispute = await dispute_by_number(number)
    await acts.give_up(case.world, dispute, case.operator)
    await acts.prepare(case.world, dispute, case.regulator)
    for side in (owner, agency):
        await side.does("sayLastWord", {"word": acts.LAST_WORD}, number=number)
    await acts.rule(case.world, dispute, case.regulator, 5_000_00)
    await case.finish(dispute)

    transfer = {"paid_on": case.world.now.date().isoformat(), "bank_reference": "ICBC-7"}
    await agency.is_refused("stateDisputeTransfer", "invalid", {**transfer, "paid_on": "2030-01-01"}, number=number)
    await agency.does("stateDisputeTransfer", transfer, number=number)
    await owner.is_refused("answerDisputeTransfer", "invalid", {"received": "denied"}, number=number)
    await owner.does("answerDisputeTransfer", {"received": "confirmed"}, number=number)
    assert (await case.finish(dispute)).state is State.EXECUTED
