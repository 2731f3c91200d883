"""What beside the pool and the bids decided: each method's own evidence, as its dossier publishes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from market.kernel.db import fetch
from projects.queries import ProjectView
from projects.selection.live.queries import bidding_evidence
from projects.selection.methods import direct, multi_round, outside_tender
from projects.selection.queries import RoundView

Evidence = Mapping[str, Any]


async def evidence_of(project: ProjectView, current: RoundView) -> Evidence | None:
    """None for methods that decide by the bids alone."""
    find = _EVIDENCE.get(project.method)
    return await find(project, current) if find else None


async def _reason(project: ProjectView, current: RoundView) -> Evidence:
    return {"reason": project.access_reason}


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


_EVIDENCE: Final[Mapping[str, Callable[[ProjectView, RoundView], Awaitable[Evidence]]]] = {
    direct.CODE: _reason,
    multi_round.CODE: bidding_evidence,
    outside_tender.CODE: _tender,
}
