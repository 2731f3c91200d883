"""The life of an agency's entry. The stage follows from the facts; it is stored only to be searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market.kernel.stages import first_that_holds


class Stage(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    NOTICE = "notice"
    ADMITTED = "admitted"
    REFUSED = "refused"
    EXITED = "exited"


class Act(StrEnum):
    """What may happen to an application; the last two happen by themselves."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    ACCEPT = "accept"
    REFUSE = "refuse"
    STOP = "stop"
    EXIT = "exit"
    APPLY_AGAIN = "apply again"
    LAPSE = "lapse"
    ADMIT = "admit"


TRANSITIONS: Mapping[tuple[Stage, Act], Stage] = {
    (Stage.DRAFT, Act.SUBMIT): Stage.SUBMITTED,
    (Stage.RETURNED, Act.SUBMIT): Stage.SUBMITTED,
    (Stage.SUBMITTED, Act.WITHDRAW): Stage.DRAFT,
    (Stage.SUBMITTED, Act.RETURN): Stage.RETURNED,
    (Stage.SUBMITTED, Act.ACCEPT): Stage.NOTICE,
    (Stage.SUBMITTED, Act.REFUSE): Stage.REFUSED,
    (Stage.RETURNED, Act.LAPSE): Stage.REFUSED,
    (Stage.NOTICE, Act.STOP): Stage.REFUSED,
    (Stage.NOTICE, Act.ADMIT): Stage.ADMITTED,
    (Stage.ADMITTED, Act.EXIT): Stage.EXITED,
    (Stage.REFUSED, Act.APPLY_AGAIN): Stage.DRAFT,
    (Stage.EXITED, Act.APPLY_AGAIN): Stage.DRAFT,
}

# The agency writes its application itself in these; once admitted, every change is a proposal to be reviewed.
OPEN_STAGES = frozenset({Stage.DRAFT, Stage.RETURNED})
# Anybody may see the agency's page in these.
PUBLIC_STAGES = frozenset({Stage.NOTICE, Stage.ADMITTED, Stage.EXITED})


@dataclass(frozen=True)
class Facts:
    submitted_at: datetime | None = None
    returned_at: datetime | None = None
    notice_started_at: datetime | None = None
    admitted_at: datetime | None = None
    refused_at: datetime | None = None
    exited_at: datetime | None = None


def stage_of(facts: Facts) -> Stage:
    """A new submission clears `returned_at`, a new application clears everything; the reviews keep the history."""
    return first_that_holds(
        (facts.exited_at, Stage.EXITED), (facts.refused_at, Stage.REFUSED), (facts.admitted_at, Stage.ADMITTED),
        (facts.notice_started_at, Stage.NOTICE), (facts.returned_at, Stage.RETURNED),
        (facts.submitted_at, Stage.SUBMITTED), otherwise=Stage.DRAFT,
    )  # fmt: skip
