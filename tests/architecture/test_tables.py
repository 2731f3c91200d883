"""The Piccolo tables say what the migrations made: column by column, key by key. Migrations are plain SQL
(docs/adr/0002-plain-sql-migrations.md), so nothing but this test holds the two together."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from piccolo.columns import Column, ForeignKey
from piccolo.table import Table

from market.kernel.db import fetch
from tests.architecture.sources import modules

# The kernel knows no Piccolo tables: a handful of rows each, read and written by plain SQL in one place.
PLAIN_SQL = {
    "migration": "the ledger of migrations, made before the first of them",
    "clock_anchor": "one row, market.kernel.times",
    "calendar_day": "the operator's corrections, market.kernel.times",
    "calendar_year": "years opened before they are published, market.kernel.times",
    "stored_file": "market.kernel.files",
    "worker_heartbeat": "market.kernel.worker",
    "demonstration": "one row that keeps production away from a demonstration's database",
}
# Piccolo cannot let other tables refer to a key that is itself a reference.
PLAIN_KEYS = {"agency.organisation_id"}
TYPES = {"timestamp with time zone": "timestamptz"}
_COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
       a.attgenerated <> '' AS generated, a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) IS NOT NULL AS filled,
       t.relname AS refers_to, f.confdeltype::text AS on_delete
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
LEFT JOIN pg_class t ON t.oid = f.confrelid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""
ON_DELETE = {"RESTRICT": "r", "CASCADE": "c", "NO ACTION": "a", "SET NULL": "n", "SET DEFAULT": "d"}


def piccolo_tables() -> dict[str, type[Table]]:
    found: dict[str, type[Table]] = {}
    for name in modules():
        if name.endswith(".tables"):
            here = vars(import_module(name)).values()
            found |= {
                t._meta.tablename: t
                for t in here
                if isinstance(t, type) and issubclass(t, Table) and t.__module__ == name
            }
    return found


async def database_tables() -> dict[str, dict[str, dict[str, Any]]]:
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for row in await fetch(_COLUMNS):
        if not row["table"].startswith("procrastinate_"):
            tables.setdefault(row["table"], {})[row["name"]] = row
    return tables


def difference(table: type[Table], actual: dict[str, dict[str, Any]]) -> list[str]:
    """Everything in which a Piccolo table and its columns in the database disagree."""
    said = {column._meta.db_column_name: column for column in table._meta.columns}
    expected = {name for name, row in actual.items() if not row["generated"]}
    wrong = [f"{name}: not in the database" for name in said.keys() - actual.keys()]
    wrong += [f"{name}: not in Piccolo" for name in expected - said.keys()]
    return wrong + [
        f"{name}: {problem}" for name in said.keys() & actual.keys() for problem in _column(said[name], actual[name])
    ]


def _column(column: Column, row: dict[str, Any]) -> list[str]:
    wrong = []
    kind = TYPES.get(row["type"], row["type"])
    if column.column_type.lower() != kind:
        wrong.append(f"{column.column_type} in Piccolo, {kind} in the database")
    if column._meta.null != row["nullable"]:
        wrong.append(f"null={column._meta.null} in Piccolo, nullable={row['nullable']} in the database")
    if column._meta.params.get("default") is not None and not row["filled"]:
        wrong.append("Piccolo fills in a default that the database does not have: a forgotten value would go unseen")
    return wrong + _reference(column, row)


def _reference(column: Column, row: dict[str, Any]) -> list[str]:
    if not isinstance(column, ForeignKey):
        allowed = row["refers_to"] in {None, *PLAIN_SQL} or f"{row['table']}.{row['name']}" in PLAIN_KEYS
        return [] if allowed else [f"refers to {row['refers_to']} in the database, to nothing in Piccolo"]
    target = column._foreign_key_meta.resolved_references._meta.tablename
    on_delete = ON_DELETE[column._foreign_key_meta.on_delete.value]
    if (target, on_delete) != (row["refers_to"], row["on_delete"]):
        return [f"-> {target} {on_delete} in Piccolo, -> {row['refers_to']} {row['on_delete']} in the database"]
    return []


async def test_piccolo_and_the_database_say_the_same(database: str) -> None:
    tables, actual = piccolo_tables(), await database_tables()
    wrong = {name: found for name, table in tables.items() if (found := difference(table, actual.get(name, {})))}
    assert not wrong


async def test_every_table_is_known(database: str) -> None:
    known = piccolo_tables().keys() | PLAIN_SQL.keys()
    assert (await database_tables()).keys() == known


async def test_keys_never_delete_silently(database: str) -> None:
    rows = await fetch(
        "SELECT conrelid::regclass::text || '.' || conname AS name FROM pg_constraint"
        " WHERE contype = 'f' AND confdeltype <> 'r' AND conrelid::regclass::text NOT LIKE 'procrastinate%'"
    )
    assert rows == []


async def test_no_check_waits_for_the_commit(database: str) -> None:
    """A constraint strikes where the statement is, so that an action can say what was wrong."""
    rows = await fetch("SELECT conname FROM pg_constraint WHERE condeferrable AND conname NOT LIKE 'procrastinate%'")
    assert rows == []


_OURS = (
    "SELECT r.relname AS table, c.conname AS name, c.contype::text AS kind FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
    " WHERE c.contype IN ('c', 'u', 'x') AND r.relname NOT LIKE 'procrastinate%' AND r.relnamespace = 'public'::regnamespace"
)
_MADE_UP = re.compile(r"_(check|key|excl)\d*$")


async def test_constraints_have_names_of_ours(database: str) -> None:
    """A named constraint can be told from the others when it strikes; PostgreSQL's own names end in _check or _key."""
    rows = await fetch(_OURS)
    assert rows
    assert [row["name"] for row in rows if _MADE_UP.search(row["name"])] == []
    assert [row["name"] for row in rows if not row["name"].startswith(_stem(row["table"]))] == []


def _stem(table: str) -> str:
    """agency_authorised_person -> agency: names may be shortened, but they begin with what they are about."""
    return table.split("_", maxsplit=1)[0]


async def test_the_comparison_sees_every_kind_of_difference(database: str) -> None:
    """The test of this test: a column of a known table is bent in one way after the other."""
    table = piccolo_tables()["project"]
    actual = (await database_tables())["project"]

    def bent(column: str, **changes: Any) -> list[str]:
        return difference(table, {**actual, column: {**actual[column], **changes}})

    assert difference(table, actual) == []
    assert bent("title", type="integer")
    assert bent("title", nullable=True)
    assert bent("failure_reason", filled=False)
    assert bent("owner_id", refers_to="person")
    assert bent("owner_id", on_delete="c")
    assert bent("title", refers_to="person")
    assert difference(table, {name: row for name, row in actual.items() if name != "title"})
    assert difference(table, {**actual, "secret": {**actual["title"], "name": "secret"}})


@pytest.mark.parametrize("name", ["project_check", "project_title_check1", "project_number_key"])
def test_made_up_names_are_recognised(name: str) -> None:
    assert _MADE_UP.search(name)
