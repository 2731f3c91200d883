"""Notifies accepted (verified, kept, booked) and postings of the ledger, by sixteen clients with durable commits, against
the bare cryptography and bare inserts of rows of the same size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from market.cli.bench.harness import Contest, Measurement, compare, steps
from market.cli.bench.market import temporary_market
from market.cli.bench.progress import Progress
from market.kernel.clock import wall_now
from market.kernel.db import execute, execute_many, transaction
from market.kernel.ids import new_id
from market.kernel.money import Money
from market.payments.actions.ledger import Account, Entry, post
from market.payments.actions.notifying import take_notify
from market.payments.alipay.client import Account as AlipayAccount
from market.payments.alipay.notify import verified
from market.payments.rules import trade_number
from market.payments.simulator.identity import Identity, new_identity
from market.payments.simulator.protocol import beijing, signed_notice

CLIENTS = 16
EACH = 15
AGENCIES = 50  # that the payments are for
AIM = 0.4
AMOUNT = 123_450
_ORGANISATION = (
    "INSERT INTO organisation (id, kind, code, name, legal_representative, region_code, address, phone, complaint_phone, created_at)"
    " VALUES ($1, $2, $3, $4, '', '370203', '', '', '', $5)"
)
_PERSON = "INSERT INTO person (id, login, name, phone, email, password_hash, created_at) VALUES ($1, 'bench', 'bench', '', '', '!', $2)"
_PAYABLE = (
    "INSERT INTO payable (id, reference, subject, title, payer_id, payee_id, amount_fen, created_at)"
    " VALUES ($1, $2, 'MX-2026-000001', '测绘', $3, $4, $5, $6)"
)
_PAYMENT = (
    "INSERT INTO payment (id, payable_id, out_trade_no, means, smid, amount_fen, state, started_by, created_at, expires_at)"
    " VALUES ($1, $2, $3, 'page', $4, $5, 'awaiting', $6, $7, $8)"
)
_BARE = "CREATE TABLE bare_{} (id uuid PRIMARY KEY, key text, kind text, debit text, credit text, amount bigint, reference text, at timestamptz, body text)"
_BARE_ROW = "INSERT INTO bare_{} VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)"
Client = Callable[[int, int], Awaitable[None]]


@dataclass
class Bench:
    """Signed notifies of trades that wait to be paid; each is good for one booking."""

    identity: Identity
    notifies: Iterator[bytes]
    numbers: Iterator[int]
    links: Sequence[asyncpg.Connection]

    @property
    def account(self) -> AlipayAccount:
        mine = self.identity
        return AlipayAccount("", mine.app_id, mine.seller_id, mine.merchant_key, (mine.alipay_key.public_key(),))

    async def notify(self, number: int, turn: int) -> None:
        raw, account = next(self.notifies), self.account
        await take_notify(verified(raw, account.alipay_keys), raw.decode(), account=account, now=wall_now())

    async def bare_notify(self, number: int, turn: int) -> None:
        raw = self.sample
        verified(raw, (self.identity.alipay_key.public_key(),))
        async with self.links[number].transaction():
            for table in ("inbox", "entry"):
                await self.links[number].execute(
                    _BARE_ROW.format(table), *_row(raw.decode() if table == "inbox" else "")
                )

    async def disjoint(self, number: int, turn: int) -> None:
        await self._post(Account(f"bench:{number}:a", "debit"), Account(f"bench:{number}:b", "credit"))

    async def hot(self, number: int, turn: int) -> None:
        await self._post(Account("bench:hot:a", "debit"), Account("bench:hot:b", "credit"))

    async def _post(self, debit: Account, credit: Account) -> None:
        entry = Entry(
            f"bench:{next(self.numbers)}", "paid", debit, credit, AMOUNT, "2026061622001000000000000001", wall_now()
        )
        async with transaction():
            await post([entry], now=wall_now())

    async def bare_post(self, number: int, turn: int) -> None:
        await self.links[number].execute(_BARE_ROW.format("entry"), *_row(""))

    sample: bytes = b""


def _row(body: str) -> tuple[object, ...]:
    return (
        new_id(),
        "pay:2026061622001000000000000001",
        "paid",
        "bench:a",
        "bench:b",
        AMOUNT,
        "2026061622001",
        wall_now(),
        body,
    )


def rate_of(client: Client) -> Callable[[], Awaitable[float]]:
    """Sixteen clients, each with its next piece of work as soon as the last is committed. Pieces a second."""

    async def rate() -> float:
        async def work(number: int) -> None:
            for turn in range(EACH):
                await client(number, turn)

        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(work(number))
        return CLIENTS * EACH / (perf_counter() - started)

    return rate


async def waiting_trades(number: int, now: datetime) -> list[UUID]:
    """As many trades that wait to be paid, of one owner to many agencies."""
    owner, person = new_id(), new_id()
    agencies = [new_id() for _ in range(AGENCIES)]
    await execute(_ORGANISATION, owner, "public_body", "11370200MB0000000B", "bench owner", now)
    await execute_many(
        _ORGANISATION, [(one, "agency", f"bench{place}", "bench agency", now) for place, one in enumerate(agencies)]
    )
    await execute(_PERSON, person, now)
    ids = [new_id() for _ in range(number)]
    payees = [(one, place % AGENCIES) for place, one in enumerate(ids)]
    await execute_many(_PAYABLE, [(one, f"bench-{one}", owner, agencies[payee], AMOUNT, now) for one, payee in payees])
    later = now + timedelta(hours=2)
    await execute_many(
        _PAYMENT,
        [(one, one, trade_number(one), f"2088{payee:012d}", AMOUNT, person, now, later) for one, payee in payees],
    )
    return ids


def notify_of(payment_id: UUID, place: int, identity: Identity, now: datetime) -> bytes:
    """As Alipay posts it when the trade is paid."""
    params = {
        "notify_type": "trade_status_sync", "notify_id": payment_id.hex, "app_id": identity.app_id, "seller_id": identity.seller_id,
        "trade_no": f"2026061622001{place:015d}", "out_trade_no": trade_number(payment_id), "trade_status": "TRADE_SUCCESS",
        "total_amount": Money(AMOUNT).yuan_text, "subject": "测绘", "gmt_payment": beijing(now), "notify_time": beijing(now),
        "charset": "utf-8", "version": "1.0", "buyer_id": "2088102000000001", "receipt_amount": Money(AMOUNT).yuan_text,
    }  # fmt: skip
    return urlencode(signed_notice(params, identity)).encode()


@asynccontextmanager
async def prepared(dsn: str, runs: int, step: Callable[[], None]) -> AsyncIterator[Bench]:
    now, identity = wall_now(), new_identity()
    ids = await waiting_trades(CLIENTS * EACH * (runs + 1), now)
    bodies = []
    for place, one in enumerate(ids):
        bodies.append(notify_of(one, place, identity, now))
        step()
    for table in ("inbox", "entry"):
        await execute(_BARE.format(table))
    links = [await asyncpg.connect(dsn) for _ in range(CLIENTS)]
    try:
        yield Bench(identity, iter(bodies), count(), links, bodies[0])
    finally:
        for link in links:
            await link.close()


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market(pool=CLIENTS) as (_, running):
        with progress.counting("sign", CLIENTS * EACH * (runs + 1)) as step:
            async with prepared(running.dsn, runs, step) as made:
                contests = [
                    Contest("notify", rate_of(made.notify), rate_of(made.bare_notify)),
                    Contest("ledger, disjoint accounts", rate_of(made.disjoint), rate_of(made.bare_post), counts=False),
                    Contest("ledger, one hot account", rate_of(made.hot), rate_of(made.bare_post), counts=False),
                ]
                with progress.counting("payments", steps(len(contests), runs)) as turn:
                    parts = await compare(contests, runs=runs, step=turn)
    return Measurement("payments", "notifies/s", AIM, runs, parts)
