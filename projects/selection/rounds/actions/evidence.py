"""What beside the pool and the bids decided: each method's own evidence, as its dossier publishes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from market.kernel.db import fetch
from projects.experts.queries.panels import evidence_of as evidence_of_panel
from projects.experts.queries.panels import panel_of_round
from projects.queries import ProjectView
from projects.selection.live.queries import bidding_evidence
from projects.selection.methods import direct, merit, multi_round, outside_tender
from projects.selection.rounds.queries import RoundView

Evidence = Mapping[str, Any]


async def evidence_of(project: ProjectView, current: RoundView) -> Evidence | None:
    """None for methods that decide by the bids alone."""
    find = _EVIDENCE.get(project.method)
    return await find(project, current) if find else None


async def _reason(project: ProjectView, current: RoundView) -> Evidence:
    return {"reason": project.access_reason}


async def _panel(project: ProjectView, current: RoundView) -> Evidence | None:
    """None where too few bids were valid, so that no expert was asked."""
    panel = await panel_of_round(current.id)
    return await evidence_of_panel(current.id) if panel is not None and panel.drawn_at is not None else None


async def _tender(project: ProjectView, current: RoundView) -> Evidence:
    rows = await fetch(
        "SELECT s.sha256 FROM project_file f JOIN stored_file s ON s.id = f.file_id WHERE f.project_id = $1"
        " ORDER BY s.sha256",
        project.id,
    )
    return {
        "notice_number": project.tender_number,
        "platform": project.tender_platform,
        "files": [row["sha256"] for row in rows],
    }


_EVIDENCE: Final[Mapping[str, Callable[[ProjectView, RoundView], Awaitable[Evidence | None]]]] = {
    direct.CODE: _reason,
    merit.CODE: _panel,
    multi_round.CODE: bidding_evidence,
    outside_tender.CODE: _tender,
}
