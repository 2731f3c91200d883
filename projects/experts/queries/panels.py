"""Panels with their members and marks. Nobody reads another's marks before the panel is complete: the functions that
give marks to others start from `completed_at`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from market.beacon.rules import moment_text
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from projects.experts.panel import panel_draw
from projects.experts.rules import Given, Mark


@dataclass(frozen=True)
class Offer:
    """An agency whose offer is marked, with the credit score that counts (None: it has none)."""

    agency: str
    credit: int | None


@dataclass(frozen=True)
class PanelView:
    """`drawn`: all candidates in the order in which they are asked; None before the draw."""

    id: UUID
    project_id: UUID
    project_number: str
    round_id: UUID
    no: int
    beacon_chain: str
    beacon_round: int
    size: int
    salt: str
    candidates: tuple[str, ...]
    excluded: tuple[dict[str, str], ...]
    sha256: str | None
    frozen_at: datetime
    drawn_at: datetime | None
    drawn: tuple[str, ...] | None
    offers: tuple[Offer, ...]
    completed_at: datetime | None
    failed_at: datetime | None
    annulled_at: datetime | None

    @property
    def open(self) -> bool:
        """Drawn, and still waiting for experts: neither did it end nor its selection."""
        ends = (self.completed_at, self.failed_at, self.annulled_at)
        return self.drawn_at is not None and not any(ends)


@dataclass(frozen=True)
class FurtherDraw:
    """A further order of experts for the empty seats of a panel; `drawn` is None before its round is out."""

    id: UUID
    no: int
    cause: str
    seats: int
    salt: str
    candidates: tuple[str, ...]
    excluded: tuple[dict[str, str], ...]
    sha256: str
    beacon_round: int
    frozen_at: datetime
    due_at: datetime | None
    drawn_at: datetime | None
    drawn: tuple[str, ...] | None
    signature: str | None


@dataclass(frozen=True)
class MemberView:
    id: UUID
    panel_id: UUID
    expert_id: UUID
    organisation_id: UUID
    code: str
    name: str
    place: int
    invited_at: datetime
    answer_due_at: datetime
    accepted_at: datetime | None
    marks_due_at: datetime | None
    signed_at: datetime | None
    marks_sha256: str | None
    marks_salt: str | None
    entry_id: UUID | None
    ended: str | None
    ended_at: datetime | None
    end_reason: str
    due_at: datetime | None


PANEL_SQL = """
SELECT x.id, x.project_id, p.number AS project_number, x.round_id, r.no, r.beacon_chain, r.beacon_round, x.size, x.salt,
       x.candidates, x.excluded, x.sha256, x.frozen_at, x.drawn_at, x.drawn, x.offers, x.completed_at, x.failed_at, r.annulled_at
FROM expert_panel x JOIN project p ON p.id = x.project_id JOIN selection_round r ON r.id = x.round_id
"""
MEMBER_SQL = """
SELECT m.id, m.panel_id, m.expert_id, e.organisation_id, e.code, o.name, m.place, m.invited_at, m.answer_due_at, m.accepted_at,
       m.marks_due_at, m.signed_at, m.marks_sha256, m.marks_salt, m.entry_id, m.ended, m.ended_at, m.end_reason, m.due_at
FROM panel_member m JOIN expert e ON e.id = m.expert_id JOIN organisation o ON o.id = e.organisation_id
"""
_FURTHER = ", ".join(one.name for one in fields(FurtherDraw))
# Only what is signed and only where the whole panel has signed.
_PUBLISHED = """
SELECT e.code AS expert, a.code AS agency, k.criterion, k.mark, k.reason
FROM expert_mark k JOIN panel_member m ON m.id = k.member_id AND m.signed_at IS NOT NULL
JOIN expert_panel x ON x.id = m.panel_id AND x.completed_at IS NOT NULL
JOIN expert e ON e.id = m.expert_id JOIN organisation a ON a.id = k.agency_id
WHERE x.round_id = $1 ORDER BY e.code, a.code, k.criterion
"""


def panel_view(row: dict[str, Any]) -> PanelView:
    return PanelView(**{
        **row, "candidates": tuple(row["candidates"]), "excluded": tuple(from_json(row["excluded"])),
        "drawn": None if row["drawn"] is None else tuple(row["drawn"]),
        "offers": tuple(Offer(**one) for one in from_json(row["offers"]) or ()),
    })  # fmt: skip


async def panel_of_round(round_id: UUID) -> PanelView | None:
    row = await fetch_one(f"{PANEL_SQL} WHERE x.round_id = $1", round_id)
    return panel_view(row) if row else None


async def panel_by_id(panel_id: UUID) -> PanelView:
    row = await fetch_one(f"{PANEL_SQL} WHERE x.id = $1", panel_id)
    if row is None:
        raise NotFound
    return panel_view(row)


async def panels_of_project(project_id: UUID) -> list[PanelView]:
    """The newest first."""
    rows = await fetch(f"{PANEL_SQL} WHERE x.project_id = $1 ORDER BY x.frozen_at DESC, r.no DESC", project_id)
    return [panel_view(row) for row in rows]


async def further_draws(panel_id: UUID) -> list[FurtherDraw]:
    """In their order; all of them drawn but perhaps the last."""
    rows = await fetch(f"SELECT {_FURTHER} FROM panel_draw WHERE panel_id = $1 ORDER BY no", panel_id)
    return [
        FurtherDraw(**{
            **row, "candidates": tuple(row["candidates"]), "excluded": tuple(from_json(row["excluded"])),
            "drawn": None if row["drawn"] is None else tuple(row["drawn"]),
        })
        for row in rows
    ]  # fmt: skip


async def members_of(panel_id: UUID) -> list[MemberView]:
    return [MemberView(**row) for row in await fetch(f"{MEMBER_SQL} WHERE m.panel_id = $1 ORDER BY m.place", panel_id)]


async def marks_of_member(member_id: UUID) -> list[Mark]:
    """The member's own sheet, signed or not: for the member alone."""
    rows = await fetch(
        "SELECT a.code AS agency, k.criterion, k.mark, k.reason FROM expert_mark k JOIN organisation a ON a.id = k.agency_id"
        " WHERE k.member_id = $1 ORDER BY a.code, k.criterion",
        member_id,
    )
    return [Mark(**row) for row in rows]


async def marks_of(round_id: UUID) -> list[Given]:
    """All marks of a round's panel once every expert has signed, by expert, agency and criterion; before that none."""
    return [Given(**row) for row in await fetch(_PUBLISHED, round_id)]


async def evidence_of(round_id: UUID) -> dict[str, Any]:
    """What the dossier publishes of a complete panel (projects.experts.panel and methods.merit say how it is read).
    Raises NotFound before the last expert has signed."""
    panel = await panel_of_round(round_id)
    if panel is None or panel.completed_at is None or panel.drawn is None:
        raise NotFound
    given = panel_draw(
        panel.project_number, panel.no, panel.beacon_chain, panel.beacon_round, panel.candidates, panel.size
    )
    members = await members_of(panel.id)
    further = [_further(panel, one) for one in await further_draws(panel.id) if one.drawn is not None]
    return {
        "panel": {
            **({"further": further} if further else {}),
            "size": panel.size, "input": given.members(), "salt": panel.salt, "hash": panel.sha256,
            "order": list(panel.drawn), "excluded": list(panel.excluded),
            "members": [
                {"expert": one.code, "place": one.place, "end": one.ended, "reason": one.end_reason} for one in members
            ],
        },
        "marks": [
            {"expert": one.expert, "agency": one.agency, "criterion": one.criterion, "mark": one.mark, "reason": one.reason}
            for one in await marks_of(round_id)
        ],
        "credit": {one.agency: one.credit for one in panel.offers},
    }  # fmt: skip


def _further(panel: PanelView, one: FurtherDraw) -> dict[str, Any]:
    given = panel_draw(
        panel.project_number, panel.no, panel.beacon_chain, one.beacon_round, one.candidates, one.seats, one.no
    )
    return {
        "no": one.no, "cause": one.cause, "frozen_at": moment_text(one.frozen_at), "round": one.beacon_round,
        "signature": one.signature, "size": one.seats, "input": given.members(), "salt": one.salt, "hash": one.sha256,
        "order": list(one.drawn or ()), "excluded": list(one.excluded),
    }  # fmt: skip
