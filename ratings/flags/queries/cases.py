"""Cases and histories for the screens, from what is published: a project without a published result gives its notice
and nothing else, so that no sealed bid, no pool and no number of entries can be told from a lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue.rules import Rulebook
from market.kernel.calendar import BEIJING, Calendar, CalendarYearMissing
from market.kernel.db import fetch, from_json
from projects.experts.queries.published import far_marks
from projects.queries import demand_of, matching
from ratings.flags.screens.interface import Bid, Case, Expert, Firm, History
from ratings.periods import add_months

KINDS = (
    "project.published", "project.amended", "pool.frozen", "pool.sealed", "bids.opened", "selection.decided", "draw.made",
    "sign_up.abandoned", "contract.in_force",
)  # fmt: skip
_PROJECTS = """
SELECT p.id, p.number, p.title, o.code AS owner_code, o.name AS owner_name, p.method, p.service_items, p.published_at,
       p.sign_up_closes_at, p.amount_fen, p.ceiling_fen, p.price_fen, w.code AS winner, r.pool, r.bids, r.no AS round_no,
       (SELECT c.price_fen FROM contract c WHERE c.project_id = p.id AND c.in_force_at IS NOT NULL AND c.ended IS NULL
        LIMIT 1) AS contract_fen
FROM project p JOIN organisation o ON o.id = p.owner_id
LEFT JOIN LATERAL (
  SELECT s.no, s.pool, s.winner_id, CASE WHEN p.ceiling_fen IS NOT NULL
         THEN convert_from(s.dossier, 'UTF8')::jsonb #> '{decision,entries}' END AS bids
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
_ABANDONED = """
SELECT s.project_id, o.code FROM sign_up s JOIN organisation o ON o.id = s.agency_id
WHERE s.project_id = ANY ($1) AND s.withdrawn_after_close ORDER BY s.withdrawn_at, o.code
"""
_EXPERTS = """
SELECT e.code, o.code AS organisation_code, array_agg(m.invited_at ORDER BY m.invited_at) AS drawn,
       array_agg(DISTINCT p.number) AS projects, array_agg(DISTINCT r.written) FILTER (WHERE r.written IS NOT NULL) AS evidence
FROM panel_member m JOIN expert e ON e.id = m.expert_id JOIN organisation o ON o.id = e.organisation_id
JOIN expert_panel x ON x.id = m.panel_id JOIN project p ON p.id = x.project_id
LEFT JOIN register_entry r ON r.subject = p.number AND r.kind = 'marks.published'
WHERE p.drawn_at > $1 AND p.drawn_at <= $2 AND x.completed_at IS NOT NULL
GROUP BY e.code, o.code ORDER BY e.code
"""
Row = Mapping[str, Any]


async def case_of(number: str, calendar: Calendar, *, with_matching: bool = False) -> Case | None:
    """One project; with the number of agencies that could have signed up where the screens of notices ask for it."""
    rows = await fetch(f"{_PROJECTS} WHERE p.number = $1", number)
    if not rows:
        return None
    (case,) = await _cases(rows, calendar)
    if not with_matching:
        return case
    fitting = await matching(await demand_of(rows[0]["id"]), case.published_at)
    return Case(**{**vars(case), "matching": len(fitting)})


async def numbers_since(since: datetime) -> list[str]:
    """Projects that were published or decided since, oldest first."""
    rows = await fetch(
        "SELECT number FROM project WHERE published_at >= $1 OR drawn_at >= $1 ORDER BY published_at, id", since
    )
    return [row["number"] for row in rows]


async def history_until(until: datetime, book: Rulebook, calendar: Calendar) -> History:
    """All projects with a result that stood in the period of the rulebook up to a moment, and the experts of these."""
    since = add_months(until, -book.months("screen.period"))
    rows = await fetch(
        f"{_PROJECTS} WHERE p.drawn_at > $1 AND p.drawn_at <= $2 ORDER BY p.drawn_at, p.id", since, until
    )
    experts = await _experts(since, until, book)
    return History(tuple(await _cases(rows, calendar)), experts, str(until.astimezone(BEIJING).year))


async def _cases(rows: Sequence[Row], calendar: Calendar) -> list[Case]:
    ids = [row["id"] for row in rows]
    pools = {row["id"]: _pool(row) for row in rows}
    firms = {
        row["code"]: row for row in await fetch(_FIRMS, sorted({code for pool in pools.values() for code in pool}))
    }
    authorised = await _grouped(_AUTHORISED, ids, "phone")
    abandoned = await _grouped(_ABANDONED, ids, "code")
    entries: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for entry in await fetch(
        "SELECT subject, kind, max(written) AS written FROM register_entry WHERE subject = ANY ($1) AND kind = ANY ($2)"
        " GROUP BY subject, kind", [row["number"] for row in rows], list(KINDS),
    ):  # fmt: skip
        entries[entry["subject"]][entry["kind"]] = entry["written"]
    made = []
    for row in rows:
        phones = authorised.get(row["id"], [])
        pool = tuple(_firm(code, tickets, firms, phones) for code, tickets in pools[row["id"]].items())
        given_up = tuple(one["code"] for one in abandoned.get(row["id"], [])) if row["round_no"] else ()
        made.append(_case(row, pool, given_up, entries[row["number"]], calendar))
    return made


async def _grouped(sql: str, ids: Sequence[UUID], column: str) -> dict[UUID, list[Row]]:
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in await fetch(sql, ids):
        if row[column]:
            found[row["project_id"]].append(row)
    return found


def _pool(row: Row) -> dict[str, int]:
    """Code -> tickets of everybody in the pool that was decided on; nobody before that."""
    if row["round_no"] is None:
        return {}
    return {one["code"]: one.get("tickets", 1) for one in from_json(row["pool"]) or []}


def _firm(code: str, tickets: int, firms: Mapping[str, Row], authorised: Sequence[Row]) -> Firm:
    known = firms.get(code)
    phones = frozenset(row["phone"] for row in authorised if row["code"] == code)
    if known is None:
        return Firm(code, code, authorised=phones, tickets=tickets)
    return Firm(
        code, known["name"], known["legal_representative"], known["address"], known["phone"], known["parent_code"], phones,
        tickets,
    )  # fmt: skip


def _case(
    row: Row, pool: tuple[Firm, ...], abandoned: tuple[str, ...], entries: Mapping[str, int], calendar: Calendar
) -> Case:
    local = row["published_at"].astimezone(BEIJING)
    decided = row["round_no"] is not None
    bids = [Bid(one["code"], one["price_fen"]) for one in from_json(row["bids"]) or [] if one["price_fen"]]
    return Case(
        number=row["number"], title=row["title"], owner_code=row["owner_code"], owner_name=row["owner_name"],
        method=row["method"], items=frozenset(row["service_items"]), published_at=row["published_at"],
        published_on_working_day=_working(calendar, local), published_hour=local.hour,
        window_days=_window(calendar, row["published_at"], row["sign_up_closes_at"]),
        amount_fen=row["amount_fen"], ceiling_fen=row["ceiling_fen"], pool=pool, bids=tuple(bids), winner=row["winner"],
        abandoned=abandoned, price_fen=row["price_fen"] if decided else None,
        contract_fen=row["contract_fen"] if decided else None, entries=entries,
    )  # fmt: skip


def _working(calendar: Calendar, moment: datetime) -> bool:
    """Where nobody has published the free days of a year, no day of it counts as odd."""
    try:
        return calendar.is_working(moment.date())
    except CalendarYearMissing:
        return True


def _window(calendar: Calendar, start: datetime, end: datetime) -> int:
    try:
        return calendar.working_days_between(start, end)
    except CalendarYearMissing:
        return (end - start).days


async def _experts(since: datetime, until: datetime, book: Rulebook) -> tuple[Expert, ...]:
    rows = await fetch(_EXPERTS, since, until)
    marks = await far_marks([row["code"] for row in rows], limit=book.integer("expert.deviation"))
    span = timedelta(days=book.calendar_days("expert.draws_window"))
    return tuple(
        Expert(row["code"], row["organisation_code"], marks[row["code"]][1], marks[row["code"]][0],
               most_within(row["drawn"], span), tuple(row["projects"]), tuple(row["evidence"] or ()))
        for row in rows
    )  # fmt: skip


def most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """The most of these, in order, that lie within any stretch of this length."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > span:
            first += 1
        most = max(most, last - first + 1)
    return most
