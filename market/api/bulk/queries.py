"""Reading tables that were sent: how far each came, and what its rows say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.rules import Wording
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import Message, NotFound
from market.web.viewer import Viewer


@dataclass(frozen=True)
class RunView:
    """One table on its way. `bad`: rows with mistakes, once it was tried; `done` and `refused`: rows carried out so far."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    kind: str
    name: str
    columns: list[str]
    sent_at: datetime
    tried_at: datetime | None
    publish: bool | None
    confirmed_at: datetime | None
    finished_at: datetime | None
    rows: int
    bad: int
    done: int
    refused: int

    @property
    def good(self) -> int:
        return self.rows - self.bad

    @property
    def state(self) -> str:
        """trying | tried | running | finished"""
        if self.finished_at is not None:
            return "finished"
        if self.confirmed_at is not None:
            return "running"
        return "trying" if self.tried_at is None else "tried"

    @property
    def url(self) -> str:
        return f"/bulk/{self.id}"


_RUN = """
SELECT r.id, r.organisation_id, r.person_id, r.kind, r.name, r.columns, r.sent_at, r.tried_at, r.publish, r.confirmed_at, r.finished_at,
       count(w.id) AS rows, count(*) FILTER (WHERE w.errors <> '{}') AS bad, count(*) FILTER (WHERE w.outcome = 'done') AS done,
       count(*) FILTER (WHERE w.outcome = 'refused') AS refused
FROM bulk_run r LEFT JOIN bulk_row w ON w.run_id = r.id
"""


async def run_by_id(run_id: UUID) -> RunView:
    row = await fetch_one(f"{_RUN} WHERE r.id = $1 GROUP BY r.id", run_id)
    if row is None:
        raise NotFound
    return RunView(**row)


async def access_run(viewer: Viewer, run_id: UUID) -> RunView:
    """One of the viewer's own organisation."""
    found = await run_by_id(run_id)
    if found.organisation_id != viewer.organisation_id:
        raise NotFound
    return found


async def runs_of(organisation_id: UUID) -> list[RunView]:
    """The newest first."""
    rows = await fetch(
        f"{_RUN} WHERE r.organisation_id = $1 GROUP BY r.id ORDER BY r.sent_at DESC, r.id DESC LIMIT 20",
        organisation_id,
    )
    return [RunView(**row) for row in rows]


@dataclass(frozen=True)
class RowView:
    id: UUID
    line: int
    values: dict[str, str]
    errors: dict[str, list[Message]] | None
    outcome: str | None
    href: str
    said: Message | None


async def rows_of(run_id: UUID, *, only: str = "all", after: int = 0, limit: int = 10_001) -> list[RowView]:
    """In the order of the table. `only`: all | bad | refused | open (good ones that are not carried out yet)."""
    rows = await fetch(
        'SELECT id, line, "values", errors, outcome, href, said FROM bulk_row WHERE run_id = $1 AND line > $2 AND CASE $3'
        " WHEN 'bad' THEN errors <> '{}' WHEN 'refused' THEN outcome = 'refused'"
        " WHEN 'open' THEN errors = '{}' AND outcome IS NULL ELSE true END ORDER BY line LIMIT $4",
        run_id, after, only, limit,
    )  # fmt: skip
    return [_row(row) for row in rows]


def _row(row: dict[str, Any]) -> RowView:
    errors = from_json(row["errors"])
    said = from_json(row["said"])
    return RowView(
        row["id"], row["line"], from_json(row["values"]),
        None if errors is None else {name: [message_of(one) for one in told] for name, told in errors.items()},
        row["outcome"], row["href"], message_of(said) if said else None,
    )  # fmt: skip


def message_of(told: dict[str, Any]) -> Message:
    """A message as it was stored: its facts are texts, texts in both languages, or messages themselves."""
    return Message(told["text"], {name: _fact(one) for name, one in told["facts"].items()})


def _fact(told: Any) -> Any:
    match told:
        case dict():
            return message_of(told)
        case [chinese, english]:
            return Wording(chinese, english)
        case _:
            return told


_ACTING = """
SELECT p.id, p.name AS person, o.id AS organisation_id, o.kind, o.name, o.code, m.admin, m.handler, m.signatory
FROM person p JOIN membership m ON m.person_id = p.id AND m.until IS NULL
JOIN organisation o ON o.id = m.organisation_id AND o.closed_at IS NULL
WHERE p.id = $1 AND o.id = $2 AND p.disabled_at IS NULL
"""


async def acting(run: RunView) -> Viewer | None:
    """Who sent the table, with the roles of this moment; None who does not act for the organisation any more."""
    row = await fetch_one(_ACTING, run.person_id, run.organisation_id)
    if row is None:
        return None
    roles = frozenset(role for role in ("admin", "handler", "signatory") if row[role])
    return Viewer(row["id"], row["person"], row["organisation_id"], row["kind"], row["name"], row["code"], roles)
