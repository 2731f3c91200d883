"""A bond through the pages, from the owner's demand to the regulator's ruling; and its pages for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.demo.agencies import paper
from market.demo.contracts import accept_delivery, deliver_results, refuse_contract, sign_both
from market.kernel.db import fetch_value
from market.payments.bond_queries import demand_of, freezes_of
from market.payments.bond_rules import BondStanding, Mode
from market.payments.queries import faults_of_the_ledger
from projects.bonds import actions
from tests.access.bonds import EXPECTATIONS
from tests.contracts.award import SignIn
from tests.contracts.test_access import cast
from tests.payments.test_pages import Market, award, market, register_account, sign_in
from tests.visitor import Visitor

__all__ = ["award", "market", "sign_in"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def signed() -> bool:
    """The contract is not signed yet: a bond can still be asked for."""
    return False


async def url(market: Market) -> str:
    return f"/contracts/{(await market.award.contract()).number}/bond"


async def standing(market: Market) -> BondStanding:
    found = await demand_of((await market.award.contract()).number)
    assert found is not None
    return found.standing(market.award.world.now)


async def freeze(market: Market, agency: Visitor, page: str) -> None:
    """The agency follows the link to the simulated cashier and comes back."""
    assert (await agency.send_form(f"{page}/freeze")).status_code == 303
    await market.pass_time(seconds=1)
    shown = await agency.get(page)
    address = (await freezes_of((await demand_of((await market.award.contract()).number)).id))[0].code  # type: ignore[union-attr]
    assert f'href="{address}"' in shown.text
    assert 'class="qr"' in shown.text
    await market.buyer.post(address)
    assert (await agency.send_form(f"{page}/freeze/ask")).status_code == 303
    await market.pass_time(seconds=1)


async def test_a_bond_from_the_demand_to_the_ruling(market: Market, sign_in: SignIn) -> None:
    people = await cast(market.award)
    owner, agency, regulator = [await sign_in(people[name]) for name in ("owner", "winning_agency", "regulator")]
    page, price = await url(market), (await market.award.contract()).price
    too_much = await owner.send_form(page, {"amount": price.share(1001).yuan_text})
    assert too_much.status_code == 409
    assert (await owner.send_form(page, {"amount": price.share(1000).yuan_text})).status_code == 303
    assert "要求提供" in (await agency.get("/notifications")).text or "履约保证金" in (await agency.get(page)).text
    await register_account(market, owner)
    await sign_both(market.award.world, market.award.number, market.award.owner, market.award.winner)
    await market.pass_time(seconds=1)
    refused = await agency.send_form(f"{page}/decline", {"decline_reason": "公告未载明保证金要求"})
    assert refused.status_code == 409
    await freeze(market, agency, page)
    assert await standing(market) is BondStanding.GIVEN
    assert "保证金已到位" in (await owner.get(page)).text
    claim = {"claim_amount": "100.00", "claim_reason": "成果逾期，造成重复进场费用"}
    assert (await owner.send_form(f"{page}/claims", claim)).status_code == 303
    assert "索赔" in (await agency.get(page)).text
    answer = {"claim_answer": "no", "claim_refusal": "逾期系业主资料迟交所致"}
    assert (await agency.send_form(f"{page}/claim-answer", answer)).status_code == 303
    ruling = {"granted": "60.00", "ruling": "双方均有责任，部分支持"}
    assert (await regulator.send_form(f"{page}/claim-ruling", ruling)).status_code == 303
    await market.pass_time(seconds=1)
    paid = [one for one in market.alipay.books.trades() if one.auth_no]
    assert [one.total for one in paid] == [6_000]
    await deliver_results(market.award.world, market.award.number, market.award.winner)
    await accept_delivery(market.award.world, market.award.number, market.award.owner)
    await market.pass_time(seconds=1)
    assert "自动退还" in (await owner.get(page)).text
    returns_at = await fetch_value("SELECT returns_at FROM bond_demand")
    market.award.world.clock.set(returns_at + timedelta(seconds=1))
    await market.pass_time(seconds=1)
    assert await standing(market) is BondStanding.RETURNED
    assert await faults_of_the_ledger() == []


async def test_everybody_gets_the_answer_that_is_written_down(market: Market, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(market.award)
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    page = await url(market)
    assert (await visitors["owner"].send_form(page, {"amount": "50.00"})).status_code == 303
    wrong = []
    for (method, path), expected in EXPECTATIONS.items():
        number = page.split("/")[2]
        address = path.replace("{number:str}", number).replace(
            "{guarantee_id:uuid}", str(market.award.winner.person_id)
        )
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong.append(
                    f"{method} {path} as {who}: {expected[who]} is written down, {answer.status_code} was the answer"
                )
    assert not wrong, "\n".join(wrong)
    assert "履约保证金" in (await client.get(f"/projects/{market.award.number}")).text


async def test_a_guarantee_through_the_pages(market: Market, sign_in: SignIn) -> None:
    owner, agency = await sign_in(market.award.owner), await sign_in(market.award.winner)
    page = await url(market)
    assert (await owner.send_form(page, {"amount": "50.00"})).status_code == 303
    letter = paper("履约保函")
    fields = {"number": "BH-1", "bank": "中国建设银行青岛分行", "guaranteed": "50.00", "valid_until": "2027-06-30"}
    assert (await agency.send_form(f"{page}/guarantee", fields)).status_code == 422
    sent = await agency.send_form(
        f"{page}/guarantee", fields, files={"letter": (letter.name, letter.content, "application/pdf")}
    )
    assert sent.status_code == 303
    asked = await owner.get(page)
    assert "BH-1" in asked.text and "核实" in asked.text
    download = await owner.get(f"{page}/guarantees/{await fetch_value('SELECT id FROM bank_guarantee')}")
    assert download.status_code == 200
    assert (await owner.send_form(f"{page}/guarantee-answer", {"guarantee_answer": "yes"})).status_code == 303
    assert await standing(market) is BondStanding.GIVEN


async def test_what_becomes_of_a_demand_follows_its_contract(market: Market) -> None:
    """A last payment that is too large leaves a guarantee to give; a contract that is refused leaves nothing."""
    contract, now = await market.award.contract(), market.award.world.now
    await actions.ask(contract.number, 5_000, mode=Mode.RETENTION, viewer=market.award.owner, now=now)
    await actions.begin(contract.number, calendar=market.award.world.calendar, at=now)
    found = await demand_of(contract.number)
    assert found is not None
    assert (found.mode, found.retained_reference) == (Mode.GUARANTEE, None)
    assert found.due_at is not None
    await refuse_contract(market.award.world, contract, market.award.winner)
    await market.pass_time(seconds=1)
    assert await standing(market) is BondStanding.VOID
