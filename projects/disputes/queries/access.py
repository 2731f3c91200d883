"""Who may open which dispute, and see what was put forward in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.web.viewer import Viewer
from projects.contracts.rules import Side
from projects.disputes.queries.disputes import UNFINISHED, DisputeView, dispute_by_number, dispute_views
from projects.oversight import watches


@dataclass(frozen=True)
class EvidenceView:
    """A file that one side put forward."""

    side: Side
    added_at: datetime
    file: StoredFile


async def access_dispute(viewer: Viewer, number: str) -> DisputeView:
    """For both sides, the operator, and the regulators in whose field it lies; NotFound for everybody else."""
    found = await dispute_by_number(number)
    if (
        found.contract.side_of(viewer.organisation_id) is not None
        or viewer.is_operator
        or await in_field(viewer, found)
    ):
        return found
    raise NotFound


async def access_as_side(viewer: Viewer, number: str) -> tuple[DisputeView, Side]:
    found = await dispute_by_number(number)
    side = found.contract.side_of(viewer.organisation_id)
    if side is None:
        raise NotFound
    return found, side


async def access_as_authority(viewer: Viewer, number: str) -> DisputeView:
    """For the regulator that closed the evidence; before that, for all in whose field it lies."""
    found = await dispute_by_number(number)
    if not await in_field(viewer, found) or found.authority_id not in (None, viewer.organisation_id):
        raise NotFound
    return found


async def in_field(viewer: Viewer, found: DisputeView) -> bool:
    return await watches(viewer, found.contract)


async def disputes_for(viewer: Viewer, *, limit: int = 200) -> list[DisputeView]:
    """Those that this viewer may open: unfinished ones first, then the latest."""
    order = f"ORDER BY {UNFINISHED} DESC, d.opened_at DESC, d.id DESC LIMIT {limit}"
    if viewer.is_operator:
        return await dispute_views(order)
    if viewer.is_regulator:
        return [one for one in await dispute_views(order) if await in_field(viewer, one)]
    return await dispute_views(
        f"JOIN contract c ON c.id = d.contract_id WHERE $1 IN (c.owner_id, c.agency_id) {order}", viewer.organisation_id
    )


async def evidence_of(dispute_id: UUID) -> list[EvidenceView]:
    rows = await fetch(
        "SELECT e.side, e.added_at, s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at"
        " FROM dispute_evidence e JOIN stored_file s ON s.id = e.file_id WHERE e.dispute_id = $1 ORDER BY e.added_at, e.id",
        dispute_id,
    )
    return [EvidenceView(Side(row.pop("side")), row.pop("added_at"), StoredFile(**row)) for row in rows]


async def access_evidence(viewer: Viewer, number: str, file_id: UUID) -> StoredFile:
    found = await access_dispute(viewer, number)
    for one in await evidence_of(found.id):
        if one.file.id == file_id:
            return one.file
    raise NotFound
