"""Drafts, and what the publishing checks need to know of the market."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue.rules import Catalogue
from market.kernel.calendar import beijing_date, end_of_day
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.kernel.money import Money
from market.web.viewer import Viewer
from projects.eligibility import Demand
from projects.posting.rules import EarlierJob, Notice
from projects.queries import assessments, criteria_of, requirements_of, stated_milestones
from projects.selection.rounds.rules import ANNULLED


@dataclass(frozen=True)
class Draft:
    """`values`: what was typed so far; `files`: (stored file id, label); `number`: of the project, once published."""

    id: UUID
    owner_id: UUID
    values: Mapping[str, Any]
    repost_of: UUID | None
    updated_at: datetime
    published_at: datetime | None
    number: str | None

    @property
    def url(self) -> str:
        return f"/owner/drafts/{self.id}"

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))

    @property
    def files(self) -> list[tuple[UUID, str]]:
        return [(UUID(one["id"]), one["label"]) for one in self.values.get("files", [])]


_DRAFT = (
    'SELECT d.id, d.owner_id, d."values", d.repost_of, d.updated_at, d.published_at, p.number FROM project_draft d'
    " LEFT JOIN project p ON p.draft_id = d.id"
)


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(**{**row, "values": from_json(row["values"])})


async def access_draft(viewer: Viewer, draft_id: UUID) -> Draft:
    """A draft of the viewer's own organisation; anybody else's is NotFound."""
    row = await fetch_one(f"{_DRAFT} WHERE d.id = $1 AND d.owner_id = $2", draft_id, viewer.organisation_id)
    if row is None:
        raise NotFound
    return _draft(row)


async def drafts_of(owner_id: UUID) -> list[Draft]:
    """Unpublished drafts, the one worked on last first."""
    rows = await fetch(
        f"{_DRAFT} WHERE d.owner_id = $1 AND d.published_at IS NULL ORDER BY d.updated_at DESC LIMIT 100", owner_id
    )
    return [_draft(row) for row in rows]


async def earlier_jobs(
    owner_id: UUID, items: Iterable[str], *, months: int, now: datetime, but: UUID | None = None
) -> list[EarlierJob]:
    """The owner's projects with fiscal funds for one of these items within the months before now. Failed and withdrawn
    ones bought nothing, so they do not count; `but` leaves one project out."""
    rows = await fetch(
        "SELECT number, method, coalesce(budget_fen, amount_fen) AS fen FROM project WHERE owner_id = $1"
        " AND published_at > $2::timestamptz - make_interval(months => $5)"
        " AND service_items && $3::text[] AND fiscal_share > 0 AND stage NOT IN ('failed', 'withdrawn')"
        " AND id IS DISTINCT FROM $4 ORDER BY published_at",
        owner_id, now, list(items), but, months,
    )  # fmt: skip
    return [EarlierJob(row["number"], Money(row["fen"]), row["method"]) for row in rows]


# All postings of one job: the project, what it was posted again after, and what was posted again after it.
CHAIN = (
    "WITH RECURSIVE chain AS ("
    " SELECT id, repost_of, published_at, stage, failure_reason FROM project WHERE id = $1"
    " UNION SELECT p.id, p.repost_of, p.published_at, p.stage, p.failure_reason FROM project p"
    " JOIN chain c ON p.id = c.repost_of OR p.repost_of = c.id)"
)


async def reposts_within(repost_of: UUID, *, days: int, now: datetime) -> int:
    """How often the job was posted again within the days before now: counted along the whole chain of re-posts."""
    since = end_of_day(beijing_date(now) - timedelta(days=days + 1))
    count: int = await fetch_value(
        f"{CHAIN} SELECT count(*) FROM chain WHERE repost_of IS NOT NULL AND published_at >= $2", repost_of, since
    )
    return count


async def failures_of(repost_of: UUID) -> int:
    """How many selections of the job failed so far, along the whole chain of re-posts. One that the regulator annulled
    says nothing about who wants the job."""
    count: int = await fetch_value(
        f"{CHAIN} SELECT count(*) FROM chain WHERE stage = 'failed' AND failure_reason <> $2", repost_of, ANNULLED
    )
    return count


async def paused_until(owner_id: UUID) -> datetime | None:
    """Until when the owner may not publish, if it ever was paused."""
    moment: datetime | None = await fetch_value(
        "SELECT paused_until FROM project_owner_pause WHERE owner_id = $1", owner_id
    )
    return moment


async def owner_demand(owner_id: UUID) -> dict[str, Any]:
    """The owner's part of a Demand."""
    row = await fetch_one(
        "SELECT id, code, legal_representative, parent_code FROM organisation WHERE id = $1", owner_id
    )
    if row is None:
        raise NotFound
    return {
        "owner_id": row["id"],
        "owner_code": row["code"],
        "owner_legal_representative": row["legal_representative"],
        "owner_parent_code": row["parent_code"],
    }


async def agencies_by_code(codes: Iterable[str]) -> dict[str, tuple[UUID, str]]:
    """code -> (id, name) of those that are agencies of the market."""
    rows = await fetch(
        "SELECT o.code, o.id, o.name FROM organisation o JOIN agency a ON a.organisation_id = o.id WHERE o.code = ANY($1::text[])",
        list(codes),
    )
    return {row["code"]: (row["id"], row["name"]) for row in rows}


@dataclass(frozen=True)
class Tally:
    """How many agencies offer the items, how many meet everything, and how many fail which rule. No names."""

    offering: int
    eligible: int
    failing: Mapping[str, int] = field(default_factory=dict)


async def tally(demand: Demand, now: datetime, *, catalogue: Catalogue) -> Tally:
    found = await assessments(demand, now, catalogue=catalogue)
    failing = Counter(rule for _, result in found for rule in {line.rule for line in result.lines if not line.passed})
    return Tally(len(found), sum(result.eligible for _, result in found), dict(failing))


@dataclass(frozen=True)
class AgencyChoice:
    """An agency that an owner can name: whether it is named, and whether it meets the notice today."""

    code: str
    name: str
    chosen: bool
    fit: bool


async def agency_choices(
    demand: Demand, codes: Sequence[str], now: datetime, *, catalogue: Catalogue
) -> list[AgencyChoice]:
    """Admitted agencies that offer the items, and every other one among `codes`, by name."""
    found = {
        agency.code: AgencyChoice(agency.code, agency.name, agency.code in codes, result.eligible)
        for agency, result in await assessments(demand, now, catalogue=catalogue)
    }
    for code, (_, name) in (await agencies_by_code(set(codes) - found.keys())).items():
        found[code] = AgencyChoice(code, name, chosen=True, fit=False)
    return sorted(found.values(), key=lambda one: one.name)


async def published_notice(project_id: UUID) -> Notice:
    """The notice as it reads now, after all its amendments."""
    row = await fetch_one("SELECT * FROM project WHERE id = $1", project_id)
    if row is None:
        raise NotFound
    avoided = await fetch(
        "SELECT o.code, a.reason FROM project_avoided a JOIN organisation o ON o.id = a.agency_id WHERE a.project_id = $1"
        " ORDER BY o.code",
        project_id,
    )
    same = {name: row[name] for name in Notice.__dataclass_fields__ if name in row and name != "service_items"}
    invited = await fetch(
        "SELECT o.code FROM project_invited i JOIN organisation o ON o.id = i.agency_id WHERE i.project_id = $1 ORDER BY o.code",
        project_id,
    )
    # Where bids decide, the price is no part of the notice.
    same |= {"price_fen": None} if row["ceiling_fen"] is not None else {}
    return Notice(
        **same, invited=tuple(one["code"] for one in invited), criteria=await criteria_of(project_id), milestones=await stated_milestones(project_id), service_items=tuple(row["service_items"]), requirements=await requirements_of(project_id),
        avoided=tuple((one["code"], one["reason"]) for one in avoided),
    )  # fmt: skip


async def owner_projects(owner_id: UUID) -> list[dict[str, Any]]:
    """The owner's own projects, newest first: what the list of them shows."""
    return await fetch(
        "SELECT p.id, p.number, p.title, p.stage, p.price_fen, p.amount_fen, p.published_at, p.sign_up_closes_at, p.due_at, p.failed_at,"
        " w.name AS winner_name, EXISTS (SELECT 1 FROM project r WHERE r.repost_of = p.id) AS reposted"
        " FROM project p LEFT JOIN organisation w ON w.id = p.winner_id WHERE p.owner_id = $1"
        " ORDER BY p.published_at DESC LIMIT 200",
        owner_id,
    )


async def open_invitations(agency_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Notices that name the agency, are open, and that it has not entered."""
    return await fetch(
        "SELECT p.number, p.title, p.published_at, p.sign_up_closes_at FROM project_invited i JOIN project p ON p.id = i.project_id"
        " WHERE i.agency_id = $1 AND p.stage = 'sign_up' AND p.access = 'invited' AND p.sign_up_closes_at > $2"
        " AND NOT EXISTS (SELECT 1 FROM sign_up s WHERE s.project_id = p.id AND s.agency_id = i.agency_id AND s.withdrawn_at IS NULL)"
        " ORDER BY p.sign_up_closes_at LIMIT 20",
        agency_id, now,
    )  # fmt: skip


async def failed_to_repost(owner_id: UUID) -> list[dict[str, Any]]:
    """Failed projects that were neither posted again nor taken up in a draft."""
    return await fetch(
        "SELECT p.number, p.title, p.failed_at FROM project p WHERE p.owner_id = $1 AND p.stage = 'failed'"
        " AND NOT EXISTS (SELECT 1 FROM project r WHERE r.repost_of = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM project_draft d WHERE d.repost_of = p.id AND d.published_at IS NULL)"
        " ORDER BY p.failed_at DESC LIMIT 20",
        owner_id,
    )
