"""Publishing versions, and finding the one that applies, on a real database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from market.catalogue import actions, files, queries
from market.kernel.calendar import BEIJING
from market.kernel.db import execute, fetch_value, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.money import Money

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped data files, to edit."""
    return shutil.copytree(files.DATA, tmp_path / "data")


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf8")


def new_rulebook(folder: Path, version: str, *changes: tuple[str, str]) -> None:
    path = folder / f"rulebook-{version}.toml"
    shutil.copy(folder / "rulebook-2025-1.toml", path)
    edit(path, ('version = "2025-1"', f'version = "{version}"'), *changes)


class Log:
    """Stands where the register is wired in, and sees what it would record."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str, Mapping[str, Any], datetime]] = []

    async def __call__(self, kind: str, *, subject: str, by: str, data: Mapping[str, Any], at: datetime) -> None:
        require_transaction()
        self.acts.append((kind, subject, by, data, at))


async def test_the_shipped_files_are_published_with_an_entry_each() -> None:
    kinds = await fetch_value(
        "SELECT string_agg(kind || ' ' || subject, ', ' ORDER BY kind) FROM register_entry WHERE kind LIKE '%.published'"
    )
    assert kinds == "catalogue.published 2025-1, rulebook.published 2025-1"


async def test_loading_the_same_files_again_changes_nothing() -> None:
    log = Log()
    assert await actions.load_files(NOW, record=log) == []
    assert log.acts == []
    assert len(await queries.rulebook_versions()) == 1


async def test_a_new_version_is_published_with_its_hash(folder: Path) -> None:
    new_rulebook(folder, "2026-2", ("effective_from = 2025-01-01", "effective_from = 2026-07-01"))
    log = Log()
    assert await actions.load_files(NOW, record=log, by="370200-operator", folder=folder) == ["rulebook 2026-2"]
    published = next(line for line in await queries.rulebook_versions() if line.version == "2026-2")
    data = {
        "version": "2026-2", "sha256": published.sha256, "jurisdiction": "100000", "effective_from": "2026-07-01",
    }  # fmt: skip
    assert log.acts == [("rulebook.published", "2026-2", "370200-operator", data, NOW)]
    assert published.effective_from == datetime(2026, 7, 1, tzinfo=BEIJING)
    assert published.loaded_at == NOW


async def test_other_content_under_a_published_version_is_refused(folder: Path) -> None:
    edit(folder / "rulebook-2025-1.toml", ('key = "credit.base"\nvalue = 100', 'key = "credit.base"\nvalue = 90'))
    with pytest.raises(actions.VersionChanged, match="rulebook 2025-1 is published and cannot change"):
        await actions.load_files(NOW, folder=folder)
    edit(folder / "catalogue.toml", ('zh = "其他"', 'zh = "其它"'))
    with pytest.raises(actions.VersionChanged, match="catalogue 2025-1"):
        await actions.load_files(NOW, folder=folder)
    assert (await queries.rulebook("2025-1")).integer("credit.base") == 100


async def test_a_refused_load_publishes_nothing_of_it(folder: Path) -> None:
    edit(folder / "catalogue.toml", ('version = "2025-1"', 'version = "2026-2"'))
    edit(folder / "rulebook-2025-1.toml", ('key = "credit.base"\nvalue = 100', 'key = "credit.base"\nvalue = 90'))
    with pytest.raises(actions.VersionChanged):
        await actions.load_files(NOW, folder=folder)
    assert [line.version for line in await queries.catalogue_versions()] == ["2025-1"]


async def test_many_processes_loading_at_once_publish_once(folder: Path) -> None:
    new_rulebook(folder, "2026-2")
    logs = [Log() for _ in range(5)]
    loaded = await asyncio.gather(*(actions.load_files(NOW, record=log, folder=folder) for log in logs))
    assert sorted(map(len, loaded)) == [0, 0, 0, 0, 1]
    assert sum(len(log.acts) for log in logs) == 1


@pytest.mark.parametrize("table", ["catalogue_version", "rulebook_version"])
async def test_published_versions_only_grow(table: str) -> None:
    for sql in (f"UPDATE {table} SET loaded_by = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(sql)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("rulebook_version_name", ("", "100000", "0" * 64, "x")),
        ("rulebook_version_jurisdiction", ("9", "Qingdao", "0" * 64, "x")),
        ("rulebook_version_sha256", ("9", "100000", "abc", "x")),
        ("rulebook_version_loaded_by", ("9", "100000", "0" * 64, "")),
    ],
)
async def test_named_constraints(constraint: str, values: tuple[str, str, str, str]) -> None:
    version, jurisdiction, sha256, by = values
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        async with transaction():
            await execute(
                "INSERT INTO rulebook_version (version, jurisdiction, sha256, content, effective_from, loaded_at,"
                " loaded_by) VALUES ($1, $2, $3, '{}', $4, $4, $5)",
                version, jurisdiction, sha256, NOW, by,
            )  # fmt: skip
    assert caught.value.constraint_name == constraint


async def test_a_version_takes_effect_at_midnight_in_beijing(folder: Path) -> None:
    new_rulebook(folder, "2026-2", ("effective_from = 2025-01-01", "effective_from = 2026-07-01"))
    await actions.load_files(NOW, folder=folder)
    midnight = datetime(2026, 7, 1, tzinfo=BEIJING)
    before = await queries.rulebook_in_force("370200", midnight - timedelta(microseconds=1))
    assert before.version == "2025-1"
    assert (await queries.rulebook_in_force("370200", midnight)).version == "2026-2"
    assert (await queries.rulebook("2025-1")).version == "2025-1"


async def test_the_nearest_jurisdiction_prevails(folder: Path) -> None:
    for version, region in (("shandong-1", "370000"), ("qingdao-1", "370200")):
        new_rulebook(
            folder,
            version,
            ('jurisdiction = "100000"', f'jurisdiction = "{region}"'),
            (
                'key = "posting.free_pick_below"\nvalue = 10_000_000',
                'key = "posting.free_pick_below"\nvalue = 5_000_000',
            ),
        )
    new_rulebook(folder, "nation-2", ("effective_from = 2025-01-01", "effective_from = 2026-01-01"))
    await actions.load_files(NOW, folder=folder)
    applies = {code: (await queries.rulebook_in_force(code, NOW)).version for code in ("370202", "370700", "532531")}
    assert applies == {"370202": "qingdao-1", "370700": "shandong-1", "532531": "nation-2"}
    assert (await queries.rulebook("qingdao-1")).money("posting.free_pick_below") == Money.parse("50000")


async def test_versions_are_decoded_once() -> None:
    assert await queries.rulebook("2025-1") is await queries.rulebook_in_force("370200", NOW)
    assert await queries.catalogue("2025-1") is await queries.catalogue_at(NOW)
    assert (await queries.catalogue_at(NOW)).item("C001").name.zh == "工程测量"


async def test_what_was_never_published() -> None:
    with pytest.raises(NotFound):
        await queries.rulebook("1999-1")
    with pytest.raises(NotFound):
        await queries.catalogue("1999-1")
    too_early = datetime(2024, 12, 31, tzinfo=UTC)
    with pytest.raises(Refusal, match=r"rulebook\.none_in_force"):
        await queries.rulebook_in_force("370200", too_early)
    with pytest.raises(Refusal, match=r"catalogue\.none_in_force"):
        await queries.catalogue_at(too_early)
