"""Cases against firms: what may follow from which breach, in which order a case goes, and who may judge it. Pure.

Modelled on the procedure of administrative penalties: facts, notice, time to state and defend, hearing on request, a
decision by somebody who did not record the facts, appeal to a third person, repair. Days, terms and points come from
the rulebook; nothing here knows one. What the platform decides is its own restricted list (平台限制名单) and never the
statutory list of serious violators, which needs a basis in law (国办发〔2020〕49号).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from market.kernel.errors import Refusal
from market.kernel.i18n import N_


class Party(StrEnum):
    """Against whom a case goes. An owner that is a natural person is never named in public, nor is an expert."""

    AGENCY = "agency"
    OWNER = "owner"
    PERSON = "person"
    EXPERT = "expert"


def party_of(kind: str) -> Party:
    """By the kind of the organisation."""
    return {"agency": Party.AGENCY, "expert": Party.EXPERT, "natural_person": Party.PERSON}.get(kind, Party.OWNER)


class Violation(StrEnum):
    SIGN_REFUSED = "sign_refused"
    POOR_PERFORMANCE = "poor_performance"
    UNDISCLOSED_CHANGE = "undisclosed_change"
    EXPIRED_CERTIFICATE = "expired_certificate"
    OVERCHARGE = "overcharge"
    KICKBACK = "kickback"
    ILLEGAL_SUBCONTRACT = "illegal_subcontract"
    FRAUD = "fraud"
    COLLUSION = "collusion"
    REPEATED_COMPLAINTS = "repeated_complaints"
    OWNER_REFUSAL = "owner_refusal"
    LATE_PAYMENT = "late_payment"
    TAILORED_REQUIREMENTS = "tailored_requirements"
    BREACHED_CONFIDENCE = "breached_confidence"
    HIDDEN_CONFLICT = "hidden_conflict"
    BIASED_MARKS = "biased_marks"
    OTHER = "other"


class Measure(StrEnum):
    """The ladder, mildest first. Only owners are reported to their superior authority; only agencies are removed from the
    market or restricted."""

    REMINDER = "reminder"
    TALK = "talk"
    WARNING = "warning"
    PAUSE = "pause"
    REPORT = "report"
    REMOVAL = "removal"
    RESTRICTED = "restricted"


class State(StrEnum):
    RECORDED = "recorded"
    NOTIFIED = "notified"
    TO_DECIDE = "to_decide"
    DISMISSED = "dismissed"
    DECIDED = "decided"
    APPEALED = "appealed"
    FINAL = "final"
    ANNULLED = "annulled"
    REPAIRED = "repaired"


class Appeal(StrEnum):
    UPHELD = "upheld"
    CHANGED = "changed"
    ANNULLED = "annulled"


LADDER: Final = tuple(Measure)
BARRING: Final = frozenset({Measure.PAUSE, Measure.REMOVAL, Measure.RESTRICTED})
PUBLISHED: Final = frozenset({Measure.WARNING, *BARRING})
_OWNERS: Final = (Party.OWNER, Party.PERSON)


@dataclass(frozen=True)
class Ground:
    """A kind of breach; what may follow from it stands in the rulebook. `deducts`: the rulebook key of its points, booked
    as the credit event of the same name; `pause`, `terms`: the keys of the months of its pause and of its years on the
    restricted list; `grave`: no repair while the measure lasts; `parties`: who can be accused of it; `counts`: the credit
    event without points that counts as a breach of an owner."""

    title: str
    deducts: str | None = None
    pause: str = "case.pause_months"
    terms: str = "restricted.years"
    grave: bool = False
    parties: tuple[Party, ...] = (Party.AGENCY,)
    counts: str | None = None


_EXPERTS: Final = (Party.EXPERT,)
GROUNDS: Final[Mapping[Violation, Ground]] = {
    Violation.SIGN_REFUSED: Ground(N_("Won, and did not sign the contract"), pause="pause.sign_refused.months"),
    Violation.POOR_PERFORMANCE: Ground(N_("Late or poor performance of a contract")),
    Violation.UNDISCLOSED_CHANGE: Ground(
        N_("Did not report a change of its particulars"), "credit.deduct.undisclosed_change.points"
    ),
    Violation.EXPIRED_CERTIFICATE: Ground(
        N_("Used an expired certificate"), "credit.deduct.expired_certificate.points"
    ),
    Violation.OVERCHARGE: Ground(N_("Charged more than the contract says"), "credit.deduct.overcharge.points"),
    Violation.KICKBACK: Ground(N_("Paid or took kickbacks"), "credit.deduct.overcharge.points"),
    Violation.ILLEGAL_SUBCONTRACT: Ground(
        N_("Passed its contract on to others"), "credit.deduct.illegal_subcontract.points",
        pause="pause.illegal_subcontract.months",
    ),
    Violation.FRAUD: Ground(
        N_("False materials, a borrowed qualification or a false report"), "credit.deduct.fraud.points",
        terms="restricted.fraud_years", grave=True,
    ),
    Violation.COLLUSION: Ground(
        N_("Colluded with other bidders"), "credit.deduct.fraud.points", terms="restricted.collusion_years", grave=True
    ),
    Violation.REPEATED_COMPLAINTS: Ground(N_("Repeated complaints that were found true")),
    Violation.OWNER_REFUSAL: Ground(N_("Did not sign with the agency that was selected"), parties=_OWNERS),
    Violation.LATE_PAYMENT: Ground(N_("Paid late, or not at all"), parties=_OWNERS),
    Violation.TAILORED_REQUIREMENTS: Ground(
        N_("Tailored its requirements to one agency"), parties=_OWNERS, counts="owner_tailored"
    ),
    Violation.BREACHED_CONFIDENCE: Ground(N_("Told others of offers or marks before the result"), parties=_EXPERTS),
    Violation.HIDDEN_CONFLICT: Ground(N_("Did not declare a conflict of interest"), parties=_EXPERTS),
    Violation.BIASED_MARKS: Ground(N_("Marked with bias"), parties=_EXPERTS),
    Violation.OTHER: Ground(N_("Another breach of the market's rules"), parties=tuple(Party)),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Sanction:
    """A measure with its term in months, None where it has none."""

    measure: Measure
    months: int | None = None

    @property
    def code(self) -> str:
        return f"{self.measure}:{self.months}" if self.months else str(self.measure)

    @property
    def weight(self) -> tuple[int, int]:
        return LADDER.index(self.measure), self.months or 0


@dataclass(frozen=True)
class Terms:
    """What the rulebook offers for a kind of breach: the measures, months of a pause and of a removal, years on the
    restricted list."""

    measures: tuple[Measure, ...]
    pause: tuple[int, ...]
    removal: tuple[int, ...]
    restricted_years: tuple[int, ...]


def measures_rule(violation: Violation) -> str:
    """The rulebook key of what may follow from a breach."""
    return f"case.measures.{violation}"


def offered(terms: Terms) -> tuple[Sanction, ...]:
    """Every sanction that may follow from a breach, mildest first."""
    months = {
        Measure.PAUSE: terms.pause, Measure.REMOVAL: terms.removal,
        Measure.RESTRICTED: tuple(12 * years for years in terms.restricted_years),
    }  # fmt: skip
    found = [Sanction(measure, term) for measure in terms.measures for term in months.get(measure, (None,))]
    return tuple(sorted(found, key=lambda one: one.weight))


def is_published(measure: Measure, party: Party) -> bool:
    """A reminder, a talk and a report stay between those concerned, and natural persons are named to nobody else."""
    return measure in PUBLISHED and party in (Party.AGENCY, Party.OWNER)


def milder(than: Sanction, among: Collection[Sanction]) -> tuple[Sanction, ...]:
    """An appeal never makes it worse for whoever appealed."""
    return tuple(one for one in among if one.weight < than.weight)


@dataclass(frozen=True)
class Facts:
    """What happened in a case so far; its state follows from it and the moment."""

    recorded_by: UUID
    recorded_at: datetime
    notice_due_at: datetime
    notified_at: datetime | None = None
    defence_due_at: datetime | None = None
    decision_due_at: datetime | None = None
    hearing_asked_at: datetime | None = None
    hearing_at: datetime | None = None
    heard_at: datetime | None = None
    outcome: str | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    appeal_due_at: datetime | None = None
    appealed_at: datetime | None = None
    appeal_decision_due_at: datetime | None = None
    appeal_outcome: str | None = None
    repaired: bool = False


def state_of(facts: Facts, now: datetime) -> State:
    if facts.repaired:
        return State.REPAIRED
    if facts.appeal_outcome == Appeal.ANNULLED:
        return State.ANNULLED
    if facts.outcome == "unfounded":
        return State.DISMISSED
    if facts.decided_at is not None:
        return _after_decision(facts, now)
    if facts.notified_at is None or facts.defence_due_at is None:
        return State.RECORDED
    return State.NOTIFIED if now < facts.defence_due_at else State.TO_DECIDE


def _after_decision(facts: Facts, now: datetime) -> State:
    if facts.appealed_at is not None:
        return State.FINAL if facts.appeal_outcome else State.APPEALED
    assert facts.appeal_due_at is not None
    return State.DECIDED if now < facts.appeal_due_at else State.FINAL


def due_of(facts: Facts, now: datetime) -> tuple[datetime, datetime] | None:
    """Since when and until when the step that is on turn runs; None where nobody is waited for."""
    steps = {
        State.RECORDED: (facts.recorded_at, facts.notice_due_at),
        State.NOTIFIED: (facts.notified_at, facts.defence_due_at),
        State.TO_DECIDE: (facts.defence_due_at, facts.decision_due_at),
        State.DECIDED: (facts.decided_at, facts.appeal_due_at),
        State.APPEALED: (facts.appealed_at, facts.appeal_decision_due_at),
    }
    since, due_at = steps.get(state_of(facts, now), (None, None))
    return (since, due_at) if since and due_at else None


def check_recording(occurred_on: date, *, today: date, not_before: date) -> None:
    """Facts lie in the past, and not longer ago than the rulebook looks back."""
    if occurred_on > today:
        raise Refusal("case.future", N_("The facts cannot have happened on {day}: that day has not come."),
                      todo=N_("Give the day on which it happened."), field="occurred_on", day=occurred_on.isoformat())  # fmt: skip
    if occurred_on < not_before:
        raise Refusal("case.too_old", N_("Facts from before {day} are not pursued any more."),
                      rule="restricted.lookback_years", todo=N_("Record a later fact, or leave it at that."), field="occurred_on",
                      day=not_before.isoformat())  # fmt: skip


def check_accused(violation: Violation, party: Party) -> None:
    if party not in GROUNDS[violation].parties:
        raise Refusal("case.not_accusable", N_("Such a party cannot be accused of this."),
                      todo=N_("Choose what it is accused of from those for its kind."), field="violation")  # fmt: skip


def grounds_for(party: Party | None) -> Mapping[Violation, Ground]:
    """What such a party can be accused of; everything where it is not known yet."""
    return {violation: ground for violation, ground in GROUNDS.items() if party is None or party in ground.parties}


def check_notice(facts: Facts) -> None:
    if facts.notified_at is not None or facts.decided_at is not None:
        raise _moved_on()


def check_statement(facts: Facts, now: datetime) -> None:
    if facts.notified_at is None or facts.defence_due_at is None or facts.decided_at is not None:
        raise _moved_on()
    if now >= facts.defence_due_at:
        raise Refusal("case.defence_over", N_("The time to state and defend ended at {due}; yours reached the server at {arrived_at}."),
                      rule="case.defence_days", todo=N_("When the decision is there you may appeal against it."),
                      due=facts.defence_due_at, arrived_at=now)  # fmt: skip


def check_hearing(facts: Facts) -> None:
    """Setting the time of a hearing, or writing down what was said there."""
    if facts.hearing_asked_at is None or facts.heard_at is not None or facts.decided_at is not None:
        raise _moved_on()


def check_minutes(facts: Facts, now: datetime) -> None:
    check_hearing(facts)
    if facts.hearing_at is None or now < facts.hearing_at:
        raise Refusal("case.not_heard_yet", N_("The hearing has not taken place yet."),
                      todo=N_("Write down what was said when it is over."))  # fmt: skip


def check_judge(facts: Facts, person_id: UUID | None) -> None:
    """Four eyes: whoever recorded the facts does not judge them; an appeal needs a third person."""
    if person_id == facts.recorded_by:
        raise Refusal("case.own", N_("You recorded the facts of this case, so another person decides it."),
                      todo=N_("Ask a colleague who signs for your authority."))  # fmt: skip
    if person_id == facts.decided_by:
        raise Refusal("case.judged_before", N_("You took the decision, so another person decides about the appeal."),
                      todo=N_("Ask a colleague who signs for your authority."))  # fmt: skip


def check_decision(facts: Facts, outcome: str, now: datetime) -> None:
    """Against the firm only after its time to defend is over and it was heard where it asked to be."""
    if facts.decided_at is not None:
        raise _moved_on()
    if outcome == "unfounded":
        return
    if facts.defence_due_at is None:
        raise Refusal("case.not_notified", N_("The party has not been told what it is accused of."),
                      todo=N_("Send the notice first."))  # fmt: skip
    if now < facts.defence_due_at:
        raise Refusal("case.defence_runs", N_("The party may state and defend until {due}; before that nothing is decided against it."),
                      rule="case.defence_days", todo=N_("Decide after that."), due=facts.defence_due_at)  # fmt: skip
    if facts.hearing_asked_at is not None and facts.heard_at is None:
        raise Refusal("case.hearing_owed", N_("The party asked to be heard, and has not been heard yet."),
                      todo=N_("Hold the hearing and write down what was said."))  # fmt: skip


def check_talk(*, ordered: bool) -> None:
    """Inviting to a talk, or writing down what was said there: where one was decided, and until it was held."""
    if not ordered:
        raise _moved_on()


def check_talk_minutes(*, ordered: bool, talk_at: datetime | None, now: datetime) -> None:
    check_talk(ordered=ordered)
    if talk_at is None or now < talk_at:
        raise Refusal("case.not_talked_yet", N_("The talk has not taken place yet."),
                      todo=N_("Write down what was said when it is over."))  # fmt: skip


def check_appeal(facts: Facts, now: datetime) -> None:
    if facts.decided_at is None or facts.appeal_due_at is None or facts.appealed_at is not None:
        raise _moved_on()
    if now >= facts.appeal_due_at:
        raise Refusal("case.appeal_late", N_("The time to appeal ended at {due}; yours reached the server at {arrived_at}."),
                      rule="case.appeal_days", todo=N_("The decision stands. You may still ask for a repair, or go to court."),
                      due=facts.appeal_due_at, arrived_at=now)  # fmt: skip


def check_appeal_decision(facts: Facts) -> None:
    if facts.appealed_at is None or facts.appeal_outcome is not None:
        raise _moved_on()


@dataclass(frozen=True)
class Repairable:
    """What decides whether a firm may ask for repair. `earliest_at`: when the least publicity is over."""

    state: State
    published: bool
    earliest_at: datetime | None
    grave: bool
    until_at: datetime | None


def check_repair(case: Repairable, now: datetime) -> None:
    if case.state is State.APPEALED:
        raise Refusal("case.appeal_open", N_("Your appeal is not decided yet."), todo=N_("Wait for that decision."))
    if case.state not in (State.DECIDED, State.FINAL) or not case.published or case.earliest_at is None:
        raise Refusal("case.nothing_to_repair", N_("There is nothing to repair: no measure of this case is published."),
                      todo=N_("Open the case to see how it stands."))  # fmt: skip
    if case.grave and case.until_at is not None and now < case.until_at:
        raise Refusal("case.no_repair", N_("For fraud and collusion there is no repair before the term is over, on {until}."),
                      rule="repair.publicity_months", todo=N_("The entry ends by itself with its term."), until=case.until_at)  # fmt: skip
    if now < case.earliest_at:
        raise Refusal("case.repair_early", N_("The decision is public for a least time, until {earliest}; a repair can be asked for after that."),
                      rule="repair.publicity_months", todo=N_("Correct the matter in the meantime and keep the proof."),
                      earliest=case.earliest_at)  # fmt: skip


def _moved_on() -> Refusal:
    return Refusal(
        "case.moved_on", N_("The case is at another step by now."), todo=N_("Open it again to see how it stands.")
    )
