"""How a project's stage is shown: the steps of its way, who is on turn, and by when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from market.kernel.i18n import N_
from projects.rules import ENDED, Stage
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind, Method, Need
from projects.selection.sign_ups.way_in import WAYS_IN

Station = tuple[Stage | None, str, str]
StepState = Literal["done", "current", "waiting", "skipped"]
STAGE_NAMES: Final[Mapping[Stage, str]] = {
    Stage.SIGN_UP: N_("Open for sign-up or bids"),
    Stage.DRAWING: N_("Being selected"),
    Stage.EVALUATION: N_("Experts are scoring"),
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


def stage_name(stage: Stage, method: str) -> str:
    """What a stage is called where the method is known: what everybody waits for differs (message id)."""
    chosen = METHODS[method]
    if stage is Stage.SIGN_UP:
        return WAYS_IN[method].stage
    if stage is not Stage.DRAWING:
        return STAGE_NAMES[stage]
    if chosen.live:
        return N_("Live bidding")
    return N_("Waiting for the draw") if chosen.entry is EntryKind.SIGN_UP else N_("Waiting for the opening")


# The stations after the selection, and who acts at each.
_AFTER: Final = (
    (Stage.RESULT_NOTICE, N_("Public notice"), N_("objections from anybody who took part")),
    (Stage.CONTRACTING, N_("Contract"), N_("owner and agency")),
    (Stage.FULFILMENT, N_("Service and acceptance"), N_("the agency, then the owner")),
    (Stage.ACCEPTED, N_("Rating"), N_("owner and agency")),
)

# A notice without an end: an objection or a complaint holds the result.
_HOLDER: Final = N_("the decision on an objection or a complaint")


def stations(method: str) -> tuple[Station, ...]:
    """The stations of a project selected by this method, from its notice on."""
    return ((None, N_("Posted"), ""), *_selection(METHODS[method]), *_AFTER)


def _selection(method: Method) -> list[Station]:
    if method.entry is EntryKind.NONE:
        return []
    if method.alone:
        return [(Stage.SIGN_UP, N_("Answer of the agency"), N_("the agency that was named"))]
    sealed = method.entry is EntryKind.SEALED_BID and not method.live
    found: list[Station] = [(Stage.SIGN_UP, N_("Bids") if sealed else N_("Sign-up"), N_("agencies"))]
    found.append(
        (
            Stage.DRAWING,
            _drawing(method),
            N_("agencies, then the public beacon") if method.live else N_("the public beacon"),
        )
    )
    if Need.CRITERIA in method.needs:
        found.append((Stage.EVALUATION, N_("Scoring"), N_("the experts")))
    return found


def _drawing(method: Method) -> str:
    if method.live:
        return N_("Live bidding")
    return N_("Draw") if method.entry is EntryKind.SIGN_UP else N_("Opening")


class Dated(Protocol):
    """What the stepper needs to know of a project."""

    @property
    def stage(self) -> Stage: ...
    @property
    def method(self) -> str: ...
    @property
    def opened_at(self) -> datetime | None: ...
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
    found = []
    since: datetime | None = None
    for stage, label, who in stations(project.method):
        at = _left_at(project, stage)
        found.append(_step(project, stage, label, who, at, since))
        since = at
    return found


def _left_at(project: Dated, stage: Stage | None) -> datetime | None:
    """When the station was left behind: with the fact that the next one begins with."""
    scored = Need.CRITERIA in METHODS[project.method].needs
    return {
        None: project.published_at, Stage.SIGN_UP: project.frozen_at or project.drawn_at,
        Stage.DRAWING: (project.opened_at if scored else None) or project.drawn_at, Stage.EVALUATION: project.drawn_at,
        Stage.RESULT_NOTICE: project.result_final_at, Stage.CONTRACTING: project.signed_at,
        Stage.FULFILMENT: project.accepted_at, Stage.ACCEPTED: project.closed_at,
    }[stage]  # fmt: skip


def _step(
    project: Dated, stage: Stage | None, label: str, who: str, at: datetime | None, since: datetime | None
) -> Step:
    if at is not None:
        return Step(label, "done", at=at)
    if stage is project.stage:
        held = stage is Stage.RESULT_NOTICE and project.due_at is None
        return Step(label, "current", since=since, due=project.due_at, who=_HOLDER if held else who)
    return Step(label, "skipped" if project.stage in ENDED else "waiting")
