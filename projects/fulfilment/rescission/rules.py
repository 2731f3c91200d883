"""When one side may end a contract without the other, and what stops it. Pure: numbers come from the rulebook, times as
arguments.

Whoever is only late is warned first and gets time to cure (Civil Code Art. 563); whoever is told of the end may object,
and then the regulator decides (Art. 565 leaves the courts open to both).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.kernel.calendar import Calendar
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from projects.contracts.rules import Side

_INSTANT: Final = timedelta(microseconds=1)


class Ground(StrEnum):
    DELIVERY = "delivery-overdue"
    PAYMENT = "payment-overdue"
    FORCE_MAJEURE = "force-majeure"
    BARRED = "barred"

    @property
    def warns(self) -> bool:
        return self in BREACHES


class Outcome(StrEnum):
    IN_EFFECT = "in_effect"
    CURED = "cured"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"


NAMES: Final = {
    Ground.DELIVERY: N_("Delivery overdue in spite of a warning"),
    Ground.PAYMENT: N_("Payment overdue in spite of a warning"),
    Ground.FORCE_MAJEURE: N_("Force majeure defeats the purpose of the contract"),
    Ground.BARRED: N_("The agency left the market or is barred"),
}
# Whose breach a ground is.
BREACHES: Final = {Ground.DELIVERY: Side.AGENCY, Ground.PAYMENT: Side.OWNER}
_MAY: Final = {
    Ground.DELIVERY: (Side.OWNER,), Ground.PAYMENT: (Side.AGENCY,), Ground.FORCE_MAJEURE: tuple(Side), Ground.BARRED: (Side.OWNER,),
}  # fmt: skip


@dataclass(frozen=True)
class Overdue:
    """What is late: the delivery or the payment of a milestone, and since when."""

    milestone: int
    since: datetime


@dataclass(frozen=True)
class Facts:
    """How things stand now: what is late on either side, and whether the agency may still work in the market."""

    delivery: Overdue | None = None
    payment: Overdue | None = None
    barred: bool = False

    def of(self, ground: Ground) -> Overdue | None:
        return self.delivery if ground is Ground.DELIVERY else self.payment if ground is Ground.PAYMENT else None


@dataclass(frozen=True)
class Warned:
    """A warning that was given."""

    ground: Ground
    milestone: int
    cure_due_at: datetime


@dataclass(frozen=True)
class Notice:
    """How far a notice has come."""

    side: Side
    ground: Ground
    milestone: int | None
    objection_due_at: datetime
    objected: bool = False
    outcome: Outcome | None = None

    @property
    def waits(self) -> bool:
        """For the end of its time, without an objection."""
        return self.outcome is None and not self.objected


def grounds_of(side: Side, allowed: Sequence[str]) -> tuple[Ground, ...]:
    """What this side may rely on, of the rulebook's grounds."""
    return tuple(one for one in Ground if one in allowed and side in _MAY[one])


def check_warning(ground: Ground, side: Side, facts: Facts, warnings: Sequence[Warned]) -> Overdue:
    """What the warning is about. Raises Refusal where nothing is late, or a warning of it was given."""
    late = facts.of(ground)
    if side not in _MAY[ground] or late is None:
        raise Refusal(
            "rescission.not_late", N_("Nothing is late here of which the other side could be warned."),
            todo=N_("Open the project to see what is waited for, and until when."),
        )  # fmt: skip
    if warned_of(ground, late, warnings):
        raise Refusal(
            "rescission.warned", N_("The other side has been warned of this already."),
            todo=N_("Wait for the end of the time to cure."),
        )  # fmt: skip
    return late


def warned_of(ground: Ground, late: Overdue, warnings: Sequence[Warned]) -> Warned | None:
    """The warning of exactly this."""
    return next((one for one in warnings if one.ground is ground and one.milestone == late.milestone), None)


def check_notice(
    ground: Ground, side: Side, facts: Facts, warnings: Sequence[Warned], *, overdue_days: int, calendar: Calendar,
    now: datetime,
) -> None:  # fmt: skip
    """Whether the contract may be ended for this now. `overdue_days`: working days. Raises Refusal."""
    if side not in _MAY[ground]:
        raise Refusal(
            "rescission.not_yours", N_("Your side cannot end the contract for this."), rule="contract.rescission_grounds",
            todo=N_("Choose another ground, or ask the other side to end it by agreement."),
        )  # fmt: skip
    if ground is Ground.BARRED and not facts.barred:
        raise Refusal(
            "rescission.not_barred", N_("The agency is admitted, and not on the restricted list."),
            rule="contract.rescission_grounds", todo=N_("Choose another ground, or ask to end the contract by agreement."),
        )  # fmt: skip
    if ground.warns:
        _check_lateness(ground, facts, warnings, overdue_days=overdue_days, calendar=calendar, now=now)


def _check_lateness(
    ground: Ground, facts: Facts, warnings: Sequence[Warned], *, overdue_days: int, calendar: Calendar, now: datetime
) -> None:
    late = facts.of(ground)
    if late is None:
        raise Refusal(
            "rescission.not_late", N_("Nothing is late here for which the contract could be ended."),
            todo=N_("Open the project to see what is waited for, and until when."),
        )  # fmt: skip
    warning = warned_of(ground, late, warnings)
    if warning is None or now < warning.cure_due_at:
        raise Refusal(
            "rescission.cure_first", N_("The other side must be warned first, and have its time to cure."),
            rule="contract.cure_days", todo=N_("Warn it, and wait for the end of that time."),
        )  # fmt: skip
    days = calendar.working_days_between(late.since - _INSTANT, now)
    if days < overdue_days:
        raise Refusal(
            "rescission.not_late_enough",
            N_("It is {days} working days late; the contract can be ended from {least} on."),
            rule="contract.rescission_overdue_days", todo=N_("Wait, or ask the other side to end it by agreement."),
            days=days, least=overdue_days,
        )  # fmt: skip


def still_holds(notice: Notice, facts: Facts) -> bool:
    """Whether what the notice rests on is still so: what was late may have come, a bar may have been lifted."""
    if notice.ground.warns:
        late = facts.of(notice.ground)
        return late is not None and late.milestone == notice.milestone
    return facts.barred if notice.ground is Ground.BARRED else True


def takes_effect(notice: Notice, *, now: datetime) -> bool:
    return notice.waits and now >= notice.objection_due_at


def check_answer(notice: Notice, side: Side, *, now: datetime) -> None:
    """The other side objects, or lets the contract end at once. Raises Refusal."""
    _check_waits(notice)
    if side is notice.side:
        raise Refusal(
            "rescission.own", N_("The other side has to answer this notice."), todo=N_("Wait, or withdraw the notice.")
        )
    if now >= notice.objection_due_at:
        raise Refusal(
            "rescission.answer_time_over", N_("The time to object ended at {due}."), due=notice.objection_due_at,
            rule="contract.rescission_notice_days", todo=N_("Turn to the court if you hold the end for wrong."),
        )  # fmt: skip


def check_withdrawal(notice: Notice, side: Side) -> None:
    """Raises Refusal."""
    if notice.outcome is not None or side is not notice.side:
        _refuse_closed()


def check_decision(notice: Notice) -> None:
    """The regulator decides where there is an objection. Raises Refusal."""
    if notice.outcome is not None or not notice.objected:
        _refuse_closed()


def _check_waits(notice: Notice) -> None:
    if not notice.waits:
        _refuse_closed()


def _refuse_closed() -> None:
    raise Refusal(
        "rescission.elsewhere",
        N_("This notice does not wait for that."),
        todo=N_("Open the page again to see how it stands."),
    )
