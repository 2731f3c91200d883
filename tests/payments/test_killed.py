"""The market is killed (SIGKILL) at each step of paying, of being told, of releasing and of refunding, and started again.
Each time the books are sound, nothing is paid twice, nothing is lost, and the owner's page shows what is true."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from market.cli.listening import listen
from market.cli.simulating import run_simulator
from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch_value
from market.kernel.times import anchor_clock, read_clock
from market.payments.actions.rows import Payment
from market.payments.alipay.client import Client
from market.payments.alipay.gateway import Gateway
from market.payments.opening import put_in_force
from market.payments.simulator.app import Simulator
from market.payments.simulator.books import Books
from market.payments.simulator.identity import open_identity
from tests.payments.conftest import account_at, pay
from tests.payments.killing import At, Market, Wire, wire_to
from tests.payments.till import PRICE, Till, party
from tests.serving import free_port
from tests.visitor import Visitor

pytestmark = pytest.mark.anyio
DOWN = timedelta(minutes=5)  # long enough for Alipay to tell again what nobody acknowledged
_TELL = """
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('moved', ''); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON payment FOR EACH STATEMENT EXECUTE FUNCTION tell();
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON instruction FOR EACH STATEMENT EXECUTE FUNCTION tell();
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON worker_heartbeat FOR EACH STATEMENT EXECUTE FUNCTION tell();
"""


@dataclass
class Stage:
    """A till whose market is a process of its own."""

    till: Till
    market: Market
    wire: Wire
    owner: Visitor
    moved: asyncio.Queue[None]

    async def until(self, holds: Callable[[], Awaitable[Any]]) -> None:
        """Whenever something moved in the database (the worker's heart beats there too) it is asked again."""
        async with asyncio.timeout(60):
            while not await holds():
                await self.moved.get()

    async def start(self, *, later: timedelta = timedelta()) -> None:
        """The process starts at the time at which it died, or later; leases of the dead are over."""
        now = max((await read_clock()).now(), self.till.clock.now()) + later
        await anchor_clock(now, speed=1)
        self.till.clock.set(now)
        await execute("DELETE FROM worker_heartbeat")
        await execute("UPDATE instruction SET leased_until = NULL WHERE ended_at IS NULL")
        self.market.start()
        await self.until(lambda: fetch_value("SELECT EXISTS (SELECT 1 FROM worker_heartbeat)"))

    async def killed(self) -> None:
        """The process is dead, and what it left behind is sound."""
        async with asyncio.timeout(60):
            await self.wire.struck.wait()
        assert self.market.buried() == -signal.SIGKILL
        await self.till.sound()

    async def told_again(self) -> None:
        """Alipay tells once more what nobody had acknowledged, and hears "success"."""
        self.till.clock.advance(minutes=10)
        await self.till.alipay.tick()
        assert [one for one in self.till.alipay.books.notices() if one.next_at] == []

    async def buyer_pays(self, reference: str) -> None:
        cashier = await self.owner.get(f"/payments/{reference}/cashier")
        await pay(self.till.browser, cashier.headers["location"])

    async def held(self) -> tuple[str, Payment]:
        """A milestone that is paid, and known to be paid, by the time the market starts."""
        reference = await self.till.owe()
        payment = await self.till.start(reference)
        await self.till.buyer_pays(payment)
        await self.till.poll(payment)
        return reference, await self.till.payment(payment)

    def arm(self, step: tuple[str, At] | str, method: str) -> None:
        if isinstance(step, str):
            self.wire.struck = asyncio.Event()
            self.till.alipay.faults.add(method, step)
        else:
            self.wire.trap(*step)

    async def page(self, reference: str) -> str:
        """What the owner reads of where the money is."""
        answer = await self.owner.get(f"/payments/{reference}")
        assert answer.status_code == 200, answer.text
        lead = re.search(r'heading__lead">(.*?)</p>', answer.text, re.S)
        assert lead
        return re.sub(r"<[^>]*>|\s+", " ", lead.group(1)).strip()


@pytest.fixture
async def stage(dsn: str, database: str, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Stage]:
    simulator_at, market_at = free_port(), free_port()
    address = f"http://127.0.0.1:{simulator_at}"
    identity = open_identity(tmp_path / "simulator")

    async def dies() -> None:
        market.kill()
        wire.struck.set()
        raise ConnectionAbortedError

    alipay = Simulator(identity, Books(None), clock, address, hanging=dies)
    gateway = Gateway(Client(account_at(identity), transport=httpx.ASGITransport(app=alipay)))
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=alipay), base_url=address)
    till = Till(clock, alipay, gateway, browser, await party("public_body", 11), await party("agency", 12))
    put_in_force(gateway)
    await till.onboard()
    await anchor_clock(clock.now(), speed=1)
    await execute(_TELL)
    async with wire_to(dsn, lambda: market.kill()) as (wire, behind):  # noqa: PLW0108  (there is none yet)
        market = Market({
            "PATH": os.environ["PATH"], "MODE": "test", "DATABASE_URL": behind, "DATABASE_POOL": "4", "DATA_DIR": str(tmp_path), "PORT": str(market_at),
            "SIMULATOR_PORT": str(simulator_at), "PUBLIC_URL": f"http://127.0.0.1:{market_at}",
            "SECRET_KEY": "a secret of the tests, long enough for all",
        })  # fmt: skip
        serving = asyncio.create_task(run_simulator(alipay, listen("127.0.0.1", simulator_at)))
        moved: asyncio.Queue[None] = asyncio.Queue()
        link = await asyncpg.connect(dsn)
        await link.add_listener("moved", lambda *_: moved.put_nowait(None))
        async with Visitor(None, address=f"http://127.0.0.1:{market_at}") as owner:
            assert till.owner.person_id is not None
            assert till.owner.organisation_id is not None
            await owner.sign_in_as(till.owner.person_id, till.owner.organisation_id)
            yield Stage(till, market, wire, owner, moved)
        if market.process is not None:
            market.kill()
            market.buried()
        await link.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        put_in_force(None)


async def _rows(sql: str, *about: Any) -> int:
    count: int = await fetch_value(f"SELECT count(*) FROM {sql}", *about)
    return count


async def test_killed_while_the_owner_starts_to_pay(stage: Stage) -> None:
    """Before the trade is on record there is none; after that it is the one that is paid, although nobody heard of it."""
    reference = await stage.till.owe()
    await stage.start()
    cuts: tuple[tuple[At, int, str], ...] = (("commit", 0, "待付款"), ("committed", 1, "付款中"))
    for at, trades, shown in cuts:
        stage.wire.trap("INSERT INTO payment ", at)
        with pytest.raises(httpx.HTTPError):
            await stage.owner.send_form(f"/payments/{reference}/trades", {"means": "page"})
        await stage.killed()
        assert await _rows("payment") == trades
        await stage.start()
        assert shown in await stage.page(reference)
    await stage.buyer_pays(reference)
    await stage.until(lambda: _rows("payment WHERE state = 'held'"))
    assert "支付宝保管中" in await stage.page(reference)
    assert (await _rows("payment"), await _rows("ledger_entry")) == (1, 1)


async def test_killed_while_alipay_reports_a_payment(stage: Stage) -> None:
    """Alipay heard no "success", so it tells again; told twice or asked in between, each payment is booked once."""
    till = stage.till
    steps: tuple[At, ...] = ("statement", "commit", "committed")
    milestones = [await till.owe() for _ in steps]
    await stage.start()
    for number, (at, reference) in enumerate(zip(steps, milestones, strict=True)):
        payment = await till.start(reference)
        stage.wire.trap("INSERT INTO notify_inbox", at)
        await stage.buyer_pays(reference)
        await stage.killed()
        kept = number + (at == "committed")
        assert (await _rows("notify_inbox"), await _rows("ledger_entry")) == (kept, kept)
        *_, notice = till.alipay.books.notices()
        assert notice.tries == 1
        assert notice.next_at is not None
        await stage.start(later=DOWN)
        await stage.until(lambda: _rows("payment WHERE id = $1 AND state = 'held'", payment.id))  # noqa: B023
        assert "支付宝保管中" in await stage.page(reference)
        await stage.told_again()
        assert (await _rows("notify_inbox"), await _rows("ledger_entry")) == (number + 1, number + 1)
        assert await till.balance(f"alipay:pending:{payment.smid}") == PRICE * (number + 1)
    await till.sound()


# Where an instruction to Alipay can be cut off: at a statement of ours, or in Alipay's own hands.
SENT, ENDED = "UPDATE instruction SET state = 'sent'", "UPDATE instruction SET state = $2, answer = $3, ended_at"
STEPS: tuple[tuple[str, At] | str, ...] = (
    (SENT, "statement"), (SENT, "committed"), "hang", "commit_then_hang", (ENDED, "commit"), (ENDED, "committed"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "method"), [("settle", "alipay.trade.settle.confirm"), ("refund", "alipay.trade.refund")]
)
async def test_killed_at_each_step_of_an_instruction(stage: Stage, kind: str, method: str) -> None:
    """One milestone a step: the process is killed there, started again, and finishes what was begun, once."""
    till = stage.till
    milestones = [await stage.held() for _ in STEPS]
    await stage.start()
    for step, (reference, payment) in zip(STEPS, milestones, strict=True):
        stage.arm(step, method)
        await (till.release(reference) if kind == "settle" else till.refund(payment, PRICE))
        await stage.killed()
        trade = till.alipay.books.trade(payment.out_trade_no)
        assert trade is not None
        was_done = step == "commit_then_hang" or step[0] == ENDED
        assert (len(trade.refunds) + (trade.settlement is not None) == 1) is was_done, step
        await stage.start()
        await stage.until(lambda: _rows("payment WHERE id = $1 AND ended_at IS NOT NULL", payment.id))  # noqa: B023
        moved = trade.settlement[1] if trade.settlement else 0
        assert (moved, trade.refunded, len(trade.refunds)) == ((PRICE, 0, 0) if kind == "settle" else (0, PRICE, 1)), (
            step
        )
        assert {"settle": "已放款", "refund": "待付款"}[kind] in await stage.page(reference), step
        await till.sound()
    assert await _rows("instruction WHERE ended_at IS NULL OR state <> 'done'") == 0
    assert await _rows("payment_alarm") == 0
    got = len(STEPS) * PRICE if kind == "settle" else 0
    assert await till.balance(f"received:{till.agency.organisation_id}") == got
    assert await till.balance(f"alipay:pending:{milestones[0][1].smid}") == 0
