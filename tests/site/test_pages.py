"""The storefront of a market in which nothing has happened yet, and calm answers to everything that can be typed."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from market.demo.world import World
from market.site.demo_accounts import DEMO_ACCOUNTS
from tests.application import application_on
from tests.visitor import Visitor

PUBLIC = ("/", "/search", "/statistics", "/help", "/verify", "/open-data", "/accessibility", "/complaints")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_public_pages_of_an_empty_market(client: httpx.AsyncClient, language: str) -> None:
    client.cookies.set("mx_locale", language)
    for path in PUBLIC:
        page = await client.get(path)
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1


TYPED = (
    "", "   ", "%", "_", "\\", "%_\\' OR 1=1 --", "🏗️🏗️", "测" * 5_000, "a" * 10_000, "\x00", "<script>alert(1)</script>", "水",
    "B超", "GB/T 50326", "MX-2026-000001", "'测绘':* & !", "（）《》", "测绘 " * 500,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["", "projects", "nonsense"])
async def test_search_answers_calmly(client: httpx.AsyncClient, kind: str) -> None:
    for typed in TYPED:
        page = await client.get(f"/search?kind={kind}&page=99999999999&q={quote(typed)}")
        assert page.status_code == 200, typed
        assert "<script>alert" not in page.text


async def test_search_finds_service_items_and_rules_with_their_hits_marked(client: httpx.AsyncClient) -> None:
    page = await client.get("/search?q=测绘")
    assert "<mark>测绘</mark>" in page.text
    assert "/catalogue/items/C002" in page.text
    rules = await client.get("/search?q=lamp&kind=rules")
    assert "/rulebook#lamp.yellow_days" in rules.text


async def test_demo_accounts_are_shown_in_demonstrations_only(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.get("/demo")).status_code == 404
    settings = replace(world.settings, mode="demo")
    async with Visitor(application_on(replace(world.running, settings=settings))) as visitor:
        page = await visitor.get("/demo")
    assert page.status_code == 200
    assert all(f'value="{account.login}"' in page.text for account in DEMO_ACCOUNTS)


async def test_the_front_page_is_light(client: httpx.AsyncClient) -> None:
    """Page, style sheet and script as a first visit transfers them: at most 150 KB."""
    page = await client.get("/")
    paths = {part.split('"')[0] for part in page.text.split('"/static/')[1:]}
    sizes = [
        len((await client.get(f"/static/{path}", headers={"accept-encoding": "identity"})).content) for path in paths
    ]
    assert len(page.content) + sum(sizes) <= 400 * 1024  # before compression
    packed = 0
    for path in paths:
        async with client.stream("GET", f"/static/{path}", headers={"accept-encoding": "br"}) as answer:
            packed += sum([len(chunk) async for chunk in answer.aiter_raw()])
    assert len(page.content) + packed <= 150 * 1024
