"""Invoices: the check list that computes itself, and the way from the agency to the owner and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.cli.audit import audit_market
from market.demo.agencies import paper
from market.kernel.errors import Refusal
from market.kernel.money import Money, divide_half_up
from projects.payments.invoices import actions
from projects.payments.invoices.queries import check_list, invoices_of
from projects.payments.invoices.rules import Expected, Invoice, checks
from projects.payments.overdue.queries import TermView
from tests.contracts.award import Award, SignIn
from tests.contracts.conftest import award, sign_in
from tests.payments.test_fair_payment import delivered_and_accepted
from tests.visitor import Visitor

__all__ = ["award", "sign_in"]
pytestmark = pytest.mark.anyio
TODAY = date(2026, 9, 1)
RIGHT = Invoice(
    "ordinary",
    "",
    "26372000000012345678",
    TODAY,
    "青岛市市北区（示范）局",
    "11370203MB0000001X",
    106_000_00,
    100_000_00,
    6_000_00,
    600,
)
EXPECTED = Expected(106_000_00, "青岛市市北区(示范)局", "11370203MB0000001X", 6)


def failed(invoice: Invoice, expected: Expected = EXPECTED, *, used: bool = False) -> list[str]:
    return [check.label for check in checks(invoice, expected, handed_in=TODAY, used=used) if not check.passed]


def test_a_right_invoice_passes_and_each_fault_is_told_apart() -> None:
    assert failed(RIGHT) == []
    assert failed(replace(RIGHT, amount_fen=106_000_01)) == [
        "The amount is that of the payment",
        "Net amount and tax add up",
    ]
    assert failed(replace(RIGHT, net_fen=99_999_00, tax_fen=6_001_00)) == ["The tax follows from its rate"]
    assert failed(replace(RIGHT, net_fen=99_999_94, tax_fen=6_000_06)) == []  # six fen are rounding
    assert failed(replace(RIGHT, buyer_name="青岛市市南区（示范）局")) == ["The buyer is the owner"]
    assert failed(replace(RIGHT, buyer_code="")) == ["The buyer's tax code is the owner's"]
    assert failed(replace(RIGHT, buyer_code=""), replace(EXPECTED, buyer_code=None)) == []
    assert failed(RIGHT, used=True) == ["The invoice was not used before"]
    assert failed(replace(RIGHT, issued_on=date(2026, 9, 2))) == ["The day of issue has come"]


@given(st.integers(1, 10_000_000_00), st.integers(0, 1700))
def test_whatever_is_computed_from_net_amount_and_rate_passes(net: int, rate: int) -> None:
    tax = Money(net).share(rate).fen
    made = replace(RIGHT, net_fen=net, tax_fen=tax, tax_rate=rate, amount_fen=net + tax)
    assert failed(made, replace(EXPECTED, amount_fen=net + tax)) == []


def right_invoice(term: TermView, number: str = "26372000000012345678") -> Invoice:
    net = divide_half_up(term.amount_fen * 10_000, 10_000 + RIGHT.tax_rate)
    return replace(
        RIGHT, number=number, amount_fen=term.amount_fen, net_fen=net, tax_fen=term.amount_fen - net, buyer_name=term.owner_name,
        buyer_code=term.owner_code, issued_on=date(2026, 6, 16),
    )  # fmt: skip


async def hand_in(award: Award, term: TermView, invoice: Invoice) -> int:
    return await actions.hand_in(
        term.reference, invoice, paper(f"发票{invoice.number}"), viewer=award.winner, files=award.world.running.files,
        now=award.world.now,
    )  # fmt: skip


def typed(invoice: Invoice, **changes: str) -> dict[str, Any]:
    return {
        "kind": invoice.kind, "code": invoice.code, "number": invoice.number, "issued_on": invoice.issued_on.isoformat(),
        "buyer_name": invoice.buyer_name, "buyer_code": invoice.buyer_code, "amount": Money(invoice.amount_fen).yuan_text,
        "net": Money(invoice.net_fen).yuan_text, "tax": Money(invoice.tax_fen).yuan_text, "tax_rate": "6", **changes,
    }  # fmt: skip


async def test_an_invoice_is_returned_handed_in_again_and_confirmed(award: Award, sign_in: SignIn) -> None:
    term = await delivered_and_accepted(award)
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    page, invoice = f"{term.url}/invoice", right_invoice(term)
    file = {"file": ("发票.pdf", paper("发票").content, "application/pdf")}
    assert "提交“" in (await agency.get("/workbench")).text
    for wrong in ({"number": "123"}, {"code": "1234567890"}, {"issued_on": "2099-01-01"}, {"tax": "1"}):
        assert (await agency.send_form(page, typed(invoice, **wrong), files=file)).status_code == 422
    assert (await agency.send_form(page, typed(invoice, buyer_name="别的单位"), files=file)).status_code == 303
    shown = (await owner.get(page)).text
    assert "7 项核对中有" in shown
    assert (await owner.send_form(f"{page}/answer", {"answer": "returned"})).status_code == 422
    back = {"answer": "returned", "reason": "购买方名称有误，请重新开具"}
    assert (await owner.send_form(f"{page}/answer", back)).status_code == 303
    await handed_in_again_and_confirmed(award, term, invoice, owner)


async def handed_in_again_and_confirmed(award: Award, term: TermView, invoice: Invoice, owner: Visitor) -> None:
    assert await hand_in(award, term, invoice) == 2  # a returned number may come again
    (first, _) = await invoices_of(term.payable_id)
    assert [check.label for check in await check_list(term, first) if not check.passed] == []
    with pytest.raises(Refusal, match=r"invoice\.stands"):
        await hand_in(award, term, replace(invoice, number="26372000000012345679"))
    answered = await owner.send_form(f"{term.url}/invoice/answer", {"answer": "confirmed"})
    assert answered.status_code == 303
    assert (await owner.send_form(f"{term.url}/invoice/answer", {"answer": "confirmed"})).status_code == 409
    assert "已确认" in (await owner.get(term.url)).text
    assert await audit_market() == []
