"""The operator's formal review: what may be decided, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agencies.rules.stages import Act, Stage
from market.kernel.errors import Refusal
from market.kernel.i18n import N_

# Parts of the application that are reviewed as a whole; everything else is reviewed row by row as "<kind>:<id>".
WHOLE_ITEMS = ("firm", "services", "commitment", "licence")


class Decision(StrEnum):
    ACCEPT = "accept"
    RETURN = "return"
    REFUSE = "refuse"


DECISION_ACTS = {Decision.ACCEPT: Act.ACCEPT, Decision.RETURN: Act.RETURN, Decision.REFUSE: Act.REFUSE}


@dataclass(frozen=True)
class Verdict:
    """On one item. A returned item carries the reason, which the agency reads."""

    item: str
    accepted: bool
    reason: str = ""

    @property
    def kind(self) -> str:
        return self.item.partition(":")[0]

    def to_json(self) -> dict[str, Any]:
        return {"item": self.item, "accepted": self.accepted, "reason": self.reason}


def returned_of(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if not verdict.accepted]


def check_verdicts(verdicts: Sequence[Verdict], items: Collection[str]) -> None:
    """Each item once, every returned one with its reason."""
    if sorted(verdict.item for verdict in verdicts) != sorted(items):
        raise Refusal(
            "entry.items_changed", N_("The items under review are not those on your page any more."),
            todo=N_("Reload the page and look at the items again."),
        )  # fmt: skip
    if any(not verdict.reason for verdict in returned_of(verdicts)):
        raise Refusal("entry.reason_missing", N_("An item cannot be returned without a reason."))


def check_decision(
    decision: Decision, verdicts: Sequence[Verdict], *, stage: Stage, reason: str, corrections_used: int, rounds: int
) -> None:
    """Raises Refusal when the market's rules do not allow this decision on a submitted application."""
    if stage is not Stage.SUBMITTED:
        raise already_decided(stage)
    match decision:
        case Decision.ACCEPT:
            _may_accept(verdicts)
        case Decision.RETURN:
            _may_return(verdicts, corrections_used=corrections_used, rounds=rounds)
        case Decision.REFUSE:
            if not reason:
                raise Refusal("entry.reason_missing", N_("An application cannot be refused without a reason."))


def already_decided(stage: Stage) -> Refusal:
    return Refusal(
        "entry.already_decided", N_("This application is not under review any more: somebody decided before you."),
        todo=N_("Reload the page to see the decision; nothing of yours was recorded."), stage=stage.value,
    )  # fmt: skip


def _may_accept(verdicts: Sequence[Verdict]) -> None:
    if any(verdict.item in WHOLE_ITEMS for verdict in returned_of(verdicts)):
        raise Refusal(
            "entry.sections_returned", N_("The firm, its services, its commitment and its licence must all be accepted before entry."),
            todo=N_("Return the application, or refuse it with your reasons."),
        )  # fmt: skip
    if not any(verdict.kind == "authorised" and verdict.accepted for verdict in verdicts):
        raise Refusal(
            "entry.nobody_authorised", N_("Nobody would be authorised to act for this agency."),
            todo=N_("Return the application, or accept at least one authorised person."),
        )  # fmt: skip


def _may_return(verdicts: Sequence[Verdict], *, corrections_used: int, rounds: int) -> None:
    if not returned_of(verdicts):
        raise Refusal(
            "entry.nothing_returned", N_("Nothing is marked as returned, so there is nothing to correct."),
            todo=N_("Mark the items that have to be corrected, or accept the application."),
        )  # fmt: skip
    if corrections_used >= rounds:
        raise Refusal(
            "entry.corrections_used", N_("An application is returned at most {rounds} times, all at once; this has happened."),
            rule="entry.correction_rounds", rounds=rounds,
            todo=N_("Accept it without the rows that are still wrong, or refuse it with your reasons."),
        )  # fmt: skip
