"""Files of users are saved, never shown within the site, whatever they contain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from litestar import Litestar, Request, get
from litestar.params import FromPath
from litestar.response import Stream

from market.demo.agencies import paper
from market.demo.world import World
from market.kernel.files import StoredFile, Upload, keep, stored
from market.kernel.ids import new_id
from market.web.context import Running
from market.web.downloads import download
from market.web.errors import EXCEPTION_HANDLERS
from market.web.security import Outermost
from market.web.viewer import ANONYMOUS, Viewer
from tests.visitor import Visitor


async def nobody(token: str) -> Viewer:
    return ANONYMOUS


@get("/files/{file_id:uuid}")
async def any_file(request: Request, file_id: FromPath[UUID]) -> Stream:
    return await download(request, await stored(file_id))


@pytest.fixture
async def visitor(world: World) -> AsyncIterator[Visitor]:
    """A site with one route, which gives every file to everybody."""
    site = Litestar([any_file], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
    site.state.running = world.running
    site.asgi_handler = Outermost(site.asgi_handler, load_viewer=nobody)
    async with Visitor(site) as made:
        yield made


async def kept(running: Running, upload: Upload) -> StoredFile:
    return await keep(running.files, upload, owner=new_id(), by=new_id(), now=running.clock.now())


async def test_a_file_is_saved_under_its_own_name(world: World, visitor: Visitor) -> None:
    upload = paper("测量 报告")
    file = await kept(world.running, upload)
    answer = await visitor.get(f"/files/{file.id}")
    assert answer.status_code == 200
    assert answer.content == upload.content
    assert (
        answer.headers["content-disposition"]
        == "attachment; filename*=UTF-8''%E6%B5%8B%E9%87%8F%20%E6%8A%A5%E5%91%8A.pdf"
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(upload.content))


async def test_no_browser_runs_or_guesses_what_is_in_it(world: World, visitor: Visitor) -> None:
    file = await kept(world.running, Upload("page.html", b"<script>alert(1)</script>", "text/html"))
    headers = (await visitor.get(f"/files/{file.id}")).headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].endswith("; sandbox")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ['a";x=".pdf', "a\r\nset-cookie: x=1.pdf", "../../a.pdf", "a;b,c.pdf"])
async def test_no_name_gets_out_of_its_header(world: World, visitor: Visitor, name: str) -> None:
    file = await kept(world.running, Upload(name, b"%PDF-1.4", "application/pdf"))
    headers = (await visitor.get(f"/files/{file.id}")).headers
    assert "set-cookie" not in headers
    value = headers["content-disposition"].removeprefix("attachment; filename*=UTF-8''")
    assert not set(value) & set('";,/\\\r\n ')


async def test_a_file_that_storage_lost_is_told_before_an_answer_begins(world: World, visitor: Visitor) -> None:
    file = await kept(world.running, paper("报告"))
    (world.settings.data_dir / "files" / str(file.id)).unlink()
    answer = await visitor.get(f"/files/{file.id}")
    assert answer.status_code == 409
    assert "暂时无法从存储中读取" in answer.text


async def test_an_unknown_file_is_not_found(visitor: Visitor) -> None:
    answer = await visitor.get(
        f"/files/{new_id()}", headers={"referer": "http://testserver.local/help?x=1", "host": "testserver.local"}
    )
    assert answer.status_code == 404
    assert 'href="/help?x=1"' in answer.text  # the way back
    for elsewhere in ("http://evil.example/help", "http://testserver.local//evil.example"):
        answer = await visitor.get("/nowhere", headers={"referer": elsewhere, "host": "testserver.local"})
        assert "evil.example" not in answer.text
