"""What becomes of money when messages are lost, doubled, late, forged or reordered. Numbers are those of the list of
failures in docs/payments.md."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.payments.actions import ledger
from market.payments.actions.instructions import alarm_what_lasts
from market.payments.actions.ledger import BookedDifferently, Entry, post
from market.payments.actions.notifying import take_notify
from market.payments.actions.payables import cancel
from market.payments.actions.trades import PaidTrade, apply_paid
from market.payments.rules import Standing, State
from tests.payments.conftest import open_cashier
from tests.payments.till import PRICE, Till, stranger

pytestmark = pytest.mark.anyio


async def test_paid_held_released(till: Till) -> None:
    reference, payment = await till.pay()
    assert till.outcomes == ["applied"]
    assert (await till.see(reference)).standing is Standing.HELD
    assert await till.balance(f"alipay:pending:{payment.smid}") == PRICE
    await till.release(reference)
    assert (await till.see(reference)).standing is Standing.RELEASING
    await till.work()
    assert (await till.see(reference)).standing is Standing.RELEASED
    assert await till.balance(f"alipay:pending:{payment.smid}") == 0
    assert await till.balance(f"received:{till.agency.organisation_id}") == PRICE
    await till.sound()


async def test_released_before_it_was_paid_goes_through_at_once(till: Till) -> None:
    reference, _ = await till.pay(released=True)
    await till.work()
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_only_the_payer_pays_and_only_once(till: Till) -> None:
    reference = await till.owe()
    with pytest.raises(NotFound):
        await start_as(till, stranger(), reference)
    first, second = await till.start(reference), await till.start(reference)
    assert first.id == second.id
    await till.buyer_pays(first)
    await till.alipay.tick()
    with pytest.raises(Refusal):
        await till.start(reference)


async def start_as(till: Till, viewer, reference: str):
    from market.payments.actions.trades import start
    from market.payments.rules import Means

    return await start(reference, viewer=viewer, means=Means.PAGE, now=till.clock.now())


async def test_01_a_duplicated_notify_books_once(till: Till) -> None:
    till.alipay.faults.add("notify", "duplicate")
    _, payment = await till.pay()
    assert sorted(till.outcomes) == ["applied", "known"]
    paid = PaidTrade(payment.out_trade_no, payment.trade_no or "", PRICE, till.clock.now())

    async def one() -> str:
        async with transaction():
            return await apply_paid(paid, now=till.clock.now())

    assert set(await asyncio.gather(*(one() for _ in range(8)))) == {"known"}
    await till.sound()


async def test_01_twenty_copies_at_once_book_once(till: Till) -> None:
    payment = await till.start(await till.owe())
    paid = PaidTrade(payment.out_trade_no, "2026061622001000000000000001", PRICE, till.clock.now())

    async def one() -> str:
        async with transaction():
            return await apply_paid(paid, now=till.clock.now())

    assert sorted(await asyncio.gather(*(one() for _ in range(20)))) == ["applied"] + ["known"] * 19
    await till.sound()


async def test_03_paid_after_it_was_closed_goes_back(till: Till) -> None:
    reference = await till.owe()
    payment = await till.start(reference)
    till.clock.advance(hours=2, minutes=3)
    await till.poll(payment)
    assert (await till.payment(payment)).state is State.CLOSED
    paid = PaidTrade(payment.out_trade_no, "2026061622001000000000000009", PRICE, till.clock.now())
    async with transaction():
        assert await apply_paid(paid, now=till.clock.now()) == "applied"
    assert (await till.payment(payment)).state is State.REVIEW
    assert await till.balance("suspense") == PRICE
    assert (await till.see(reference)).standing is Standing.TO_PAY
    assert "paid_in_error" in await till.alarms()
    await till.sound()


async def test_04_the_poller_wins_where_no_notify_comes(till: Till) -> None:
    till.reachable = False
    reference, payment = await till.pay()
    assert (await till.see(reference)).standing is Standing.PAYING
    await till.poll(payment)
    assert (await till.see(reference)).standing is Standing.HELD
    till.reachable = True
    till.clock.advance(minutes=5)
    await till.alipay.tick()
    assert till.outcomes == ["known"]
    await till.sound()


LOST = ["hang", "commit_then_hang", "commit_then_system_error", "system_error", "busy", "limited", "http502", "html200",
        "bad_sign", "unsigned", "other_order", "huge"]  # fmt: skip


@pytest.mark.parametrize("kind", LOST)
async def test_05_06_24_an_answer_that_is_lost_moves_money_once(till: Till, kind: str) -> None:
    reference, payment = await till.pay()
    till.alipay.faults.add("alipay.trade.refund", kind)
    await till.refund(payment, 23_450)
    await till.work()
    await till.work_on()
    assert (await till.payment(payment)).refunded_fen == 23_450
    till.alipay.faults.add("alipay.trade.settle.confirm", kind)
    await till.release(reference)
    await till.work()
    await till.work_on()
    trade = till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    assert (len(trade.refunds), trade.refunded, trade.settlement and trade.settlement[1]) == (1, 23_450, 100_000)
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_07_another_amount_changes_nothing_and_is_looked_into(till: Till) -> None:
    till.alipay.faults.add("notify", "altered_amount")
    reference, payment = await till.pay()
    assert till.outcomes == ["mismatch"]
    assert (await till.see(reference)).standing is Standing.PAYING
    assert await till.alarms() == ["amount_differs"]
    await till.poll(payment)
    assert (await till.see(reference)).standing is Standing.HELD


async def test_08_an_old_valid_notify_played_again_changes_nothing(till: Till) -> None:
    reference, payment = await till.pay()
    body = await fetch_value("SELECT body FROM notify_inbox")
    from urllib.parse import parse_qsl

    params = dict(parse_qsl(body))
    await till.release(reference)
    await till.work()
    account = till.gateway.client.account
    assert await take_notify(params, body, account=account, now=till.clock.now()) == "known"
    again = {**params, "notify_id": "another"}
    assert await take_notify(again, body, account=account, now=till.clock.now()) == "known"
    assert (await till.payment(payment)).state is State.SETTLED


@pytest.mark.parametrize("kind", ["wrong_app", "wrong_seller"])
async def test_09_a_valid_signature_for_somebody_else(till: Till, kind: str) -> None:
    till.alipay.faults.add("notify", kind)
    reference, _ = await till.pay()
    assert till.outcomes == ["not_ours"]
    assert (await till.see(reference)).standing is Standing.PAYING
    assert await till.alarms() == ["not_ours"]


async def test_10_a_forged_notify_is_not_even_kept(till: Till) -> None:
    till.alipay.faults.add("notify", "forged")
    reference, _ = await till.pay()
    assert till.outcomes == []
    assert await fetch_value("SELECT count(*) FROM notify_inbox") == 0
    till.clock.advance(minutes=4)
    await till.alipay.tick()  # Alipay's own next try
    assert (await till.see(reference)).standing is Standing.HELD


async def test_unknown_orders_are_kept_and_shown(till: Till) -> None:
    till.alipay.faults.add("notify", "unknown_order")
    await till.pay()
    assert till.outcomes == ["unknown_order"]
    assert await till.alarms() == ["unknown_order"]


async def test_11_12_concurrent_refunds_never_exceed(till: Till) -> None:
    _, payment = await till.pay()
    results = await asyncio.gather(*(till.refund(payment, 60_000) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, Refusal) for one in results) == 6
    await till.work_on()
    after = await till.payment(payment)
    assert (after.refunded_fen, after.reserved_fen, after.state) == (120_000, 0, State.HELD)
    await till.sound()


async def test_13_refund_against_settlement(till: Till) -> None:
    reference, payment = await till.pay()
    results = await asyncio.gather(till.refund(payment, PRICE), till.release(reference), return_exceptions=True)
    await till.work_on()
    after = await till.payment(payment)
    refused = any(isinstance(one, Refusal) for one in results)
    assert after.state is (State.SETTLED if refused else State.REFUNDED)
    assert after.refunded_fen + after.settled_fen == PRICE
    await till.sound()


async def test_12_a_part_goes_back_and_the_rest_is_released(till: Till) -> None:
    reference, payment = await till.pay()
    await till.refund(payment, 23_450)
    await till.release(reference)
    assert (await till.payment(payment)).state is State.HELD  # the refund comes first
    await till.work_on()
    after = await till.payment(payment)
    assert (after.refunded_fen, after.settled_fen, after.state) == (23_450, 100_000, State.SETTLED)
    await till.sound()


async def test_16_a_second_trade_of_one_milestone_is_paid_back(till: Till) -> None:
    reference = await till.owe()
    first = await till.start(reference)
    await till.browser.get(till.url(first))
    till.clock.advance(hours=2, minutes=3)
    await till.poll(first)
    second = await till.start(reference)
    assert second.out_trade_no != first.out_trade_no
    await till.buyer_pays(second)
    late = PaidTrade(first.out_trade_no, "2026061622001000000000000077", PRICE, till.clock.now())
    async with transaction():
        await apply_paid(late, now=till.clock.now())
    await till.alipay.tick()
    assert (await till.payment(second)).state is State.HELD
    assert (await till.payment(first)).state is State.REVIEW
    await till.sound()


async def test_17_the_time_is_over_while_the_buyer_stands_at_the_cashier(till: Till) -> None:
    from tests.payments.conftest import open_cashier

    reference = await till.owe()
    payment = await till.start(reference)
    cashier = await open_cashier(till.browser, till.url(payment))
    await till.browser.post(cashier, data={"step": "identify"})
    till.clock.set(payment.expires_at)
    await till.poll(payment)  # Alipay has not noticed yet: it is told to close
    await till.work()
    assert (await till.payment(payment)).state is State.CLOSED
    assert (await till.browser.post(cashier, data={"step": "pay"})).status_code == 409
    await till.sound()


async def test_17_paid_in_the_last_moment_while_we_close(till: Till) -> None:
    from tests.payments.conftest import open_cashier

    reference = await till.owe()
    payment = await till.start(reference)
    cashier = await open_cashier(till.browser, till.url(payment))
    await till.browser.post(cashier, data={"step": "identify"})
    async with transaction():
        from market.payments.actions.trades import ask_to_close

        await ask_to_close(payment.id, now=till.clock.now())
    await till.browser.post(cashier, data={"step": "pay"})
    await till.work()
    assert (await till.see(reference)).standing is Standing.HELD
    await till.alipay.tick()
    await till.sound()


async def test_18_19_refund_notifies_are_neither_payments_nor_ends(till: Till) -> None:
    reference, payment = await till.pay()
    await till.refund(payment, 100)
    await till.work()
    await till.alipay.tick()
    assert (await till.payment(payment)).state is State.HELD
    await till.refund(payment, PRICE - 100)
    await till.work()
    await till.alipay.tick()
    assert (await till.payment(payment)).state is State.REFUNDED
    assert till.outcomes == ["applied", "known", "known"]
    assert (await till.see(reference)).standing is Standing.TO_PAY
    await till.sound()


async def test_14_15_a_refund_that_alipay_refuses_frees_what_was_promised(till: Till) -> None:
    _, payment = await till.pay()
    trade = till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    trade.status = "TRADE_FINISHED"
    await till.refund(payment, 100)
    await till.work()
    after = await till.payment(payment)
    assert (after.refunded_fen, after.reserved_fen, after.state) == (0, 0, State.HELD)
    assert await till.alarms() == ["rejected"]
    await till.sound()


async def test_21_while_the_gateway_is_down_nothing_is_lost(till: Till) -> None:
    reference, _ = await till.pay()
    till.alipay.faults.add("alipay.trade.query", "http502", times=30)
    till.alipay.faults.add("alipay.trade.settle.confirm", "http502", times=30)
    await till.release(reference)
    for _ in range(6):
        due = await fetch_value("SELECT due_at FROM instruction WHERE kind = 'settle'")
        till.clock.set(max(due, till.clock.now()))
        await till.work(dead=timedelta(hours=1))
    assert (await till.see(reference)).standing is Standing.RELEASING
    assert "outcome_unknown" in await till.alarms()
    till.alipay.faults.clear()
    await till.work_on()
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_28_long_before_alipay_settles_by_itself_somebody_is_told(till: Till) -> None:
    from market.payments.jobs import guard

    reference, payment = await till.pay()
    till.clock.advance(days=299)
    assert await guard(till.clock) == 0
    till.clock.advance(days=1)
    assert await guard(till.clock) == 1
    assert await guard(till.clock) == 0
    assert await till.alarms() == ["settles_itself"]
    till.clock.advance(days=65)
    await till.alipay.tick()
    await till.poll_job(payment)
    assert (await till.see(reference)).standing is Standing.RELEASED
    assert "settled_itself" in await till.alarms()
    await till.sound()


class Killed(Exception):
    """Stands for a process that ends here."""


async def killed() -> None:
    raise Killed


@pytest.mark.parametrize("method", ["alipay.trade.refund", "alipay.trade.settle.confirm"])
@pytest.mark.parametrize("place", ["before the call", "in the call", "after the call"])
async def test_30_a_worker_that_dies_anywhere_moves_money_once(
    till: Till, monkeypatch: pytest.MonkeyPatch, method: str, place: str
) -> None:
    reference, payment = await till.pay()
    if method == "alipay.trade.refund":
        await till.refund(payment, 450)
    else:
        await till.release(reference)
    if place == "in the call":
        till.alipay.gateway.hanging = killed
        till.alipay.faults.add(method, "commit_then_hang")
    else:
        import market.payments.actions.instructions as instructions

        target = "record_outcome" if place == "after the call" else "_mark_sent"
        whole = getattr(instructions, target)

        async def dying(*args, **facts):
            if place == "before the call":
                await whole(*args, **facts)
            raise Killed

        monkeypatch.setattr(instructions, target, dying)
    with pytest.raises(Killed):
        await till.work()
    monkeypatch.undo()
    assert await till.work() == 0  # the dead worker's lease holds for a while
    await till.work(dead=timedelta(hours=1))
    await till.release(reference)
    await till.work_on()
    trade = till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    assert len(trade.refunds) == (method == "alipay.trade.refund")
    assert (await till.see(reference)).standing is Standing.RELEASED
    await till.sound()


async def test_31_no_success_is_said_while_the_database_is_down(till: Till) -> None:
    await execute("ALTER TABLE notify_inbox RENAME TO gone")
    payment = await till.start(await till.owe())
    await till.buyer_pays(payment)
    with pytest.raises(asyncpg.UndefinedTableError):
        await till.alipay.tick()
    await execute("ALTER TABLE gone RENAME TO notify_inbox")
    till.clock.advance(minutes=4)
    await till.alipay.tick()
    assert (await till.payment(payment)).state is State.HELD


async def test_cancelled_before_and_after_payment(till: Till) -> None:
    unpaid, (paid, payment) = await till.owe(), await till.pay()
    for reference in (unpaid, paid):
        async with transaction():
            await cancel(reference, reason="合同终止", now=till.clock.now())
    await till.work_on()
    assert (await till.see(unpaid)).standing is Standing.CANCELLED
    assert (await till.see(paid)).standing is Standing.REFUNDED
    with pytest.raises(Refusal):
        await till.start(unpaid)
    await till.sound()
    assert (await till.payment(payment)).refunded_fen == PRICE


async def test_the_database_itself_refuses_what_money_must_not_do(till: Till) -> None:
    _, payment = await till.pay()
    forbidden = [
        ("UPDATE payment SET refunded_fen = 1, settled_fen = paid_fen WHERE id = $1", payment.id),
        ("UPDATE payment SET state = 'awaiting', paid_fen = 0, paid_at = NULL WHERE id = $1", payment.id),
        ("UPDATE payment SET state = 'closed' WHERE id = $1", payment.id),
        ("UPDATE payment SET amount_fen = 1 WHERE id = $1", payment.id),
        ("UPDATE payment SET trade_no = 'x' WHERE id = $1", payment.id),
        ("DELETE FROM payment WHERE id = $1", payment.id),
        ("UPDATE ledger_entry SET amount_fen = 1 WHERE payment_id = $1", payment.id),
        ("DELETE FROM ledger_entry WHERE payment_id = $1", payment.id),
        ("UPDATE ledger_account SET debits = 0 WHERE code = $1", f"alipay:pending:{payment.smid}"),
    ]
    for sql, about in forbidden:
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.RestrictViolationError)):
            await execute(sql, about)
    await till.sound()


async def test_one_key_one_booking(till: Till) -> None:
    _, payment = await till.pay()
    entry = Entry(
        f"pay:{payment.trade_no}", "paid", ledger.pending(payment.smid), ledger.SUSPENSE, 1, "x", till.clock.now()
    )
    with pytest.raises(BookedDifferently):
        async with transaction():
            await post([entry], now=till.clock.now())
    overdrawn = Entry("settle:x", "settle", ledger.SUSPENSE, ledger.pending(payment.smid), 1, "x", till.clock.now())
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction():
            await post([overdrawn], now=till.clock.now())
    assert len(await fetch("SELECT 1 FROM ledger_entry")) == 1


async def test_a_payee_without_an_account_cannot_be_paid_by_alipay(till: Till) -> None:
    await execute("UPDATE sub_merchant SET state = 'refused', smid = NULL")
    with pytest.raises(Refusal) as refusal:
        await till.start(await till.owe())
    assert refusal.value.code == "payments.payee_not_ready"


async def test_17_a_cancelled_payment_whose_buyer_never_came_ends_without_an_alarm(till: Till) -> None:
    """Alipay knows of no trade until the buyer shows himself, so there is nothing to close and nothing to worry about."""
    reference = await till.owe()
    payment = await till.start(reference)
    await open_cashier(till.browser, till.url(payment))
    async with transaction():
        await cancel(reference, reason="终止", now=till.clock.now())
    await till.work()
    assert (await till.payment(payment)).state is State.CLOSING
    await till.work_on()
    assert (await till.payment(payment)).state is State.CLOSED
    assert till.clock.now() < payment.expires_at + timedelta(minutes=3)
    assert await till.alarms() == []
    await till.sound()


async def test_30_an_instruction_whose_worker_dies_every_time_is_shown_to_the_operator(till: Till) -> None:
    """Nobody is left to say that the outcome is unknown, so the time that passed says it."""
    _, payment = await till.pay()
    await till.refund(payment, 1000)

    async def dies() -> None:
        raise RuntimeError("killed")

    till.alipay.gateway.hanging = dies
    for _ in range(2):
        till.alipay.faults.add("alipay.trade.refund", "commit_then_hang")
        till.alipay.faults.add("alipay.trade.fastpay.refund.query", "hang")
        with pytest.raises(RuntimeError):
            await till.work(dead=timedelta(hours=1))
        till.alipay.faults.clear()
    assert await till.alarms() == []
    till.clock.advance(hours=1)
    till.later += timedelta(hours=1)
    async with transaction():
        shown = await alarm_what_lasts(now=till.clock.now(), wall=wall_now() + till.later)
        again = await alarm_what_lasts(now=till.clock.now(), wall=wall_now() + till.later)
    assert (shown, again) == (1, 0)
    assert await till.alarms() == ["outcome_unknown"]
    await till.work_on()
    assert (await till.payment(payment)).refunded_fen == 1000
    await till.sound()
