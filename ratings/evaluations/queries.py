"""Reading ratings. A party's own stays hidden until both are in or the time is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.queries import facts_of
from market.catalogue.queries import catalogue_at
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound
from market.kernel.money import divide_half_up
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from projects.eligibility import assess
from projects.oversight import WATCHED_PROJECT, watches
from projects.queries import ProjectView, demand_of, project_by_number
from ratings.evaluations.rules import (
    MIDDLE,
    NAMES,
    RATE_AGENCIES,
    Job,
    Shares,
    Side,
    Summary,
    Window,
    combined,
    summarise,
)


@dataclass(frozen=True)
class RatingView:
    """One rating with the names of both sides; `overall` in hundredths of a star."""

    id: UUID
    project_id: UUID
    project_number: str
    project_title: str
    side: Side
    rater_id: UUID
    rater_code: str
    rater_name: str
    rated_id: UUID
    rated_code: str
    rated_name: str
    marks: Mapping[str, int]
    overall: int
    reasons: str
    affiliated: bool
    rated_at: datetime
    revealed_at: datetime | None
    revealed_entry_id: UUID | None
    revealed_entry_no: int | None
    reply_due_at: datetime | None
    reply: str
    replied_at: datetime | None
    struck_at: datetime | None = None
    struck_reason: str = ""
    struck_entry_id: UUID | None = None
    struck_decision: str = ""
    # The last strike that was undone: from when to when it held.
    restored_from: datetime | None = None
    restored_at: datetime | None = None
    restored_entry_id: UUID | None = None


_RATING = """
SELECT r.id, r.project_id, p.number AS project_number, p.title AS project_title, r.side, r.rater_id,
       a.code AS rater_code, a.name AS rater_name, r.rated_id, b.code AS rated_code, b.name AS rated_name, r.marks,
       r.overall, r.reasons, r.affiliated, r.rated_at, r.revealed_at, r.revealed_entry_id, e.written AS revealed_entry_no,
       r.reply_due_at, r.reply, r.replied_at, r.struck_at, r.struck_reason, r.struck_entry_id,
       r.struck_decision, u.struck_at AS restored_from, u.restored_at, u.entry_id AS restored_entry_id
FROM rating r JOIN project p ON p.id = r.project_id JOIN organisation a ON a.id = r.rater_id
JOIN organisation b ON b.id = r.rated_id LEFT JOIN register_entry e ON e.id = r.revealed_entry_id
LEFT JOIN LATERAL (SELECT struck_at, restored_at, entry_id FROM rating_restored WHERE rating_id = r.id
                   ORDER BY restored_at DESC LIMIT 1) u ON true
"""
_COUNTED = "r.side <> 'agency' AND r.revealed_at IS NOT NULL AND NOT r.affiliated AND r.struck_at IS NULL"


def _ratings(rows: list[dict[str, Any]]) -> list[RatingView]:
    return [RatingView(**{**row, "marks": _marks(row["marks"])}) for row in rows]


def _marks(text: str) -> dict[str, int]:
    """In the order in which people read them: the database keeps its own."""
    found: dict[str, int] = from_json(text)
    known = list(NAMES)
    return dict(sorted(found.items(), key=lambda one: (known.index(one[0]) if one[0] in NAMES else len(known), one[0])))


async def ratings_of_project(project_id: UUID) -> dict[str, RatingView]:
    """By side; hidden ones too: what a viewer may see of them is decided by `visible`."""
    found = _ratings(await fetch(f"{_RATING} WHERE r.project_id = $1", project_id))
    return {rating.side: rating for rating in found}


async def rating_by_id(rating_id: UUID) -> RatingView | None:
    found = _ratings(await fetch(f"{_RATING} WHERE r.id = $1", rating_id))
    return found[0] if found else None


async def window_of(project_id: UUID) -> Window | None:
    row = await fetch_one("SELECT opened_at, due_at, revealed_at FROM rating_window WHERE project_id = $1", project_id)
    if row is None:
        return None
    sides = await fetch("SELECT side FROM rating WHERE project_id = $1", project_id)
    return Window(row["opened_at"], row["due_at"], row["revealed_at"], frozenset(one["side"] for one in sides))


def side_of(viewer: Viewer, project: ProjectView) -> Side | None:
    """Which party of the project the viewer acts for."""
    if viewer.organisation_id is None:
        return None
    return {project.owner_id: "owner", project.winner_id: "agency"}.get(viewer.organisation_id)  # type: ignore[return-value]


async def access_rater(viewer: Viewer, number: str) -> tuple[ProjectView, Side]:
    """The project, for its owner, the agency that did the work, the operator and the regulators in whose scope it lies.
    NotFound for everybody else."""
    project = await project_by_number(number)
    side = side_of(viewer, project) or await supervising_side(viewer, project)
    if side is None:
        raise NotFound
    return project, side


async def supervising_side(viewer: Viewer, project: ProjectView) -> Side | None:
    if viewer.is_operator:
        return "operator"
    return "regulator" if await watches(viewer, project) else None


async def access_rated(viewer: Viewer, rating_id: UUID) -> RatingView:
    """A rating that was shown, for the organisation that was rated. NotFound for everybody else."""
    rows = await fetch(
        f"{_RATING} WHERE r.id = $1 AND r.rated_id = $2 AND r.revealed_at IS NOT NULL",
        rating_id,
        viewer.organisation_id,
    )
    if not rows:
        raise NotFound
    return _ratings(rows)[0]


async def access_to_strike(viewer: Viewer, rating_id: UUID) -> RatingView:
    """A rating that is shown, for those who supervise its project; else NotFound."""
    found = await rating_by_id(rating_id)
    if found is None or found.revealed_at is None:
        raise NotFound
    if await supervising_side(viewer, await project_by_number(found.project_number)) is None:
        raise NotFound
    return found


def visible(ratings: Mapping[str, RatingView], side: Side | None) -> list[RatingView]:
    """What was revealed: the ratings of the agency to everybody; the agency's rating of the owner to the two parties and to
    those who supervise it, because to all others owners are shown in aggregate only (`rating.owner_min_shown`). `side`: of
    whoever looks, None for the public."""
    shown = [ratings[side] for side in (*RATE_AGENCIES, "agency") if side in ratings]
    return [one for one in shown if one.revealed_at is not None and (one.side != "agency" or side is not None)]


def together(ratings: Mapping[str, RatingView], book: Rulebook) -> int | None:
    """What those who rated the agency make of the job together; None where nobody's rating is shown and counts."""
    values: dict[Side, int] = {
        one.side: one.overall
        for one in ratings.values()
        if one.side != "agency" and one.revealed_at is not None and not one.affiliated and one.struck_at is None
    }
    return combined(values, shares_of(book)) if values else None


def shares_of(book: Rulebook) -> Shares:
    return dict(zip(RATE_AGENCIES, book.shares("rating.three_party_shares"), strict=True))


_SAME_CONTACT = """
SELECT EXISTS (SELECT FROM organisation o JOIN organisation a ON a.phone = o.phone WHERE o.id = $1 AND a.id = $2 AND o.phone <> '')
    OR EXISTS (SELECT FROM membership x JOIN membership y ON y.person_id = x.person_id AND y.until IS NULL
               WHERE x.organisation_id = $1 AND y.organisation_id = $2 AND x.until IS NULL)
"""


async def affiliated(project: ProjectView, *, now: datetime) -> bool:
    """By the same rule that keeps affiliated agencies out of a pool (controller, legal representative), and by a common
    telephone or a person who acts for both."""
    if project.winner_id is None:
        raise ValueError("a project without a winner has nobody to be affiliated with")
    if await fetch_value(_SAME_CONTACT, project.owner_id, project.winner_id):
        return True
    [agency] = await facts_of([project.winner_id])
    lines = assess(await demand_of(project.id), agency, catalogue=await catalogue_at(now), at=now).lines
    return any(line.rule == "affiliated" and not line.passed for line in lines)


async def agency_summary(agency_id: UUID, book: Rulebook) -> Summary:
    """Means of what owners and those who supervise said of an agency, against comparable agencies."""
    rows = await fetch(
        f"SELECT r.project_id, r.side, r.marks FROM rating r WHERE {_COUNTED} AND r.rated_id = $1"
        " ORDER BY r.project_id, r.side",
        agency_id,
    )
    shares, weight = shares_of(book), book.integer("rating.prior_weight")
    prior = await _prior(agency_id, shares, least=weight)
    return summarise(_jobs(rows), shares, prior=prior, prior_weight=weight)


def _jobs(rows: list[dict[str, Any]]) -> list[Job]:
    jobs: defaultdict[UUID, dict[Side, Mapping[str, int]]] = defaultdict(dict)
    for row in rows:
        jobs[row["project_id"]][row["side"]] = _marks(row["marks"])
    return list(jobs.values())


async def owner_summary(owner_id: UUID, book: Rulebook) -> Summary | None:
    """Means of what agencies said of an owner; None below the number that may be shown."""
    rows = await fetch(
        "SELECT marks FROM rating WHERE side = 'agency' AND revealed_at IS NOT NULL AND NOT affiliated"
        " AND struck_at IS NULL AND rated_id = $1",
        owner_id,
    )
    if len(rows) < book.integer("rating.owner_min_shown"):
        return None
    jobs: list[Job] = [{"agency": _marks(row["marks"])} for row in rows]
    return summarise(jobs, {"agency": 1}, prior=MIDDLE, prior_weight=0)


async def completeness_of(owner_id: UUID, since: datetime) -> tuple[int, int]:
    """(given, owed): of the ratings whose time was over since then, how many the owner gave."""
    row = await fetch_one(
        "SELECT count(r.id) AS given, count(*) AS owed FROM rating_window w"
        " LEFT JOIN rating r ON r.project_id = w.project_id AND r.side = 'owner'"
        " WHERE w.owner_id = $1 AND w.revealed_at > $2",
        owner_id, since,
    )  # fmt: skip
    assert row is not None
    return row["given"], row["owed"]


async def newest_of_agency(agency_id: UUID, *, limit: int) -> list[RatingView]:
    return _ratings(await fetch(
        f"{_RATING} WHERE {_COUNTED} AND r.side = 'owner' AND r.rated_id = $1 ORDER BY r.revealed_at DESC, r.id LIMIT $2", agency_id, limit
    ))  # fmt: skip


# Comparable: other agencies' jobs of the same class of services in the same city. The class is the first letter
# of a service item's code, the city the first four digits of a region's.
_JOBS = f"""
SELECT r.project_id, round(sum(r.overall * s.share)::numeric / sum(s.share)) AS value FROM rating r
JOIN (SELECT unnest($2::text[]) AS side, unnest($3::bigint[]) AS share) s ON s.side = r.side
WHERE {_COUNTED} AND r.rated_id <> $1 GROUP BY r.project_id
"""
_COMPARABLE = f"""
WITH mine AS (
    SELECT DISTINCT left(p.region_code, 4) AS city, left(p.service_items[1], 1) AS class
    FROM rating r JOIN project p ON p.id = r.project_id WHERE {_COUNTED} AND r.rated_id = $1)
SELECT count(*) AS jobs, coalesce(sum(j.value), 0)::bigint AS total FROM ({_JOBS}) j JOIN project p ON p.id = j.project_id
WHERE (left(p.region_code, 4), left(p.service_items[1], 1)) IN (SELECT * FROM mine)
"""
_MARKET = f"SELECT count(*) AS jobs, coalesce(sum(j.value), 0)::bigint AS total FROM ({_JOBS}) j"


async def _prior(agency_id: UUID, shares: Shares, *, least: int) -> int:
    """The mean of comparable jobs where there are enough of them, else of the market's, else the middle."""
    for sql, needed in ((_COMPARABLE, max(least, 1)), (_MARKET, 1)):
        row = await fetch_one(sql, agency_id, list(shares), list(shares.values()))
        if row and row["jobs"] >= needed:
            return divide_half_up(row["total"], row["jobs"])
    return MIDDLE


async def waiting_projects(organisation_id: UUID) -> list[dict[str, Any]]:
    """Projects that this organisation may still rate: number, title, opened_at, due_at, side."""
    return await fetch(
        "SELECT p.number, p.title, w.opened_at, w.due_at, CASE WHEN w.owner_id = $1 THEN 'owner' ELSE 'agency' END AS side,"
        " o.name AS owner_name, a.name AS agency_name"
        " FROM rating_window w JOIN project p ON p.id = w.project_id JOIN organisation o ON o.id = w.owner_id"
        " JOIN organisation a ON a.id = w.agency_id WHERE w.revealed_at IS NULL AND $1 IN (w.owner_id, w.agency_id)"
        " AND NOT EXISTS (SELECT FROM rating r WHERE r.project_id = w.project_id AND r.rater_id = $1)"
        " ORDER BY w.due_at",
        organisation_id,
    )


async def waiting_replies(organisation_id: UUID, now: datetime) -> list[RatingView]:
    return _ratings(await fetch(
        f"{_RATING} WHERE r.rated_id = $1 AND r.reply_due_at > $2 AND r.replied_at IS NULL ORDER BY r.reply_due_at",
        organisation_id, now,
    ))  # fmt: skip


SHOWN_OPEN = 200


async def open_to(viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """Jobs that this viewer's authority may still rate, soonest over first: project, opened_at, due_at."""
    side = "operator" if viewer.is_operator else "regulator"
    rows = await fetch(
        "SELECT p.number, w.opened_at, w.due_at, a.name AS agency_name FROM rating_window w JOIN project p ON p.id = w.project_id"
        " JOIN organisation a ON a.id = w.agency_id WHERE w.due_at > $6"
        " AND NOT EXISTS (SELECT FROM rating r WHERE r.project_id = w.project_id AND r.side = $7)"
        f" AND ($8 OR {WATCHED_PROJECT}) ORDER BY w.due_at, p.number LIMIT {SHOWN_OPEN}",
        *(await watch_of(viewer)).values, now, side, viewer.is_operator,
    )  # fmt: skip
    return [row | {"project": await project_by_number(row["number"])} for row in rows]
