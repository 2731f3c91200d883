"""Cases and histories for the screens, from what is published: a project without a published result gives its notice
and nothing else, so that no sealed bid, no pool and no number of entries can be told from a lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from market.catalogue.queries import catalogue
from market.kernel.calendar import BEIJING, Calendar, CalendarYearMissing
from market.kernel.db import fetch, fetch_value, from_json
from projects.eligibility import Demand
from projects.queries import demands_of
from ratings.flags.queries.fitting import Admitted
from ratings.flags.queries.windows import FIRST_CLOSE, Windows, window_days
from ratings.flags.screens.interface import Bid, Case, Firm, Usual

KINDS = (
    "project.published", "project.amended", "pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made",
    "sign_up.abandoned", "contract.in_force", "project.failed", "change.in_force",
)  # fmt: skip
_PROJECTS = f"""
SELECT p.id, p.number, p.title, o.code AS owner_code, o.name AS owner_name, p.method, p.service_items, p.catalogue_version, p.published_at,
       {FIRST_CLOSE} AS closes_at, p.amount_fen, p.ceiling_fen, p.price_fen, w.code AS winner, r.pool, r.bids, r.no AS round_no,
       CASE WHEN p.stage = 'failed' THEN (SELECT (e.data ->> 'eligible')::int FROM register_entry e WHERE e.subject = p.number
         AND e.kind = 'project.failed' ORDER BY e.written DESC LIMIT 1) END AS came,
       (SELECT c.price_fen FROM contract c WHERE c.project_id = p.id AND c.in_force_at IS NOT NULL AND c.ended IS NULL
        LIMIT 1) AS contract_fen,
       (SELECT k.price_fen FROM contract c JOIN contract_change k ON k.contract_id = c.id AND k.in_force_at IS NOT NULL
        WHERE c.project_id = p.id AND c.ended IS NULL ORDER BY k.no DESC LIMIT 1) AS changed_fen
FROM project p JOIN organisation o ON o.id = p.owner_id
LEFT JOIN LATERAL (
  SELECT s.no, s.pool, s.winner_id, CASE WHEN p.ceiling_fen IS NOT NULL
         THEN convert_from(s.dossier, 'UTF8')::jsonb #> '{{decision,entries}}' END AS bids
  FROM selection_round s WHERE s.project_id = p.id AND s.drawn_at IS NOT NULL AND s.winner_id IS NOT NULL
    AND s.annulled_at IS NULL ORDER BY s.no DESC LIMIT 1) r ON p.drawn_at IS NOT NULL
LEFT JOIN organisation w ON w.id = r.winner_id
"""
_FIRMS = """
SELECT o.code, o.name, o.legal_representative, o.address, o.phone, coalesce(o.parent_code, a.branch_of, '') AS parent_code
FROM organisation o LEFT JOIN agency a ON a.organisation_id = o.id WHERE o.code = ANY ($1)
"""
_AUTHORISED = """
SELECT s.project_id, o.code, x.phone FROM sign_up s JOIN agency_authorised_person x ON x.id = s.authorised_person_id
JOIN organisation o ON o.id = s.agency_id WHERE s.project_id = ANY ($1)
"""
_MARKS = """
SELECT m.project_id, o.code, m.kind, m.mark FROM entry_mark m JOIN organisation o ON o.id = m.agency_id
WHERE m.project_id = ANY ($1)
"""
_ABANDONED = """
SELECT s.project_id, o.code FROM sign_up s JOIN organisation o ON o.id = s.agency_id
WHERE s.project_id = ANY ($1) AND s.withdrawn_after_close ORDER BY s.withdrawn_at, o.code
"""
# $3: codes. Whoever is in a pool has signed up; a winner that the notice named may not have.
ABOUT = """
SELECT q.id FROM project q JOIN organisation o ON o.id = q.owner_id WHERE o.code = ANY ($3)
UNION SELECT q.id FROM project q JOIN organisation o ON o.id = q.winner_id WHERE o.code = ANY ($3)
UNION SELECT s.project_id FROM sign_up s JOIN organisation o ON o.id = s.agency_id WHERE o.code = ANY ($3)
"""
_FIRST = "SELECT min(published_at) FROM project WHERE published_at >= $1 OR drawn_at >= $1"
BATCH = 500
NOTHING: frozenset[str] = frozenset()
_UNKNOWN = dict.fromkeys(("name", "legal_representative", "address", "phone", "parent_code"), "")
Row = Mapping[str, Any]


async def case_of(
    number: str, calendar: Calendar, *, most_matching: int | None = None, usual_over: int | None = None
) -> Case | None:
    """One project. `most_matching`: where the screens of notices ask, the agencies that could have signed up are counted,
    no further than one above it; `usual_over`: months whose notices its time to sign up is measured by, where that is asked."""
    rows = await fetch(f"{_PROJECTS} WHERE p.number = $1", number)
    if not rows:
        return None
    admitted = None if most_matching is None else await Admitted.offering(rows[0]["service_items"])
    method, published_at = rows[0]["method"], rows[0]["published_at"]
    windows = None if usual_over is None else await Windows.for_one(method, published_at, calendar, usual_over)
    (case,) = await _cases(rows, calendar, admitted, most_matching or 0, windows=windows)
    return case


async def cases_numbered(numbers: Collection[str], calendar: Calendar) -> list[Case]:
    """These projects, oldest first."""
    return await _cases(
        await fetch(f"{_PROJECTS} WHERE p.number = ANY ($1) ORDER BY p.published_at, p.id", list(numbers)), calendar
    )


async def count_since(since: datetime) -> int:
    """How many projects were published or decided since."""
    found: int = await fetch_value("SELECT count(*) FROM project WHERE published_at >= $1 OR drawn_at >= $1", since)
    return found


async def cases_since(
    since: datetime, until: datetime, calendar: Calendar, *, most_matching: int, usual_over: int
) -> AsyncIterator[list[Case]]:
    """The same projects, oldest first, a batch at a time: memory does not grow with the market."""
    admitted, after = await Admitted.everybody(), (datetime.min.replace(tzinfo=UTC), UUID(int=0))
    first: datetime = await fetch_value(_FIRST, since) or since
    windows = await Windows.for_all(first, until, calendar, usual_over)
    while rows := await fetch(
        f"{_PROJECTS} WHERE (p.published_at >= $1 OR p.drawn_at >= $1) AND (p.published_at, p.id) > ($2, $3)"
        f" ORDER BY p.published_at, p.id LIMIT {BATCH}", since, *after,
    ):  # fmt: skip
        yield await _cases(rows, calendar, admitted, most_matching, windows=windows)
        after = (rows[-1]["published_at"], rows[-1]["id"])


async def cases_about(codes: Collection[str], since: datetime, until: datetime, calendar: Calendar) -> tuple[Case, ...]:
    """All results of a period that concern one of these owners or agencies, oldest first, as patterns look at them: without
    persons who act for a firm and marks of entries. A firm is the same object in all its cases, and rows go as they are
    read, so that thousands of cases take little memory."""
    rows = await fetch(
        f"SELECT p.id FROM project p WHERE p.drawn_at > $1 AND p.drawn_at <= $2 AND p.id IN ({ABOUT}) ORDER BY p.drawn_at, p.id",
        since, until, list(codes),
    )  # fmt: skip
    ids, found, same = [row["id"] for row in rows], list[Case](), dict[tuple[str, int], Firm]()
    for start in range(0, len(ids), BATCH):
        some = await fetch(f"{_PROJECTS} WHERE p.id = ANY ($1) ORDER BY p.drawn_at, p.id", ids[start : start + BATCH])
        found += await _cases(some, calendar, same=same)
    return tuple(found)


async def _cases(
    rows: Sequence[Row], calendar: Calendar, admitted: Admitted | None = None, most_matching: int = 0, *,
    windows: Windows | None = None, same: dict[tuple[str, int], Firm] | None = None,
) -> list[Case]:  # fmt: skip
    """`same`: firms already made, by code and tickets, where nothing of the single entry is wanted; it grows."""
    ids = [row["id"] for row in rows]
    matching: Mapping[UUID, int] = {}
    if admitted is not None:
        matching = await _matching(rows, await demands_of(ids), admitted, most_matching)
    pools = {row["id"]: _pool(row) for row in rows}
    firms = {
        row["code"]: row for row in await fetch(_FIRMS, sorted({code for pool in pools.values() for code in pool}))
    }
    wanted = ids if same is None else []
    authorised, marks = await _by_firm(_AUTHORISED, wanted), await _by_firm(_MARKS, wanted)
    abandoned: defaultdict[UUID, list[str]] = defaultdict(list)
    for given_up in await fetch(_ABANDONED, ids):
        abandoned[given_up["project_id"]].append(given_up["code"])
    entries: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for entry in await fetch(
        "SELECT subject, kind, max(written) AS written FROM register_entry WHERE subject = ANY ($1) AND kind = ANY ($2)"
        " GROUP BY subject, kind", [row["number"] for row in rows], list(KINDS),
    ):  # fmt: skip
        entries[entry["subject"]][entry["kind"]] = entry["written"]
    made = []
    for row in rows:
        firms_of = {} if same is None else same
        for code, tickets in pools[row["id"]].items() - firms_of.keys():
            one = (row["id"], code)
            firms_of[code, tickets] = _firm(code, tickets, firms, authorised.get(one, ()), marks.get(one, ()))
        pool = tuple(firms_of[one] for one in pools[row["id"]].items())
        given = tuple(abandoned[row["id"]]) if row["round_no"] else ()
        usual = windows.usual(row["method"], row["published_at"]) if windows else None
        made.append(_case(row, pool, given, entries[row["number"]], calendar, matching.get(row["id"]), usual))
    return made


async def _matching(
    rows: Sequence[Row], demands: Mapping[UUID, Demand], admitted: Admitted, most: int
) -> dict[UUID, int]:
    """Each project is measured by the catalogue that it keeps."""
    versions = {version: await catalogue(version) for version in {row["catalogue_version"] for row in rows}}
    return {
        row["id"]: admitted.matching(demands[row["id"]], versions[row["catalogue_version"]], row["published_at"], most)
        for row in rows
    }


async def _by_firm(sql: str, ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[Row]]:
    """By project and code of the firm."""
    found: defaultdict[tuple[UUID, str], list[Row]] = defaultdict(list)
    for row in await fetch(sql, ids):
        found[row["project_id"], row["code"]].append(row)
    return found


def _pool(row: Row) -> dict[str, int]:
    """Code -> tickets of everybody in the pool that was decided on; nobody before that."""
    if row["round_no"] is None:
        return {}
    return {one["code"]: one.get("tickets", 1) for one in from_json(row["pool"]) or []}


def _firm(code: str, tickets: int, firms: Mapping[str, Row], authorised: Sequence[Row], marks: Sequence[Row]) -> Firm:
    """`authorised`, `marks`: those of this firm's entries."""
    known = firms.get(code, _UNKNOWN)
    devices, networks = (_marks(marks, kind) for kind in ("device", "network")) if marks else (NOTHING, NOTHING)
    return Firm(
        code, known["name"] or code, known["legal_representative"], known["address"], known["phone"], known["parent_code"],
        frozenset([row["phone"] for row in authorised if row["phone"]]), tickets, devices, networks,
    )  # fmt: skip


def _marks(marks: Sequence[Row], kind: str) -> frozenset[str]:
    return frozenset(row["mark"] for row in marks if row["kind"] == kind)


def _case(
    row: Row, pool: tuple[Firm, ...], abandoned: tuple[str, ...], entries: Mapping[str, int], calendar: Calendar,
    matching: int | None, usual: Usual | None,
) -> Case:  # fmt: skip
    local = row["published_at"].astimezone(BEIJING)
    decided = row["round_no"] is not None
    bids = [Bid(one["code"], one["price_fen"]) for one in from_json(row["bids"]) or [] if one["price_fen"]]
    return Case(
        number=row["number"], title=row["title"], owner_code=row["owner_code"], owner_name=row["owner_name"],
        method=row["method"], items=frozenset(row["service_items"]), published_at=row["published_at"],
        published_on_working_day=_working(calendar, local), published_hour=local.hour,
        window_days=window_days(calendar, row["published_at"], row["closes_at"]), usual=usual,
        came=len(pool) if decided else row["came"],
        amount_fen=row["amount_fen"], ceiling_fen=row["ceiling_fen"], matching=matching, pool=pool, bids=tuple(bids), winner=row["winner"],
        abandoned=abandoned, price_fen=row["price_fen"] if decided else None,
        contract_fen=row["contract_fen"] if decided else None, changed_fen=row["changed_fen"] if decided else None,
        entries=entries,
    )  # fmt: skip


def _working(calendar: Calendar, moment: datetime) -> bool:
    """Where nobody has published the free days of a year, no day of it counts as odd."""
    try:
        return calendar.is_working(moment.date())
    except CalendarYearMissing:
        return True
