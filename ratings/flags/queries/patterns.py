"""What screens of a period look at: all results once, as sketches that cost little, and what is known of payers,
practitioners and experts. Nothing before a published result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue.rules import Rulebook
from market.kernel.calendar import BEIJING
from market.kernel.db import fetch, fetch_value, from_json
from projects.experts.queries.published import far_marks
from ratings.flags.queries.cases import ABOUT
from ratings.flags.screens.interface import Bid, Case, Expert, Firm, History, Payer, Practitioner

BATCH = 2_000
_SKETCHES = """
SELECT p.id, p.drawn_at, p.number, p.title, o.code AS owner_code, o.name AS owner_name, p.method, p.service_items, p.amount_fen,
       p.published_at, w.code AS winner, r.pool, r.bids,
       (SELECT array_agg(a.code) FROM sign_up s JOIN organisation a ON a.id = s.agency_id
        WHERE s.project_id = p.id AND s.withdrawn_after_close) AS abandoned
FROM project p JOIN organisation o ON o.id = p.owner_id
JOIN LATERAL (
  SELECT s.pool, s.winner_id, CASE WHEN p.ceiling_fen IS NOT NULL
         THEN convert_from(s.dossier, 'UTF8')::jsonb #> '{decision,entries}' END AS bids
  FROM selection_round s WHERE s.project_id = p.id AND s.drawn_at IS NOT NULL AND s.winner_id IS NOT NULL
    AND s.annulled_at IS NULL ORDER BY s.no DESC LIMIT 1) r ON true
JOIN organisation w ON w.id = r.winner_id
WHERE p.drawn_at > $1 AND p.drawn_at <= $2
"""
_RESULTS = """
SELECT count(*) FROM project p WHERE p.drawn_at > $1 AND p.drawn_at <= $2 AND EXISTS (
  SELECT FROM selection_round s WHERE s.project_id = p.id AND s.drawn_at IS NOT NULL AND s.winner_id IS NOT NULL
    AND s.annulled_at IS NULL)
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
_PAYERS = """
SELECT o.code, o.name, count(*) AS due, count(v.payable_id) AS late,
       count(v.payable_id) FILTER (WHERE v.ended_at IS NULL) AS waiting,
       array_agg(p.reference) FILTER (WHERE v.payable_id IS NOT NULL) AS refs,
       array_agg(coalesce(v.late_days, extract(day FROM $2 - v.due_at)::int)) FILTER (WHERE v.payable_id IS NOT NULL) AS days,
       array_agg(DISTINCT p.subject) FILTER (WHERE v.payable_id IS NOT NULL) AS projects
FROM payable p JOIN payment_term k ON k.payable_id = p.id JOIN organisation o ON o.id = p.payer_id
LEFT JOIN overdue_payment v ON v.payable_id = p.id AND v.ended IS DISTINCT FROM 'cancelled' AND v.found_at <= $2
WHERE p.due_at > $1 AND p.due_at <= $2 AND p.cancelled_at IS NULL
GROUP BY o.code, o.name HAVING count(v.payable_id) > 0 ORDER BY o.code
"""
_OVERDUE = "SELECT subject, written FROM register_entry WHERE kind = 'payment.overdue' AND subject = ANY ($1)"
# People are told apart by the keyed digest of their number; a name in a draft that was never handed in binds nobody.
_PRACTITIONERS = """
WITH listed AS (
    SELECT x.id_number_digest, x.name, x.id_number_masked, x.profession, x.certificate_number, x.since, x.left_at, x.review,
           o.code, o.name AS agency
    FROM agency_practitioner x JOIN agency a ON a.organisation_id = x.agency_id JOIN organisation o ON o.id = x.agency_id
    WHERE x.since <= $2 AND (x.left_at IS NULL OR x.left_at > $1) AND a.submitted_at IS NOT NULL
      AND x.review IN ('accepted', 'pending')),
several AS (
    SELECT id_number_digest FROM listed GROUP BY id_number_digest HAVING count(DISTINCT code) > 1
    UNION SELECT l.id_number_digest FROM listed l JOIN listed m ON m.profession = l.profession
        AND m.certificate_number = l.certificate_number AND m.id_number_digest <> l.id_number_digest AND m.code <> l.code)
SELECT l.* FROM listed l JOIN several USING (id_number_digest) ORDER BY l.id_number_digest, l.since, l.code
"""
_ENTRIES = "SELECT subject, written FROM register_entry WHERE kind = 'agency.admitted' AND subject = ANY ($1)"
Row = Mapping[str, Any]


async def sketches(since: datetime, until: datetime, codes: Collection[str] | None = None) -> AsyncIterator[list[Case]]:
    """All results that stand of a period, or those that concern these codes, a batch at a time: who posted, who was in
    the pool, who bid and who won. Particulars of firms and register entries are left out."""
    chosen = "" if codes is None else f" AND p.id IN ({ABOUT})"
    place = 3 if codes is None else 4
    given: list[Any] = [since, until, *([] if codes is None else [list(codes)])]
    after = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
    while rows := await fetch(
        f"{_SKETCHES}{chosen} AND (p.drawn_at, p.id) > (${place}, ${place + 1}) ORDER BY p.drawn_at, p.id LIMIT {BATCH}",
        *given, *after,
    ):  # fmt: skip
        yield [_sketch(row) for row in rows]
        after = (rows[-1]["drawn_at"], rows[-1]["id"])


async def count_results(since: datetime, until: datetime) -> int:
    """How many results of a period `sketches` gives."""
    found: int = await fetch_value(_RESULTS, since, until)
    return found


def _sketch(row: Row) -> Case:
    pool = tuple(Firm(one["code"], one["name"], tickets=one.get("tickets", 1)) for one in from_json(row["pool"]) or [])
    bids = tuple(Bid(one["code"], one["price_fen"]) for one in from_json(row["bids"]) or [] if one["price_fen"])
    return Case(
        number=row["number"], title=row["title"], owner_code=row["owner_code"], owner_name=row["owner_name"],
        method=row["method"], items=frozenset(row["service_items"]), published_at=row["published_at"],
        published_on_working_day=True, published_hour=0, window_days=0, amount_fen=row["amount_fen"], pool=pool, bids=bids,
        winner=row["winner"], abandoned=tuple(row["abandoned"] or ()),
    )  # fmt: skip


async def subjects_of(number: str) -> frozenset[str]:
    """Whom a result concerns: its owner, everybody in the pool, the winner. Nobody while there is none."""
    rows = await fetch(
        f"{_SKETCHES} AND p.number = $3", datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), number
    )
    return frozenset(
        code for row in rows
        for code in (row["owner_code"], row["winner"], *(one["code"] for one in from_json(row["pool"]) or []))
    )  # fmt: skip


async def people_of(since: datetime, until: datetime, book: Rulebook) -> History:
    """What no single project tells: payers, practitioners, experts."""
    return History(
        experts=await _experts(since, until, book), payers=await _payers(since, until),
        practitioners=await _practitioners(since, until), period=period_of(until),
    )  # fmt: skip


def period_of(until: datetime) -> str:
    return str(until.astimezone(BEIJING).year)


async def news_since(moment: datetime | None) -> bool:
    """Whether anything has happened since that a screen of a period could see."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM project WHERE drawn_at > s.at) OR EXISTS (SELECT FROM overdue_step WHERE recorded_at > s.at)"
        " OR EXISTS (SELECT FROM agency_practitioner WHERE since > s.at OR reviewed_at > s.at)"
        " FROM (SELECT coalesce($1, '-infinity'::timestamptz) AS at) s", moment,
    )  # fmt: skip
    return found


async def _payers(since: datetime, until: datetime) -> tuple[Payer, ...]:
    rows = await fetch(_PAYERS, since, until)
    entries = await fetch(_OVERDUE, [number for row in rows for number in row["projects"]])
    return tuple(
        Payer(
            row["code"], row["name"], row["due"],
            tuple(sorted(zip(row["refs"], row["days"], strict=True), key=lambda one: (-one[1], one[0]))), row["waiting"],
            tuple(row["projects"]), tuple(sorted(one["written"] for one in entries if one["subject"] in row["projects"])),
        )
        for row in rows
    )  # fmt: skip


async def _practitioners(since: datetime, until: datetime) -> tuple[Practitioner, ...]:
    people: dict[str, list[Row]] = {}
    for found in await fetch(_PRACTITIONERS, since, until):
        people.setdefault(found["id_number_digest"], []).append(found)
    numbers: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for digest, rows in people.items():
        for row in (one for one in rows if one["left_at"] is None):
            key = (row["profession"], row["certificate_number"])
            numbers.setdefault(key, set()).add((row["code"], row["agency"], digest))
    entries = await fetch(_ENTRIES, list({row["code"] for rows in people.values() for row in rows}))
    written = {entry["subject"]: entry["written"] for entry in entries}
    return tuple(_practitioner(digest, rows, numbers, written) for digest, rows in people.items())


def _practitioner(
    digest: str, rows: Sequence[Row], numbers: Mapping[tuple[str, str], set[tuple[str, str, str]]],
    written: Mapping[str, int],
) -> Practitioner:  # fmt: skip
    """The same certificate is told of once: with the person whose key comes first."""
    now = {row["code"]: row["agency"] for row in rows if row["left_at"] is None}
    bound = {row["code"]: row["agency"] for row in rows if row["review"] == "accepted"}
    same: dict[str, str] = {}
    for row in rows:
        holders = numbers.get((row["profession"], row["certificate_number"]), set())
        if len({one for _, _, one in holders}) > 1 and digest == min(one for _, _, one in holders):
            same |= {code: agency for code, agency, _ in sorted(holders)}
    return Practitioner(
        digest[:16], rows[-1]["name"], rows[-1]["id_number_masked"], tuple(now.items()), tuple(bound.items()),
        tuple(same.items()), tuple(sorted({written[row["code"]] for row in rows if row["code"] in written})),
    )  # fmt: skip


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
