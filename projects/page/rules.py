"""How a project's stage is shown: the steps of its way, who is on turn, and by when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from market.kernel.i18n import N_
from projects.rules import ENDED, Stage

StepState = Literal["done", "current", "waiting", "skipped"]
STAGE_NAMES: Final[Mapping[Stage, str]] = {
    Stage.SIGN_UP: N_("Open for sign-up"),
    Stage.DRAWING: N_("Waiting for the draw"),
    Stage.RESULT_NOTICE: N_("Result under notice"),
    Stage.CONTRACTING: N_("Contract being signed"),
    Stage.FULFILMENT: N_("In service"),
    Stage.ACCEPTED: N_("Accepted, to be rated"),
    Stage.CLOSED: N_("Closed"),
    Stage.FAILED: N_("Selection failed"),
    Stage.WITHDRAWN: N_("Withdrawn"),
    Stage.TERMINATED: N_("Terminated"),
}
# Kind of badge a stage wears.
STAGE_KINDS: Final[Mapping[Stage, str]] = {Stage.SIGN_UP: "strong", Stage.FAILED: "amber", Stage.WITHDRAWN: "plain"}
# The stations that everybody passes, and who acts at each.
STATIONS: Final = (
    (None, N_("Posted"), ""),
    (Stage.SIGN_UP, N_("Sign-up"), N_("agencies")),
    (Stage.DRAWING, N_("Draw"), N_("the public beacon")),
    (Stage.RESULT_NOTICE, N_("Public notice"), N_("objections from anybody who took part")),
    (Stage.CONTRACTING, N_("Contract"), N_("owner and agency")),
    (Stage.FULFILMENT, N_("Service and acceptance"), N_("the agency, then the owner")),
    (Stage.ACCEPTED, N_("Rating"), N_("owner and agency")),
)


class Dated(Protocol):
    """What the stepper needs to know of a project."""

    @property
    def stage(self) -> Stage: ...
    @property
    def published_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def frozen_at(self) -> datetime | None: ...
    @property
    def drawn_at(self) -> datetime | None: ...
    @property
    def result_final_at(self) -> datetime | None: ...
    @property
    def signed_at(self) -> datetime | None: ...
    @property
    def accepted_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Step:
    """One station: `at` when it was left behind, `due` and `who` while it is on turn."""

    label: str
    state: StepState
    at: datetime | None = None
    since: datetime | None = None
    due: datetime | None = None
    who: str = ""


def steps(project: Dated) -> list[Step]:
    """The project's way as far as it went, where it stands, and what would follow."""
    left_at = (project.published_at, project.frozen_at, project.drawn_at, project.result_final_at, project.signed_at,
               project.accepted_at, project.closed_at)  # fmt: skip
    found = []
    since: datetime | None = None
    for (stage, label, who), at in zip(STATIONS, left_at, strict=True):
        found.append(_step(project, stage, label, who, at, since))
        since = at
    return found


def _step(
    project: Dated, stage: Stage | None, label: str, who: str, at: datetime | None, since: datetime | None
) -> Step:
    if at is not None:
        return Step(label, "done", at=at)
    if stage is project.stage:
        return Step(label, "current", since=since, due=project.due_at, who=who)
    return Step(label, "skipped" if project.stage in ENDED else "waiting")
