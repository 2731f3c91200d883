"""Complaints to the regulator: who may complain about what and until when, what is decided in which order, and what a
decision can still change. Pure.

Numbers of days come from the rulebook that the project was posted under; nothing here knows one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.rules import ENDED, Stage


class Standing(StrEnum):
    """As what somebody complains."""

    OBJECTOR = "objector"
    OWNER = "owner"
    WINNER = "winner"


class State(StrEnum):
    FILED = "filed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"


class Decision(StrEnum):
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class Remedy(StrEnum):
    """What follows when a complaint is upheld. A finding changes nothing that is in force."""

    REDRAW = "redraw"
    REOPEN = "reopen"
    ANNUL = "annul"
    FINDING = "finding"


class Effect(StrEnum):
    """What a decision can do at the moment it is made."""

    REMEDY = "remedy"
    WAIT = "wait"
    FINDING = "finding"


OPEN: Final = frozenset({State.FILED, State.RETURNED, State.ACCEPTED})
# While the next result of the project is being found a decision can end the selection, but not repeat it.
_UNDER_WAY: Final = frozenset({Stage.SIGN_UP, Stage.DRAWING, Stage.EVALUATION})
_AFTER_RESULT: Final = frozenset({Stage.RESULT_NOTICE, Stage.CONTRACTING})
REMEDIES: Final = {
    Effect.REMEDY: (Remedy.REDRAW, Remedy.REOPEN, Remedy.ANNUL),
    Effect.WAIT: (Remedy.ANNUL,),
    Effect.FINDING: (Remedy.FINDING,),
}


def remedies_of(effect: Effect, *, alone: bool) -> tuple[Remedy, ...]:
    """What a decision may order now. Where the notice named the one agency (`alone`) nobody is left for a further round,
    and opening sign-up again would only name it again."""
    return (Remedy.ANNUL,) if alone and effect is Effect.REMEDY else REMEDIES[effect]


INSTANT: Final = timedelta(microseconds=1)  # a period that ends at midnight belongs to the day before


@dataclass(frozen=True)
class Objected:
    """An objection as far as a complaint about it goes."""

    raised_by: UUID
    owner_id: UUID
    drawn_id: UUID | None
    upheld: bool
    answered_at: datetime | None
    answer_due_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Facts:
    """What happened to a complaint so far; its state follows."""

    acceptance_due_at: datetime
    returned_at: datetime | None = None
    correction_due_at: datetime | None = None
    corrected_at: datetime | None = None
    accepted_at: datetime | None = None
    decision_due_at: datetime | None = None
    extended_at: datetime | None = None
    refused_at: datetime | None = None
    withdrawn_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Ruling:
    """The regulator's decision. `rule`: a key of the rulebook; `leave_out_winner` belongs to a further draw."""

    decision: Decision
    legal_cause: str
    rule: str
    reasons: str
    remedy: Remedy | None = None
    leave_out_winner: bool = False


def standing_of(organisation_id: UUID | None, about: Objected) -> Standing | None:
    """Who objected, the owner, and the winner whose result the answer took away; nobody else."""
    if organisation_id is None:
        return None
    if organisation_id == about.raised_by:
        return Standing.OBJECTOR
    if organisation_id == about.owner_id:
        return Standing.OWNER
    return Standing.WINNER if organisation_id == about.drawn_id and about.upheld else None


def time_to_file_from(about: Objected, now: datetime) -> datetime | None:
    """From when the time to complain runs: the answer, or the end of the time to answer where there was none. None
    while neither has come."""
    if about.answered_at is not None:
        return about.answered_at
    # The last day to answer is the one that its midnight ends.
    return about.answer_due_at - INSTANT if now >= about.answer_due_at else None


def check_filing(about: Objected, *, file_by: datetime | None, now: datetime) -> None:
    """`file_by`: the end of the rulebook's time after `time_to_file_from`, None where that has not begun."""
    if about.withdrawn_at is not None:
        raise Refusal("complaint.objection_withdrawn", N_("The objection was taken back at {at}; there is nothing to complain about."),
                      todo=N_("Open the objection to read how it ended."), at=about.withdrawn_at)  # fmt: skip
    if file_by is None:
        raise Refusal("complaint.not_answered", N_("The objection is being dealt with; its answer is due at {due}."),
                      rule="objection.answer_days", todo=N_("Wait for the answer, or complain when its time is over."),
                      due=about.answer_due_at)  # fmt: skip
    if now >= file_by:
        raise Refusal("complaint.too_late", N_("The time to complain ended at {ended_at}; your complaint reached the server at {arrived_at}."),
                      rule="complaint.within_days", todo=N_("You may still go to court; the answer says what it rests on."),
                      ended_at=file_by, arrived_at=now)  # fmt: skip


def state_of(facts: Facts) -> State:
    ends = ((facts.withdrawn_at, State.WITHDRAWN), (facts.refused_at, State.REFUSED), (facts.decided_at, State.DECIDED))
    for at, state in ends:
        if at is not None:
            return state
    if facts.accepted_at is not None:
        return State.ACCEPTED
    return State.RETURNED if facts.returned_at is not None and facts.corrected_at is None else State.FILED


def check_open(facts: Facts) -> None:
    """For taking a complaint back."""
    if state_of(facts) not in OPEN:
        raise _moved(facts)


def check_examination(facts: Facts) -> None:
    """Accepting or refusing: while it lies there, complete."""
    if state_of(facts) is not State.FILED:
        raise _moved(facts)


def check_return(facts: Facts) -> None:
    """Back for correction, once."""
    check_examination(facts)
    if facts.returned_at is not None:
        raise Refusal("complaint.returned_before", N_("This complaint was returned for correction at {at} already; that is done once."),
                      todo=N_("Accept it, or refuse it with a reason."), at=facts.returned_at)  # fmt: skip


def check_correction(facts: Facts, now: datetime) -> None:
    if state_of(facts) is not State.RETURNED:
        raise _moved(facts)
    assert facts.correction_due_at is not None
    if now >= facts.correction_due_at:
        raise Refusal("complaint.correction_late", N_("The time to correct the complaint ended at {due}; your correction reached the server at {arrived_at}."),
                      rule="complaint.correction_days", todo=N_("It is not dealt with any further."),
                      due=facts.correction_due_at, arrived_at=now)  # fmt: skip


def correction_lapsed(facts: Facts, now: datetime) -> bool:
    return state_of(facts) is State.RETURNED and facts.correction_due_at is not None and now >= facts.correction_due_at


def check_extension(facts: Facts, now: datetime) -> None:
    """Once, with a reason, before the time is over."""
    check_decision(facts)
    assert facts.decision_due_at is not None
    if facts.extended_at is not None:
        raise Refusal("complaint.extended_before", N_("The time to decide was extended at {at} already; that is done once."),
                      rule="complaint.extension_days", todo=N_("Decide by {due}."), at=facts.extended_at,
                      due=facts.decision_due_at)  # fmt: skip
    if now >= facts.decision_due_at:
        raise Refusal("complaint.extension_late", N_("The time to decide ended at {due}; it cannot be extended any more."),
                      rule="complaint.decision_days", todo=N_("Decide now."), due=facts.decision_due_at)  # fmt: skip


def check_decision(facts: Facts) -> None:
    if state_of(facts) is not State.ACCEPTED:
        raise _moved(facts)


def _moved(facts: Facts) -> Refusal:
    texts = {
        State.FILED: N_("This complaint waits to be accepted or refused."),
        State.RETURNED: N_("This complaint was returned for correction and waits for its complainant."),
        State.ACCEPTED: N_("This complaint was accepted and waits for its decision."),
        State.REFUSED: N_("This complaint was refused."),
        State.WITHDRAWN: N_("This complaint was taken back."),
        State.DECIDED: N_("This complaint was decided."),
    }
    return Refusal("complaint.moved_on", texts[state_of(facts)], todo=N_("Open it again to see how it stands."))


def effect_of(stage: Stage, *, result_stands: bool, upheld: bool) -> Effect:
    """What a decision can do to the project. `result_stands`: the result that was objected to; `upheld`: the answer
    annulled it, so that the present selection follows from that answer. A contract in force is nobody's to annul here,
    and a result that fell for other reasons is not this complaint's."""
    if stage in ENDED or not (result_stands or upheld):
        return Effect.FINDING
    if stage in _AFTER_RESULT:
        return Effect.REMEDY
    return Effect.WAIT if stage in _UNDER_WAY else Effect.FINDING


def check_ruling(ruling: Ruling, effect: Effect, rules: Collection[str], *, alone: bool = False) -> None:
    """`rules`: the keys of the project's rulebook; `alone`: the notice named the one agency."""
    if ruling.rule and ruling.rule not in rules:
        raise Refusal("complaint.unknown_rule", N_("The project's rulebook has no such rule."),
                      todo=N_("Choose a rule that it has."))  # fmt: skip
    if ruling.decision is Decision.DISMISSED or ruling.remedy in remedies_of(effect, alone=alone):
        return
    texts = {
        Effect.REMEDY: N_("The result can still be changed, so a finding alone is not enough."),
        Effect.WAIT: N_("The next result of this project is being found, so there is none to annul yet."),
        Effect.FINDING: N_("The result cannot be changed by this decision any more; it can only record what it finds."),
    }
    todos = {
        Effect.REMEDY: N_("Choose what follows."),
        Effect.WAIT: N_(
            "Annul the selection as a whole, or decide when the result is under notice; it cannot become final before."
        ),
        Effect.FINDING: N_("Uphold the complaint with a finding; damages are a matter for the courts."),
    }
    raise Refusal("complaint.remedy", texts[effect], todo=todos[effect])


def complaint_number(project_number: str, count: int) -> str:
    """The public number of a complaint: MX-2026-000123-T1."""
    return f"{project_number}-T{count}"
