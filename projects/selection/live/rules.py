"""Live bidding as rules: which round runs when, what bid is taken, what each bidder may see of the others. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from projects.rules import Stage
from projects.selection.methods.best_price import share_text
from projects.selection.methods.decision import Fault
from projects.selection.methods.multi_round import best_of, better
from projects.selection.methods.offers import fault_of
from projects.selection.methods.terms import BiddingTerms, Limits, Quote
from projects.selection.sign_ups.rules import lateness

Who = TypeVar("Who", bound=Hashable)


class Phase(StrEnum):
    """Where the bidding stands at a moment."""

    WAITING = "waiting"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True)
class Schedule:
    """The rounds lie back to back from `starts_at` on; all windows are half-open: at its end a round is over."""

    starts_at: datetime
    terms: BiddingTerms

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.terms.minutes)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.terms.rounds * self.length

    def phase(self, now: datetime) -> Phase:
        if now < self.starts_at:
            return Phase.WAITING
        return Phase.OPEN if now < self.ends_at else Phase.OVER

    def no(self, now: datetime) -> int:
        """The number of the round that runs: 0 before the first, that of the last one afterwards."""
        if now < self.starts_at:
            return 0
        return min((now - self.starts_at) // self.length + 1, self.terms.rounds)

    def round_ends_at(self, no: int) -> datetime:
        return self.starts_at + no * self.length

    def next_change(self, now: datetime) -> datetime | None:
        """When the next round begins, or bidding ends; None when it is over."""
        return self.round_ends_at(self.no(now)) if now < self.ends_at else None

    def rounds(self) -> Sequence[tuple[int, datetime, datetime]]:
        """(number, starts at, ends at) of each."""
        return [(no, self.round_ends_at(no - 1), self.round_ends_at(no)) for no in range(1, self.terms.rounds + 1)]


@dataclass(frozen=True)
class Standing:
    """What one bidder sees: its own rank and best bid, and the lowest price. Equal bids share a rank. `bidders` is None
    unless the rulebook lets the number of bidders be shown."""

    rank: int | None
    best: int | None
    lowest: int | None
    bidders: int | None = None


def standing_of(bests: Mapping[Who, int], me: Who, quote: Quote, *, show_count: bool) -> Standing:
    """`bests`: the best bid of each bidder so far."""
    mine = bests.get(me)
    return Standing(
        rank=None if mine is None else 1 + sum(better(quote, one, mine) for one in bests.values()),
        best=mine,
        lowest=best_of(quote, bests.values()) if bests else None,
        bidders=len(bests) if show_count else None,
    )


@dataclass(frozen=True)
class Last:
    """A bidder's last bid, which is its best."""

    quoted: int
    received_at: datetime


@dataclass(frozen=True)
class Bounds:
    """What may be bid. `step`: by how much a bidder betters its own last bid at least, in the unit of the quote."""

    limits: Limits
    quote: Quote
    step: int = 1

    def next_after(self, last: int) -> int | None:
        """The least that betters a bidder's last bid; the limit itself may always be bid. None at the limit."""
        if self.quote is Quote.PRICE:
            lowest = max(self.limits.floor_fen, 1)
            return max(last - self.step, lowest) if last > lowest else None
        largest = self.limits.largest_discount
        return min(last + self.step, largest) if last < largest else None


def step_of(limits: Limits, quote: Quote, share: int) -> int:
    """The least step in the unit of the quote: a share of the ceiling in basis points, which is what a discount counts
    in; of a price whole fen, and never nothing."""
    return max(limits.ceiling_fen * share // BASIS_POINTS if quote is Quote.PRICE else share, 1)


def check_bid(
    schedule: Schedule, stage: Stage, bounds: Bounds, quoted: int, last: Last | None, *, now: datetime
) -> int:
    """The number of the round in which the bid counts. `now` is when the request reached the server. Raises Refusal
    outside the rounds (dated), outside the limits, and where the bid betters the bidder's last by less than a step."""
    check_window(schedule, stage, now)
    fault = fault_of(bounds.limits, bounds.quote, quoted)
    if fault is not None:
        raise _outside(fault, bounds.limits)
    if last is not None:
        _check_step(bounds, quoted, last.quoted)
    if last is not None and now < last.received_at:
        raise Refusal(
            "live.overtaken", N_("A bid of yours that was sent later is recorded already, so this one does not count."),
            todo=N_("Look at your bids below; you can make a better one at any time."),
        )  # fmt: skip
    return schedule.no(now)


def check_window(schedule: Schedule, stage: Stage, now: datetime) -> None:
    """Half-open: at the closing instant it is too late."""
    if now >= schedule.ends_at:
        raise Refusal(
            "live.over", N_("Bidding ended at {ended_at}. Your bid reached the server at {arrived_at}: {late} too late."),
            rule="selection.rounds.minutes",
            todo=N_("Nobody can bid any more. What you bid before counts; so does your reserve price, if you left one."),
            ended_at=schedule.ends_at, arrived_at=now, late=lateness(now - schedule.ends_at),
        )  # fmt: skip
    if now < schedule.starts_at:
        raise Refusal(
            "live.too_early", N_("Bidding starts at {starts_at}; your bid reached the server at {arrived_at}."),
            rule="selection.rounds.minutes", todo=N_("Wait for the first round; the page tells you when it begins."),
            starts_at=schedule.starts_at, arrived_at=now,
        )  # fmt: skip
    if stage is not Stage.DRAWING:
        raise Refusal(
            "live.not_open", N_("This project does not take live bids: it has moved on."),
            todo=N_("Open the project to see where it stands."),
        )  # fmt: skip


def closed_meanwhile(schedule: Schedule, now: datetime) -> Refusal:
    """It arrived in time, and the market was so slow that the end was written down before it."""
    return Refusal(
        "live.closed", N_("Your bid reached the server at {arrived_at}, but it could not be recorded before bidding was closed, so it does not count."),
        rule="selection.rounds.minutes", todo=N_("What you bid before counts. You may object to the result if this decided it."),
        arrived_at=now, ended_at=schedule.ends_at,
    )  # fmt: skip


def quoted_text(quote: Quote, quoted: int) -> Money | str:
    """A price, or a share as notices write it."""
    return Money(quoted) if quote is Quote.PRICE else share_text(quoted)


_OUTSIDE: Final = {
    Fault.NO_AMOUNT: N_("This is no amount that can be bid."),
    Fault.ABOVE_CEILING: N_("Your bid is above the ceiling of {ceiling}."),
    Fault.BELOW_FLOOR: N_("Your bid is below the floor of {floor}."),
    Fault.DISCOUNT_TOO_SMALL: N_("Your discount is smaller than the smallest one, {smallest}."),
    Fault.DISCOUNT_TOO_LARGE: N_("Your discount is larger than the largest one, {largest}."),
}


def _outside(fault: Fault, limits: Limits) -> Refusal:
    return Refusal(
        f"live.{fault}", _OUTSIDE[fault], todo=N_("Bid within the limits of the notice. Nothing was recorded."),
        ceiling=Money(limits.ceiling_fen), floor=Money(limits.floor_fen), smallest=share_text(limits.smallest_discount),
        largest=share_text(limits.largest_discount),
    )  # fmt: skip


_NO_BETTER: Final = {
    Quote.PRICE: N_("Your bid of {quoted} is not lower than your own last one, {last}. Only a lower one counts."),
    Quote.DISCOUNT: N_("Your discount of {quoted} is not larger than your own last one, {last}. Only a larger one counts."),
}  # fmt: skip
_BELOW_STEP: Final = {
    Quote.PRICE: N_("Your bid of {quoted} is too close to your own last one, {last}."),
    Quote.DISCOUNT: N_("Your discount of {quoted} is too close to your own last one, {last}."),
}
_NEXT: Final = {
    Quote.PRICE: N_("Your last bid stands. Your next one has to be {following} or less."),
    Quote.DISCOUNT: N_("Your last bid stands. Your next one has to be {following} or more."),
}
_AT_THE_LIMIT: Final = N_("Your last bid stands. It is the best that the notice allows.")


def _check_step(bounds: Bounds, quoted: int, last: int) -> None:
    following = bounds.next_after(last)
    if following is not None and not better(bounds.quote, following, quoted):
        return
    is_better = better(bounds.quote, quoted, last)
    shown = {"quoted": quoted, "last": last} | ({} if following is None else {"following": following})
    facts: dict[str, Any] = {name: quoted_text(bounds.quote, amount) for name, amount in shown.items()}
    raise Refusal(
        "live.step" if is_better else "live.no_better",
        (_BELOW_STEP if is_better else _NO_BETTER)[bounds.quote],
        rule="selection.rounds.least_step",
        todo=_AT_THE_LIMIT if following is None else _NEXT[bounds.quote],
        **facts,
    )


def step_text(bounds: Bounds) -> Message:
    """The least step, in words."""
    texts = {
        Quote.PRICE: N_("Each of your bids has to be at least {step} lower than your last one."),
        Quote.DISCOUNT: N_("Each of your discounts has to be at least {step} larger than your last one."),
    }
    return Message(texts[bounds.quote], {"step": quoted_text(bounds.quote, bounds.step)})


def limits_text(bounds: Bounds) -> Message:
    """What may be bid, in words."""
    limits = bounds.limits
    if bounds.quote is Quote.DISCOUNT:
        return Message(N_("From {smallest} to {largest} off the ceiling of {ceiling}."), {
            "smallest": share_text(limits.smallest_discount), "largest": share_text(limits.largest_discount),
            "ceiling": Money(limits.ceiling_fen),
        })  # fmt: skip
    return Message(N_("From {floor} to {ceiling}."), {
        "floor": Money(limits.floor_fen), "ceiling": Money(limits.ceiling_fen),
    })  # fmt: skip
