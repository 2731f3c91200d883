"""What money may do here: states, numbers, pauses, and what a milestone's money looks like from outside.

The periods below are Alipay's, not a regulation's: how its trades behave, so they are no rulebook data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from market.kernel.calendar import BEIJING, beijing_date
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.money import Money

PAY_WITHIN: Final = timedelta(hours=2)
# Only when this long has passed is "no such trade" final: until then the address can still be paid.
MARGIN: Final = timedelta(minutes=2)
POLLS: Final = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 300, 600, 1800))
RETRIES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 3600))
LATER: Final = timedelta(hours=1)
# An instruction whose outcome is not known for longer is shown to the operator, whatever became of those who carried it out.
LONGEST_UNKNOWN: Final = timedelta(hours=1)
# Alipay settles held money by itself after 365 days; long before that somebody must have decided.
GUARD: Final = timedelta(days=300)
SETTLES_ITSELF: Final = timedelta(days=365)
LARGEST_TRADE: Final = 100_000_000 * 100
BILL_HOUR: Final = timedelta(hours=10, minutes=30)
BILL_RETRY: Final = timedelta(hours=1)
DAYS_OF_SLACK: Final = 1
FEE_LIMIT: Final = 60  # basis points of a payment; what Alipay takes beyond is a difference to look at


class Means(StrEnum):
    PAGE = "page"
    PHONE = "phone"


class State(StrEnum):
    """Of one trade. `*ING`: Alipay was told, its answer is not known."""

    AWAITING = "awaiting"
    CLOSING = "closing"
    CLOSED = "closed"
    HELD = "held"
    SETTLING = "settling"
    SETTLED = "settled"
    REFUNDED = "refunded"
    REVIEW = "review"


LIVE: Final = frozenset({State.AWAITING, State.CLOSING, State.HELD, State.SETTLING, State.SETTLED})


class Kind(StrEnum):
    """Of instructions to Alipay."""

    ONBOARD = "onboard"
    CLOSE = "close"
    REFUND = "refund"
    SETTLE = "settle"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    CAPTURE = "capture"


class Standing(StrEnum):
    """Where the money of one milestone is, in the words of those who wait for it."""

    CANCELLED = "cancelled"
    TO_PAY = "to_pay"
    PAYING = "paying"
    STATED = "stated"
    HELD = "held"
    RELEASING = "releasing"
    RELEASED = "released"
    REFUNDED = "refunded"
    PAID_BY_BANK = "paid_by_bank"


@dataclass(frozen=True)
class Whereabouts:
    """The facts about one milestone's money. `state`: of its live or last trade, reviews left out."""

    state: State | None
    cancelled: bool = False
    release_wanted: bool = False
    blocked: bool = False
    transfer_stated: bool = False
    transfer_confirmed: bool = False


def standing_of(money: Whereabouts) -> Standing:
    if money.transfer_confirmed:
        return Standing.PAID_BY_BANK
    match money.state:
        case State.SETTLED:
            return Standing.RELEASED
        case State.SETTLING:
            return Standing.RELEASING
        case State.HELD:
            return Standing.RELEASING if money.release_wanted and not money.blocked else Standing.HELD
    if money.cancelled:
        return Standing.REFUNDED if money.state is State.REFUNDED else Standing.CANCELLED
    if money.transfer_stated:
        return Standing.STATED
    return Standing.PAYING if money.state in {State.AWAITING, State.CLOSING} else Standing.TO_PAY


_PREFIXES: Final = {
    Kind.ONBOARD: "M", Kind.CLOSE: "C", Kind.REFUND: "R", Kind.SETTLE: "S", Kind.FREEZE: "F", Kind.UNFREEZE: "U",
    Kind.CAPTURE: "K",
}  # fmt: skip

CAPTURED: Final = _PREFIXES[Kind.CAPTURE]


def trade_number(payment_id: UUID) -> str:
    """Made of the row's id, never of the time: the same row can never be paid under two numbers."""
    return f"P{payment_id.hex}"


def request_number(kind: Kind, instruction_id: UUID) -> str:
    return f"{_PREFIXES[kind]}{instruction_id.hex}"


def next_poll(polls: int, *, expires_at: datetime, now: datetime) -> datetime:
    """After the quick ones only once more: when the time to pay is over."""
    over = expires_at + MARGIN
    if polls < len(POLLS) and now + POLLS[polls] < over:
        return now + POLLS[polls]
    return over if now < over else now + LATER


def is_over(*, expires_at: datetime, now: datetime) -> bool:
    """Whether a trade that Alipay does not know can no longer come into being."""
    return now >= expires_at + MARGIN


def next_try(tries: int, now: datetime) -> datetime:
    return now + (RETRIES[tries] if tries < len(RETRIES) else LATER)


def is_alarming(tries: int) -> bool:
    """Whether a person must look: all quick tries failed, which is after a little more than an hour."""
    return tries >= len(RETRIES)


# Why the agency cannot be paid by Alipay, by the state of its account; None: it never registered one.
NOT_READY: Final = {
    None: N_("The agency has no confirmed Alipay account with this market yet."),
    "asked": N_("The agency has registered an Alipay account, and Alipay has not confirmed it yet."),
    "reviewing": N_("Alipay is still checking the account that the agency registered."),
    "refused": N_("Alipay did not take the account that the agency registered."),
    "frozen": N_("Alipay has frozen the agency's account; it takes no payments at present."),
}


def check_account(state: str | None) -> None:
    """Whether the payee can be paid by Alipay. Raises Refusal."""
    if state != "active":
        raise Refusal(
            "payments.payee_not_ready", NOT_READY[state],
            todo=N_("Ask the agency to see to its account, or pay by bank transfer and record it here."),
        )  # fmt: skip


def check_payable(*, amount_fen: int, standing: Standing) -> None:
    """Whether a trade may be started now. Raises Refusal."""
    if standing is Standing.CANCELLED:
        raise Refusal("payments.cancelled", N_("This payment is no longer owed."))
    if standing is Standing.STATED:
        raise Refusal(
            "payments.transfer_stated", N_("A bank transfer was stated for this payment and waits for confirmation."),
            todo=N_("Wait until the other side has confirmed or denied it."),
        )  # fmt: skip
    if standing not in {Standing.TO_PAY, Standing.PAYING}:
        raise Refusal("payments.paid_already", N_("This has been paid already."))
    if amount_fen > LARGEST_TRADE:
        raise Refusal(
            "payments.too_large", N_("Alipay takes at most 100 million yuan at once."),
            todo=N_("Pay by bank transfer and record it here."),
        )  # fmt: skip


def check_refund(*, state: State, left_fen: int, amount_fen: int) -> None:
    """`left_fen`: paid and neither refunded, settled nor promised. Raises Refusal."""
    if state not in {State.HELD, State.REVIEW}:
        raise Refusal("payments.not_held", N_("Alipay does not hold this money, so it cannot be refunded."))
    if amount_fen > left_fen:
        raise Refusal(
            "payments.refund_too_large", N_("Only {left} of this payment is left to refund."), left=Money(left_fen)
        )


def check_refund_request(*, state: State | None, left_fen: int, amount_fen: int, accepted: bool, waits: bool) -> None:
    """Whether the owner may ask for money back: while Alipay holds it and the work is not accepted. Raises Refusal."""
    if state in {State.SETTLING, State.SETTLED} or accepted:
        raise Refusal(
            "refund.released", N_("The work is accepted, so this money is the agency's; Alipay gives it back no more."),
            todo=N_("Agree with the agency on a payment outside of the market, or open a dispute on this milestone."),
        )  # fmt: skip
    if state is not State.HELD:
        raise Refusal("payments.not_held", N_("Alipay does not hold this money, so it cannot be refunded."))
    if waits:
        raise Refusal(
            "refund.asked_already", N_("A request for money back waits for the agency's answer already."),
            todo=N_("Wait for the answer, or withdraw the request."),
        )  # fmt: skip
    if amount_fen > left_fen:
        raise Refusal(
            "payments.refund_too_large", N_("Only {left} of this payment is left to refund."), left=Money(left_fen)
        )


def bill_due_at(day: date) -> datetime:
    """When the bill of a day should be there: on the next morning, Beijing."""
    morning = datetime.combine(day + timedelta(days=1), datetime.min.time(), BEIJING)
    return morning + BILL_HOUR


def last_billed_day(now: datetime) -> date:
    """The latest day whose bill should be there."""
    today = beijing_date(now)
    return today - timedelta(days=1 if now >= bill_due_at(today - timedelta(days=1)) else 2)
