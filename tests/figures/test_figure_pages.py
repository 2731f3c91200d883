"""The pages, the files and the regulator's desk say the same; nobody is told of what lies outside his field."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from market.site.figures.each import FIGURES
from market.site.figures.model import Figure
from market.site.figures.names import written
from market.web.viewer import Viewer
from tests.contracts.award import Award
from tests.site.conftest import Somebody
from tests.visitor import Visitor

PUBLIC = [figure for figure in FIGURES.values() if not figure.regulators_only]


async def desk_of(client: Visitor, regulator: Viewer) -> Visitor:
    assert regulator.person_id is not None and regulator.organisation_id is not None
    return await client.sign_in_as(regulator.person_id, regulator.organisation_id)


def rows_of(file: Any) -> list[list[str]]:
    assert file.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))


def as_cells(figure: Figure, by: str, line: dict[str, Any]) -> list[str]:
    return ["不公布" if line["withheld"] else written(line[one.id], one.unit) for one in figure.columns_on(by)]


async def test_page_json_csv_and_desk_say_the_same(award: Award, client: Visitor, somebody: Somebody) -> None:
    await award.run_past_notice()
    everything = (await client.get("/statistics.json?region=370200")).json()["figures"]
    told: dict[str, Any] = {}
    for figure in PUBLIC:
        for by in figure.breakdowns:
            question = f"{figure.id}.json?region=370200&by={by}"
            data = told[question] = (await client.get(f"/statistics/{question}")).json()
            rows = rows_of(await client.get(f"/statistics/{figure.id}.csv?region=370200&by={by}"))
            lines = [[line["key"], line["name"], *as_cells(figure, by, line)] for line in data["lines"]]
            assert rows[1:] == [*lines, ["", "合计", *as_cells(figure, by, data["total"])]]
        assert everything[figure.id]["total"] == told[f"{figure.id}.json?region=370200&by={by}"]["total"]
    saving = (await client.get("/statistics/saving?region=370200&by=class")).text
    assert "15.56 %" in saving and "测量调查</a>" in saving and "勘察设计</a>" not in saving
    desk = await desk_of(client, await somebody("regulator", scope=("3702", "")))
    for question, data in told.items():
        same = (await desk.get(f"/regulator/figures/{question}")).json()
        assert {**same, "address": data["address"]} == data, question
    assert (await desk.get("/regulator/figures")).status_code == 200
    assert "筛查" in (await desk.get("/regulator/figures/flags")).text


async def test_an_agency_has_its_own_figures_on_its_page(award: Award, client: Visitor) -> None:
    address = f"/agencies/{award.winner.organisation_code}"
    assert 'id="figures"' in (await client.get(address)).text  # it signed up, and the pool is frozen
    await award.run_past_notice()
    page = (await client.get(address)).text
    told = re.search(r'id="figures".*?</section>', page, re.DOTALL)
    assert told and [int(one) for one in re.findall(r'stat__value">(\d+)<', told.group())] == [1, 1, 0]


async def test_nothing_leaves_its_scope(award: Award, client: Visitor, somebody: Somebody) -> None:
    await award.run_past_notice()
    assert (await client.get("/statistics/flags")).status_code == 404
    assert (await client.get("/statistics/flags.csv")).status_code == 404
    assert "flags" not in (await client.get("/statistics.json")).json()["figures"]
    desk = await desk_of(client, await somebody("regulator", scope=("5325", "")))
    for figure in FIGURES.values():
        for by in figure.breakdowns:
            data = (await desk.get(f"/regulator/figures/{figure.id}.json?by={by}")).json()
            assert data["lines"] == [], (figure.id, by)
            assert not any(value for name, value in data["total"].items() if name != "withheld"), figure.id
        data = (await desk.get(f"/regulator/figures/{figure.id}.json?region=370200")).json()
        assert not any(value for name, value in data["total"].items() if name != "withheld"), figure.id


QUESTIONS = (
    "region=999999", "period=2026-13", "from=2026-02-01&to=2026-01-01", "class=" + "C" * 10_000, "%F0%9F%8F%97=1", "by=moon",
)  # fmt: skip


async def test_bad_questions_get_a_clear_answer(client: Visitor) -> None:
    for question in QUESTIONS:
        page = await client.get(f"/statistics/funnel?{question}")
        assert page.status_code == 422
        assert "alert" in page.text and len(page.text) < 100_000
        file = await client.get(f"/statistics/funnel.csv?{question}")
        assert file.status_code == 422
        assert [told for messages in file.json()["errors"].values() for told in messages]
    for question in QUESTIONS[:-1]:  # the overview is broken down by nothing
        assert (await client.get(f"/statistics?{question}")).status_code == 422
        assert (await client.get(f"/statistics.json?{question}")).status_code == 422


async def test_every_page_is_right_without_a_script_and_in_both_languages(award: Award, client: Visitor) -> None:
    await award.run_past_notice()
    for language in ("zh_CN", "en"):
        client.cookies.set("mx_locale", language)
        overview = (await client.get("/statistics?period=2026")).text
        for figure in PUBLIC:
            assert f'href="/statistics/{figure.id}?period=2026"' in overview
            page = (await client.get(f"/statistics/{figure.id}?period=2026")).text
            for drawing in re.findall(r'<div class="chart__drawing"[^>]*>', page):
                assert (
                    drawing.endswith("hidden>")
                    and 'role="img"' in drawing
                    and 'aria-describedby="figure-table"' in drawing
                )
            assert ("<canvas" not in page) and (("chart__drawing" in page) <= ('id="figure-table"' in page))
            assert f"/statistics/{figure.id}.csv?" in page or f"/statistics/{figure.id}.csv" in page
    assert (await client.get("/statistics/nothing")).status_code == 404
    assert (await client.get("/statistics/funnel.xml")).status_code == 404
    assert (await client.get("/statistics/funnel.")).status_code == 404
