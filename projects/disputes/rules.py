"""Disputes on a milestone: who may open one and when, who is on turn, what ends it. Pure.

Numbers of days come from the rulebook that the project was posted under; nothing here knows one. An outcome is one number:
how much of the milestone's amount goes back to the owner; the rest is the agency's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.contracts.rules import Side


class Kind(StrEnum):
    QUALITY = "quality"
    LATENESS = "lateness"
    SCOPE = "scope"
    PAYMENT = "payment"
    OTHER = "other"


class State(StrEnum):
    OPENED = "opened"  # the other side answers
    MEDIATION = "mediation"
    REFERRED = "referred"  # the regulator closes the evidence
    HEARING = "hearing"  # both sides have their last word
    EXECUTING = "executing"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class Proposer(StrEnum):
    OPERATOR = "operator"
    OWNER = "owner"
    AGENCY = "agency"


class Referral(StrEnum):
    """Why a dispute went to the regulator."""

    REFUSED = "refused"
    LAPSED = "lapsed"
    UNMEDIATED = "unmediated"
    FAILED = "failed"


class Division(StrEnum):
    """What an outcome comes to in words."""

    RELEASE = "release"
    PART = "part"
    REFUND = "refund"


OPEN: Final = frozenset({State.OPENED, State.MEDIATION, State.REFERRED, State.HEARING})
BEFORE_REGULATOR: Final = frozenset({State.OPENED, State.MEDIATION})


@dataclass(frozen=True)
class Facts:
    """What happened to a dispute so far; its state follows. `side`: who opened it."""

    side: Side
    answer_due_at: datetime
    answered_at: datetime | None = None
    mediation_since: datetime | None = None
    mediation_due_at: datetime | None = None
    referred_at: datetime | None = None
    prepared_at: datetime | None = None
    heard_due_at: datetime | None = None
    owner_word_at: datetime | None = None
    agency_word_at: datetime | None = None
    decided_at: datetime | None = None
    executed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    overtaken_at: datetime | None = None

    def word_at(self, side: Side) -> datetime | None:
        return self.owner_word_at if side is Side.OWNER else self.agency_word_at


@dataclass(frozen=True)
class Proposal:
    """What was proposed and how both sides answered. `ended`: accepted, refused, lapsed or overtaken."""

    proposer: Proposer
    due_at: datetime
    owner_answer: str | None = None
    agency_answer: str | None = None
    ended: str | None = None

    def answer_of(self, side: Side) -> str | None:
        return self.owner_answer if side is Side.OWNER else self.agency_answer


def state_of(facts: Facts) -> State:
    ends = (
        (facts.withdrawn_at, State.WITHDRAWN), (facts.overtaken_at, State.OVERTAKEN), (facts.executed_at, State.EXECUTED),
        (facts.decided_at, State.EXECUTING), (facts.prepared_at, State.HEARING), (facts.referred_at, State.REFERRED),
        (facts.mediation_since, State.MEDIATION),
    )  # fmt: skip
    return next((state for at, state in ends if at is not None), State.OPENED)


def division_of(refund_fen: int, amount_fen: int) -> Division:
    if refund_fen == 0:
        return Division.RELEASE
    return Division.REFUND if refund_fen == amount_fen else Division.PART


def check_opening(
    *,
    in_force: bool,
    begun: bool,
    accepted_at: datetime | None,
    open_until: datetime | None,
    cancelled: bool,
    now: datetime,
) -> None:
    """`open_until`: the end of the time after acceptance; None before it. Raises Refusal."""
    if not in_force:
        raise Refusal("dispute.no_contract", N_("Only a milestone of a contract in force can be disputed."),
                      todo=N_("Open the contract to see how it stands."))  # fmt: skip
    if not begun:
        raise Refusal("dispute.not_begun", N_("This milestone has not begun yet, so there is nothing to dispute."),
                      todo=N_("Dispute the milestone that is running."))  # fmt: skip
    if cancelled:
        raise Refusal("dispute.nothing_owed", N_("Nothing is owed for this milestone any more."),
                      todo=N_("Open the payment to see how it ended."))  # fmt: skip
    if accepted_at is not None and open_until is not None and now >= open_until:
        raise Refusal("dispute.too_late", N_("This milestone was accepted at {accepted}; the time to dispute it here ended at {until}."),
                      rule="dispute.open_days", todo=N_("You may still go to court."), accepted=accepted_at,
                      until=open_until)  # fmt: skip


def check_answer(facts: Facts, side: Side) -> None:
    """The other side answers once: in its time, or still during the mediation."""
    if side is facts.side:
        raise Refusal("dispute.own", N_("You opened this dispute; the other side answers it."),
                      todo=N_("You can add evidence."))  # fmt: skip
    if facts.answered_at is not None:
        raise Refusal("dispute.answered", N_("This dispute was answered at {at}."), todo=N_("You can add evidence."),
                      at=facts.answered_at)  # fmt: skip
    if state_of(facts) not in BEFORE_REGULATOR:
        raise _moved(facts)


def check_evidence(facts: Facts) -> None:
    """Until the regulator prepares its ruling."""
    if state_of(facts) in {State.OPENED, State.MEDIATION, State.REFERRED}:
        return
    if state_of(facts) is State.HEARING:
        raise Refusal("dispute.evidence_closed", N_("The evidence was closed at {at}; nothing is added any more."),
                      todo=N_("Say in your last word what you still have to say."), at=facts.prepared_at)  # fmt: skip
    raise _moved(facts)


def check_open(facts: Facts) -> None:
    """For withdrawing, proposing and agreeing: until it is decided or ended."""
    if state_of(facts) not in OPEN:
        raise _moved(facts)


def check_mediation(facts: Facts) -> None:
    if state_of(facts) is not State.MEDIATION:
        raise _moved(facts)


def check_proposing(
    facts: Facts, proposer: Proposer, proposals: list[Proposal], *, refund_fen: int, amount_fen: int
) -> None:
    """The operator while it mediates, either side until it is decided; one proposal at a time."""
    if proposer is Proposer.OPERATOR:
        check_mediation(facts)
    check_open(facts)
    if any(one.ended is None for one in proposals):
        raise Refusal("dispute.proposal_waits", N_("A proposal waits for its answer already."),
                      todo=N_("Wait for the answer, or for the end of the time for it."))  # fmt: skip
    check_amount(refund_fen, amount_fen)


def check_amount(refund_fen: int, amount_fen: int) -> None:
    if not 0 <= refund_fen <= amount_fen:
        raise Refusal("dispute.amount", N_("At most {most} can go back: the amount of the milestone."),
                      todo=N_("Correct the amount."), most=Money(amount_fen))  # fmt: skip


def check_answering(facts: Facts, proposal: Proposal | None, side: Side, *, now: datetime) -> None:
    """Raises Refusal where nothing waits for this side any more."""
    check_open(facts)
    if proposal is None or proposal.ended is not None:
        raise Refusal("dispute.no_proposal", N_("No proposal waits for an answer."),
                      todo=N_("Open the dispute to see how it stands."))  # fmt: skip
    if proposal.answer_of(side) is not None:
        raise Refusal("dispute.proposal_answered", N_("Your side has answered this proposal already."),
                      todo=N_("Wait for the other side."))  # fmt: skip
    if now >= proposal.due_at:
        raise Refusal("dispute.proposal_late", N_("The time to answer this proposal ended at {due}."),
                      rule="dispute.proposal_days", todo=N_("Make a proposal of your own, if you would still agree."),
                      due=proposal.due_at)  # fmt: skip


def check_preparing(facts: Facts) -> None:
    if state_of(facts) is not State.REFERRED:
        raise _moved(facts)


def check_word(facts: Facts, side: Side, *, now: datetime) -> None:
    """The last word, once a side, in its time."""
    if state_of(facts) is not State.HEARING:
        raise _moved(facts)
    assert facts.heard_due_at is not None
    if facts.word_at(side) is not None:
        raise Refusal("dispute.heard", N_("Your last word was recorded at {at}."), todo=N_("Wait for the ruling."),
                      at=facts.word_at(side))  # fmt: skip
    if now >= facts.heard_due_at:
        raise Refusal("dispute.hearing_over", N_("The time for the last word ended at {due}."), rule="dispute.hearing_days",
                      todo=N_("Wait for the ruling."), due=facts.heard_due_at)  # fmt: skip


def may_rule(facts: Facts, *, now: datetime) -> bool:
    """Both sides were heard, or had their time to be."""
    if state_of(facts) is not State.HEARING or facts.heard_due_at is None:
        return False
    return now >= facts.heard_due_at or (facts.owner_word_at is not None and facts.agency_word_at is not None)


def check_ruling(facts: Facts, *, refund_fen: int, amount_fen: int, now: datetime) -> None:
    if state_of(facts) is not State.HEARING:
        raise _moved(facts)
    if not may_rule(facts, now=now):
        raise Refusal("dispute.not_heard", N_("Both sides may have their last word until {due}; not both have had it yet."),
                      rule="dispute.hearing_days", todo=N_("Rule when both have spoken or this time is over."),
                      due=facts.heard_due_at)  # fmt: skip
    check_amount(refund_fen, amount_fen)


def answer_lapsed(facts: Facts, *, now: datetime) -> bool:
    return state_of(facts) is State.OPENED and now >= facts.answer_due_at


def mediation_lapsed(facts: Facts, proposals: list[Proposal], *, now: datetime) -> bool:
    """The time to mediate is over, and no proposal of the mediator waits for its answers."""
    waits = any(one.ended is None and one.proposer is Proposer.OPERATOR for one in proposals)
    due_at = facts.mediation_due_at
    return state_of(facts) is State.MEDIATION and due_at is not None and now >= due_at and not waits


def _moved(facts: Facts) -> Refusal:
    texts = {
        State.OPENED: N_("This dispute waits for the answer of the other side."),
        State.MEDIATION: N_("This dispute is being mediated."),
        State.REFERRED: N_("This dispute is with the regulator."),
        State.HEARING: N_("Both sides are being heard before the ruling."),
        State.EXECUTING: N_("This dispute was decided; the outcome is being carried out."),
        State.EXECUTED: N_("This dispute was decided, and the outcome is carried out."),
        State.WITHDRAWN: N_("This dispute was withdrawn."),
        State.OVERTAKEN: N_("This dispute ended with the contract."),
    }
    return Refusal("dispute.moved_on", texts[state_of(facts)], todo=N_("Open it again to see how it stands."))


def dispute_number(project_number: str, count: int) -> str:
    """The public number of a dispute: MX-2026-000123-Z1."""
    return f"{project_number}-Z{count}"
