"""Schema migrations: plain SQL files in order, each once, each in one transaction with its own ledger row.

Why not generated ones: docs/adr/0002-plain-sql-migrations.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from procrastinate.schema import SchemaManager

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x4D58_0001  # any number of ours; all migrating processes queue up on it
_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""


class MigrationError(Exception):
    """The files and the database tell different stories."""


@dataclass(frozen=True)
class Migration:
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def all_migrations() -> list[Migration]:
    """Procrastinate's own schema first (it is versioned by that package), then our files by name."""
    ours = [Migration(path.stem, path.read_text(encoding="utf8")) for path in sorted(FOLDER.glob("*.sql"))]
    return [Migration("0000_procrastinate", SchemaManager.get_schema()), *ours]


async def applied(link: asyncpg.Connection) -> dict[str, str]:
    if await link.fetchval("SELECT to_regclass('migration')") is None:
        return {}
    return {row["name"]: row["sha256"] for row in await link.fetch("SELECT name, sha256 FROM migration")}


async def pending(link: asyncpg.Connection) -> list[Migration]:
    """What has still to run. Raises MigrationError when an applied file was changed afterwards."""
    done = await applied(link)
    changed = [m.name for m in all_migrations() if m.name in done and done[m.name] != m.sha256]
    changed = [name for name in changed if name != "0000_procrastinate"]
    if changed:
        raise MigrationError(f"changed after they were applied: {', '.join(changed)}")
    return [m for m in all_migrations() if m.name not in done]


async def migrate(dsn: str, *, progress: Callable[[str], None] = lambda name: None) -> list[str]:
    """Brings the schema up to date; any number of processes may call it at once. Returns the names that ran."""
    link = await asyncpg.connect(dsn)
    try:
        await link.execute("SELECT pg_advisory_lock($1)", LOCK)
        await link.execute(_LEDGER)
        ran = []
        for migration in await pending(link):
            async with link.transaction():
                await link.execute(migration.sql)
                await link.execute("INSERT INTO migration VALUES ($1, $2)", migration.name, migration.sha256)
            ran.append(migration.name)
            progress(migration.name)
        return ran
    finally:
        await link.close()
