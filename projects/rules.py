"""The life of a project: its stages, what moves it from one to the next, and how the stage follows from the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where a published project stands. Drafts are no projects yet and have no stage."""

    SIGN_UP = "sign_up"
    DRAWING = "drawing"
    EVALUATION = "evaluation"
    RESULT_NOTICE = "result_notice"
    CONTRACTING = "contracting"
    FULFILMENT = "fulfilment"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


# What moves a project from one stage to another, in the words of the diagram in the documentation.
TRANSITIONS: Final[Mapping[tuple[Stage, Stage], str]] = {
    (Stage.SIGN_UP, Stage.DRAWING): "sign-up closes and the pool is frozen",
    (Stage.SIGN_UP, Stage.FAILED): "sign-up closes with too few",
    (Stage.SIGN_UP, Stage.WITHDRAWN): "the owner withdraws with a reason",
    (Stage.SIGN_UP, Stage.RESULT_NOTICE): "sign-up closes and nothing is left to chance",
    (Stage.DRAWING, Stage.RESULT_NOTICE): "the beacon round appears and the winner is found",
    (Stage.DRAWING, Stage.EVALUATION): "the bids are open and the experts are drawn",
    (Stage.DRAWING, Stage.FAILED): "too few valid entries are left",
    (Stage.EVALUATION, Stage.RESULT_NOTICE): "every expert has signed the marks",
    (Stage.EVALUATION, Stage.FAILED): "no panel can be found, or no entry is left",
    (Stage.RESULT_NOTICE, Stage.CONTRACTING): "the notice ends without an open objection",
    (Stage.RESULT_NOTICE, Stage.DRAWING): "an objection is upheld, or the winner may not take on work: a further draw",
    (Stage.RESULT_NOTICE, Stage.SIGN_UP): "an objection is upheld: sign-up opens again",
    (Stage.RESULT_NOTICE, Stage.FAILED): "the result falls and too few are left",
    (Stage.CONTRACTING, Stage.FULFILMENT): "both sides have signed",
    (Stage.CONTRACTING, Stage.DRAWING): "the winner refuses or does not sign in time",
    (Stage.CONTRACTING, Stage.SIGN_UP): "a complaint is upheld: sign-up opens again",
    (Stage.CONTRACTING, Stage.FAILED): "the winner does not sign and too few are left",
    (Stage.CONTRACTING, Stage.TERMINATED): "the owner refuses or does not sign in time",
    (Stage.FULFILMENT, Stage.ACCEPTED): "the delivery is accepted, or silence counts as acceptance",
    (Stage.FULFILMENT, Stage.TERMINATED): "the contract is ended",
    (Stage.ACCEPTED, Stage.CLOSED): "both sides have rated, or the time to rate is over",
}
ENDED: Final = frozenset({Stage.CLOSED, Stage.FAILED, Stage.WITHDRAWN, Stage.TERMINATED})
SELECTED: Final = frozenset({Stage.RESULT_NOTICE, Stage.CONTRACTING, Stage.FULFILMENT, Stage.ACCEPTED, Stage.CLOSED})

# How lists sum stages up, and bands of the price in fen: key -> (from, below).
STAGE_GROUPS: Final[Mapping[str, tuple[Stage, ...]]] = {
    "sign_up": (Stage.SIGN_UP,),
    "selecting": (Stage.DRAWING, Stage.EVALUATION, Stage.RESULT_NOTICE),
    "working": (Stage.CONTRACTING, Stage.FULFILMENT),
    "done": (Stage.ACCEPTED, Stage.CLOSED),
    "ended": (Stage.FAILED, Stage.WITHDRAWN, Stage.TERMINATED),
}
BANDS: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "-10": (None, 10_000_000), "10-30": (10_000_000, 30_000_000), "30-100": (30_000_000, 100_000_000),
    "100-": (100_000_000, None),
}  # fmt: skip


def stage_group(stage: Stage) -> str:
    return next(key for key, stages in STAGE_GROUPS.items() if stage in stages)


def band_of(amount_fen: int) -> str:
    return next(key for key, (_, below) in BANDS.items() if below is None or amount_fen < below)


@dataclass(frozen=True)
class Facts:
    """The moments at which something lawful happened to a project and still holds: a further draw takes the facts of
    the annulled one away from the project (they stay in its rounds and in the register)."""

    frozen_at: datetime | None = None
    opened_at: datetime | None = None
    drawn_at: datetime | None = None
    result_final_at: datetime | None = None
    signed_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    failed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    terminated_at: datetime | None = None


# The last fact that holds decides. An end comes before everything it ended.
_DECIDES: Final = (
    ("withdrawn_at", Stage.WITHDRAWN),
    ("failed_at", Stage.FAILED),
    ("terminated_at", Stage.TERMINATED),
    ("closed_at", Stage.CLOSED),
    ("accepted_at", Stage.ACCEPTED),
    ("signed_at", Stage.FULFILMENT),
    ("result_final_at", Stage.CONTRACTING),
    ("drawn_at", Stage.RESULT_NOTICE),
    ("opened_at", Stage.EVALUATION),
    ("frozen_at", Stage.DRAWING),
)
FACT_OF: Final[Mapping[Stage, str]] = {stage: fact for fact, stage in _DECIDES}
# Facts that a further draw, or sign-up opened again, takes back.
_OF_THE_DRAW = ("winner_id", "opened_at", "drawn_at", "result_notice_ends_at", "result_final_at")
TAKEN_BACK: Final[Mapping[Stage, tuple[str, ...]]] = {
    Stage.DRAWING: _OF_THE_DRAW,
    Stage.SIGN_UP: ("frozen_at", *_OF_THE_DRAW),
}


def stage_of(facts: Facts) -> Stage:
    """The stage that follows from the facts; the stored stage must always equal it."""
    for name, stage in _DECIDES:
        if getattr(facts, name) is not None:
            return stage
    return Stage.SIGN_UP


def may_move(before: Stage, after: Stage) -> bool:
    return (before, after) in TRANSITIONS


@dataclass(frozen=True)
class Job:
    """What a notice says of the job, its money and whom to ask; amounts in fen, `fiscal_share` in basis points."""

    title: str
    service_items: tuple[str, ...]
    service_mode: str
    bundle_code: str | None
    region_code: str
    scale: str
    content: str
    service_days: int
    service_time_note: str
    investment_code: str | None
    investment_name: str
    approval_matter: str
    approval_number: str
    fiscal_share: int
    budget_fen: int | None
    price_fen: int | None
    price_note: str
    contact_name: str
    contact_phone: str
    complaint_phone: str

    @property
    def state_funds(self) -> bool:
        return self.fiscal_share > 0


@dataclass(frozen=True)
class Criterion:
    """Something that experts score; `weight` in basis points of the whole."""

    name: str
    description: str
    weight: int


def project_number(year: int, count: int) -> str:
    """The public number of a project: MX-2026-000123."""
    return f"MX-{year:04d}-{count:06d}"
