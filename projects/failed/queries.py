"""A job along all its postings: what failed, why, and what came after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.queries import rulebook
from market.kernel.db import fetch, fetch_one, from_json
from projects.failed.rules import Limits, Situation
from projects.posting.queries import CHAIN, failures_of, reposts_within
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.rounds.rules import Annulment


@dataclass(frozen=True)
class Posting:
    """One project of the chain; `reason`: why it failed, a rule of projects.selection.rounds.rules.Annulment."""

    id: UUID
    number: str
    stage: Stage
    method: str
    published_at: datetime
    failed_at: datetime | None
    reason: str | None

    @property
    def url(self) -> str:
        return f"/projects/{self.number}"


@dataclass(frozen=True)
class Signed:
    """An agency that had signed up and was eligible when the selection failed."""

    code: str
    name: str


@dataclass(frozen=True)
class Failure:
    """What the register recorded of the failure; the counts are None where it was not for want of entrants."""

    reason: str
    eligible: int | None
    needed: int | None


async def chain_of(project_id: UUID) -> list[Posting]:
    """All postings of the job, oldest first."""
    rows = await fetch(
        f"{CHAIN} SELECT p.id, p.number, p.stage, p.method, p.published_at, p.failed_at, (SELECT e.data ->> 'reason'"
        " FROM register_entry e WHERE e.subject = p.number AND e.kind = 'project.failed' ORDER BY e.written DESC LIMIT 1)"
        " AS reason FROM chain c JOIN project p ON p.id = c.id ORDER BY p.published_at, p.number",
        project_id,
    )
    return [Posting(**{**row, "stage": Stage(row["stage"])}) for row in rows]


async def failure_of(project: ProjectView) -> Failure:
    row = await fetch_one(
        "SELECT data FROM register_entry WHERE subject = $1 AND kind = 'project.failed' ORDER BY written DESC LIMIT 1",
        project.number,
    )
    data: dict[str, Any] = from_json(row["data"]) if row else {}
    return Failure(str(data.get("reason", Annulment.TOO_FEW)), data.get("eligible"), data.get("needed"))


async def signed_up(project_id: UUID) -> tuple[Signed, ...]:
    """Whoever was in the pool of the last round, by name."""
    row = await fetch_one(
        "SELECT pool FROM selection_round WHERE project_id = $1 AND pool IS NOT NULL ORDER BY no DESC LIMIT 1",
        project_id,
    )
    pool = from_json(row["pool"]) if row else []
    return tuple(sorted((Signed(one["code"], one["name"]) for one in pool), key=lambda one: one.name))


async def limits_of(project: ProjectView) -> Limits:
    book = await rulebook(project.rulebook_version)
    return Limits(book.integer("selection.failed.direct_after"), book.integer("selection.failed.max_reposts"))


async def situation_of(project: ProjectView, now: datetime) -> Situation:
    book = await rulebook(project.rulebook_version)
    days = book.calendar_days("selection.failed.repost_window")
    followed = await fetch_one("SELECT 1 AS one FROM project WHERE repost_of = $1 LIMIT 1", project.id)
    return Situation(
        failures=await failures_of(project.id), reposts=await reposts_within(project.id, days=days, now=now),
        candidates=len(await signed_up(project.id)), state_funds=project.state_funds, followed=followed is not None,
    )  # fmt: skip
