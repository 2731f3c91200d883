"""Sign-up and draw as rules: who came in time, who is in the pool, when too few are left, who may object. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from agencies.rules import AgencyFacts
from market.catalogue.rules import Rulebook
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from projects.eligibility import Assessment, Line, second_bidder_line, second_bidders
from projects.rules import Stage


class Cause(StrEnum):
    """Why a round exists. The first award has no other cause than its publication."""

    PUBLISHED = "published"
    WINDOW_RESTARTED = "window_restarted"
    OBJECTION_UPHELD = "objection_upheld"
    COMPLAINT_UPHELD = "complaint_upheld"
    WINNER_REFUSED = "winner_refused"
    SIGNING_LAPSED = "signing_lapsed"


class Annulment(StrEnum):
    """Why a round's result does not hold, or why it never had one."""

    TOO_FEW = "too_few"
    TOO_FEW_VALID = "too_few_valid"
    OBJECTION_UPHELD = "objection_upheld"
    COMPLAINT_UPHELD = "complaint_upheld"
    WINNER_REFUSED = "winner_refused"
    SIGNING_LAPSED = "signing_lapsed"
    NO_PANEL = "no_panel"


class Decision(StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"


class Remedy(StrEnum):
    """What follows when an objection is upheld."""

    REDRAW = "redraw"
    REOPEN = "reopen"


def remedies(*, alone: bool) -> tuple[Remedy, ...]:
    """What an upheld objection may lead to. Where the notice names the one agency (`alone`), opening sign-up again would
    only name it again: its selection ends, and the owner posts anew."""
    return (Remedy.REDRAW,) if alone else (Remedy.REDRAW, Remedy.REOPEN)


# A further draw needs a cause that lies after the first result.
FURTHER: Final = frozenset({
    Cause.OBJECTION_UPHELD, Cause.COMPLAINT_UPHELD, Cause.WINNER_REFUSED, Cause.SIGNING_LAPSED,
})  # fmt: skip
# From the close of sign-up to the contract an agency may say that it gives up its place.
ABANDONABLE: Final = frozenset({Stage.DRAWING, Stage.RESULT_NOTICE, Stage.CONTRACTING})
# Why a project fails here; shown on its page.
TOO_FEW: Final = N_("Too few eligible agencies are left for a selection.")
TOO_FEW_VALID: Final = N_("Too few of the bids that were opened are valid.")
NO_PANEL: Final = N_("No panel of experts could be found.")
ANNULLED: Final = N_("The regulator annulled the selection on a complaint.")


@dataclass(frozen=True)
class Candidate:
    """An agency that signed up, as it stood when the pool froze."""

    agency: AgencyFacts
    signed_up_at: datetime
    assessment: Assessment


@dataclass(frozen=True)
class Pool:
    """Who draws and who was left out, both by code; the failing lines of those left out say why."""

    entrants: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]


def purpose_of(no: int) -> str:
    """The purpose under which round `no` is drawn: award, award-2, …"""
    return "award" if no == 1 else f"award-{no}"


class Timed(Protocol):
    """What a notice says about when entries come: a project, or a notice before it is one."""

    @property
    def sign_up_closes_at(self) -> datetime: ...
    @property
    def bidding_starts_at(self) -> datetime | None: ...


def entries_close(notice: Timed, rulebook: Rulebook) -> datetime:
    """The last moment at which anything that decides can arrive: the beacon round has to lie after it."""
    if notice.bidding_starts_at is None:
        return notice.sign_up_closes_at
    minutes = rulebook.integer("selection.rounds.count") * rulebook.integer("selection.rounds.minutes")
    return notice.bidding_starts_at + timedelta(minutes=minutes)


def freeze_grace(rulebook: Rulebook) -> timedelta:
    """How long after the close a pool stays open for what arrived before it. It has to be shorter than the beacon's
    safety periods: the pool is written down before its round is out."""
    return timedelta(seconds=rulebook.integer("selection.freeze_grace"))


def minimum(fiscal_share: int, *, state_funds: int, social_funds: int) -> int:
    """How many must be in the pool: any public money (share in basis points) calls for the higher number."""
    return state_funds if fiscal_share > 0 else social_funds


def too_few(count: int, needed: int) -> bool:
    """Nobody can win an empty pool, whatever number the rulebook asks for."""
    return count < max(needed, 1)


def build_pool(candidates: Iterable[Candidate], *, branches_as_one: bool) -> Pool:
    """The same pool in whatever order the candidates come: of a head office and its branches only the one that signed
    up first stays; equal times, which only a test produces, are decided by code."""
    ordered = sorted(candidates, key=lambda one: (one.signed_up_at, one.agency.code))
    fit = [one for one in ordered if one.assessment.eligible]
    twice = dict(_second_bidders(fit)) if branches_as_one else {}
    entrants = [one for one in fit if one.agency.id not in twice]
    left_out = [barred(one, twice[one.agency.id]) if one.agency.id in twice else one
                for one in ordered if one not in entrants]  # fmt: skip
    return Pool(_by_code(entrants), _by_code(left_out))


def tickets_of(score: int | None, rulebook: Rulebook) -> int:
    """How many tickets an agency has in a draw, by its stars (score in points; None: unrated). All have the same unless
    the rulebook weighs them."""
    if score is None:
        return rulebook.integer("draw.tickets")
    stars_lost = sum(score < least for least in rulebook.integers("credit.bands"))
    return rulebook.integers("draw.tickets_by_stars")[stars_lost]


def no_bid_line() -> Line:
    return Line("bid", False, Message(N_("No sealed bid stood when the time to bid was over.")))


def barred(candidate: Candidate, line: Line) -> Candidate:
    """The candidate with one more reason against it."""
    return replace(candidate, assessment=Assessment(False, (*candidate.assessment.lines, line)))


def left_out_line(cause: Cause) -> Line:
    """Why an agency of the last pool is not in the next one."""
    texts = {
        Cause.OBJECTION_UPHELD: N_("Left out by the decision on an objection."),
        Cause.COMPLAINT_UPHELD: N_("Left out by the regulator's decision on a complaint."),
        Cause.WINNER_REFUSED: N_("Refused the award."),
        Cause.SIGNING_LAPSED: N_("Did not sign the contract in time."),
    }
    return Line("further_draw", False, Message(texts[cause]))


def abandoned_line(at: datetime) -> Line:
    return Line("abandoned", False, Message(N_("Gave up its place after sign-up had closed.")), at.date())


def _second_bidders(fit: Sequence[Candidate]) -> list[tuple[UUID, Line]]:
    return [(out.id, second_bidder_line(kept)) for out, kept in second_bidders(one.agency for one in fit)]


def _by_code(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda one: one.agency.code))


def check_window(stage: Stage, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Half-open: at the closing instant it is too late. `now` is when the request reached the server."""
    if now >= closes_at:
        raise sign_up_closed(closes_at, now)
    if stage is not Stage.SIGN_UP:
        raise Refusal("sign_up.not_open", N_("This project does not take sign-ups any more: it has moved on. Your request reached the server at {arrived_at}; nothing was recorded."),
                      rule="selection.freeze_grace", arrived_at=now,
                      todo=N_("Open the project to see where it stands. If you were in time, you may object to the result."))  # fmt: skip
    if now < opens_at:
        raise Refusal("sign_up.too_early", N_("Sign-up opens at {opens_at}; the server's time is {arrived_at}."),
                      todo=N_("Come back then; nothing is gained by being first."), opens_at=opens_at, arrived_at=now)  # fmt: skip


def sign_up_closed(closes_at: datetime, now: datetime) -> Refusal:
    """Dated, with the server's time and by how much: a late sign-up is a fact, not a mistake in the address."""
    return Refusal(
        "sign_up.closed",
        N_("Sign-up closed at {closed_at}. Your request reached the server at {arrived_at}: {late} too late."),
        rule="signup.min_window",
        todo=N_("Nobody can be added after the close. Follow the projects that are open now."),
        closed_at=closes_at, arrived_at=now, late=lateness(now - closes_at),
    )  # fmt: skip


def lateness(late: timedelta) -> timedelta | Message:
    """Below a minute to the millisecond: so close to a deadline people want to know exactly."""
    if late >= timedelta(minutes=1):
        return late
    return Message(N_("{seconds} seconds"), {"seconds": f"{late / timedelta(seconds=1):.3f}"})


def check_abandon(stage: Stage, *, wins: bool, round_public_at: datetime | None, now: datetime) -> None:
    """Giving up a place is possible until the result is known to anybody; the winner can only refuse the contract."""
    if stage not in ABANDONABLE:
        raise Refusal("sign_up.not_abandonable", N_("There is no place to give up in this stage of the project."),
                      todo=N_("Before sign-up closes you can withdraw; afterwards open the project to see where it stands."))  # fmt: skip
    if wins:
        raise Refusal("sign_up.winner", N_("Your organisation won this draw, so it cannot give up its place any more."),
                      rule="credit.deduct.sign_refused.points",
                      todo=N_("You may refuse the contract when it opens; that has its own consequences."))  # fmt: skip
    if stage is Stage.DRAWING and round_public_at is not None and now >= round_public_at:
        raise Refusal("sign_up.drawing", N_("The beacon round is out and the draw is being computed."),
                      todo=N_("Look again in a minute: the result decides what you can do."))  # fmt: skip


def check_objection(stage: Stage, notice_ends_at: datetime | None, now: datetime) -> None:
    """Objections belong to the public notice of the result."""
    if stage is not Stage.RESULT_NOTICE or notice_ends_at is None:
        raise Refusal("objection.no_notice", N_("There is no result under public notice, so there is nothing to object to."),
                      rule="result.notice_days",
                      todo=N_("After the notice you can complain to the regulator."))  # fmt: skip
    if now >= notice_ends_at:
        raise Refusal("objection.too_late", N_("The notice of the result ended at {ended_at}; your objection reached the server at {arrived_at}."),
                      rule="result.notice_days", todo=N_("After the notice you can complain to the regulator."),
                      ended_at=notice_ends_at, arrived_at=now)  # fmt: skip


def check_statement(statement_due_at: datetime | None, stated_at: datetime | None, ended: bool, now: datetime) -> None:
    """The owner states its view once, in its time, while the objection is open."""
    if ended or statement_due_at is None:
        raise Refusal("objection.no_statement", N_("This objection does not wait for a statement of the owner."),
                      todo=N_("Open it to read how it stands."))  # fmt: skip
    if stated_at is not None:
        raise Refusal("objection.stated", N_("The owner's statement was recorded at {at}; it is not changed any more."),
                      todo=N_("Wait for the operator's answer."), at=stated_at)  # fmt: skip
    if now >= statement_due_at:
        raise Refusal("objection.statement_late", N_("The time for the owner's statement ended at {due}; yours reached the server at {arrived_at}."),
                      rule="objection.owner_statement_days", todo=N_("The operator answers without it."),
                      due=statement_due_at, arrived_at=now)  # fmt: skip


def check_answer(statement_due_at: datetime | None, stated_at: datetime | None, now: datetime) -> None:
    """The other side is heard first: no answer while the owner may still state its view and has not."""
    if statement_due_at is not None and stated_at is None and now < statement_due_at:
        raise Refusal("objection.owner_first", N_("The owner may state its view until {due}; the objection is answered after that."),
                      rule="objection.owner_statement_days", todo=N_("Come back when the statement is there, or when its time is over."),
                      due=statement_due_at)  # fmt: skip
