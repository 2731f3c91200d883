"""Where all agencies stand at one moment, recomputed from the events: the database adds up what counts, and only firms
that could be paused at all go through the rules one by one. `ratings.credit.rules.position`
is what one of them would get; both are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.catalogue.queries import rulebook_in_force
from market.kernel.db import connection, fetch
from ratings.credit.queries import credit_rules, pause_rules
from ratings.credit.rules import CreditRules, Event, Pause, PauseRules, pauses, suspended_by, warning
from ratings.credit.rules.pauses import ABANDONED_KINDS, REFUSED_KINDS
from ratings.credit.rules.position import Position
from ratings.periods import add_months

CHUNK: Final = 1000  # firms whose events are in memory at once
# A term of months that ends on the last day of a short one began so much later, and every term ends with its day.
_SHORT_MONTHS: Final = timedelta(days=4)

# What counts, what weighed on the score while a pause could begin that still runs ($2), and how often (since $4 and $6).
# Corrections are few: what they took back is subtracted, which is cheaper than asking every event for its correction. A
# correction of a correction gives back what that one took.
_SUMS = """
WITH RECURSIVE added_up AS (
    SELECT organisation_id, count(*) AS known,
        coalesce(sum(points) FILTER (WHERE points > 0 AND valid_until > $1), 0) AS added,
        coalesce(sum(points) FILTER (WHERE points < 0 AND valid_until > $1), 0) AS deducted,
        coalesce(sum(points) FILTER (WHERE points < 0 AND valid_until > $2), 0) AS weighed,
        count(*) FILTER (WHERE occurred_at > $4 AND kind = ANY ($3::text[])) AS abandoned,
        count(*) FILTER (WHERE occurred_at > $6 AND kind = ANY ($5::text[])) AS refused
    FROM credit_event WHERE recorded_at <= $1 AND cancels IS NULL GROUP BY organisation_id),
correction AS (
    SELECT c.id, e.organisation_id, e.points, e.valid_until, 1 AS sign
    FROM credit_event c JOIN credit_event e ON e.id = c.cancels
    WHERE c.cancels IS NOT NULL AND e.cancels IS NULL AND c.recorded_at <= $1
    UNION ALL SELECT c.id, x.organisation_id, x.points, x.valid_until, -x.sign
    FROM correction x JOIN credit_event c ON c.cancels = x.id WHERE c.recorded_at <= $1),
taken_back AS (
    SELECT organisation_id,
        coalesce(sum(sign * points) FILTER (WHERE points > 0 AND valid_until > $1), 0) AS added,
        coalesce(sum(sign * points) FILTER (WHERE points < 0 AND valid_until > $1), 0) AS deducted,
        coalesce(sum(sign * points) FILTER (WHERE points < 0 AND valid_until > $2), 0) AS weighed
    FROM correction GROUP BY organisation_id)
"""
_AGENCIES = f"""{_SUMS}
SELECT o.id, o.code, o.name, o.region_code, coalesce(s.known, 0) AS known, coalesce(s.abandoned, 0) AS abandoned,
    coalesce(s.refused, 0) AS refused, (coalesce(s.added, 0) - coalesce(t.added, 0))::bigint AS added,
    (coalesce(s.deducted, 0) - coalesce(t.deducted, 0))::bigint AS deducted,
    (coalesce(s.weighed, 0) - coalesce(t.weighed, 0))::bigint AS weighed, coalesce(j.jobs, 0) AS jobs
FROM organisation o JOIN agency a ON a.organisation_id = o.id LEFT JOIN added_up s ON s.organisation_id = o.id
LEFT JOIN taken_back t ON t.organisation_id = o.id
LEFT JOIN (SELECT winner_id, count(*) AS jobs FROM project WHERE accepted_at <= $1 GROUP BY winner_id) j ON j.winner_id = o.id
WHERE a.admitted_at IS NOT NULL AND o.closed_at IS NULL ORDER BY o.code
"""
_EVENTS = """
SELECT organisation_id, id, kind, points, occurred_at, recorded_at, valid_until, cancels
FROM credit_event WHERE organisation_id = ANY ($1) AND recorded_at <= $2
"""


@dataclass(frozen=True)
class Placed:
    """An agency and where it stands."""

    id: UUID
    code: str
    name: str
    position: Position


@dataclass(frozen=True)
class _Reach:
    """How far back something can lie that a running pause rests on."""

    weighed_since: datetime
    abandoned_since: datetime
    refused_since: datetime

    @classmethod
    def at(cls, moment: datetime, rules: Sequence[PauseRules]) -> _Reach:
        longest = max(
            months for one in rules
            for months in (one.severe_months, one.abandoned_months, one.refused_months, *(tier.months for tier in one.tiers))
        )  # fmt: skip
        since = add_months(moment, -longest) - _SHORT_MONTHS
        days = timedelta(days=max(one.abandoned_window_days for one in rules))
        months = max(one.refused_window_months for one in rules)
        return cls(since, since - days, add_months(since, -months) - _SHORT_MONTHS)


Rules = tuple[CreditRules, PauseRules]


async def all_standings(at: datetime, *, step: Callable[[], None] = lambda: None) -> list[Placed]:
    """Every admitted agency by credit code, as of a moment, under the rulebook then in force in its region. `step` is
    called after each thousand firms. Reads only."""
    by_region = {
        row["region_code"]: _rules(await rulebook_in_force(row["region_code"], at))
        for row in await fetch("SELECT DISTINCT o.region_code FROM organisation o JOIN agency a ON a.organisation_id = o.id")
    }  # fmt: skip
    if not by_region:
        return []
    reach = _Reach.at(at, [rules for _, rules in by_region.values()])
    rows = await fetch(_AGENCIES, at, reach.weighed_since, list(ABANDONED_KINDS), reach.abandoned_since,
                       list(REFUSED_KINDS), reach.refused_since)  # fmt: skip
    perhaps = [row for row in rows if _may_be_paused(row, *by_region[row["region_code"]])]
    closely = await _closely(perhaps, by_region, at, step)
    return [
        Placed(row["id"], row["code"], row["name"], _position(row, closely.get(row["id"]), *by_region[row["region_code"]]))
        for row in rows
    ]  # fmt: skip


def _rules(book: Any) -> Rules:
    return credit_rules(book), pause_rules(book)


def _may_be_paused(row: Mapping[str, Any], credit: CreditRules, rules: PauseRules) -> bool:
    """Never no where a pause runs; yes is looked at closely."""
    lowest: int = credit.base + row["weighed"]
    often: bool = row["abandoned"] >= rules.abandoned_times or row["refused"] >= rules.refused_times
    return often or lowest < max(tier.points for tier in rules.tiers)


def _position(row: Mapping[str, Any], pause: Pause | None, credit: CreditRules, rules: PauseRules) -> Position:
    points = credit.balance(row["added"], row["deducted"])
    rated = row["known"] > 0 or row["jobs"] > 0
    until, rule = (pause.ends_at, pause.rule) if pause else (None, "")
    return Position(points, credit.band(points), rated, until, rule, warning(points, rules) or "")


async def _closely(
    rows: Sequence[Mapping[str, Any]], by_region: Mapping[str, Rules], at: datetime, step: Callable[[], None]
) -> dict[UUID, Pause | None]:
    """The pause of each of these firms, by the rules that one firm goes through."""
    found: dict[UUID, Pause | None] = {}
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        events: dict[UUID, list[Event]] = {row["id"]: [] for row in some}
        for organisation_id, *one in await _events(list(events), at):
            events[organisation_id].append(Event(*one))
        for row in some:
            found[row["id"]] = suspended_by(pauses(events[row["id"]], *by_region[row["region_code"]], at), at)
        step()
    return found


async def _events(organisation_ids: Sequence[UUID], at: datetime) -> Sequence[Any]:
    async with connection() as link:
        found: Sequence[Any] = await link.fetch(_EVENTS, organisation_ids, at)
    return found
