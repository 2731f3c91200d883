"""An expert's seat on a panel: the offers to be marked, the criteria, the own sheet. Nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.web.viewer import Viewer
from projects.experts.proposals import ProposalSeal
from projects.experts.queries.panels import MEMBER_SQL, MemberView, PanelView, marks_of_member, panel_by_id
from projects.experts.rules import Mark
from projects.queries import ProjectView, criteria_of, project_by_id
from projects.rules import Criterion


@dataclass(frozen=True)
class OfferToMark:
    """`quoted`: fen, or basis points of discount; None where the bid cannot be shown. `proposal`: there is one that
    its key opens; else `proposal_fault` says why not."""

    code: str
    name: str
    quoted: int | None
    proposal: bool
    proposal_fault: str | None = None


@dataclass(frozen=True)
class Seat:
    member: MemberView
    panel: PanelView
    project: ProjectView
    criteria: tuple[Criterion, ...]
    offers: tuple[OfferToMark, ...]
    marks: tuple[Mark, ...]

    @property
    def url(self) -> str:
        return f"/expert/panels/{self.member.id}"

    @property
    def state(self) -> str:
        """over, signed, invited or scoring."""
        if self.member.signed_at is not None:
            return "signed"
        if self.member.ended is not None or not self.panel.open:
            return "over"
        return "scoring" if self.member.accepted_at is not None else "invited"


_OFFERS = """
SELECT o.code, o.name, (SELECT b.quoted FROM sealed_bid b WHERE b.project_id = $1 AND b.agency_id = o.id AND b.opened_at IS NOT NULL
                        ORDER BY b.opened_at DESC LIMIT 1) AS quoted,
       p.id IS NOT NULL AND p.fault IS NULL AS proposal, p.fault AS proposal_fault
FROM organisation o LEFT JOIN opened_proposal p ON p.project_id = $1 AND p.agency_id = o.id WHERE o.code = ANY ($2) ORDER BY o.code
"""


async def access_seat(viewer: Viewer, member_id: UUID) -> Seat:
    """The viewer's own seat; another's is NotFound."""
    row = await fetch_one(f"{MEMBER_SQL} WHERE m.id = $1 AND e.organisation_id = $2", member_id, viewer.organisation_id)
    if row is None:
        raise NotFound
    member = MemberView(**row)
    panel = await panel_by_id(member.panel_id)
    offers = await fetch(_OFFERS, panel.project_id, [one.agency for one in panel.offers])
    return Seat(
        member, panel, await project_by_id(panel.project_id), await criteria_of(panel.project_id),
        tuple(OfferToMark(**one) for one in offers), tuple(await marks_of_member(member_id)),
    )  # fmt: skip


async def access_proposal(seat: Seat, agency_code: str) -> tuple[StoredFile, ProposalSeal]:
    """An offer's encrypted proposal and what opens it, while the expert scores and after signing."""
    if seat.state not in {"scoring", "signed"}:
        raise NotFound
    row = await fetch_one(
        "SELECT p.file_id, p.key, s.sha256 FROM opened_proposal p JOIN organisation o ON o.id = p.agency_id"
        " JOIN stored_file s ON s.id = p.file_id WHERE p.project_id = $1 AND o.code = $2 AND p.fault IS NULL",
        seat.panel.project_id, agency_code,
    )  # fmt: skip
    if row is None or agency_code not in {one.code for one in seat.offers}:
        raise NotFound
    return await stored(row["file_id"]), ProposalSeal(row["key"], row["sha256"])


@dataclass(frozen=True)
class OwnSeat:
    """For the work bench and the list of one's own panels."""

    member_id: UUID
    project_number: str
    project_title: str
    invited_at: datetime
    accepted_at: datetime | None
    signed_at: datetime | None
    ended: str | None
    due_at: datetime | None
    completed_at: datetime | None
    failed_at: datetime | None
    annulled_at: datetime | None

    @property
    def waits(self) -> bool:
        return self.due_at is not None and self.failed_at is None and self.annulled_at is None


async def seats_of(organisation_id: UUID, *, limit: int = 50) -> list[OwnSeat]:
    """The newest first."""
    rows = await fetch(
        "SELECT m.id AS member_id, p.number AS project_number, p.title AS project_title, m.invited_at, m.accepted_at,"
        " m.signed_at, m.ended, m.due_at, x.completed_at, x.failed_at, r.annulled_at"
        " FROM panel_member m JOIN expert e ON e.id = m.expert_id JOIN expert_panel x ON x.id = m.panel_id"
        " JOIN selection_round r ON r.id = x.round_id JOIN project p ON p.id = x.project_id WHERE e.organisation_id = $1 ORDER BY m.invited_at DESC LIMIT $2",
        organisation_id, limit,
    )  # fmt: skip
    return [OwnSeat(**row) for row in rows]
