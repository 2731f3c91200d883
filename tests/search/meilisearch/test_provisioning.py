"""Two keys that may do what they are for, and nothing else; what a market must not be started with; the commands."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner, Result

from market.cli.search import search
from market.kernel import db
from market.kernel.settings import Secret, Settings, SettingsError
from market.search import kinds
from market.search.meilisearch.client import KeyRefused, Refused, Server
from market.search.meilisearch.opening import NoSearchServer, check_settings, open_search, opened_search
from market.search.meilisearch.provisioning import SEARCH_KEY, WORKER_KEY, TooOld, provision
from tests.search.corpus import corpus
from tests.search.meilisearch.conftest import Shelf
from tests.search.meilisearch.fake.server import MASTER, FakeServer


async def test_the_same_server_gives_the_same_keys(fake: FakeServer, master: Server) -> None:
    first = await provision(master)
    assert (first.made, first.version) == (2, fake.version)
    again = await provision(master)
    assert (again.made, again.search, again.worker) == (0, first.search, first.worker)
    fake.memory.keys.clear()  # a new host with the same master key
    assert (await provision(master)).worker == first.worker
    assert first.search not in repr(first)


async def test_a_key_that_may_too_much_is_made_anew(fake: FakeServer, master: Server) -> None:
    fake.memory.create_key({"uid": SEARCH_KEY, "actions": ["search", "documents.add"], "indexes": ["mingxuan_*"]})
    assert (await provision(master)).made == 2
    assert fake.memory.keys[SEARCH_KEY].actions == ("search",)


async def test_each_key_is_good_for_its_own_work_only(fake: FakeServer, master: Server) -> None:
    keys = await provision(master)
    assert not {"*", "version", "keys.create", "indexes.*"} & set(fake.memory.keys[WORKER_KEY].actions)
    searching = Server(fake.url, Secret(keys.search), seconds=2)
    working = Server(fake.url, Secret(keys.worker), seconds=2)
    for server, forbidden in (
        (searching, lambda client: client.create_index("mingxuan_x")), (searching, lambda client: client.get_all_stats()),
        (searching, lambda client: client.index("private").search("x")), (working, lambda client: client.create_index("private")),
        (working, lambda client: client.get_keys()), (working, lambda client: client.get_version()),
    ):  # fmt: skip
        with pytest.raises(KeyRefused):
            await server.ask(forbidden)
    with pytest.raises(Refused, match="index_not_found"):
        await searching.ask(lambda client: client.index("mingxuan_x").search("x"))
    searching.close()
    working.close()


async def test_an_old_server_is_refused(fake: FakeServer, master: Server) -> None:
    fake.version = "1.29.3"
    with pytest.raises(TooOld, match=r"1\.30\.1"):
        await provision(master)


PRODUCTION = {"MODE": "production", "SECRET_KEY": "x" * 40, "BEACON": "drand", "PUBLIC_URL": "https://market.example"}
LONG = "k" * 64


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"MEILI_URL": "http://127.0.0.1:7700"}, ["MEILI_KEY", "MEILI_WORKER_KEY"]),
        ({"MEILI_URL": "http://127.0.0.1:7700", "MEILI_KEY": LONG, "MEILI_WORKER_KEY": "short"}, ["MEILI_WORKER_KEY"]),
        ({"MEILI_URL": "http://127.0.0.1:7700", "MEILI_MASTER_KEY": "short"}, ["MEILI_MASTER_KEY"]),
        ({"MEILI_URL": "127.0.0.1:7700"}, ["MEILI_URL"]),
        ({"MEILI_KEY": LONG}, ["MEILI_URL"]),
    ],
)
def test_production_is_not_started_with_short_or_missing_keys(given: dict[str, str], named: list[str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_env({**PRODUCTION, **given})
    assert [problem.partition(":")[0] for problem in wrong.value.problems] == named
    assert "short" not in str(wrong.value)


def test_nobody_serves_with_the_master_key() -> None:
    settings = Settings.from_env({**PRODUCTION, "MEILI_URL": "http://127.0.0.1:7700", "MEILI_MASTER_KEY": LONG})
    with pytest.raises(NoSearchServer, match="provision"):
        check_settings(settings)
    check_settings(Settings(meili_master_key=Secret(LONG)))
    assert LONG not in repr(settings)


def test_without_a_server_postgresql_alone_is_searched() -> None:
    assert open_search(Settings()) is None
    assert opened_search() is None


async def command(*arguments: str, **variables: str) -> Result:
    """In a thread: a command runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, search, arguments, env=variables)


async def test_the_commands_from_an_empty_server_to_one_that_is_searched(
    shelf: Shelf, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "_KINDS", {shelf.kind.name: shelf.kind})
    await shelf.put(*corpus(12))
    await db.disconnect()  # a process has one connection, and the commands make their own
    dsn = {"DATABASE_URL": database, "MODE": "test"}
    assert "MEILI_URL is not set" in (await command("status", **dsn)).output
    url = {"MEILI_URL": shelf.fake.url}
    assert (await command("provision", **url, MODE="test")).exit_code == 2
    provisioned = await command("provision", **url, MODE="test", MEILI_MASTER_KEY=MASTER)
    assert provisioned.exit_code == 0, provisioned.output
    keys = dict(line.split("=", 1) for line in provisioned.stdout.splitlines())
    assert keys.keys() == {"MEILI_KEY", "MEILI_WORKER_KEY"}
    before = await command("status", **dsn, **url, **keys)
    assert (before.exit_code, "no index of 12 documents" in before.output) == (5, True), before.output
    built = await command("rebuild", **dsn, **url, **keys)
    assert (built.exit_code, "things: 12" in built.output) == (0, True), built.output
    after = await command("status", **dsn, **url, **keys)
    assert (after.exit_code, "12 of 12 documents" in after.output) == (0, True), after.output
    assert "0 missing, 0 too many, 0 of 12" in (await command("reconcile", "--full", **dsn, **url, **keys)).output
    refused = await command("rebuild", **dsn, **url, MEILI_KEY="wrong")
    assert (refused.exit_code, "refuses the key" in refused.output) == (5, True)
    assert "forgotten" in (await command("off", **dsn, **url, **keys)).output
    await db.connect(database, pool_size=2)
