"""Reading live bidding: its schedule, the best bid of each so far, an agency's own bids, and all of them once it is
over. Nobody learns who else bids before the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.kernel.jobs import NotYet
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.live.rules import Bounds, Last, Phase, Schedule, step_of
from projects.selection.methods.terms import Quote, TermsInvalid
from projects.selection.rounds.announced import bidding_of, limits_of
from projects.selection.rounds.queries import RoundView, open_round, standing_round
from projects.selection.rounds.rules import freeze_grace


@dataclass(frozen=True)
class Bidding:
    """The live bidding of one project, as its notice has it."""

    project: ProjectView
    schedule: Schedule
    bounds: Bounds
    show_count: bool
    grace: timedelta

    @property
    def url(self) -> str:
        return f"{self.project.url}/live"

    @property
    def quote(self) -> Quote:
        return self.bounds.quote

    def may_close(self, now: datetime) -> bool:
        """Is it over, and is what arrived before its end written down? (The rulebook's moment is kept.)"""
        return self.schedule.phase(now - self.grace) is Phase.OVER


@dataclass(frozen=True)
class OwnBid:
    """One bid of the agency that looks at it. `entry_id` names its register entry, the receipt."""

    id: UUID
    no: int
    quoted: int
    received_at: datetime
    entry_id: UUID


async def bidding_in(project: ProjectView) -> Bidding | None:
    """None for a project that is not decided by live bidding."""
    if project.bidding_starts_at is None:
        return None
    rulebook = await catalogue_queries.rulebook(project.rulebook_version)
    terms, limits = bidding_of(project, rulebook), limits_of(project)
    if terms is None or limits is None:
        return None
    quote = Quote(project.quote)
    bounds = Bounds(limits, quote, step_of(limits, quote, rulebook.share("selection.rounds.least_step")))
    schedule, shown = Schedule(project.bidding_starts_at, terms), rulebook.flag("selection.sealed.show_count")
    return Bidding(project, schedule, bounds, shown, freeze_grace(rulebook))


async def access_bidding(viewer: Viewer, number: str) -> Bidding:
    """For the agencies of the frozen pool; for everybody else, and before the freeze, NotFound: who bids is private."""
    project = await project_by_number(number)
    found = await bidding_in(project)
    if found is None or not viewer.is_agency or not await in_pool(project, viewer.organisation_code):
        raise NotFound
    return found


async def in_pool(project: ProjectView, code: str) -> bool:
    """Has this agency a place in the pool that bids, or bid?"""
    current = await open_round(project.id) or await standing_round(project.id)
    if project.stage is Stage.SIGN_UP or current is None or current.pool is None:
        return False
    return code in {one.code for one in current.pool}


async def bests_of(project_id: UUID, starts_at: datetime, quote: Quote) -> dict[UUID, int]:
    """agency -> its best bid so far."""
    best = "min" if quote is Quote.PRICE else "max"
    rows = await fetch(
        f"SELECT agency_id, {best}(quoted) AS quoted FROM live_bid WHERE project_id = $1 AND starts_at = $2 GROUP BY agency_id",
        project_id, starts_at,
    )  # fmt: skip
    return {row["agency_id"]: row["quoted"] for row in rows}


_OWN = """
SELECT b.id, b.no, b.quoted, b.received_at, b.entry_id FROM live_bid b JOIN register_entry e ON e.id = b.entry_id
WHERE b.project_id = $1 AND b.starts_at = $2 AND b.agency_id = $3 ORDER BY b.received_at DESC, e.written DESC
"""


async def own_bids(bidding: Bidding, agency_id: UUID | None) -> list[OwnBid]:
    """The agency's own bids, the last one first."""
    rows = await fetch(_OWN, bidding.project.id, bidding.schedule.starts_at, agency_id)
    return [OwnBid(**row) for row in rows]


async def last_bid(project_id: UUID, starts_at: datetime, agency_id: UUID) -> tuple[OwnBid, Last] | None:
    """The agency's last bid, which is its best."""
    row = await fetch_one(f"{_OWN} LIMIT 1", project_id, starts_at, agency_id)
    return (OwnBid(**row), Last(row["quoted"], row["received_at"])) if row else None


async def own_bid(bidding: Bidding, agency_id: UUID | None, bid_id: UUID) -> OwnBid:
    """One of the agency's own bids; anybody else's is NotFound."""
    found = next((one for one in await own_bids(bidding, agency_id) if one.id == bid_id), None)
    if found is None:
        raise NotFound
    return found


async def sealed_facts(entry_id: UUID) -> tuple[str, Mapping[str, Any]] | None:
    """The salt and the facts behind a register entry's digest; None when they were erased. For the bidder alone."""
    row = await fetch_one("SELECT salt, facts FROM register_private WHERE entry_id = $1", entry_id)
    return (row["salt"], from_json(row["facts"])) if row else None


async def is_closed(project_id: UUID, starts_at: datetime) -> bool:
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM live_bidding_end WHERE project_id = $1 AND starts_at = $2)", project_id, starts_at
    )
    return found


_EVIDENCE = """
SELECT b.no, o.code, b.quoted, b.received_at, b.entry_id, x.salt FROM live_bid b
JOIN organisation o ON o.id = b.agency_id
JOIN register_entry e ON e.id = b.entry_id
LEFT JOIN register_private x ON x.entry_id = b.entry_id
WHERE b.project_id = $1 AND b.starts_at = $2 AND o.code = ANY ($3) ORDER BY b.received_at, e.written
"""


async def bidding_evidence(project: ProjectView, current: RoundView) -> dict[str, Any]:
    """All live bids of the pool, round by round in the order of their arrival, as the dossier publishes them. With the
    salt anybody finds that the register entry of each bid held this amount from the start. NotYet while bids may still
    be on their way."""
    bidding = await bidding_in(project)
    if bidding is None or current.pool is None:
        raise TermsInvalid(f"project {project.number} has no live bidding")
    if not await is_closed(project.id, bidding.schedule.starts_at):
        raise NotYet
    bids = await _bids(bidding, [one.code for one in current.pool])
    return {
        "rounds": [
            {"no": no, "starts_at": utc_text(starts_at), "ends_at": utc_text(ends_at), "bids": bids.get(no, [])}
            for no, starts_at, ends_at in bidding.schedule.rounds()
        ]
    }


async def _bids(bidding: Bidding, codes: Collection[str]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in await fetch(_EVIDENCE, bidding.project.id, bidding.schedule.starts_at, list(codes)):
        found.setdefault(row["no"], []).append({
            "code": row["code"], "quoted": row["quoted"], "at": utc_text(row["received_at"]),
            "entry": str(row["entry_id"]), "salt": row["salt"],
        })  # fmt: skip
    return found


async def due_to_close(now: datetime, most: int) -> list[UUID]:
    """Projects in live bidding that began, and whose end is not written down yet, the oldest first."""
    rows = await fetch(
        "SELECT p.id FROM project p WHERE p.stage = $1 AND p.bidding_starts_at <= $2 AND NOT EXISTS"
        " (SELECT 1 FROM live_bidding_end e WHERE e.project_id = p.id AND e.starts_at = p.bidding_starts_at)"
        " ORDER BY p.bidding_starts_at LIMIT $3",
        str(Stage.DRAWING), now, most,
    )  # fmt: skip
    return [row["id"] for row in rows]
