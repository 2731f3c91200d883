"""Where the money of a dispute is: what Alipay was told, what was transferred back, what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from market.kernel.db import fetch
from market.kernel.money import Money
from market.payments.queries import PayableView, payable_by
from market.payments.rules import SETTLES_ITSELF
from market.payments.rules import State as Trade
from projects.disputes.execution import Move, Outcome, Purse, next_move
from projects.disputes.queries.disputes import DisputeView
from projects.disputes.rules import State


@dataclass(frozen=True)
class TransferView:
    """What the agency said it transferred back."""

    paid_on: date
    bank_reference: str
    stated_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Told:
    """An instruction to Alipay, as the page of a dispute shows it."""

    id: UUID
    kind: str
    amount_fen: int
    request_no: str
    state: str
    tries: int
    answer: str
    created_at: datetime
    ended_at: datetime | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)


async def transfers_of(dispute_id: UUID) -> list[TransferView]:
    """The latest first."""
    columns = ", ".join(one.name for one in fields(TransferView))
    rows = await fetch(
        f"SELECT {columns} FROM dispute_transfer WHERE dispute_id = $1 ORDER BY stated_at DESC, id DESC", dispute_id
    )
    return [TransferView(**row) for row in rows]


async def told(found: DisputeView) -> list[Told]:
    """What Alipay was told about this money since it was decided, oldest first."""
    columns = ", ".join(f"i.{one.name}" for one in fields(Told))
    rows = await fetch(
        f"SELECT {columns} FROM instruction i JOIN payment t ON t.id = i.payment_id WHERE t.payable_id = ANY($1)"
        " AND i.kind IN ('refund', 'settle') AND i.created_at >= $2 ORDER BY i.created_at, i.id",
        [one for one in (found.payable_id, found.rest_id) if one], found.decided_at or found.opened_at,
    )  # fmt: skip
    return [Told(**row) for row in rows]


@dataclass(frozen=True)
class Whereabouts:
    """Where the money of a dispute is, and what is to be done or waited for."""

    payable: PayableView
    rest: PayableView | None
    told: tuple[Told, ...]
    transfers: tuple[TransferView, ...]
    move: Move | None

    @property
    def settles_at(self) -> datetime | None:
        """When Alipay would release by itself what it holds."""
        if self.payable.state is not Trade.HELD or self.payable.paid_at is None:
            return None
        return self.payable.paid_at + SETTLES_ITSELF


async def whereabouts(found: DisputeView) -> Whereabouts:
    payable = await payable_by(found.payable_reference)
    assert payable is not None
    rest = await payable_by(found.rest_reference) if found.rest_reference else None
    orders, transfers = tuple(await told(found)), tuple(await transfers_of(found.id))
    move = _move(found, payable, rest, orders, transfers) if found.state is State.EXECUTING else None
    return Whereabouts(payable, rest, orders, transfers, move)


def _move(
    found: DisputeView, payable: PayableView, rest: PayableView | None, orders: Sequence[Told],
    transfers: Sequence[TransferView],
) -> Move:  # fmt: skip
    assert found.refund_fen is not None
    outcome = Outcome(
        refund_fen=found.refund_fen, refused=bool(orders) and orders[-1].state == "rejected",
        rest=purse_of(rest) if rest else None, back_fen=found.back_fen,
        back_confirmed=any(one.answer == "confirmed" for one in transfers),
    )  # fmt: skip
    return next_move(purse_of(payable), outcome)


def purse_of(payable: PayableView) -> Purse:
    return Purse(
        amount_fen=payable.amount_fen, state=payable.state, refunded_fen=payable.refunded_fen,
        reserved_fen=payable.reserved_fen, settled_fen=payable.settled_fen, by_bank=payable.transfer_confirmed,
        transfer_stated=payable.transfer_stated, release_wanted=payable.release_at is not None,
        disputed=payable.disputed_at is not None, cancelled=payable.cancelled_at is not None,
    )  # fmt: skip
