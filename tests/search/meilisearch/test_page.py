"""What the operator sees of the search server, and what visitors notice of its troubles."""

from __future__ import annotations

import pytest
from litestar import Litestar

from market.demo.agencies import operator_of
from market.demo.projects import publish_project
from market.demo.world import World
from market.kernel.db import execute
from market.search.kinds import DATABASE, kinds
from market.search.meilisearch import upkeep
from market.search.meilisearch.client import Server
from market.search.meilisearch.engine import MeiliSearch
from market.search.meilisearch.fallback import FallbackSearch
from market.search.meilisearch.opening import Opened, put_in_front
from market.search.meilisearch.rebuilding import rebuild
from tests.contracts.award import Award
from tests.contracts.conftest import SignIn, award, sign_in
from tests.search.meilisearch.fake.server import FakeServer
from tests.visitor import Visitor

__all__ = ["award", "sign_in"]


@pytest.fixture
def opened(fake: FakeServer, master: Server) -> Opened:
    return Opened(master, master, FallbackSearch(MeiliSearch(master), DATABASE))


async def test_from_no_server_to_one_that_fails(
    world: World, award: Award, site: Litestar, sign_in: SignIn, fake: FakeServer, opened: Opened, client: Visitor
) -> None:
    operator = await sign_in(await operator_of(world))
    assert "没有接入检索服务器" in (await operator.get("/operator/search")).text
    put_in_front(opened)
    try:
        assert "索引尚未建立" in (await operator.get("/operator/search")).text
        for kind in kinds():
            await rebuild(opened.worked, kind)
        assert "检索由它答复" in (await operator.get("/operator/search")).text
        assert "检索服务器需要处理" not in (await operator.get("/workbench")).text
        await publish_project(world, award.owner, title="崂山区排水管网地形测绘")
        await execute("UPDATE search_outbox SET noted_at = noted_at - interval '2 minutes'")
        assert "检索服务器落后几分钟" in (await client.get("/search", params={"q": "测绘"})).text
        await upkeep.keep_up(opened.worked, "projects")
        fake.settle()
        for typed in ("排水管网", "lsqpsgw", "paishui"):
            found = (await client.get("/search", params={"q": typed})).text
            assert "崂山区" in found and "检索服务器暂无响应" not in found, typed
        assert opened.engine.counts["meilisearch"] >= 6
        # The rows are read again: what the server still names and nobody may see any more is not shown.
        index = fake.memory.indexes["mingxuan_projects"]
        index.documents["00000000-0000-7000-8000-000000000000"] = {"key": "x", "id": "00000000-0000-7000-8000-000000000000",
                                                                    "title": "排水管网 秘密", "visibility": "public"}  # fmt: skip
        assert "秘密" not in (await client.get("/search", params={"q": "排水管网"})).text
        fake.memory.indexes.clear()
        found = (await client.get("/search", params={"q": "排水管网"})).text
        assert "崂山区" in found and "检索服务器暂无响应" in found
        assert "检索服务器上的内容与实际不符" in (await operator.get("/operator/search")).text
        assert "检索服务器需要处理" in (await operator.get("/workbench")).text
        fake.stop()
        assert "没有按检索服务器的方式响应" in (await operator.get("/operator/search")).text
        assert (await client.get("/readyz")).json().get("search") is None
    finally:
        put_in_front(None)
