"""Alipay's bill against the ledger: what matches, every kind of difference, and the day that cannot be closed."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.payments.actions.reconciling import close_day, compare, fetch_bill, open_days, resolve_break
from market.payments.bills import BillUnreadable, read_bill
from market.payments.queries import bill_day, breaks_of
from market.payments.rules import Standing, bill_due_at, last_billed_day
from market.payments.simulator import bills
from tests.payments.till import PRICE, Till

pytestmark = pytest.mark.anyio


async def next_morning(till: Till) -> date:
    """The day's bill is due; returns the day."""
    day = beijing_date(till.clock.now())
    till.clock.set(bill_due_at(day))
    async with transaction():
        assert await open_days(now=till.clock.now()) >= 1
    return day


async def kinds(day: date) -> list[str]:
    return sorted(row["kind"] for row in await breaks_of(day) if row["resolved_at"] is None)


def operator(till: Till) -> Any:
    assert till.owner.person_id is not None
    return till.owner.person_id


async def test_a_day_that_matches_is_closed_once(till: Till) -> None:
    _, payment = await till.pay()
    await till.refund(payment, 3_450)
    await till.work_on()
    day = await next_morning(till)
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    found = await bill_day(day)
    assert (found.lines, found.matched, found.open_breaks) == (2, 2, 0)
    assert (
        (found.bill_paid_fen, found.bill_refunded_fen)
        == (found.ledger_paid_fen, found.ledger_refunded_fen)
        == (PRICE, 3_450)
    )
    assert found.fees_fen == 741
    await close_day(day, by=operator(till), now=till.clock.now())
    with pytest.raises(asyncpg.CheckViolationError):
        await execute("UPDATE bill_day SET fees_fen = 0 WHERE day = $1", day)
    await compare(day, None, now=till.clock.now())  # nothing happens to a closed day
    assert (await bill_day(day)).state == "closed"


async def test_27_no_bill_and_nothing_booked_is_an_empty_day(till: Till) -> None:
    await till.pay()
    await next_morning(till)
    till.clock.advance(days=1)
    async with transaction():
        await open_days(now=till.clock.now())
    empty = beijing_date(till.clock.now()) - timedelta(days=1)
    await fetch_bill(empty, gateway=till.gateway, now=till.clock.now())
    assert (await bill_day(empty)).may_close


async def test_27_a_bill_that_is_late_is_asked_for_again(till: Till) -> None:
    await till.pay()
    day = await next_morning(till)
    till.alipay.faults.add("alipay.data.dataservice.bill.downloadurl.query", "http502")
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    waiting = await bill_day(day)
    assert (waiting.state, waiting.tries) == ("waiting", 1)
    with pytest.raises(Refusal):
        await close_day(day, by=operator(till), now=till.clock.now())
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert (await bill_day(day)).may_close


async def test_27_a_payment_that_no_bill_tells_blocks_its_release(till: Till) -> None:
    reference, _ = await till.pay()
    day = await next_morning(till)
    await compare(day, None, now=till.clock.now())
    assert await kinds(day) == ["missing_remote", "no_bill"]
    await till.release(reference)
    await till.work_on()
    assert (await till.see(reference)).standing is Standing.HELD
    with pytest.raises(Refusal):
        await close_day(day, by=operator(till), now=till.clock.now())
    with pytest.raises(asyncpg.CheckViolationError):
        await execute(
            "UPDATE bill_day SET state = 'closed', closed_at = now(), closed_by = $2 WHERE day = $1",
            day,
            operator(till),
        )
    # The true bill arrives: the differences end by themselves, and the money goes on.
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert await kinds(day) == []
    await till.work_on()
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_27_a_payment_that_only_the_bill_tells_is_asked_for(till: Till) -> None:
    till.reachable = False
    reference, payment = await till.pay()
    day = await next_morning(till)
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert await kinds(day) == ["missing_local"]
    assert await fetch_value("SELECT poll_at FROM payment") == till.clock.now()
    await till.poll(payment)
    assert (await till.see(reference)).standing is Standing.HELD
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert (await bill_day(day)).may_close


def bill(trades: list[tuple[str, ...]], day: date) -> bytes:
    return bills.archive(trades, day, "2088000000000001")


async def test_27_every_kind_of_difference_is_named(till: Till) -> None:
    _, payment = await till.pay()
    day = await next_morning(till)
    row = bills.rows_of(till.alipay.books.trades(), day)[0]

    def bent(**cells: str) -> tuple[str, ...]:
        return tuple(cells.get(name.split("（")[0], cell) for name, cell in zip(bills.COLUMNS, row, strict=True))

    cases = {
        "amount": [bent(订单金额="9999.00")],
        "fee": [bent(服务费="-99.00")],
        "duplicate": [row, row],
        "missing_local": [row, bent(支付宝交易号="2026061622001000000000000999")],
        "unreadable": [row, bent(业务类型="别的")],
    }
    for kind, rows in cases.items():
        await compare(day, bill(rows, day), now=till.clock.now())
        assert await kinds(day) == [kind], kind
    await compare(day, b"PK no archive", now=till.clock.now())
    assert await kinds(day) == ["missing_remote", "unreadable"]
    await compare(day, bill([row], day), now=till.clock.now())
    assert await kinds(day) == []
    assert payment.amount_fen == PRICE


async def test_an_operator_says_what_was_done_about_a_difference(till: Till) -> None:
    await till.pay()
    day = await next_morning(till)
    await compare(day, None, now=till.clock.now())
    for row in await breaks_of(day):
        await resolve_break(row["id"], resolution="支付宝客服确认账单延迟", by=operator(till), now=till.clock.now())
        with pytest.raises(NotFound):
            await resolve_break(row["id"], resolution="再次", by=operator(till), now=till.clock.now())
    await compare(day, None, now=till.clock.now())
    assert await kinds(day) == []  # what a person settled is not opened again
    await close_day(day, by=operator(till), now=till.clock.now())


async def test_20_days_end_at_midnight_in_beijing(till: Till) -> None:
    at = till.clock.set((till.clock.now() + timedelta(days=1)).replace(hour=23, minute=59, second=30))
    await till.pay()
    day = beijing_date(at)
    assert last_billed_day(bill_due_at(day)) == day
    assert last_billed_day(bill_due_at(day) - timedelta(seconds=1)) == day - timedelta(days=1)
    till.clock.set(bill_due_at(day))
    async with transaction():
        await open_days(now=till.clock.now())
    await fetch_bill(day, gateway=till.gateway, now=till.clock.now())
    assert (await bill_day(day)).matched == 1


@pytest.mark.parametrize("archive", [b"", b"PK", b"x" * 100])
def test_27_a_damaged_archive_is_unreadable(archive: bytes) -> None:
    with pytest.raises(BillUnreadable):
        read_bill(archive)


def test_27_a_list_that_breaks_off_is_unreadable() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("2088_业务明细.csv", ",".join(bills.COLUMNS).encode("gbk"))
    with pytest.raises(BillUnreadable, match="breaks off"):
        read_bill(out.getvalue())


async def test_bills_are_fetched_by_themselves(till: Till) -> None:
    from market.payments.jobs import bills_due, fetch_one_bill

    await till.pay()
    assert await bills_due(till.clock) == 0
    till.clock.set(bill_due_at(beijing_date(till.clock.now())))
    assert await bills_due(till.clock) == 2  # the day is opened, its job queued
    assert await bills_due(till.clock) == 0
    rows = await fetch("SELECT args->>'about' AS day FROM procrastinate_jobs WHERE task_name = 'payments.bill'")
    await fetch_one_bill(clock=till.clock, about=rows[0]["day"])
    assert (await bill_day(date.fromisoformat(rows[0]["day"]))).may_close
