"""The search over a market in which a few things happened."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from market.catalogue.queries import rulebook_in_force
from market.kernel.db import execute
from market.site.queries.search import Found, Meant, meant, search
from market.site.rules.asked import Asked, hints_of
from tests.contracts.award import Award
from tests.visitor import Visitor


async def found(award: Award, text: str, kind: str = "", **more: object) -> Found:
    book = await rulebook_in_force("370200", award.world.now)
    asked = replace(Asked(text, kind), **more)  # type: ignore[arg-type]
    return await search(asked, catalogue=award.world.catalogue, book=book, now=award.world.now)


async def test_it_finds_by_title_number_owner_winner_service_and_place(award: Award) -> None:
    for text in ("老旧小区", "旧小区改造工程", "管", "管线", award.number, award.number.lower(), "住房和城乡建设局", "市北区 测量",
                 "工程测量 住房", award.winner.organisation_name, award.owner.organisation_code, "1:500", "laojiuxiaoqu", "ljxq",
                 "gongchengceliang", "青岛市 测量", "engineering survey"):  # fmt: skip
        hits = await found(award, text)
        assert [hit.number for hit in hits.hits["projects"]] == [award.number], text
        assert hits.counts["results"] == 1
    for text in ("区改造旧", "老旧小区 不存在", "%", "_", "laojiuqu"):
        assert not (await found(award, text)).hits.get("projects"), text


async def test_it_finds_agencies_by_half_a_name_by_sound_and_by_code(award: Award) -> None:
    name, code = award.winner.organisation_name, award.winner.organisation_code
    for text in (name, name[2:6], code, code[:10].lower(), "qingdao"):
        assert code in {hit.code for hit in (await found(award, text, "agencies")).hits["agencies"]}, text


async def test_facets_and_results(award: Award, client: Visitor) -> None:
    projects = await found(award, "测量", "projects", stage="selecting", method="draw")
    assert (projects.counts["projects"], projects.facets["stage"]) == (1, {"selecting": 1})
    assert projects.facets["region"].keys() == {"370000", "370200", "370203"}
    assert (await found(award, "测量", "projects", stage="sign_up")).counts["projects"] == 0
    results = await found(award, "测量", "results", outcome="selected")
    assert [hit.number for hit in results.hits["results"]] == [award.number]
    assert (await found(award, "测量", "results", outcome="failed")).counts["results"] == 0
    announced = await found(award, "入选机构 测量", "announcements", stage="result")
    assert [(hit.code, hit.what) for hit in announced.hits["announcements"]] == [(award.number, "result")]
    assert announced.facets["stage"] == {"result": 1}
    page = (await client.get("/search?q=入选机构 测量")).text
    assert 'id="announcements"' in page and f"<mark>入选机构</mark>：{award.winner.organisation_name}" in page


async def test_pages_behind_the_last_show_the_last(award: Award) -> None:
    hits = await found(award, "测量", "projects", page=40)
    assert (hits.counts["projects"], hits.page, len(hits.hits["projects"])) == (1, 1, 1)


async def test_what_an_index_still_names_and_nobody_may_see_is_not_shown(award: Award, client: Visitor) -> None:
    """A document that was left behind, and a draft: neither has a row that a visitor may read."""
    name = award.winner.organisation_name
    assert name in (await client.get(f"/search?kind=agencies&q={name}")).text
    await execute("UPDATE agency SET stage = 'refused' WHERE organisation_id = $1", award.winner.organisation_id)
    page = await client.get(f"/search?kind=agencies&q={name}")
    assert page.status_code == 200
    assert f"/agencies/{award.winner.organisation_code}" not in page.text


async def near(award: Award, text: str) -> Meant:
    book = await rulebook_in_force("370200", award.world.now)
    asked, now = Asked(text), award.world.now
    return await meant(asked, await found(award, text), catalogue=award.world.catalogue, book=book, now=now)


async def test_slips_and_sounds_are_answered_with_what_was_meant(award: Award) -> None:
    assert "测绘" in " ".join((await near(award, "cehui")).texts)
    assert "工程测量" in (await near(award, "工程侧量")).texts  # sounds alike
    assert "工程测量" in (await near(award, "gongchengceliagn")).texts  # a slip
    assert (await near(award, "测量")).texts == ()
    assert (await near(award, "gcclq")).texts[0] == "工程测量"  # a letter too many
    assert (await found(award, "chdx")).total == 0
    assert (await near(award, "chdx")).texts[0] == "测绘"
    assert (await near(award, "老旧小区测会")).texts == ("老旧小区",)
    assert (await near(award, "工程测量老旧小区")).texts == ("工程测量 老旧小区",)  # two words without a space
    assert (await near(award, "怎么报名")).texts == ("怎么", "报名")
    assert (await near(award, "乱七八糟饕餮")).texts == ()


async def test_suggestions_while_typing(award: Award, client: Visitor) -> None:
    fragment = (await client.get("/search/suggestions?q=工程测量")).text
    assert f"/projects/{award.number}" in fragment
    assert "<mark>工程测量</mark>" in fragment
    assert "<html" not in fragment
    assert (await client.get("/search/suggestions?q=%25")).text.strip() == ""
    spelt = (await client.get("/search/suggestions?q=gongchengce")).text
    assert "<mark>工程测</mark>" in spelt


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("colour=red&drop%20table=1", "没有名为"),
        ("kind=projects&stage=nonsense&region=999999&band=x&due=never&sort=magic", "筛选条件"),
        (f"q={'a' * 10_000}", "只按前 80 个字符"),
        ("kind=drafts", "筛选条件"),
        ("kind=projects&page=1000000000", "测"),
        ("kind=projects&page=-1&q[]=x&region=%00", "没有名为"),
    ],
)
async def test_what_an_address_cannot_mean_is_said(client: httpx.AsyncClient, address: str, said: str) -> None:
    page = await client.get(f"/search?q={quote('测绘')}&{address}")
    assert page.status_code == 200
    assert said in page.text


@pytest.mark.parametrize("text", ["测绘 -监理", "测绘 －监理", "-监理 测绘"])
def test_a_minus_is_said_to_leave_nothing_out(text: str) -> None:
    assert ["监理" in str(hint.facts["word"]) for hint in hints_of(text)] == [True]


@pytest.mark.parametrize("word", ["2026-03", "2026/3", "2026年3月", "3月", "3月15日", "2026-03-15", "2026年3月15号"])
def test_a_date_is_said_to_be_looked_for_in_the_texts(word: str) -> None:
    assert [hint.facts for hint in hints_of(f"测绘 {word}")] == [{"word": word}]


@pytest.mark.parametrize(
    "text", ["测绘", "MX-2026-000010", "-监理", "GB/T 50026-2020", "青岛 - 测绘", "月度 监测", "1:500 地形图", "—"]
)
def test_nothing_is_said_of_plain_words_and_codes(text: str) -> None:
    assert hints_of(text) == []
