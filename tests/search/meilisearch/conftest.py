from __future__ import annotations

from collections.abc import Iterator

import pytest

from market.kernel.settings import Secret
from market.search.meilisearch.client import Server
from tests.search.meilisearch.fake.server import MASTER, FakeServer


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
