"""Random histories: payments, notifies that are doubled, late, lost or forged, refunds, releases, workers that die, answers
that never come. Whatever happens, paid = held + settled + refunded for every trade, debits equal credits, Alipay and our
books agree in the end, and nothing stays unknown without an alarm."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from market.kernel import db
from market.kernel.calendar import BEIJING
from market.kernel.clock import FixedClock
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.errors import Refusal
from market.payments.actions.payables import cancel
from market.payments.actions.rows import read_payment
from market.payments.actions.trades import block, poll, unblock
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.queries import faults_of_the_ledger
from market.payments.rules import Standing
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import Identity
from tests.conftest import database_dsn
from tests.payments.conftest import ADDRESS, account_at, open_cashier, silence
from tests.payments.till import Till, party

pytestmark = pytest.mark.anyio
ANSWERS = ("hang", "commit_then_hang", "commit_then_system_error", "system_error", "busy", "limited", "http502", "html200",
           "bad_sign", "unsigned", "other_order")  # fmt: skip
NOTIFIES = ("delay", "drop", "duplicate", "forged", "wrong_app", "altered_amount", "unknown_order")
METHODS = ("alipay.trade.query", "alipay.trade.refund", "alipay.trade.settle.confirm", "alipay.trade.close",
           "alipay.trade.fastpay.refund.query")  # fmt: skip


class Killed(Exception):
    """The worker's process ends in the middle of a call."""


class Histories(RuleBasedStateMachine):
    """Runs on one database, emptied between histories; Hypothesis is synchronous, so the machine keeps a loop."""

    loop: asyncio.AbstractEventLoop
    dsn: str
    identity: Identity
    till: Till
    parties = 0

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.references: list[str] = []
        self.run(self._begin())

    async def _begin(self) -> None:
        await db.connect(self.dsn, pool_size=4)
        await _empty()
        clock = FixedClock(datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING))
        alipay = Simulator(self.identity, Books(None), clock, ADDRESS, hanging=self._hang)
        gateway = Gateway(Client(account_at(self.identity), transport=httpx.ASGITransport(app=alipay)))
        browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=alipay), base_url=ADDRESS)
        number = Histories.parties = Histories.parties + 2
        self.till = Till(
            clock, alipay, gateway, browser, await party("public_body", number), await party("agency", number + 1)
        )
        alipay.messenger.http = httpx.AsyncClient(transport=httpx.MockTransport(self.till.receive))
        self.deadly = False
        await self.till.onboard()
        self.references.append((await self.till.pay(amount=100_000))[0])

    async def _hang(self) -> None:
        if self.deadly:
            raise Killed
        await silence()

    def teardown(self) -> None:
        if hasattr(self, "till"):
            try:
                self.run(self._finish())
            finally:
                self.run(db.disconnect())

    async def _finish(self) -> None:
        """Failures end; both sides come to rest; then their books say the same."""
        till = self.till
        till.alipay.faults.clear()
        till.reachable, self.deadly = True, False
        for _ in range(4):
            await till.work_on()
            till.clock.advance(days=2)
            for _ in range(10):
                await till.alipay.tick()
            for row in await fetch("SELECT id FROM payment WHERE state IN ('awaiting', 'closing', 'closed')"):
                await poll(row["id"], gateway=till.gateway, now=till.clock.now())
        await till.work_on()
        await till.sound()
        await self._agree()

    async def _agree(self) -> None:
        rows = await fetch("SELECT out_trade_no, state, paid_fen, refunded_fen, settled_fen, reserved_fen FROM payment")
        for row in rows:
            trade = self.till.alipay.books.trade(row["out_trade_no"])
            if trade is None or trade.paid_at is None:
                assert row["paid_fen"] == 0, row
                continue
            settled = trade.settlement[1] if trade.settlement else 0
            assert (row["paid_fen"], row["refunded_fen"], row["settled_fen"]) == (
                trade.total,
                trade.refunded,
                settled,
            ), row
            assert row["reserved_fen"] == 0, row
        assert await fetch_value("SELECT count(*) FROM instruction WHERE ended_at IS NULL") == 0

    def _some(self, data: Any) -> str:
        return data.draw(st.sampled_from(self.references))

    @rule(amount=st.integers(1, 5_000_00), released=st.booleans())
    def owe(self, amount: int, released: bool) -> None:
        self.references.append(self.run(self.till.owe(amount, released=released)))

    @rule(data=st.data(), step=st.sampled_from(["open", "identify", "pay", "pay"]))
    def buyer(self, data: Any, step: str) -> None:
        self.run(self._buyer(self._some(data), step))

    async def _buyer(self, reference: str, step: str) -> None:
        try:
            payment = await self.till.start(reference)
        except Refusal:
            return
        cashier = await open_cashier(self.till.browser, self.till.url(payment))
        if step != "open":
            await self.till.browser.post(cashier, data={"step": step})

    @rule(data=st.data(), part=st.integers(1, 60), failure=st.sampled_from((None, *ANSWERS)))
    def refund(self, data: Any, part: int, failure: str | None) -> None:
        """Half of the refunds are carried out at once, and most of those fail on the way."""
        if failure is not None:
            self.till.alipay.faults.add("alipay.trade.refund", failure)
        self.run(self._refund(self._some(data), part))
        if failure is not None:
            self.work(deadly=data.draw(st.booleans()), died_long_ago=True)

    async def _refund(self, reference: str, part: int) -> None:
        view = await self.till.see(reference)
        if view.payment_id is None or view.paid_fen == 0:
            return
        try:
            await self.till.refund(await read_payment(view.payment_id), max(1, view.paid_fen * part // 100))
        except Refusal:
            return

    @rule(
        data=st.data(),
        act=st.sampled_from(["release", "release", "cancel", "block", "unblock"]),
        failure=st.sampled_from((None, *ANSWERS)),
    )
    def decide(self, data: Any, act: str, failure: str | None) -> None:
        if failure is not None:
            self.till.alipay.faults.add("alipay.trade.settle.confirm", failure)
        self.run(self._decide(self._some(data), act))

    async def _decide(self, reference: str, act: str) -> None:
        view, now = await self.till.see(reference), self.till.clock.now()
        try:
            if act == "release":
                await self.till.release(reference)
                return
            async with transaction():
                if act == "cancel":
                    await cancel(reference, reason="终止", now=now)
                elif act == "block":
                    await block(view.id, "争议", now=now)
                else:
                    await unblock(view.id, now=now)
        except Refusal:
            return

    @rule(method=st.sampled_from(METHODS), kind=st.sampled_from(ANSWERS))
    def answers_fail(self, method: str, kind: str) -> None:
        self.till.alipay.faults.add(method, kind)

    @rule(kind=st.sampled_from(NOTIFIES))
    def notifies_fail(self, kind: str) -> None:
        self.till.alipay.faults.add("notify", kind)

    @rule(down=st.booleans())
    def market_is_down(self, down: bool) -> None:
        self.till.reachable = not down

    @rule(seconds=st.sampled_from([1, 40, 300, 3_600, 8_000]))
    def time_passes(self, seconds: int) -> None:
        self.till.clock.advance(seconds=seconds)
        self.run(self.till.alipay.tick())

    @rule(deadly=st.booleans(), died_long_ago=st.booleans())
    def work(self, deadly: bool, died_long_ago: bool) -> None:
        self.deadly = deadly
        with suppress(Killed):
            self.run(self.till.work(dead=timedelta(hours=1 if died_long_ago else 0)))
        self.deadly = False

    @rule(data=st.data())
    def poll(self, data: Any) -> None:
        view = self.run(self.till.see(self._some(data)))
        if view.payment_id is not None:
            self.run(self.till.poll(self.run(read_payment(view.payment_id))))

    @invariant()
    def the_books_are_sound(self) -> None:
        if hasattr(self, "till"):
            assert self.run(faults_of_the_ledger()) == []

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        if hasattr(self, "till"):
            for reference in self.references:
                view = self.run(self.till.see(reference))
                assert view.settled_fen <= view.amount_fen
                assert view.standing in Standing

    @invariant()
    def what_is_unknown_for_long_is_shown(self) -> None:
        if hasattr(self, "till"):
            silent = self.run(fetch_value(
                "SELECT count(*) FROM instruction i WHERE i.state = 'unknown' AND i.tries >= 5 AND NOT EXISTS ("
                "SELECT 1 FROM payment_alarm a WHERE a.kind = 'outcome_unknown' AND a.about = i.request_no)"
            ))  # fmt: skip
            assert silent == 0


async def _empty() -> None:
    """The histories of one run share a database; what only grows is emptied with its triggers asleep."""
    async with transaction():
        await db.execute("SET LOCAL session_replication_role = replica")
        for table in ("bill_break", "bill_line", "bill_day", "ledger_entry", "ledger_account", "instruction", "payment_alarm",
                      "notify_inbox", "payment", "payable", "sub_merchant"):  # fmt: skip
            await db.execute(f"DELETE FROM {table}")


async def test_random_histories(server_dsn: str, template: str, identity: Identity) -> None:
    name = f"histories_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    def in_a_thread() -> None:
        Histories.loop = asyncio.new_event_loop()
        Histories.dsn, Histories.identity = database_dsn(server_dsn, name), identity
        test = Histories.TestCase
        test.settings = settings(
            max_examples=30, stateful_step_count=25, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )  # fmt: skip
        try:
            test().runTest()
        finally:
            Histories.loop.close()

    try:
        await asyncio.to_thread(in_a_thread)
    finally:
        await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await link.close()
