"""What is paid, secured and given back under a contract, by two programs and a simulated Alipay."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from market.demo.agencies import credit_code, paper
from market.demo.contracts import sign_both
from market.demo.projects import open_owner
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch_value
from market.payments.actions.payables import register_account
from market.payments.bond_queries import demand_of
from projects.payments.overdue.queries import terms_about
from tests.api.conftest import Enter, Program
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, SignIn, accepted, drawn, recall
from tests.contracts.conftest import sign_in
from tests.payments.conftest import alipay, identity, letterbox
from tests.payments.test_invoices import right_invoice, typed
from tests.payments.test_pages import Market, market

__all__ = ["alipay", "identity", "letterbox", "market", "sign_in"]

beginning = begins_with({"accepted_award": accepted, "award": drawn})
REASON = "双方协商一致，不再需要保证金。"
FILE = {"name": "保函.pdf", "content": base64.b64encode(paper("保函").content).decode()}


@pytest.fixture
def award(beginning: Beginning, world: World) -> Award:
    return recall(beginning, world)


@pytest.fixture
def signed() -> bool:
    return False


async def both(award: Award, enter: Enter) -> tuple[Program, Program]:
    """The owner's program and the agency's; another owner and an agency that was not drawn try everything as well."""
    other = await open_owner(award.world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11"))
    owner, agency = await enter(award.owner), await enter(award.winner)
    owner.strangers = agency.strangers = [await enter(other), await enter(award.losers[0])]
    return owner, agency


PLAN: dict[str, Any] = {
    "milestones": [{"title": "外业测量", "share": 40, "days": 6}, {"title": "全部成果报告", "share": "60", "days": 9}],
    "language": "zh",
}


async def test_terms_are_agreed_a_bond_is_declined_and_the_contract_refused(award: Award, enter: Enter) -> None:
    (owner, agency), contract = await both(award, enter), (await award.run_past_notice()).number
    await owner.is_refused("proposeTerms", "invalid", {**PLAN, "milestones": []}, number=contract)
    await owner.does("proposeTerms", PLAN, number=contract)
    await agency.is_refused("answerTerms", "invalid", {"no": 1, "answer": "decline"}, number=contract)
    await agency.does("answerTerms", {"no": 1, "answer": "agree"}, number=contract)
    await owner.is_refused("askForBond", "bond.too_high", {"amount": "100000.00"}, number=contract)
    await owner.does("askForBond", {"amount": "50.00"}, number=contract)
    await agency.is_refused("declineBond", "invalid", {"decline_reason": ""}, number=contract)
    await agency.does("declineBond", {"decline_reason": "公告未载明保证金要求。"}, number=contract)
    await agency.is_refused("refuseContract", "invalid", {"reason": "不"}, number=contract)
    await agency.does("refuseContract", {"reason": "项目人员已另有安排，无法按期完成服务。"}, number=contract)


async def test_a_bond_is_guaranteed_by_a_bank_and_waived(award: Award, enter: Enter) -> None:
    (owner, agency), contract = await both(award, enter), (await award.run_past_notice()).number
    await owner.does("askForBond", {"amount": "50.00"}, number=contract)
    guarantee = {
        "number": "BH-1",
        "bank": "中国建设银行青岛分行",
        "guaranteed": "50.00",
        "valid_until": "2027-06-30",
        "letter": FILE,
    }
    await agency.is_refused(
        "handInGuarantee", "bond.guarantee_too_small", {**guarantee, "guaranteed": "49.99"}, number=contract
    )
    await agency.does("handInGuarantee", guarantee, number=contract)
    await owner.is_refused("answerGuarantee", "invalid", {"guarantee_answer": "no"}, number=contract)
    await owner.does("answerGuarantee", {"guarantee_answer": "yes"}, number=contract)
    await owner.is_refused("waiveBond", "invalid", {}, number=contract)
    await owner.does("waiveBond", {"waive_reason": REASON}, number=contract)


async def know(market: Market, award: Award) -> None:
    """Both sides are known to Alipay and can be paid."""
    for viewer, name in ((award.owner, "owner@demo"), (award.winner, "agency@demo")):
        await register_account(name, viewer=viewer, now=market.award.world.now)
    for _ in range(2):
        await market.pass_time(minutes=5)


async def test_a_bond_is_frozen_claimed_and_given_back(market: Market, award: Award, enter: Enter) -> None:
    (owner, agency), contract = await both(award, enter), (await award.contract()).number
    await owner.does("askForBond", {"amount": "50.00"}, number=contract)
    await know(market, award)
    await sign_both(award.world, award.number, award.owner, award.winner)
    await agency.does("offerFreeze", number=contract)
    await market.pass_time(seconds=1)
    await agency.does("withdrawFreeze", number=contract)
    await agency.does("offerFreeze", number=contract)
    await market.pass_time(seconds=1)
    await market.buyer.post(await fetch_value("SELECT code FROM bond WHERE state = 'asked'"))
    await agency.does("askAboutFreeze", number=contract)
    await market.pass_time(seconds=1)
    await agency.is_refused("offerFreeze", "bond.frozen_already", number=contract)

    claim = {"claim_amount": "10.00", "claim_reason": "成果逾期，造成重复进场费用。"}
    await owner.is_refused("claimBond", "bond.too_small", {**claim, "claim_amount": "50.01"}, number=contract)
    await owner.does("claimBond", claim, number=contract)
    await agency.is_refused("answerClaim", "invalid", {"claim_answer": "no"}, number=contract)
    await agency.does("answerClaim", {"claim_answer": "yes"}, number=contract)
    await market.pass_time(seconds=1)
    await owner.is_refused("giveBondBack", "bond.too_small", {"returned": "50.01"}, number=contract)
    await owner.does("giveBondBack", {"returned": "15.00"}, number=contract)
    await market.pass_time(seconds=1)
    bond = await demand_of(contract)
    assert bond is not None
    assert bond.left_fen == 25_00


async def test_money_is_paid_at_alipay_and_asked_back(
    market: Market, award: Award, enter: Enter, sign_in: SignIn
) -> None:
    owner, agency = await both(award, enter)
    await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    reference = (await market.payable()).reference
    await owner.is_refused("startPayment", "payments.payee_not_ready", {"means": "page"}, reference=reference)
    await know(market, award)
    await owner.does("startPayment", {"means": "page"}, reference=reference)
    person = await sign_in(award.owner)  # paying is for people
    to_alipay = (await person.get(f"/payments/{reference}/cashier")).headers["location"]
    cashier = (await market.buyer.get(to_alipay)).headers["location"]
    for step in ("identify", "pay"):
        await market.buyer.post(cashier, data={"step": step})
    refund = {"refund": "10.00", "refund_reason": "双方商定减少一个测点。"}
    await owner.is_refused("askForRefund", "payments.not_held", refund, reference=reference)
    await market.pass_time(seconds=1)
    await owner.does("askForRefund", refund, reference=reference)
    await owner.is_refused("askForRefund", "refund.asked_already", refund, reference=reference)
    await owner.does("withdrawRefundRequest", reference=reference)
    await market.pass_time(seconds=1)
    await owner.does("askForRefund", refund, reference=reference)
    await agency.is_refused("answerRefundRequest", "invalid", {"refund_answer": "refuse"}, reference=reference)
    await agency.does("answerRefundRequest", {"refund_answer": "agree"}, reference=reference)
    for _ in range(2):
        await market.pass_time(seconds=1)
    assert (await agency.read(f"/payments/{reference}")).json()["refunded"] == 10_00


@pytest.fixture
def accepted_award(award: Award) -> Award:
    """Delivered and accepted: the payment is owed."""
    return award


async def test_an_invoice_and_a_transfer_are_answered(accepted_award: Award, enter: Enter) -> None:
    award = accepted_award
    owner, agency = await both(award, enter)
    [term] = (await terms_about(award.number)).values()
    invoice = {**typed(right_invoice(term)), "file": FILE}
    wrong = await agency.is_refused("handInInvoice", "invalid", {**invoice, "number": "123"}, reference=term.reference)
    assert [one["field"] for one in wrong["errors"]] == ["number"]
    await agency.does("handInInvoice", invoice, reference=term.reference)
    await owner.is_refused("answerInvoice", "invalid", {"answer": "returned"}, reference=term.reference)
    await owner.does("answerInvoice", {"answer": "confirmed"}, reference=term.reference)

    transfer = {"amount": f"{term.amount_fen / 100:.2f}", "paid_on": beijing_date(award.world.now).isoformat(),
                "bank_reference": "ICBC20260616001"}  # fmt: skip
    await agency.is_refused("answerTransfer", "invalid", {"answer": "denied"}, reference=term.reference)
    await owner.is_refused("stateTransfer", "invalid", {**transfer, "amount": "1.00"}, reference=term.reference)
    await owner.does("stateTransfer", transfer, reference=term.reference)
    await agency.does("answerTransfer", {"answer": "confirmed"}, reference=term.reference)
