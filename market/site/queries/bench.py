"""What stands on a work bench beside the queue: the organisation's own projects, and where it stands itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.db import fetch, fetch_one
from market.site.queries.home import OpenNotice, open_notices
from projects.rules import Stage

NOTICES_SHOWN = 4


@dataclass(frozen=True)
class OwnProject:
    """A project of one's own, or one that was won: `other` is the party on the other side, once there is one."""

    number: str
    title: str
    stage: Stage
    method: str
    other: str | None
    amount_fen: int
    due_at: datetime | None
    published_at: datetime


@dataclass(frozen=True)
class OwnerDesk:
    stages: dict[Stage, int]
    drafts: int
    newest: tuple[OwnProject, ...]

    @property
    def empty(self) -> bool:
        return not self.stages and not self.drafts


@dataclass(frozen=True)
class AgencyDesk:
    """`stage` is the agency's own: draft, submitted, … ; `open_sign_ups`: those whose window is still open."""

    stage: str
    notice_ends_at: datetime | None
    due_at: datetime | None
    suspended_until: datetime | None
    suspension_reason: str
    restricted_until: datetime | None
    restriction_reason: str
    removed_until: datetime | None
    open_sign_ups: int
    sign_ups: int
    won: dict[Stage, int]
    newest: tuple[OwnProject, ...]
    open_notices: int
    notices: tuple[OpenNotice, ...]

    @property
    def admitted(self) -> bool:
        return self.stage == "admitted"


@dataclass(frozen=True)
class OperatorDesk:
    entries: int
    changes: int
    in_notice: int
    objections: int
    agencies: int
    open_projects: int
    running_projects: int


async def owner_desk(owner_id: UUID | None) -> OwnerDesk:
    drafts = await fetch_one(
        "SELECT count(*) AS number FROM project_draft WHERE owner_id = $1 AND published_at IS NULL", owner_id
    )
    return OwnerDesk(
        await _stages("owner_id", owner_id), drafts["number"] if drafts else 0, await _newest("owner_id", owner_id)
    )


async def _stages(side: str, organisation_id: UUID | None) -> dict[Stage, int]:
    rows = await fetch(
        f"SELECT stage, count(*) AS number FROM project WHERE {side} = $1 GROUP BY stage", organisation_id
    )
    found = {row["stage"]: row["number"] for row in rows}
    return {stage: found[stage] for stage in Stage if stage in found}


async def _newest(side: str, organisation_id: UUID | None, *, limit: int = 8) -> tuple[OwnProject, ...]:
    other = "winner_id" if side == "owner_id" else "owner_id"
    rows = await fetch(
        "SELECT p.number, p.title, p.stage, p.method, o.name AS other, p.amount_fen, p.due_at, p.published_at FROM project p"
        f" LEFT JOIN organisation o ON o.id = p.{other} WHERE p.{side} = $1"
        f" ORDER BY p.closed_at IS NOT NULL, p.published_at DESC, p.id DESC LIMIT {limit}",
        organisation_id,
    )
    return tuple(OwnProject(**{**row, "stage": Stage(row["stage"])}) for row in rows)


_AGENCY = """
SELECT coalesce(a.stage, 'draft') AS stage, a.notice_ends_at, a.due_at, s.suspended_until,
  coalesce(s.suspension_reason, '') AS suspension_reason, s.restricted_until,
  coalesce(s.restriction_reason, '') AS restriction_reason, s.removed_until,
  (SELECT count(*) FROM sign_up u JOIN project p ON p.id = u.project_id
   WHERE u.agency_id = o.id AND u.withdrawn_at IS NULL AND p.stage = 'sign_up' AND p.sign_up_closes_at > $2) AS open_sign_ups,
  (SELECT count(*) FROM sign_up u WHERE u.agency_id = o.id) AS sign_ups, coalesce(a.service_items, '{}') AS service_items
FROM organisation o LEFT JOIN agency a ON a.organisation_id = o.id LEFT JOIN agency_standing s ON s.agency_id = o.id
WHERE o.id = $1
"""


async def agency_desk(agency_id: UUID | None, now: datetime) -> AgencyDesk:
    row = await fetch_one(_AGENCY, agency_id, now)
    assert row is not None
    notices, count = await open_notices(now, limit=NOTICES_SHOWN, items=row.pop("service_items"))
    return AgencyDesk(
        **row, won=await _stages("winner_id", agency_id), newest=await _newest("winner_id", agency_id),
        notices=tuple(notices), open_notices=count,
    )  # fmt: skip


_OPERATOR = """
SELECT (SELECT count(*) FROM agency WHERE stage = 'submitted') AS entries,
  (SELECT count(*) FROM agency WHERE changes_since IS NOT NULL) AS changes,
  (SELECT count(*) FROM agency WHERE stage = 'notice') AS in_notice,
  (SELECT count(*) FROM objection WHERE answered_at IS NULL AND withdrawn_at IS NULL) AS objections,
  (SELECT count(*) FROM agency WHERE stage = 'admitted') AS agencies,
  (SELECT count(*) FROM project WHERE stage = 'sign_up') AS open_projects,
  (SELECT count(*) FROM project WHERE stage IN ('drawing', 'evaluation', 'result_notice', 'contracting', 'fulfilment', 'accepted'))
    AS running_projects
"""


async def operator_desk() -> OperatorDesk:
    row = await fetch_one(_OPERATOR)
    assert row is not None
    return OperatorDesk(**row)
