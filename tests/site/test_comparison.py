"""Agencies side by side: the figures of their own pages, for anybody, whatever is asked for."""

from __future__ import annotations

import re
from urllib.parse import quote

from market.kernel.db import fetch
from tests.contracts.award import Award
from tests.visitor import Visitor


async def _codes(award: Award) -> list[str]:
    rows = await fetch(
        "SELECT code FROM organisation WHERE id = ANY ($1) ORDER BY id = $2 DESC, code",
        [agent.id for agent in award.agents], award.winner.organisation_id,
    )  # fmt: skip
    return [row["code"] for row in rows]


def _row(page: str, fact: str) -> list[str]:
    """The cells of one line of the table, as words."""
    line = re.search(rf"<tr><th scope=\"row\">{fact}.*?</tr>", page, re.DOTALL)
    assert line, fact
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", line[0], re.DOTALL)]


async def test_the_same_facts_stand_beside_each_other(award: Award, client: Visitor) -> None:
    await award.run_past_notice()
    codes = await _codes(award)
    page = (await client.get("/agencies/compare?" + "&".join(f"code={code}" for code in codes[:2]))).text
    assert _row(page, "中选结果") == ["1", "0"]
    assert _row(page, "其中含共同服务事项的") == ["1", "0"]
    assert [cell.split()[0] for cell in _row(page, "信用")] == ["未评定", "未评定"]
    assert page.count("均提供") >= 2
    assert _row(page, "按期履约") == ["尚无", "尚无"]


async def test_one_can_be_taken_away_and_a_fifth_does_not_fit(award: Award, client: Visitor) -> None:
    codes = await _codes(award)
    page = (
        await client.get("/agencies/compare?" + "&".join(f"code={code}" for code in [*codes[:2], "A", "B", "C"]))
    ).text
    assert "最多并列 4 家" in page
    assert f'href="/agencies/compare?code={codes[1]}"' in page
    assert f'href="/agencies/compare?code={codes[0]}"' in page
    assert "没有代码为 A 的机构" in page
    assert "没有代码为 C 的机构" not in page


async def test_anything_may_be_asked_for(client: Visitor) -> None:
    for asked in ("", "code=", "code=%00", "code=" + quote("<script>alert(1)</script>"), "code=" + "9" * 10_000):
        page = await client.get(f"/agencies/compare?{asked}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "还没有可对比的机构" in (await client.get("/agencies/compare")).text
