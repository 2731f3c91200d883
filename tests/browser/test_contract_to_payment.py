"""From the result to the final payment in browsers: terms agreed and signed, two milestones paid at the (simulated)
cashier, delivered, returned once, accepted, released, a part of the second refunded in a dispute, and the day closed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import expect

from market.cli.listening import listen
from market.cli.simulating import run_simulator
from market.demo import payment_disputes as acts
from market.demo.agencies import operator_of
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch_value
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.opening import put_in_force
from market.payments.queries import faults_of_the_ledger, payable_by
from market.payments.rules import Standing, bill_due_at
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import Identity
from projects.contracts.queries import ContractView
from projects.contracts.signing import certificates
from tests.browser import agency, owner
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.contracts.award import Award, make_award
from tests.payments.conftest import account_at, identity
from tests.serving import free_port

__all__ = ["identity"]
pytestmark = pytest.mark.browser
BACK_FEN = 100_050
# Nothing of ours: what anybody with the file, the authority's certificate and pyHanko would do.
VERIFY = """
import sys
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
root = load_cert_from_pemder(sys.argv[2])
for one in PdfFileReader(open(sys.argv[1], "rb")).embedded_regular_signatures:
    then = ValidationContext(trust_roots=[root], moment=one.self_reported_timestamp, allow_fetching=False)
    print(validate_pdf_signature(one, then, then).bottom_line)
"""


@dataclass
class Story:
    award: Award
    alipay: Simulator
    owner: Person
    agency: Person
    operator: Person
    contract: ContractView

    @property
    def world(self) -> World:
        return self.award.world

    def payment(self, milestone: int) -> str:
        return f"/payments/{self.contract.number}-M{milestone}"

    async def standing(self, milestone: int) -> Standing:
        found = await payable_by(f"{self.contract.number}-M{milestone}")
        assert found is not None
        return found.standing

    async def pass_time(self, times: int = 1, **delta: int) -> None:
        """Alipay says what it has to say, and the market does what is due."""
        for _ in range(times):
            self.world.clock.advance(**delta)
            await self.alipay.tick()
            await self.world.settle()


@pytest.fixture
async def alipay(world: World, site: Litestar, address: str, identity: Identity) -> AsyncIterator[Simulator]:
    """On an address of its own, where a buyer's browser finds the cashier; it reports to the market's address."""
    port = free_port()
    there = f"http://127.0.0.1:{port}"
    site.state.running = replace(world.running, settings=replace(world.settings, public_url=address))
    made = Simulator(identity, Books(None), world.clock, there)
    client = Client(account_at(identity, url=f"{there}/gateway.do"))
    put_in_force(Gateway(client))
    serving = asyncio.create_task(run_simulator(made, listen("127.0.0.1", port)))
    yield made
    put_in_force(None)
    await client.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_from_the_result_to_the_final_payment(
    world: World, alipay: Simulator, arrive: Arrive, tmp_path: Path
) -> None:
    story = await _begin(world, alipay, arrive)
    await _the_terms_are_agreed_and_signed(story)
    await _anybody_verifies_the_contract(story, tmp_path)
    await _the_agency_registers_its_account(story)
    for milestone in (1, 2):
        await _the_owner_pays(story, milestone)
    await _delivered_returned_accepted_released(story)
    await _a_part_of_the_second_is_refunded(story)
    await _the_day_is_closed(story)
    await _both_see_where_everything_went(story)


async def _begin(world: World, alipay: Simulator, arrive: Arrive) -> Story:
    award = await make_award(world)
    contract = await award.run_past_notice()
    owner, agency, operator = people = [await arrive() for _ in range(3)]
    for person, viewer in zip(people, (award.owner, award.winner, await operator_of(world)), strict=True):
        await person.enter_as(viewer)
    for person in people:
        person.keep_looking = False  # these pages are inspected where each is tested; here it is the way that counts
    return Story(award, alipay, owner, agency, operator, contract)


async def _the_terms_are_agreed_and_signed(story: Story) -> None:
    url = story.contract.url
    await story.owner.open(f"{url}/draft")
    await story.owner.fill(
        title_1="外业测量及初步成果", share_1="40", days_1="6", title_2="全部成果报告", share_2="60", days_2="9", language="zh",
    )  # fmt: skip
    await story.owner.send(f"{url}/draft")
    await story.agency.open(f"{url}/draft")
    await story.agency.fill(answer="agree")
    await story.agency.send(f"{url}/draft/answer")
    for person in (story.agency, story.owner):
        await owner.sign(person, url)
    await story.pass_time(seconds=1)


async def _anybody_verifies_the_contract(story: Story, folder: Path) -> None:
    await story.owner.open(story.contract.url)
    async with story.owner.downloading(folder) as files:
        await story.owner.page.locator('#documents a[href*="/documents/"]').first.click()
    from cryptography.hazmat.primitives.serialization import Encoding

    (root,) = await certificates.roots()
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        VERIFY,
        str(files[0]),
        str(folder / "root.pem"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert said.decode().split() == ["True", "True"]


async def _the_agency_registers_its_account(story: Story) -> None:
    await story.agency.open("/payments/account")
    await story.agency.fill(logon_id="agency@demo", own=True)
    await story.agency.send("/payments/account")
    await story.pass_time(2, minutes=5)
    await story.agency.open("/payments/account")
    await expect(story.agency.page.locator("main")).to_contain_text("已确认")


async def _the_owner_pays(story: Story, milestone: int) -> None:
    """Prepared at the market, paid at Alipay, and back."""
    person, url = story.owner, story.payment(milestone)
    await person.open(url)
    await person.send(f"{url}/trades")
    await person.follow(person.page.locator(f'a[href="{url}/cashier"]'))
    for step in ("identify", "pay"):
        await person.press(person.page.locator(f'form:has([name="step"][value="{step}"]) button'))
    assert person.path.startswith(f"{url}?back=1")
    await story.pass_time(seconds=1)
    await person.open(url)
    await expect(person.page.locator("header.heading")).to_contain_text("支付宝保管中")
    assert await story.standing(milestone) is Standing.HELD


async def _delivered_returned_accepted_released(story: Story) -> None:
    number = story.award.number
    await agency.deliver(story.agency, number)
    await owner.return_delivery(story.owner, number)
    await agency.deliver(story.agency, number)
    await owner.accept_delivery(story.owner, number)
    await story.pass_time(3, seconds=30)
    assert await story.standing(1) is Standing.RELEASED
    await story.agency.open(story.payment(1))
    await expect(story.agency.page.locator("header.heading")).to_contain_text("已放款")


async def _a_part_of_the_second_is_refunded(story: Story) -> None:
    """Delivered, disputed by the owner, and agreed on what the operator proposes."""
    await agency.deliver(story.agency, story.award.number)
    form = f"{story.contract.url}/milestones/2/dispute"
    await story.owner.open(form)
    await story.owner.fill(
        kind="quality", division="part", refund="2,000", statement=acts.STATEMENT, files=["检验记录.pdf"]
    )
    await story.owner.send(form)
    url = story.owner.path.split("?")[0]
    await story.agency.open(f"{url}/answer")
    await story.agency.fill(answer=acts.ANSWER)
    await story.agency.send(f"{url}/answer")
    await story.operator.open(url)
    await story.operator.send(f"{url}/taking")
    await story.operator.open(f"{url}/proposal")
    await story.operator.fill(division="part", refund="1,000.50", reasons=acts.PROPOSAL)
    await story.operator.send(f"{url}/proposal")
    for side in (story.owner, story.agency):
        await side.open(f"{url}/reply")
        await side.fill(reply="accepted")
        await side.send(f"{url}/reply")
    await story.pass_time(6, minutes=2)
    await story.owner.open(url)
    await story.owner.open(story.payment(2))
    assert await story.standing(2) is Standing.RELEASED
    await expect(story.owner.page.locator("main")).to_contain_text("1,000.50")


async def _the_day_is_closed(story: Story) -> None:
    """The morning after: bill and ledger say the same."""
    for day in sorted(
        {beijing_date(await fetch_value("SELECT min(paid_at) FROM payment")), beijing_date(story.world.now)}
    ):
        await story.world.run_until(max(bill_due_at(day), story.world.now))
        await story.operator.open("/operator/payments")
        await story.operator.open(f"/operator/payments/{day}")
        await story.operator.send(f"/operator/payments/{day}/close")
        await expect(story.operator.page.locator("header.heading")).to_contain_text("已关账")


async def _both_see_where_everything_went(story: Story) -> None:
    for person in (story.owner, story.agency):
        await person.open("/payments")
        await person.open(story.payment(2))
        await person.open(f"/projects/{story.award.number}")
    assert await faults_of_the_ledger() == []
    books = story.alipay.books
    assert sorted((one.refunded, one.settlement is not None) for one in books.trades()) == [(0, True), (BACK_FEN, True)]
