from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from market.kernel.db import execute, fetch, transaction
from market.kernel.settings import Secret
from market.search.interface import ANYBODY, Document, IndexOp, SearchPage, SearchQuery
from market.search.kinds import _KINDS, DATABASE, Kind
from market.search.meilisearch import upkeep
from market.search.meilisearch.client import Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.fallback import FallbackSearch
from market.search.meilisearch.opening import Opened, put_in_front
from market.search.meilisearch.provisioning import provision
from market.search.meilisearch.rebuilding import rebuild
from tests.search.corpus import NOW
from tests.search.meilisearch.fake.server import MASTER, FakeServer

KIND = "things"
INDEX = "mingxuan_things"


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    server = FakeServer().start()
    yield server
    server.stop()


@pytest.fixture
def master(fake: FakeServer) -> Iterator[Server]:
    """Spoken to with the master key, and with more patience than a visitor has."""
    server = Server(fake.url, Secret(MASTER), seconds=5)
    yield server
    server.close()


@dataclass
class Shelf:
    """Things that are searched, in the database and on the server, with the keys that provisioning made."""

    fake: FakeServer
    opened: Opened
    kind: Kind
    held: dict[str, Document] = field(default_factory=dict)

    @property
    def worker(self) -> Server:
        return self.opened.worked

    async def put(self, *documents: Document) -> None:
        self.held |= {one.id: one for one in documents}
        async with transaction():
            await DATABASE.apply([IndexOp(KIND, one.id, one) for one in documents])

    async def take(self, *ids: str) -> None:
        for one in ids:
            del self.held[one]
        async with transaction():
            await DATABASE.apply([IndexOp(KIND, one, None) for one in ids])

    async def build(self) -> int:
        return await rebuild(self.worker, self.kind)

    async def keep_up(self) -> None:
        """Until nothing is under way any more."""
        for _ in range(60):
            await upkeep.keep_up(self.worker, KIND)
            self.fake.settle()
            await execute("UPDATE search_lease SET retry_at = NULL")
            if not await fetch("SELECT FROM search_outbox") or self.fake.memory.faults.stuck:
                return
        raise AssertionError(f"still waiting: {await fetch('SELECT * FROM search_outbox')}")

    async def search(self, text: str = "") -> SearchPage:
        self.opened.engine._standings.clear()
        return await self.opened.engine.search(SearchQuery(KIND, text, NOW, size=50), ANYBODY)

    @property
    def on_server(self) -> set[str]:
        return {one["id"] for one in self.fake.memory.indexes[INDEX].documents.values()}


@pytest.fixture
async def shelf(
    database: str, fake: FakeServer, master: Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shelf]:
    held: dict[str, Document] = {}

    async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
        for one in list(held) if ids is None else ids:
            if one in held:
                yield held[one]

    kind = Kind(KIND, documents, None)  # type: ignore[arg-type]
    monkeypatch.setitem(_KINDS, KIND, kind)
    keys = await provision(master)
    asked = Server(fake.url, Secret(keys.search), seconds=5)  # a busy machine is no broken server
    worked = Server(fake.url, Secret(keys.worker), seconds=5)
    opened = Opened(asked, worked, FallbackSearch(MeiliSearch(asked), DATABASE))
    put_in_front(opened)
    yield Shelf(fake, opened, kind, held)
    put_in_front(None)
    opened.close()
