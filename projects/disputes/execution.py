"""Carrying out an outcome, one step at a time, from where the money is. Pure.

The outcome is how much goes back to the owner. What Alipay holds is refunded by that much and the rest released; what the
agency has already is owed back by the agency, and confirmed by the owner when it came; what was never paid is owed by the
owner, less what the outcome takes off. Each step follows from the facts alone, so that it can be looked at again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from market.payments.rules import State


class Move(StrEnum):
    """What is to be done now, or what is waited for."""

    REFUND = "refund"
    RELEASE = "release"
    CALL_OFF = "call_off"
    OWE_REST = "owe_rest"
    OWE_WHOLE = "owe_whole"
    OWE_BACK = "owe_back"
    DONE = "done"
    AWAIT_REFUND = "await_refund"
    AWAIT_RELEASE = "await_release"
    AWAIT_TRANSFER = "await_transfer"
    AWAIT_PAYMENT = "await_payment"
    AWAIT_BACK = "await_back"
    REFUSED = "refused"


ACTS = frozenset({
    Move.REFUND, Move.RELEASE, Move.CALL_OFF, Move.OWE_REST, Move.OWE_WHOLE, Move.OWE_BACK, Move.DONE,
})  # fmt: skip


@dataclass(frozen=True)
class Purse:
    """The money of one payable. `state`: of its live or last trade; `by_bank`: the agency confirmed a transfer of all."""

    amount_fen: int
    state: State | None = None
    refunded_fen: int = 0
    reserved_fen: int = 0
    settled_fen: int = 0
    by_bank: bool = False
    transfer_stated: bool = False
    release_wanted: bool = False
    disputed: bool = False
    cancelled: bool = False

    @property
    def with_payee_fen(self) -> int:
        return self.amount_fen if self.by_bank else self.settled_fen

    @property
    def is_paid(self) -> bool:
        return self.by_bank or self.state is State.SETTLED


@dataclass(frozen=True)
class Outcome:
    """How far it is. `refused`: Alipay refused the last instruction, for good; `rest`: what is owed anew in place of the
    milestone; `back_fen`: what the agency owes back, `back_confirmed`: the owner has found it."""

    refund_fen: int
    refused: bool = False
    rest: Purse | None = None
    back_fen: int | None = None
    back_confirmed: bool = False


def next_move(purse: Purse, outcome: Outcome) -> Move:
    if outcome.back_fen is not None:
        return Move.DONE if outcome.back_confirmed else Move.AWAIT_BACK
    if outcome.rest is not None:
        return _awaited(outcome.rest)
    if outcome.refused and purse.state is State.HELD and not purse.reserved_fen:
        return Move.REFUSED
    if purse.by_bank:
        return _with_agency(purse, outcome)
    match purse.state:
        case State.HELD:
            return _held(purse, outcome)
        case State.SETTLING:
            return Move.AWAIT_RELEASE
        case State.SETTLED:
            return _with_agency(purse, outcome)
        case State.REFUNDED:
            return Move.DONE if purse.cancelled else Move.CALL_OFF
    return _unpaid(purse, outcome)


def _held(purse: Purse, outcome: Outcome) -> Move:
    if purse.reserved_fen:
        return Move.AWAIT_REFUND
    if purse.refunded_fen < outcome.refund_fen:
        return Move.REFUND
    # Wanted, and held back by nothing here: a difference with Alipay's bill must be cleared first.
    return Move.RELEASE if purse.disputed or not purse.release_wanted else Move.AWAIT_RELEASE


def _with_agency(purse: Purse, outcome: Outcome) -> Move:
    too_much = purse.with_payee_fen - (purse.amount_fen - outcome.refund_fen)
    return Move.OWE_BACK if too_much > 0 else Move.DONE


def back_of(purse: Purse, refund_fen: int) -> int:
    """What the agency has and is not due."""
    return purse.with_payee_fen - (purse.amount_fen - refund_fen)


def _unpaid(purse: Purse, outcome: Outcome) -> Move:
    if purse.transfer_stated:
        return Move.AWAIT_TRANSFER
    if purse.cancelled:
        return Move.DONE
    if outcome.refund_fen == purse.amount_fen:
        return Move.CALL_OFF
    if outcome.refund_fen:
        return Move.OWE_REST
    return Move.OWE_WHOLE if purse.disputed or not purse.release_wanted else Move.AWAIT_PAYMENT


def _awaited(rest: Purse) -> Move:
    """What is owed anew is awaited until it is the agency's; called off by both, nothing is left to wait for."""
    if rest.is_paid or rest.cancelled:
        return Move.DONE
    if rest.transfer_stated:
        return Move.AWAIT_TRANSFER
    return Move.AWAIT_RELEASE if rest.state in {State.HELD, State.SETTLING} else Move.AWAIT_PAYMENT
