"""The pages of fair payment for everybody who might ask, over one late payment and one yearly list."""

from __future__ import annotations

from datetime import datetime

import pytest

from market.demo.payments import pay_by_bank
from market.kernel.calendar import BEIJING, last_day
from projects.payments.overdue.queries import TermView
from tests.access.fair_payment import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.conftest import award, sign_in
from tests.contracts.test_access import cast
from tests.payments.test_fair_payment import delivered_and_accepted, open_next_year
from tests.payments.test_invoices import hand_in, right_invoice
from tests.visitor import Visitor

__all__ = ["award", "sign_in"]
pytestmark = pytest.mark.anyio


async def test_everybody_gets_the_answer_that_is_written_down(award: Award, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(award)
    late = await delivered_and_accepted(award)
    assert late.due_at is not None
    await open_next_year(award)
    award.world.clock.set(datetime(2027, 3, 20, 9, tzinfo=BEIJING))
    await award.world.settle()
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    await what_the_pages_say(visitors, late)
    await hand_in(award, late, right_invoice(late))
    await pay_by_bank(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    filled = {"reference:str": late.reference, "year:int": "2026", "no:int": "1", "code:str": late.owner_code}
    wrong = []
    for (method, path), expected in EXPECTATIONS.items():
        address = path
        for name, value in filled.items():
            address = address.replace(f"{{{name}}}", value)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong.append(f"{method} {path} as {who}: {expected[who]} is written down, {answer.status_code} came")
    assert not wrong, "\n".join(wrong)
    await what_is_said_once_it_is_paid(visitors, late)


async def what_the_pages_say(visitors: dict[str, Visitor], late: TermView) -> None:
    assert late.due_at is not None
    reference, due_on, owner, code = late.reference, str(last_day(late.due_at)), late.owner_name, late.owner_code
    anonymous, agency = visitors["anonymous"], visitors["winning_agency"]
    public = (await anonymous.get("/overdue")).text
    assert owner in public
    assert due_on in public
    for path in ("/overdue.csv", "/overdue/2026/list.csv"):
        assert owner in (await anonymous.get(path)).text
    year = (await anonymous.get("/overdue/2026/list.json")).json()
    assert [row["payable"] for row in year["published"]["rows"]] == [reference]
    assert "利息计算单" in (await agency.get(f"/payments/{reference}")).text
    assert "已逾期" in (await visitors["owner"].get(f"/payments/{reference}")).text
    standing = (await anonymous.get(f"/owners/{code}")).text
    assert "业主长期拖欠付款" in standing
    assert "已提醒业主履行义务" in standing
    assert "拖欠" in (await visitors["regulator"].get("/workbench")).text
    pdfs = [(await agency.get(f"/payments/{reference}/interest.pdf")).content for _ in range(2)]
    assert pdfs[0] == pdfs[1]
    assert pdfs[0].startswith(b"%PDF")


async def what_is_said_once_it_is_paid(visitors: dict[str, Visitor], late: TermView) -> None:
    owner, agency = visitors["owner"], visitors["winning_agency"]
    assert late.owner_name not in (await visitors["anonymous"].get("/overdue")).text
    assert "其后已付" in (await owner.get("/overdue/2026")).text
    receipt = f"{late.url}/receipts/1"
    assert "已由中介机构确认" in (await agency.get(receipt)).text
    pdfs = [(await one.get(f"{receipt}/receipt.pdf")).content for one in (owner, agency)]
    assert pdfs[0] == pdfs[1]
    amount = late.amount.yuan_text
    for visitor, cells in ((owner, f",,{amount},"), (agency, f",{amount},,")):
        assert cells in (await visitor.get("/payments/statement.csv")).text
        assert (await visitor.get("/payments/statement.pdf")).content.startswith(b"%PDF")
    assert amount not in (await owner.get("/payments/statement.csv?from=2026-01-01&to=2026-06-30")).text
    assert (await owner.get("/payments/statement?from=2026-02-01&to=2026-01-01")).status_code == 422
