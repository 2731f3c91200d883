"""The catalogue and the rulebook as a visitor reads and downloads them."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from market.catalogue import actions, files, queries

CATALOGUE = files.read_catalogue()
BOOK = files.read_rulebook(files.DATA / "rulebook-2025-1.toml")
ENGLISH = {"cookie": "mx_locale=en"}


async def read(reader: httpx.AsyncClient, path: str, *, english: bool = False) -> str:
    answer = await reader.get(path, headers=ENGLISH if english else {})
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", answer.text)


def codes_in(page: str) -> list[str]:
    return re.findall(r'href="/catalogue/items/([A-Z][0-9]{3})"', page)


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
async def test_every_page_of_the_catalogue_reads(reader: httpx.AsyncClient, english: bool) -> None:
    paths = ["/catalogue", "/catalogue/qualifications", "/catalogue/bundles", "/catalogue/regions", "/rulebook"]
    paths += [f"/catalogue/items/{item.code}" for item in CATALOGUE.items]
    paths += [f"/catalogue/qualifications/{kind.code}" for kind in CATALOGUE.qualifications]
    for path in paths:
        page = await read(reader, path, english=english)
        assert not re.search(r"Wording\(|Unit\.|None\)|\{[a-z_]+\}", page), path


async def test_the_list_counts_by_class_and_shows_twenty_a_page(reader: httpx.AsyncClient) -> None:
    page = await read(reader, "/catalogue")
    for one in CATALOGUE.classes:
        count = len(CATALOGUE.items_in(one.code))
        assert f'{one.name.zh}<span class="chip__count">{count}</span>' in page
    assert codes_in(page) == [item.code for item in CATALOGUE.items[:20]]
    assert codes_in(await read(reader, "/catalogue?page=2")) == [item.code for item in CATALOGUE.items[20:40]]
    assert set(codes_in(await read(reader, "/catalogue?kind=B"))) == {item.code for item in CATALOGUE.items_in("B")}


@pytest.mark.parametrize(
    ("words", "code"),
    [("消防 检测", "D019"), ("marine survey sea-parcel", "C004"), ("环境影响评价工程师", None), ("e005", "E005")],
)
async def test_searching_the_catalogue(reader: httpx.AsyncClient, words: str, code: str | None) -> None:
    answer = await reader.get("/catalogue", params={"q": words})
    found = codes_in(answer.text)
    if code is None:
        assert found == []
        assert "没有符合条件的服务事项" in answer.text
    else:
        assert found == [code]


async def test_an_item_says_who_may_perform_it(reader: httpx.AsyncClient) -> None:
    page = await read(reader, "/catalogue/items/D003", english=True)
    assert "All of these are needed:" in page
    assert 'href="/catalogue/qualifications/catl"' in page
    assert "Platform default" in page
    page = await read(reader, "/catalogue/items/E001", english=True)
    assert "Any agency of the market" in page
    assert page.index("May never keep an agency out") < page.index('href="/catalogue/qualifications/cost-licence"')
    assert 'href="/catalogue/bundles#three-assessments"' in await read(reader, "/catalogue/items/A002")


async def test_what_the_catalogue_does_not_hold_is_not_found(reader: httpx.AsyncClient) -> None:
    for path in (
        "/catalogue/items/Z999",
        "/catalogue/qualifications/no-such",
        "/rulebook?version=1999-1",
        "/rulebook.json?version=1999-1",
        "/catalogue.json?version=1999-1",
    ):
        assert (await reader.get(path)).status_code == 404, path


async def test_every_rule_has_its_anchor_source_and_standing(reader: httpx.AsyncClient) -> None:
    page = await read(reader, "/rulebook")
    rows = page.split('<th data-label="规范事项" scope="row">')[1:]
    assert len(rows) == len(BOOK.listed)
    for row, rule in zip(rows, BOOK.listed, strict=True):
        assert f'<span id="{rule.key}">{rule.title.zh}</span>' in row
        assert BOOK.source(rule.source).title.zh in row
        assert ("已核对出处" if rule.verified else "平台默认值") in row


async def test_values_are_shown_with_their_units(reader: httpx.AsyncClient) -> None:
    page = await read(reader, "/rulebook", english=True)
    values = dict(re.findall(r'<span id="([a-z_.]+)">.*?data-label="Value"><div>(.*?)</div>', page))
    said = {key: re.sub("<[^>]+>", "", value).strip() for key, value in values.items()}
    assert said["posting.limit.must_tender"] == "¥1,000,000.00"
    assert said["contract.sign_days"] == "10 working days"
    assert said["lamp.yellow_share"] == "20 %"
    assert said["selection.best_price.base_shares"] == "95 %, 96 %, 97 %, 98 %"
    assert said["credit.add.honour"] == "0.25, 0.5, 1, 1.5"
    assert said["objection.blocks_contract"] == "Yes"
    assert said["draw.algorithm"] == "hmac-draw/1"


async def test_downloads_have_the_published_fingerprint(reader: httpx.AsyncClient) -> None:
    for kind, versions in (
        ("rulebook", await queries.rulebook_versions()),
        ("catalogue", await queries.catalogue_versions()),
    ):
        answer = await reader.get(f"/{kind}.json")
        assert answer.headers["content-type"] == "application/json"
        assert hashlib.sha256(answer.content).hexdigest() == versions[0].sha256
        assert (await reader.get(f"/{kind}.json?version={versions[0].version}")).content == answer.content
    assert files.rulebook_from((await reader.get("/rulebook.json")).json()) == BOOK
    assert files.catalogue_from((await reader.get("/catalogue.json")).json()) == CATALOGUE


async def test_older_and_coming_versions_can_be_read(reader: httpx.AsyncClient, tmp_path: Path) -> None:
    folder = shutil.copytree(files.DATA, tmp_path / "data")
    text = (folder / "rulebook-2025-1.toml").read_text(encoding="utf8")
    text = text.replace('version = "2025-1"', 'version = "2027-1"', 1)
    text = text.replace("effective_from = 2025-01-01", "effective_from = 2027-01-01", 1)
    (folder / "rulebook-2027-1.toml").write_text(text, encoding="utf8")
    await actions.load_files(datetime(2026, 6, 16, tzinfo=UTC), folder=folder)
    page = await read(reader, "/rulebook", english=True)
    assert "Version 2025-1" in page
    assert 'href="/rulebook?version=2027-1"' in page
    coming = await read(reader, "/rulebook?version=2027-1", english=True)
    assert "You are reading version 2027-1. The version in force here is 2025-1." in coming
    assert (await reader.get("/rulebook.json")).json()["version"] == "2025-1"


async def test_pages_past_the_end_are_empty_not_broken(reader: httpx.AsyncClient) -> None:
    for page in ("0", "-3", "999"):
        assert (await reader.get(f"/catalogue?page={page}")).status_code == 200
