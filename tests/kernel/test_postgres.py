"""The embedded PostgreSQL: shared, restarted, killed, and clear words when it cannot serve."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from market.kernel.postgres import DatabaseUnavailable, locate, start_embedded
from market.kernel.settings import Secret, Settings
from tests.architecture.sources import ROOT

SCRIPT = """
import asyncio, sys
from pathlib import Path
import asyncpg
from market.kernel.postgres import start_embedded

database = start_embedded(Path(sys.argv[1]))

async def main():
    link = await asyncpg.connect(database.dsn)
    for line in sys.stdin:
        print(await link.fetchval(line), flush=True)
    await link.close()

asyncio.run(main())
"""


class Process:
    """Another process with a handle on the same server; it runs SQL line by line."""

    def __init__(self, folder: Path) -> None:
        self.running = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, sql: str) -> str:
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.write(sql + "\n")
        self.running.stdin.flush()
        return self.running.stdout.readline().strip()

    def end(self) -> None:
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.close()
        assert self.running.wait(60) == 0
        self.running.stdout.close()


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server is stopped, with one row in it."""
    made = tmp_path_factory.mktemp("embedded") / "postgres"
    first = Process(made)
    first.ask("CREATE TABLE kept AS SELECT 42 AS answer")
    first.end()
    return made


def test_data_outlive_the_server(folder: Path) -> None:
    assert not (folder / "postmaster.pid").exists()
    again = Process(folder)
    assert again.ask("SELECT answer FROM kept") == "42"
    again.end()
    assert not (folder / "postmaster.pid").exists()


def test_processes_share_one_server_until_the_last_is_gone(folder: Path) -> None:
    one, other = Process(folder), Process(folder)
    assert one.ask("SELECT pg_postmaster_start_time()") == other.ask("SELECT pg_postmaster_start_time()")
    one.end()
    assert other.ask("SELECT answer FROM kept") == "42"
    other.end()


def test_a_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    victim = Process(folder)
    victim.ask("INSERT INTO kept VALUES (43)")
    os.kill(postmaster(folder), signal.SIGKILL)
    victim.running.kill()
    victim.running.communicate()
    assert (folder / "postmaster.pid").exists()
    again = Process(folder)
    assert again.ask("SELECT max(answer) FROM kept") == "43"
    again.end()


def test_whoever_was_killed_while_making_the_data_is_in_nobodys_way(folder: Path) -> None:
    """What initdb leaves behind is half a server's data; the folder itself is made whole or stays empty."""
    begun = folder.with_name("begun")
    half = folder.with_name("begun.unfinished")
    (half / "global").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    begun.mkdir()
    first = Process(begun)
    assert first.ask("SELECT 1 + 1") == "2"
    first.end()
    assert not half.exists()


def test_a_process_id_of_somebody_else_is_no_server(folder: Path) -> None:
    """After a crash the number in the file may belong to any program."""
    file = folder / "postmaster.pid"
    claim = [str(os.getpid()), str(folder), "1700000000", "5432", str(folder), "", "0 0", "ready"]
    file.write_text("\n".join(claim) + "\n")
    try:
        with pytest.raises(DatabaseUnavailable, match=rf"process {os.getpid()} .* no PostgreSQL answers"):
            start_embedded(folder)
        assert file.exists()
    finally:
        file.unlink()


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseUnavailable, match="belong to PostgreSQL 9"):
        start_embedded(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["PG_VERSION"]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("in the way")
    with pytest.raises(DatabaseUnavailable, match="could not be started"):
        locate(Settings(data_dir=tmp_path))


def test_a_folder_with_other_things_in_it_is_not_taken(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "thesis.doc").write_text("mine")
    with pytest.raises(DatabaseUnavailable, match="could not be started"):
        start_embedded(data)
    assert (data / "thesis.doc").read_text() == "mine"


def test_a_named_server_is_not_started() -> None:
    found = locate(Settings(database_url=Secret("postgresql://db/market")))
    assert (found.dsn, found.embedded, found.handle) == ("postgresql://db/market", False, None)
