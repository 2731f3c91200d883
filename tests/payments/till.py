"""A till: one owner, one agency, and everything that happens to their money, driven by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.agencies import EVERY_ROLE, credit_code
from market.kernel.clock import FixedClock, wall_now
from market.kernel.db import fetch, fetch_one, fetch_value, transaction
from market.kernel.ids import new_id
from market.payments.actions.handlings import HANDLINGS
from market.payments.actions.instructions import carry_out, lease_due
from market.payments.actions.notifying import take_notify
from market.payments.actions.payables import NewPayable, open_payable, register_account
from market.payments.actions.rows import Payment, read_instruction, read_payment
from market.payments.actions.trades import poll, refund, release, start
from market.payments.alipay.gateway import Gateway, Order
from market.payments.alipay.notify import Forged, verified
from market.payments.jobs import poll_one
from market.payments.queries import PayableView, faults_of_the_ledger, payable_by
from market.payments.rules import Means
from market.payments.simulator.app import Simulator
from market.web.viewer import Viewer
from tests.payments.conftest import ADDRESSES, pay

PRICE = 123_450


async def party(kind: str, number: int) -> Viewer:
    person = NewPerson(login=f"{kind}{number}", name="高洁", phone="13800000008", password_hash="!")
    made = NewOrganisation(
        kind=kind, code=credit_code(number, kind="12"), name=f"{kind} {number}", legal_representative="高洁",
        region_code="370203", address="", phone="0532",
    )  # fmt: skip
    await register_organisation(made, person, now=wall_now())
    return Viewer(person.id, person.name, made.id, kind, made.name, made.code, EVERY_ROLE)


@dataclass
class Till:
    clock: FixedClock
    alipay: Simulator
    gateway: Gateway
    browser: httpx.AsyncClient
    owner: Viewer
    agency: Viewer
    outcomes: list[str] = field(default_factory=list)
    opened: int = 0
    reachable: bool = True
    later: timedelta = timedelta()  # real time that tests pretend has passed

    async def receive(self, request: httpx.Request) -> httpx.Response:
        """Our notify address, without the web around it."""
        if not self.reachable:
            raise httpx.ConnectError("the market is down")
        raw = request.content
        try:
            params = verified(raw, self.gateway.client.account.alipay_keys)
        except Forged:
            return httpx.Response(400, content=b"fail")
        account = self.gateway.client.account
        self.outcomes.append(await take_notify(params, raw.decode(), account=account, now=self.clock.now()))
        return httpx.Response(200, content=b"success")

    async def onboard(self) -> None:
        await register_account("agency@demo", viewer=self.agency, now=self.clock.now())
        await self.work()
        self.clock.advance(hours=2)
        await self.alipay.tick()
        from market.payments.actions.asking import ask_onboarding

        merchant = await fetch_value("SELECT id FROM sub_merchant")
        await ask_onboarding(merchant, gateway=self.gateway, now=self.clock.now())

    async def owe(self, amount: int = PRICE, *, released: bool = False) -> str:
        """A milestone; returns its reference."""
        self.opened += 1
        reference = f"MX-2026-000001-C{self.opened}-M1"
        assert self.owner.organisation_id is not None
        assert self.agency.organisation_id is not None
        new = NewPayable(
            reference,
            "MX-2026-000001",
            "危房测绘 第一期",
            self.owner.organisation_id,
            self.agency.organisation_id,
            amount,
        )
        async with transaction():
            await open_payable(new, now=self.clock.now())
            if released:
                await release(reference, now=self.clock.now())
        return reference

    async def start(self, reference: str) -> Payment:
        return await start(reference, viewer=self.owner, means=Means.PAGE, now=self.clock.now())

    def url(self, payment: Payment, *, amount: int | None = None) -> str:
        order = Order(payment.out_trade_no, "危房测绘", amount or payment.amount_fen, payment.expires_at, payment.smid)
        return self.gateway.pay_url(order, ADDRESSES, phone=False, now=self.clock.now())

    async def buyer_pays(self, payment: Payment) -> None:
        await pay(self.browser, self.url(payment))

    async def pay(self, amount: int = PRICE, *, released: bool = False) -> tuple[str, Payment]:
        """A milestone that is paid, and known to be paid."""
        reference = await self.owe(amount, released=released)
        payment = await self.start(reference)
        await self.buyer_pays(payment)
        await self.alipay.tick()
        return reference, await read_payment(payment.id)

    async def release(self, reference: str) -> None:
        async with transaction():
            await release(reference, now=self.clock.now())

    async def refund(self, payment: Payment, amount: int) -> UUID:
        async with transaction():
            return await refund(payment.id, amount, reason="协商退款", by=None, now=self.clock.now())

    async def work(self, *, dead: timedelta = timedelta()) -> int:
        """Instructions that are due are carried out, each once. `dead`: leases of workers that died so long ago end."""
        self.later += dead
        async with transaction():
            taken = await lease_due(now=self.clock.now(), wall=wall_now() + self.later)
        for instruction_id in taken:
            instruction = await read_instruction(instruction_id)
            await carry_out(instruction_id, HANDLINGS[instruction.kind], gateway=self.gateway, now=self.clock.now())
        return len(taken)

    async def work_on(self) -> None:
        """Until nothing waits: the clock goes to every next try. What does not end after so many tries never does."""
        for _ in range(60):
            due = await fetch_value("SELECT min(due_at) FROM instruction WHERE due_at IS NOT NULL")
            if due is None:
                return
            self.clock.set(max(self.clock.now(), due))
            await self.work(dead=timedelta(hours=1))
        raise AssertionError(await fetch("SELECT kind, state, tries, answer FROM instruction WHERE due_at IS NOT NULL"))

    async def poll(self, payment: Payment) -> None:
        await poll(payment.id, gateway=self.gateway, now=self.clock.now())

    async def poll_job(self, payment: Payment) -> None:
        await poll_one(clock=self.clock, about=str(payment.id))

    async def see(self, reference: str) -> PayableView:
        found = await payable_by(reference)
        assert found is not None
        return found

    async def payment(self, payment: Payment) -> Payment:
        return await read_payment(payment.id)

    async def alarms(self) -> list[str]:
        return [row["kind"] for row in await fetch("SELECT kind FROM payment_alarm ORDER BY raised_at, kind")]

    async def sound(self) -> None:
        assert await faults_of_the_ledger() == []

    async def balance(self, code: str) -> int:
        row = await fetch_one("SELECT debits, credits FROM ledger_account WHERE code = $1", code)
        return abs(row["debits"] - row["credits"]) if row else 0


def stranger() -> Viewer:
    return Viewer(new_id(), "陌生人", new_id(), "enterprise", "别的单位", "x", EVERY_ROLE)
