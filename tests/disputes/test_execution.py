"""Carrying out what was agreed or ruled: wherever the money is, whatever Alipay answers, and whoever acts at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.demo import payment_disputes as acts
from market.demo.payments import pay_by_bank
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.payments.actions.payables import NewTransfer as BankTransfer
from market.payments.actions.payables import answer_transfer as answer_bank
from market.payments.actions.payables import state_transfer as state_bank
from market.payments.actions.trades import release
from market.payments.queries import payable_by
from market.payments.rules import Standing
from market.payments.rules import State as Trade
from projects.disputes.actions import executing
from projects.disputes.actions.executing import NewTransfer
from projects.disputes.execution import ACTS, Move, Outcome, Purse, next_move
from projects.disputes.queries import DisputeView, whereabouts
from projects.disputes.rules import State
from tests.contracts.award import acts_of
from tests.contracts.test_signing_races import at_once
from tests.disputes.case import Case

REFUND, SETTLE = "alipay.trade.refund", "alipay.trade.settle.confirm"
FAILURES = ("commit_then_hang", "hang", "commit_then_system_error", "bad_sign")


@given(
    amount=some.integers(2, 10**9), data=some.data(),
    start=some.sampled_from(["unpaid", "held", "settled", "by_bank"]),
)  # fmt: skip
def test_every_outcome_comes_to_rest_with_the_money_where_it_belongs(amount: int, data: Any, start: str) -> None:
    refund = data.draw(some.integers(0, amount))
    money = _World(amount, start)
    for _ in range(12):
        move = next_move(money.purse(), money.outcome(refund))
        if move is Move.DONE:
            break
        money.follow(move, refund)
    assert move is Move.DONE
    owed = money.rest_paid + money.settled + money.bank - money.back
    assert owed == amount - refund
    assert money.paid == money.refunded + money.settled


class _World:
    """What follows from each move where Alipay and the sides do what they are told."""

    def __init__(self, amount: int, start: str) -> None:
        self.amount, self.release_wanted, self.disputed, self.cancelled = amount, False, True, False
        self.paid = amount if start in {"held", "settled"} else 0
        self.settled = amount if start == "settled" else 0
        self.bank = amount if start == "by_bank" else 0
        self.refunded = self.back = self.rest_paid = self.rest = 0
        self.back_fen: int | None = None

    def purse(self) -> Purse:
        state = None
        if self.paid:
            state = Trade.SETTLED if self.settled else Trade.REFUNDED if self.refunded == self.paid else Trade.HELD
        return Purse(
            self.amount, state, refunded_fen=self.refunded, settled_fen=self.settled, by_bank=bool(self.bank),
            release_wanted=self.release_wanted, disputed=self.disputed, cancelled=self.cancelled,
        )  # fmt: skip

    def outcome(self, refund: int) -> Outcome:
        rest = None
        if self.rest:
            rest = Purse(
                self.rest, Trade.SETTLED if self.rest_paid else None, settled_fen=self.rest_paid, release_wanted=True
            )
        return Outcome(refund, rest=rest, back_fen=self.back_fen, back_confirmed=self.back > 0)

    def follow(self, move: Move, refund: int) -> None:
        match move:
            case Move.REFUND:
                self.refunded = refund
            case Move.RELEASE:
                self.disputed, self.release_wanted, self.settled = False, True, self.paid - self.refunded
            case Move.CALL_OFF:
                self.cancelled = True
            case Move.OWE_REST:
                self.cancelled, self.rest = True, self.amount - refund
            case Move.OWE_WHOLE:
                self.disputed, self.release_wanted = False, True
            case Move.OWE_BACK:
                self.back_fen = self.settled + self.bank - (self.amount - refund)
            case Move.AWAIT_BACK:
                self.back = self.back_fen or 0
            case Move.AWAIT_PAYMENT if self.rest:
                self.rest_paid = self.rest
            case Move.AWAIT_PAYMENT:
                self.paid = self.settled = self.amount
            case _:
                raise AssertionError(move)


def test_what_waits_is_no_act() -> None:
    assert {one for one in Move if one.startswith("await") or one is Move.REFUSED} == set(Move) - ACTS
    held = Purse(100, Trade.HELD, reserved_fen=40, disputed=True)
    assert next_move(held, Outcome(40)) is Move.AWAIT_REFUND
    assert next_move(Purse(100, Trade.SETTLING), Outcome(40)) is Move.AWAIT_RELEASE
    assert next_move(Purse(100, transfer_stated=True), Outcome(40)) is Move.AWAIT_TRANSFER
    assert next_move(Purse(100, Trade.HELD, disputed=True), Outcome(40, refused=True)) is Move.REFUSED


@pytest.mark.parametrize("share", [0, 3, 10])
async def test_held_money_is_divided(case: Case, share: int) -> None:
    """All to the agency, a part, all back to the owner."""
    await case.pay()
    dispute = await case.open()
    part = dispute.amount_fen * share // 10
    done = await case.finish(await case.ruled(part, dispute))
    money = await case.money()
    assert (done.state, money.refunded_fen, money.settled_fen) == (State.EXECUTED, part, dispute.amount_fen - part)
    assert money.standing is (Standing.REFUNDED if share == 10 else Standing.RELEASED)
    await case.till.sound()


@pytest.mark.parametrize("failure", FAILURES)
async def test_lost_answers_move_nothing_twice(case: Case, failure: str) -> None:
    """Refund and release, each with its first answer lost: asked for, told again with the same number where needed."""
    payment = await case.pay()
    dispute = await case.open()
    part = dispute.amount_fen // 3
    case.till.alipay.faults.add(REFUND, failure)
    case.till.alipay.faults.add(SETTLE, failure)
    await case.ruled(part, dispute)
    done = await case.finish(dispute)
    trade = case.till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    assert trade.settlement is not None
    assert (done.state, trade.refunded, trade.settlement[1]) == (State.EXECUTED, part, dispute.amount_fen - part)
    assert len((await whereabouts(done)).told) == 2
    await case.till.sound()


async def test_money_that_was_released_is_owed_back(case: Case) -> None:
    """Nothing is moved that cannot be: the agency transfers, the owner does not find it, then does."""
    payment = await case.pay()
    async with transaction():
        await release(await case.reference(), now=case.world.now)
    await case.till.work()
    assert (await case.till.payment(payment)).state is Trade.SETTLED
    dispute = await case.open()
    await case.finish(await case.ruled(1_000_00, dispute))
    owing = await case.now(dispute)
    assert (owing.state, owing.back_fen) == (State.EXECUTING, 1_000_00)
    transfer = NewTransfer(beijing_date(case.world.now), "ICBC-1")
    with pytest.raises(NotFound):
        await executing.state_transfer(dispute.number, transfer, viewer=case.owner, now=case.world.now)
    await executing.state_transfer(dispute.number, transfer, viewer=case.agency, now=case.world.now)
    with pytest.raises(Refusal, match=r"dispute\.nothing_back"):
        await executing.state_transfer(dispute.number, transfer, viewer=case.agency, now=case.world.now)
    await executing.answer_transfer(
        dispute.number, received=False, reason="未到账", viewer=case.owner, now=case.world.now
    )
    assert (await case.finish(dispute)).state is State.EXECUTING
    await executing.state_transfer(dispute.number, transfer, viewer=case.agency, now=case.world.now)
    await executing.answer_transfer(dispute.number, received=True, reason="", viewer=case.owner, now=case.world.now)
    assert (await case.finish(dispute)).state is State.EXECUTED
    assert (await case.money()).settled_fen == dispute.amount_fen
    await case.till.sound()


async def test_money_that_was_paid_by_bank_is_owed_back(case: Case) -> None:
    await pay_by_bank(case.world, case.award.number, case.owner, case.agency)
    dispute = await case.open()
    await case.finish(await case.ruled(dispute.amount_fen, dispute))
    assert (await case.now(dispute)).back_fen == dispute.amount_fen


async def test_what_was_never_paid_is_owed_less(case: Case) -> None:
    """The rest is owed in its own right, and the dispute ends when it is paid."""
    dispute = await case.open()
    await case.finish(await case.ruled(dispute.amount_fen // 2, dispute))
    owing = await case.now(dispute)
    assert owing.state is State.EXECUTING
    assert owing.rest_reference == f"{(await case.contract()).number}-R1"
    assert (await case.money()).standing is Standing.CANCELLED
    payment = await case.till.start(owing.rest_reference)
    await case.till.buyer_pays(payment)
    await case.till.alipay.tick()
    assert (await case.finish(dispute)).state is State.EXECUTED
    rest = await payable_by(owing.rest_reference)
    assert rest is not None
    assert (rest.amount_fen, rest.standing) == (dispute.amount_fen - dispute.amount_fen // 2, Standing.RELEASED)


async def test_what_was_never_paid_is_owed_whole_or_not_at_all(case: Case) -> None:
    dispute = await case.open(case.agency, 0)
    await case.finish(await case.ruled(0, dispute))
    money = await case.money()
    assert money.standing is Standing.TO_PAY
    assert money.due_at is not None
    bank = BankTransfer(money.amount_fen, beijing_date(case.world.now), "ICBC-2", None)
    await state_bank(money.reference, bank, viewer=case.owner, now=case.world.now)
    assert (await whereabouts(await case.finish(dispute))).move is Move.AWAIT_TRANSFER
    await answer_bank(money.reference, received=True, reason="", viewer=case.agency, now=case.world.now)
    assert (await case.finish(dispute)).state is State.EXECUTED


async def test_a_refund_that_alipay_refuses_is_shown_and_told_again(case: Case) -> None:
    payment = await case.pay()
    dispute = await case.open()
    trade = case.till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    trade.status = "TRADE_FINISHED"
    await case.ruled(dispute.amount_fen // 2, dispute)
    stuck = await case.finish(dispute)
    assert (await whereabouts(stuck)).move is Move.REFUSED
    assert "rejected" in await case.till.alarms()
    assert (await case.money()).settled_fen == 0
    trade.status = "TRADE_SUCCESS"
    await executing.try_again(dispute.number, viewer=case.operator, now=case.world.now)
    with pytest.raises(Refusal, match=r"dispute\.not_refused"):
        await executing.try_again(dispute.number, viewer=case.operator, now=case.world.now)
    assert (await case.finish(dispute)).state is State.EXECUTED
    await case.till.sound()


# At the same instant, each on its own connection.


async def test_both_sides_open_at_once(case: Case) -> None:
    await case.pay()
    results = await at_once(case.open(), case.open(case.agency, 0), case.open(), case.open(case.agency, 0))
    opened = [one for one in results if isinstance(one, DisputeView)]
    assert len({one.number for one in opened}) == 1
    assert len(opened) == 2
    assert all(isinstance(one, Refusal) for one in results if one not in opened)
    assert await acts_of(case.award.number, "dispute.opened") == 1


async def test_release_and_opening(case: Case) -> None:
    """The money was released before, or it is held: never both, never neither."""

    async def released() -> None:
        async with transaction():
            await release(await case.reference(), now=case.world.now)

    payment = await case.pay()
    await at_once(released(), case.open())
    state = (await case.till.payment(payment)).state
    told = await fetch_value("SELECT count(*) FROM instruction WHERE kind = 'settle'")
    assert (state, told) in {(Trade.HELD, 0), (Trade.SETTLING, 1)}
    await case.till.work()
    assert (await case.till.payment(payment)).state is (Trade.SETTLED if told else Trade.HELD)


async def test_ruling_twice(case: Case) -> None:
    await case.pay()
    dispute = await case.open()
    await acts.answer(case.world, dispute, case.agency)
    await acts.give_up(case.world, dispute, case.operator)
    await acts.prepare(case.world, dispute, case.regulator)
    for side in (case.owner, case.agency):
        await acts.say_last_word(case.world, dispute, side)
    results = await at_once(*[acts.rule(case.world, dispute, case.regulator, n) for n in (0, 100, 200, 300)])
    assert sum(isinstance(one, Refusal) for one in results) == 3
    assert await acts_of(case.award.number, "dispute.ruled") == 1


async def test_accepting_while_it_is_ruled_or_withdrawn(case: Case) -> None:
    await case.pay()
    dispute = await case.open()
    await acts.answer(case.world, dispute, case.agency)
    await acts.give_up(case.world, dispute, case.operator)
    await acts.prepare(case.world, dispute, case.regulator)
    for side in (case.owner, case.agency):
        await acts.say_last_word(case.world, dispute, side)
    await acts.propose(case.world, dispute, case.agency, 5_00)
    results = await at_once(
        acts.reply(case.world, dispute, case.owner, accepts=True), acts.rule(case.world, dispute, case.regulator, 9_00),
        acts.withdraw(case.world, dispute, case.owner),
    )  # fmt: skip
    assert sum(isinstance(one, Refusal) for one in results) == 2
    done = await case.finish(dispute)
    money = await case.money()
    assert (done.outcome, money.refunded_fen) in {("agreement", 5_00), ("ruling", 9_00), (None, 0)}
    assert money.refunded_fen + money.settled_fen in {money.amount_fen, 0}


async def test_many_workers_carry_out_once(case: Case) -> None:
    payment = await case.pay()
    dispute = await case.open()
    part = dispute.amount_fen // 5
    await case.ruled(part, dispute)
    for _ in range(4):
        await asyncio.gather(*[
            executing.look(dispute.id, calendar=case.world.calendar, now=case.world.now) for _ in range(5)
        ])  # fmt: skip
        await case.till.work(dead=timedelta(hours=1))
    trade = case.till.alipay.books.trade(payment.out_trade_no)
    assert trade is not None
    assert (trade.refunded, (await case.now(dispute)).state) == (part, State.EXECUTED)
    assert await fetch_value("SELECT count(*) FROM instruction WHERE kind IN ('refund', 'settle')") == 2
