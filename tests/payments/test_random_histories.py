"""Random histories: payments by Alipay and by bank, notifies that are doubled, late, lost, forged or told anew, refunds,
releases, disputes and their rulings, workers that die, answers that never come, bills and days that are closed.

Whatever happens, paid = held + settled + refunded for every milestone, debits equal credits, nothing stays unknown without
an alarm, and no closed day changes. When the failures are over, Alipay's books and ours say the same, and every day closes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from market.kernel import db
from market.kernel.calendar import BEIJING, beijing_date
from market.kernel.clock import FixedClock, wall_now
from market.kernel.db import fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.payments.actions.disputing import call_off, give_back, hand_over, hold_back, let_go
from market.payments.actions.instructions import alarm_what_lasts
from market.payments.actions.payables import NewTransfer, answer_transfer, cancel, state_transfer
from market.payments.actions.reconciling import close_day, fetch_bill, open_days
from market.payments.actions.rows import read_payment
from market.payments.actions.trades import poll, release
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.queries import PayableView, faults_of_the_ledger, statement
from market.payments.rules import LONGEST_UNKNOWN, Standing
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import Identity
from projects.disputes.execution import Move, Outcome, next_move
from projects.disputes.queries import purse_of
from tests.beginnings import copy_database
from tests.conftest import database_dsn
from tests.payments.conftest import ADDRESS, account_at, open_cashier, silence
from tests.payments.till import Till, party

pytestmark = pytest.mark.anyio
ANSWERS = ("hang", "commit_then_hang", "commit_then_system_error", "system_error", "busy", "limited", "http502", "html200",
           "bad_sign", "unsigned", "other_order")  # fmt: skip
NOTIFIES = ("delay", "drop", "duplicate", "forged", "wrong_app", "altered_amount", "unknown_order")
METHODS = ("alipay.trade.query", "alipay.trade.refund", "alipay.trade.settle.confirm", "alipay.trade.close",
           "alipay.trade.fastpay.refund.query", "alipay.data.dataservice.bill.downloadurl.query")  # fmt: skip
ACTS = ("buy", "buy", "buy", "wait", "wait", "work", "work", "decide", "decide", "give_back", "give_back", "dispute", "dispute",
        "bank_transfer", "tell_again", "fail", "ask", "morning", "owe", "go_down_or_up")  # fmt: skip
MOST_MILESTONES = 6


class Killed(Exception):
    """The worker's process ends in the middle of a call."""


class Histories(RuleBasedStateMachine):
    """Runs on one database, emptied between histories; Hypothesis is synchronous, so the machine keeps a loop."""

    loop: asyncio.AbstractEventLoop
    dsn: str
    identity: Identity
    till: Till
    heard: list[bytes]
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
        alipay.messenger.http = httpx.AsyncClient(transport=httpx.MockTransport(self._hear))
        self.deadly, self.heard = False, []
        await self.till.onboard()
        self.references += [(await self.till.pay(amount=100_000))[0], await self.till.owe(amount=7_777)]
        await self._buy(self.references[1], "identify")
        self.references.append(await self.till.owe(amount=55_501, released=True))

    async def _hear(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request.content)
        return await self.till.receive(request)

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
        await self._morning()
        assert await fetch("SELECT day, kind, about FROM bill_break WHERE resolved_at IS NULL") == []
        assert await fetch_value("SELECT count(*) FROM bill_day WHERE state <> 'closed'") == 0

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

    # One rule with many acts instead of many rules: Hypothesis leaves rules out of most histories, but here it is the
    # mixture that finds something.

    @rule(act=st.sampled_from(ACTS), data=st.data())
    def turn(self, act: str, data: Any) -> None:
        self.run(getattr(self, act)(data))

    def _some(self, data: Any) -> str:
        return data.draw(st.sampled_from(self.references))

    async def owe(self, data: Any) -> None:
        if len(self.references) < MOST_MILESTONES:
            amount = data.draw(st.integers(1, 5_000_00))
            self.references.append(await self.till.owe(amount, released=data.draw(st.booleans())))

    async def buy(self, data: Any) -> None:
        await self._buy(self._some(data), data.draw(st.sampled_from(["pay", "identify", "open", "pay", "pay"])))

    async def _buy(self, reference: str, step: str) -> None:
        try:
            payment = await self.till.start(reference)
        except Refusal:
            return
        cashier = await open_cashier(self.till.browser, self.till.url(payment))
        for one in {"open": (), "identify": ("identify",), "pay": ("identify", "pay")}[step]:
            await self.till.browser.post(cashier, data={"step": one})

    async def give_back(self, data: Any) -> None:
        """Most refunds are carried out at once, and most of those fail on the way."""
        failure = data.draw(st.sampled_from((None, *ANSWERS)))
        if failure is not None:
            self.till.alipay.faults.add("alipay.trade.refund", failure)
        view = await self.till.see(self._some(data))
        if view.payment_id is None or view.paid_fen == 0:
            return
        part = max(1, view.paid_fen * data.draw(st.integers(1, 60)) // 100)
        with suppress(Refusal):
            await self.till.refund(await read_payment(view.payment_id), part)
        if failure is not None:
            await self._work(deadly=data.draw(st.booleans()), died_long_ago=True)

    async def decide(self, data: Any) -> None:
        act = data.draw(st.sampled_from(["release", "release", "cancel"]))
        failure = data.draw(st.sampled_from((None, *ANSWERS)))
        if failure is not None:
            self.till.alipay.faults.add("alipay.trade.settle.confirm", failure)
        with suppress(Refusal):
            reference, now = self._some(data), self.till.clock.now()
            async with transaction():
                await (release(reference, now=now) if act == "release" else cancel(reference, reason="终止", now=now))

    async def dispute(self, data: Any) -> None:
        """One is opened, or the next step is taken to carry out its ruling: all is released, a part goes back first, or
        all of it. It may be ruled on otherwise at each step."""
        view, now = await self.till.see(self._some(data)), self.till.clock.now()
        with suppress(Refusal):
            async with transaction():
                if view.disputed_at is None:
                    await hold_back(view.id, now=now)
                else:
                    await self._carry_out(view, view.amount_fen * data.draw(st.sampled_from([0, 30, 99, 100])) // 100)

    async def _carry_out(self, view: PayableView, refund_fen: int) -> None:
        now = self.till.clock.now()
        match next_move(purse_of(view), Outcome(refund_fen)):
            case Move.REFUND:
                await give_back(view.id, refund_fen - view.refunded_fen, reason="裁决", by=None, now=now)
            case Move.RELEASE | Move.OWE_WHOLE:
                await hand_over(view.id, now=now)
            case Move.CALL_OFF:
                await call_off(view.id, now=now)
            case Move.DONE:
                await let_go(view.id, now=now)

    async def bank_transfer(self, data: Any) -> None:
        """Stated by the owner, or answered by the agency."""
        till, now, reference = self.till, self.till.clock.now(), self._some(data)
        with suppress(Refusal, NotFound):
            if not (view := await till.see(reference)).transfer_stated:
                transfer = NewTransfer(view.amount_fen, beijing_date(now), "20260616", None)
                await state_transfer(reference, transfer, viewer=till.owner, now=now)
            else:
                came = data.draw(st.booleans())
                said: dict[str, Any] = {"received": came, "reason": "" if came else "未到账"}
                await answer_transfer(reference, **said, viewer=till.agency, now=now)

    async def tell_again(self, data: Any) -> None:
        """A notify that came before, however long ago, comes twice at once."""
        if self.heard:
            request = httpx.Request("POST", ADDRESS, content=data.draw(st.sampled_from(self.heard)))
            with suppress(httpx.ConnectError):
                await asyncio.gather(self.till.receive(request), self.till.receive(request))

    async def fail(self, data: Any) -> None:
        """The next answer or notify will be wrong."""
        if data.draw(st.booleans()):
            self.till.alipay.faults.add("notify", data.draw(st.sampled_from(NOTIFIES)))
        else:
            self.till.alipay.faults.add(data.draw(st.sampled_from(METHODS)), data.draw(st.sampled_from(ANSWERS)))

    async def go_down_or_up(self, data: Any) -> None:
        self.till.reachable = not self.till.reachable

    async def wait(self, data: Any) -> None:
        self.till.clock.advance(seconds=data.draw(st.sampled_from([1, 40, 300, 3_600, 8_000])))
        await self.till.alipay.tick()

    async def work(self, data: Any) -> None:
        await self._work(deadly=data.draw(st.booleans()), died_long_ago=data.draw(st.booleans()))

    async def _work(self, *, deadly: bool, died_long_ago: bool) -> None:
        self.deadly = deadly
        with suppress(Killed):
            await self.till.work(dead=timedelta(hours=1 if died_long_ago else 0))
        self.deadly = False

    async def ask(self, data: Any) -> None:
        view = await self.till.see(self._some(data))
        if view.payment_id is not None:
            await self.till.poll(await read_payment(view.payment_id))

    async def morning(self, data: Any) -> None:
        await self._morning()

    async def _morning(self) -> None:
        """The operator's: bills are fetched, and every day that is clean is closed."""
        till = self.till
        till.clock.set(_half_past_ten(till.clock.now()))
        await till.alipay.tick()
        now = till.clock.now()
        async with transaction():
            await open_days(now=now)
        for row in await fetch("SELECT day FROM bill_day WHERE state <> 'closed' ORDER BY day"):
            await fetch_bill(row["day"], gateway=till.gateway, now=now)
        assert till.owner.person_id is not None
        for row in await fetch("SELECT day FROM bill_day WHERE state = 'compared' ORDER BY day"):
            with suppress(Refusal):
                await close_day(row["day"], by=till.owner.person_id, now=now)

    @invariant()
    def the_books_are_sound(self) -> None:
        if hasattr(self, "till"):
            assert self.run(faults_of_the_ledger()) == []

    @invariant()
    def every_milestone_adds_up(self) -> None:
        if hasattr(self, "till"):
            self.run(self._adds_up())

    async def _adds_up(self) -> None:
        """Paid = held + settled + refunded, where what is held is what its own account in the ledger says."""
        whole = await fetch_value("SELECT coalesce(sum(debits) - sum(credits), 0)::bigint FROM ledger_account")
        assert whole == 0
        accounts = {row["code"]: row["held"] for row in await fetch(_HELD)}
        assert self.till.owner.organisation_id is not None
        views = await statement(self.till.owner.organisation_id)
        assert len(views) == len(self.references)
        for view in views:
            held = accounts.get(f"escrow:{view.id}", 0)
            assert view.paid_fen == held + view.settled_fen + view.refunded_fen, view
            assert held == view.held.fen and view.settled_fen <= view.amount_fen
            self._stands_rightly(view)

    def _stands_rightly(self, view: PayableView) -> None:
        """What its page says, against what happened to its money."""
        if view.transfer_confirmed:
            assert view.standing is Standing.PAID_BY_BANK and not view.held.fen and not view.settled_fen, view
        elif view.standing is Standing.RELEASED:
            assert view.settled_fen == view.paid_fen - view.refunded_fen > 0, view
        elif view.standing in {Standing.HELD, Standing.RELEASING}:
            assert view.held.fen > 0, view
        else:
            assert view.held.fen == 0 and view.settled_fen == 0, view

    @invariant()
    def what_is_unknown_for_long_is_shown(self) -> None:
        if hasattr(self, "till"):
            self.run(self._shown())

    async def _shown(self) -> None:
        now = self.till.clock.now()
        wall = wall_now() + self.till.later
        async with transaction():
            await alarm_what_lasts(now=now, wall=wall)
        silent = await fetch(
            "SELECT i.request_no, i.state, i.tries FROM instruction i WHERE i.ended_at IS NULL AND i.tries > 1"
            " AND i.sent_at <= $1 AND i.leased_until IS NULL AND NOT EXISTS (SELECT 1 FROM payment_alarm a"
            " WHERE a.kind = 'outcome_unknown' AND a.about = i.request_no AND a.resolved_at IS NULL)", now - LONGEST_UNKNOWN,
        )  # fmt: skip
        assert silent == []

    @invariant()
    def closed_days_stay_as_they_were(self) -> None:
        if hasattr(self, "till"):
            assert self.run(fetch(_CHANGED_AFTER_CLOSING)) == []


_HELD = "SELECT code, credits - debits AS held FROM ledger_account WHERE code LIKE 'escrow:%'"
_CHANGED_AFTER_CLOSING = """
SELECT d.day, d.bill_paid_fen, d.bill_refunded_fen, e.paid, e.refunded FROM bill_day d LEFT JOIN LATERAL (
    SELECT coalesce(sum(amount_fen) FILTER (WHERE kind IN ('paid', 'paid_in_error')), 0)::bigint AS paid,
           coalesce(sum(amount_fen) FILTER (WHERE kind IN ('refund', 'refund_of_error')), 0)::bigint AS refunded
    FROM ledger_entry WHERE (effective_at AT TIME ZONE 'Asia/Shanghai')::date = d.day) e ON true
WHERE d.state = 'closed' AND (d.bill_paid_fen, d.bill_refunded_fen) IS DISTINCT FROM (e.paid, e.refunded)
"""


def _half_past_ten(now: datetime) -> datetime:
    """The next one of Beijing, a minute after bills are due."""
    morning = datetime.combine(beijing_date(now), time(10, 31), BEIJING)
    return morning if morning > now else morning + timedelta(days=1)


async def _empty() -> None:
    """The histories of one run share a database; what only grows is emptied with its triggers asleep."""
    async with transaction():
        await db.execute("SET LOCAL session_replication_role = replica")
        for table in ("bill_break", "bill_line", "bill_day", "ledger_entry", "ledger_account", "instruction", "payment_alarm",
                      "notify_inbox", "payment", "bank_transfer", "payable", "sub_merchant"):  # fmt: skip
            await db.execute(f"DELETE FROM {table}")


async def test_random_histories(server_dsn: str, template: str, identity: Identity) -> None:
    name = f"histories_{uuid4().hex}"
    link = await asyncpg.connect(server_dsn)
    await copy_database(link, name, template)

    def in_a_thread() -> None:
        Histories.loop = asyncio.new_event_loop()
        Histories.dsn, Histories.identity = database_dsn(server_dsn, name), identity
        test = Histories.TestCase
        test.settings = settings(
            max_examples=30, stateful_step_count=30, deadline=None,
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
