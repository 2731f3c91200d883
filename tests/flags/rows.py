"""Rows that are written past the acts, where no lawful act leads to them in a short story."""

from __future__ import annotations

from typing import Any

from market.kernel.db import execute, fetch_value, to_json
from market.kernel.ids import new_id


async def copy_of(table: str, row_id: Any, **changes: Any) -> Any:
    """Writes a row again under an id of its own, but for what changes."""
    columns = await fetch_value(
        "SELECT string_agg('r.' || quote_ident(column_name), ', ') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'", table,
    )  # fmt: skip
    made = new_id()
    await execute(
        f"INSERT INTO {table} ({columns.replace('r.', '')}) SELECT {columns} FROM {table} t"
        " CROSS JOIN LATERAL jsonb_populate_record(t, $2::jsonb) AS r WHERE t.id = $1",
        row_id, to_json({"id": str(made), **{name: str(value) for name, value in changes.items()}}),
    )  # fmt: skip
    return made


async def copy_project(project_id: Any, number: str, **changes: Any) -> Any:
    """A project once more, from a draft of its own."""
    draft_id = await copy_of(
        "project_draft", await fetch_value("SELECT draft_id FROM project WHERE id = $1", project_id)
    )
    return await copy_of("project", project_id, number=number, draft_id=draft_id, **changes)
