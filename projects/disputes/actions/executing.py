"""An outcome is carried out: one step after the other, each in its own transaction with what it tells Alipay, until the
money is where the outcome wants it. Stopped anywhere, the next look goes on from where the money is then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions.disputing import call_off, give_back, hand_over, let_go
from market.payments.actions.payables import NewPayable, open_payable, set_due
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.contracts.rules import Side
from projects.disputes.actions.case import due, lock_case, record_act
from projects.disputes.execution import ACTS, Move, back_of
from projects.disputes.queries import (
    DisputeView,
    Whereabouts,
    access_as_side,
    access_dispute,
    dispute_by_id,
    purse_of,
    whereabouts,
)
from projects.disputes.rules import State

PAUSE: Final = timedelta(minutes=1)
PAYMENT_DAYS: Final = "dispute.payment_days"


async def look(dispute_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """Takes the next step, or notes when to look again. False where nothing was to be done."""
    async with transaction():
        found = await lock_case(await dispute_by_id(dispute_id))
        if found.state is not State.EXECUTING:
            return False
        where = await whereabouts(found)
        assert where.move is not None
        if where.move not in ACTS:
            await execute("UPDATE dispute SET look_at = $2 WHERE id = $1", found.id, now + PAUSE)
            return False
        await _take_step(found, where, calendar, now)
    return True


async def _take_step(found: DisputeView, where: Whereabouts, calendar: Calendar, now: datetime) -> None:
    match where.move:
        case Move.REFUND:
            await _refund(found, where, None, now)
        case Move.RELEASE:
            await _release(found, now)
        case Move.CALL_OFF:
            await call_off(found.payable_id, now=now)
        case Move.OWE_REST:
            await _owe_rest(found, calendar, now)
        case Move.OWE_WHOLE:
            if where.payable.due_at is None:
                await set_due(found.payable_reference, await due(found.contract, PAYMENT_DAYS, now, calendar))
            await hand_over(found.payable_id, now=now)
        case Move.OWE_BACK:
            await _owe_back(found, where, calendar, now)
        case Move.DONE:
            await _finish(found, where, now)


async def _refund(found: DisputeView, where: Whereabouts, by: UUID | None, now: datetime) -> None:
    assert found.refund_fen is not None
    part = found.refund_fen - where.payable.refunded_fen
    told = await give_back(found.payable_id, part, reason=found.number, by=by, now=now)
    await execute("UPDATE dispute SET refund_id = $2 WHERE id = $1", found.id, told)


async def _release(found: DisputeView, now: datetime) -> None:
    told = await hand_over(found.payable_id, now=now)
    await execute("UPDATE dispute SET release_id = $2 WHERE id = $1", found.id, told)


async def _owe_rest(found: DisputeView, calendar: Calendar, now: datetime) -> None:
    """What was never paid is owed in a smaller part: a payable of its own, released as soon as it is paid."""
    assert found.refund_fen is not None
    contract, reference = found.contract, f"{found.contract.number}-R{found.milestone_no}"
    await call_off(found.payable_id, now=now)
    new = NewPayable(
        reference, contract.project_number, contract.title, contract.owner_id, contract.agency_id,
        found.amount_fen - found.refund_fen, await due(contract, PAYMENT_DAYS, now, calendar),
    )  # fmt: skip
    await open_payable(new, now=now)
    rest_id: UUID = await fetch_value("SELECT id FROM payable WHERE reference = $1", reference)
    await hand_over(rest_id, now=now)
    await execute("UPDATE dispute SET rest_id = $2 WHERE id = $1", found.id, rest_id)


async def _owe_back(found: DisputeView, where: Whereabouts, calendar: Calendar, now: datetime) -> None:
    """The agency has more than is due to it. Nothing is moved here: it transfers, and the owner confirms."""
    assert found.refund_fen is not None
    amount = back_of(purse_of(where.payable), found.refund_fen)
    due_at = await due(found.contract, PAYMENT_DAYS, now, calendar)
    await execute("UPDATE dispute SET back_fen = $2, back_due_at = $3 WHERE id = $1", found.id, amount, due_at)
    await record_act("dispute.owed_back", found, by="market", now=now, back_fen=amount, due_at=utc_text(due_at))
    await let_go(found.payable_id, now=now)


async def _finish(found: DisputeView, where: Whereabouts, now: datetime) -> None:
    purse = purse_of(where.payable)
    rest = purse_of(where.rest).with_payee_fen if where.rest else 0
    await execute("UPDATE dispute SET executed_at = $2, look_at = NULL WHERE id = $1", found.id, now)
    await let_go(found.payable_id, now=now)
    await record_act(
        "dispute.executed", found, by="market", now=now, refunded_fen=purse.refunded_fen,
        to_agency_fen=purse.with_payee_fen + rest, back_fen=found.back_fen or 0,
    )  # fmt: skip


async def try_again(number: str, *, viewer: Viewer, now: datetime) -> None:
    """Alipay refused for good what it was told last; the operator has cleared the cause, so it is told anew, with a new
    number: nothing happened under the old one."""
    async with transaction():
        seen = await access_dispute(viewer, number)
        if not viewer.is_operator:
            raise NotFound
        found = await lock_case(seen)
        where = await whereabouts(found)
        if where.move is not Move.REFUSED:
            raise Refusal("dispute.not_refused", N_("Alipay has not refused anything here that could be told again."),
                          todo=N_("Open the dispute to see how it stands."))  # fmt: skip
        assert found.refund_fen is not None
        if where.payable.refunded_fen < found.refund_fen:
            await _refund(found, where, viewer.person_id, now)
        else:
            await _release(found, now)


@dataclass(frozen=True)
class NewTransfer:
    paid_on: date
    bank_reference: str


async def state_transfer(number: str, new: NewTransfer, *, viewer: Viewer, now: datetime) -> None:
    """The agency says that it transferred what it owes back. Raises NotFound for others, Refusal where it owes nothing."""
    async with transaction():
        seen, side = await access_as_side(viewer, number)
        if side is not Side.AGENCY:
            raise NotFound
        found = await lock_case(seen)
        where = await whereabouts(found)
        if where.move is not Move.AWAIT_BACK or any(one.answer is None for one in where.transfers):
            raise Refusal("dispute.nothing_back", N_("Nothing is to be transferred back here at present."),
                          todo=N_("Open the dispute to see how it stands."))  # fmt: skip
        await execute(
            "INSERT INTO dispute_transfer (id, dispute_id, paid_on, bank_reference, stated_by, stated_at) VALUES ($1,$2,$3,$4,$5,$6)",
            new_id(), found.id, new.paid_on, new.bank_reference, viewer.person_id, now,
        )  # fmt: skip
        await record_act("dispute.transferred", found, by=viewer.organisation_code, now=now, back_fen=found.back_fen,
                         private={"bank_reference": new.bank_reference, "person": viewer.person_name})  # fmt: skip


async def answer_transfer(number: str, *, received: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """The owner found the transfer, or did not. Raises NotFound for others, Refusal where none waits."""
    async with transaction():
        seen, side = await access_as_side(viewer, number)
        if side is not Side.OWNER:
            raise NotFound
        found = await lock_case(seen)
        changed = await execute(
            "UPDATE dispute_transfer SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5"
            " WHERE dispute_id = $1 AND answer IS NULL",
            found.id, "confirmed" if received else "denied", "" if received else reason, viewer.person_id, now,
        )  # fmt: skip
        if not changed:
            raise Refusal("dispute.no_transfer", N_("No transfer waits for your confirmation."),
                          todo=N_("Open the dispute to see how it stands."))  # fmt: skip
        await execute("UPDATE dispute SET look_at = $2 WHERE id = $1 AND look_at IS NOT NULL", found.id, now)
        await record_act("dispute.transfer_answered", found, by=viewer.organisation_code, now=now, received=received,
                         private={"reason": reason, "person": viewer.person_name})  # fmt: skip
