"""Reading the desk's tables. Every query carries the scope: whoever has none finds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.oversight.queries import Watch, watch_of
from market.register.queries import Entry, entry_of
from market.site.desk.filters import Filter, filter_from, filter_of
from market.site.desk.views import GIVEN, VIEWS, View
from market.web.viewer import Viewer

PAGE = 20
MOST_SAVED = 30
MOST_ENTRIES = 400
_EXPORT = """
SELECT id, view, query, format, locale, rows_total, rows_done, asked_at, finished_at, size, expires_at, deleted_at
FROM desk_export
"""


@dataclass(frozen=True)
class Asking:
    """Who looks, and as of when."""

    watch: Watch
    authority_id: UUID
    person_id: UUID
    now: datetime


@dataclass(frozen=True)
class Saved:
    id: UUID
    name: str
    filter: Filter


@dataclass(frozen=True)
class Export:
    """`finished_at`: None while it is being written; `deleted_at`: its file is gone."""

    id: UUID
    view: str
    query: str
    format: str
    locale: str
    rows_total: int
    rows_done: int
    asked_at: datetime
    finished_at: datetime | None
    size: int | None
    expires_at: datetime | None
    deleted_at: datetime | None

    @property
    def share_done(self) -> int:
        """In percent."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 100

    @property
    def filter(self) -> Filter:
        return filter_from(VIEWS[self.view], self.query)

    def there(self, now: datetime) -> bool:
        return self.expires_at is not None and self.deleted_at is None and now < self.expires_at


async def asking(viewer: Viewer, now: datetime) -> Asking:
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return Asking(await watch_of(viewer), viewer.organisation_id, viewer.person_id, now)


def sql_of(asked: Filter, *, more: str = "") -> str:
    """Rows of the view that the filter leaves."""
    where = [*asked.conditions, *([more] if more else [])]
    where += ["($9 = '' OR position(lower($9) IN lower(row.text)) > 0)"]
    lies_in = f"EXISTS (SELECT FROM unnest({asked.view.regions}) AS r (code) WHERE starts_with(r.code, $10))"
    where += [f"($10 = '' OR {lies_in})"]
    with_ = f"{asked.view.prefix}, {GIVEN}" if asked.view.prefix else f"WITH {GIVEN}"
    return f"{with_} SELECT row.* FROM ({asked.view.sql}) row WHERE {' AND '.join(where)}"


def values_of(asked: Filter, who: Asking) -> tuple[Any, ...]:
    return *who.watch.values, who.now, who.authority_id, who.person_id, asked.q, asked.region


async def count(asked: Filter, who: Asking) -> int:
    sql = sql_of(asked)
    found: int = await fetch_value(sql.replace("SELECT row.* FROM", "SELECT count(*) FROM", 1), *values_of(asked, who))
    return found


async def rows(asked: Filter, who: Asking, *, page: int = 1, size: int = PAGE) -> list[dict[str, Any]]:
    order = f" ORDER BY {asked.view.order} LIMIT {size} OFFSET {(page - 1) * size}"
    return await fetch(sql_of(asked) + order, *values_of(asked, who))


async def row_of(view: View, row_id: str, who: Asking) -> dict[str, Any]:
    """One of a table, by its id; NotFound where it is not there or not in scope."""
    bare = filter_of(view, {})
    row = await fetch_one(sql_of(bare, more="row.id::text = $11"), *values_of(bare, who), row_id)
    if row is None:
        raise NotFound
    return row


async def regions(view: View, who: Asking) -> list[str]:
    """Those that occur, for the filter."""
    bare = filter_of(view, {})
    sql = sql_of(bare).replace("SELECT row.* FROM", f"SELECT DISTINCT unnest({view.regions}) AS code FROM", 1)
    found = await fetch(f"{sql} ORDER BY 1", *values_of(bare, who))
    return [row["code"] for row in found if row["code"]]


async def entries_about(subjects: list[str]) -> list[Entry]:
    """Acts about any of these, the latest first."""
    found = await fetch(
        "SELECT * FROM register_entry WHERE subject = ANY ($1) ORDER BY written DESC LIMIT $2", subjects, MOST_ENTRIES
    )
    return [entry_of(row) for row in found]


async def saved_filters(person_id: UUID, view: View | None = None) -> list[Saved]:
    found = await fetch(
        "SELECT id, view, name, query FROM saved_filter WHERE person_id = $1 AND ($2::text IS NULL OR view = $2) ORDER BY view, name",
        person_id, view.name if view else None,
    )  # fmt: skip
    return [Saved(row["id"], row["name"], filter_from(VIEWS[row["view"]], row["query"])) for row in found]


async def colleagues(authority_id: UUID) -> list[tuple[str, str]]:
    """(id, name) of those who may handle matters of the authority."""
    found = await fetch(
        "SELECT p.id, p.name FROM membership m JOIN person p ON p.id = m.person_id WHERE m.organisation_id = $1"
        " AND m.until IS NULL AND (m.handler OR m.signatory) AND p.disabled_at IS NULL ORDER BY p.name, p.id",
        authority_id,
    )
    return [(str(row["id"]), row["name"]) for row in found]


async def access_export(viewer: Viewer, export_id: UUID) -> Export:
    """One's own, within the authority for which it was asked; else NotFound."""
    row = await fetch_one(
        f"{_EXPORT} WHERE id = $1 AND person_id = $2 AND authority_id = $3", export_id, viewer.person_id, viewer.organisation_id
    )  # fmt: skip
    if row is None:
        raise NotFound
    return Export(**row)


async def exports_of(viewer: Viewer, *, most: int = 10) -> list[Export]:
    found = await fetch(
        f"{_EXPORT} WHERE person_id = $1 AND authority_id = $2 ORDER BY asked_at DESC LIMIT {most}",
        viewer.person_id, viewer.organisation_id,
    )  # fmt: skip
    return [Export(**row) for row in found]
