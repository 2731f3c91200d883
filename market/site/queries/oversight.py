"""What a regulator watches over: every running project in its regions and industry with the step it waits at, and
the entries that wait for review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agencies.queries.oversight import WATCHED_AGENCY
from market.kernel.db import fetch, fetch_one
from market.oversight.queries import Watch
from projects.oversight import WATCHED_PROJECT
from projects.rules import Stage

PAGE = 20
SOON = timedelta(days=7)
SHOWN = ("overdue", "soon", "all")


@dataclass(frozen=True)
class OpenStep:
    """Something that is waited for. `kind` says what; `who` names the organisations on turn, empty for the market."""

    kind: str
    subject: str
    title: str
    link: str
    who: tuple[str, ...]
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """Steps by how they stand with their limit, and running projects by stage."""

    overdue: int
    soon: int
    all: int
    stages: dict[Stage, int]

    @property
    def projects(self) -> int:
        return sum(self.stages.values())


STEPS_SQL = f"""
WITH watched AS MATERIALIZED (
  SELECT p.id, p.number, p.title, p.stage, p.owner_id, o.name AS owner, w.name AS winner, p.published_at,
         p.sign_up_closes_at, p.frozen_at, p.opened_at, p.drawn_at, p.result_notice_ends_at, p.due_at
  FROM project p JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation w ON w.id = p.winner_id
  WHERE p.stage IN ('sign_up', 'drawing', 'evaluation', 'result_notice', 'contracting', 'fulfilment', 'accepted') AND {WATCHED_PROJECT}),
running AS (
  SELECT c.id, c.project_id, c.created_at, coalesce((SELECT h.sign_due_at FROM signing_hold h WHERE h.contract_id = c.id
         AND h.sign_due_at IS NOT NULL ORDER BY h.until DESC LIMIT 1), c.sign_due_at) AS sign_due_at, c.owner_signed_at, c.agency_signed_at, c.in_force_at,
         m.id AS milestone_id, m.started_at, m.due_at AS milestone_due_at, w.number, w.title, w.owner, a.name AS agency
  FROM watched w JOIN contract c ON c.project_id = w.id AND c.ended IS NULL JOIN organisation a ON a.id = c.agency_id
  LEFT JOIN contract_milestone m ON m.contract_id = c.id AND m.started_at IS NOT NULL AND m.accepted_at IS NULL
  WHERE w.stage IN ('contracting', 'fulfilment')),
last AS (
  SELECT DISTINCT ON (d.contract_id) d.contract_id, d.delivered_at, d.answer_due_at, d.decision, d.decided_at, d.correction_due_at
  FROM delivery d JOIN running r ON r.milestone_id = d.milestone_id ORDER BY d.contract_id, d.no DESC),
step AS (
  SELECT 'sign_up' AS kind, number, title, ARRAY[]::text[] AS who, published_at AS since, sign_up_closes_at AS due_at
  FROM watched WHERE stage = 'sign_up'
  UNION ALL SELECT 'drawing', number, title, ARRAY[]::text[], frozen_at, due_at FROM watched WHERE stage = 'drawing'
  UNION ALL SELECT 'evaluation', number, title, ARRAY[]::text[], opened_at, due_at FROM watched WHERE stage = 'evaluation'
  UNION ALL SELECT 'notice', number, title, ARRAY[]::text[], drawn_at, result_notice_ends_at FROM watched w
    WHERE stage = 'result_notice' AND NOT EXISTS (
      SELECT 1 FROM objection b WHERE b.project_id = w.id AND b.answered_at IS NULL AND b.withdrawn_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM signing_hold h WHERE h.project_id = w.id AND h.until IS NULL)
  UNION ALL SELECT 'objection', w.number, w.title, ARRAY[]::text[], b.raised_at, b.answer_due_at
    FROM watched w JOIN objection b ON b.project_id = w.id AND b.answered_at IS NULL AND b.withdrawn_at IS NULL
  UNION ALL SELECT 'signing', number, title,
      array_remove(ARRAY[CASE WHEN owner_signed_at IS NULL THEN owner END, CASE WHEN agency_signed_at IS NULL THEN agency END], NULL),
      created_at, sign_due_at FROM running r WHERE in_force_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM signing_hold h WHERE h.project_id = r.project_id AND h.until IS NULL)
  UNION ALL SELECT CASE WHEN c.accepted_at IS NOT NULL THEN 'complaint' WHEN c.returned_at IS NOT NULL AND c.corrected_at IS NULL
      THEN 'correction' ELSE 'acceptance' END, p.number, p.title, array_remove(ARRAY[CASE WHEN c.returned_at IS NOT NULL
      AND c.corrected_at IS NULL THEN x.name ELSE a.name END], NULL), coalesce(c.accepted_at, c.corrected_at, c.returned_at, c.filed_at),
      CASE WHEN c.accepted_at IS NOT NULL THEN c.decision_due_at WHEN c.returned_at IS NOT NULL AND c.corrected_at IS NULL
      THEN c.correction_due_at ELSE c.acceptance_due_at END
    FROM complaint c JOIN project p ON p.id = c.project_id JOIN organisation x ON x.id = c.complainant_id
    LEFT JOIN organisation a ON a.id = c.authority_id
    WHERE c.refused_at IS NULL AND c.withdrawn_at IS NULL AND c.decided_at IS NULL AND {WATCHED_PROJECT}
  UNION ALL SELECT 'delivery', number, title, ARRAY[agency], coalesce(last.decided_at, started_at),
      coalesce(last.correction_due_at, milestone_due_at) FROM running LEFT JOIN last ON last.contract_id = running.id
    WHERE in_force_at IS NOT NULL AND (last.contract_id IS NULL OR last.decision = 'returned') AND NOT EXISTS (
      SELECT 1 FROM clock_change k WHERE k.milestone_id = running.milestone_id AND k.kind = 'suspension' AND k.answer = 'agreed'
        AND k.ended_at IS NULL AND k.revoked_at IS NULL)
  UNION ALL SELECT 'answer', number, title, ARRAY[owner], last.delivered_at, last.answer_due_at
    FROM running JOIN last ON last.contract_id = running.id WHERE last.decision IS NULL
  UNION ALL SELECT 'rating', w.number, w.title, ARRAY[w.owner, w.winner], r.opened_at, r.due_at
    FROM watched w JOIN rating_window r ON r.project_id = w.id AND r.revealed_at IS NULL
  UNION ALL SELECT 'entry', o.code, o.name, ARRAY[]::text[], a.submitted_at, a.due_at
    FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = 'submitted' AND {WATCHED_AGENCY})
"""
_CHOSEN = {"overdue": "due_at <= $6", "soon": "due_at > $6 AND due_at <= $7", "all": "true"}


async def counts(watch: Watch, now: datetime) -> Counts:
    row = await fetch_one(
        f"{STEPS_SQL} SELECT count(*) FILTER (WHERE {_CHOSEN['overdue']}) AS overdue, count(*) FILTER (WHERE {_CHOSEN['soon']})"
        " AS soon, count(*) AS all, (SELECT array_agg(stage) FROM watched) AS stages FROM step",
        *watch.values, now, now + SOON,
    )  # fmt: skip
    assert row is not None
    found = Counter(row["stages"] or [])
    return Counts(row["overdue"], row["soon"], row["all"], {stage: found[stage] for stage in Stage if stage in found})


async def open_steps(watch: Watch, now: datetime, *, show: str, page: int) -> list[OpenStep]:
    """The longest overdue first, then what is due next."""
    rows = await fetch(
        f"{STEPS_SQL} SELECT kind, number, title, who, since, due_at FROM step WHERE {_CHOSEN[show]}"
        " AND $6::timestamptz < $7::timestamptz"  # both are parameters of every variant
        f" ORDER BY due_at NULLS LAST, number, kind LIMIT {PAGE} OFFSET {(page - 1) * PAGE}",
        *watch.values, now, now + SOON,
    )  # fmt: skip
    return [_open_step(row) for row in rows]


def _open_step(row: dict[str, Any]) -> OpenStep:
    who: Sequence[str] = row["who"]
    link = f"/agencies/{row['number']}" if row["kind"] == "entry" else f"/projects/{row['number']}"
    return OpenStep(row["kind"], row["number"], row["title"], link, tuple(who), row["since"], row["due_at"])
