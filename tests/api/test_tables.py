"""Tables of notices and sign-ups: tried first, cell by cell, then carried out row by row."""

from __future__ import annotations

import base64
import csv
import io
import zipfile
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.api.bulk.actions import carry_out
from market.api.bulk.kinds import NOTICES, SIGN_UPS, columns_of, example_of, form_of_row, headings_of
from market.api.bulk.sheets import (
    MOST_ROWS,
    cell_place,
    column_name,
    read_sheet,
    results_csv,
    template_csv,
    template_xlsx,
)
from market.demo.projects import notice_values
from market.demo.world import World
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import FormInvalid
from market.kernel.i18n import speaking
from tests.api.conftest import Cast, Program
from tests.visitor import Visitor

GB = "gb18030"


def table(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("kind", [NOTICES, SIGN_UPS])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_template_is_read_back_as_it_was_made(kind: str, language: str) -> None:
    with speaking(language):
        headings, example = headings_of(kind), example_of(kind)
    read = [read_sheet("t", make(headings, example)) for make in (template_xlsx, template_csv)]
    assert read[0] == read[1]
    assert read[0].columns == columns_of(kind)
    assert list(read[0].rows[0].cells.values()) == [text for text in example if text]
    assert form_of_row(kind, read[0].rows[0].cells).get("not_excluded" if kind == NOTICES else "agreed") == "on"


@given(st.lists(st.text(st.characters(codec="gb18030", exclude_characters="\0\r\n\"'", exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc", "Cf")), min_size=1, max_size=8), min_size=1, max_size=5))  # fmt: skip
def test_what_stands_in_a_table_arrives_whatever_the_encoding(cells: list[str]) -> None:
    headings = [f"column{no}" for no in range(len(cells))]
    for encoding in ("utf-8", "utf-8-sig", GB):
        found = read_sheet("t.csv", table([headings, cells], encoding)).rows[0].cells
        if encoding != GB:  # short texts may be valid in both encodings; UTF-8 goes first
            assert list(found.values()) == cells


@given(st.binary(max_size=300))
def test_no_file_makes_the_reader_fail(content: bytes) -> None:
    for whole in (content, b"PK\x03\x04" + content):
        with suppress(FormInvalid):
            assert read_sheet("x", whole).rows


def archive(size: int, parts: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for no in range(parts):
            book.writestr(f"xl/{no}.xml", b"0" * size)
    return out.getvalue()


def spreadsheet(sheet: bytes, strings: bytes = b"<sst/>") -> bytes:
    """A workbook as openpyxl writes it, with another sheet and shared texts."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["title"])
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
        new.writestr("xl/sharedStrings.xml", strings)
    return out.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
TITLE = b'<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c></row>'


def row(no: int) -> bytes:
    return b'<row r="%d"><c r="A%d" t="n"><v>7</v></c></row>' % (no, no)


def test_a_hundred_thousand_rows_and_small_files_that_become_large_ones_are_refused_before_they_are_read() -> None:
    many = spreadsheet(SHEET % (TITLE + b"".join(row(no) for no in range(2, 100_002))))
    cells = spreadsheet(SHEET % (TITLE + b'<row r="2">' + b"<c/>" * 4_000_001 + b"</row>"))
    deep = spreadsheet(SHEET % (TITLE + b"<a>" * 4_000_001))
    texts = spreadsheet(SHEET % TITLE, b"<sst>" + b"<si/>" * 4_000_001 + b"</sst>")
    said = []
    for content in (many, cells, deep, texts, archive(65 * 1024 * 1024)):
        with pytest.raises(FormInvalid) as refused:
            read_sheet("t.xlsx", content)
        said.append(refused.value.errors["file"][0])
    assert (said[0].text, said[0].facts) == ("At most {most} rows at once: divide the table.", {"most": MOST_ROWS})
    assert {one.text for one in said[1:]} == {"This file becomes too large when it is unpacked: divide the table."}


def test_empty_lines_count_for_nothing_wherever_a_program_wrote_its_last_one() -> None:
    """LibreOffice writes a last row 1048576 where a column was formatted."""
    rows = TITLE + row(2) + b"".join(b'<row r="%d"/>' % no for no in range(3, 12_000)) + row(20_000)
    for last in (b'<row r="1048576" ht="12"/>', b'<row r="99999999999"/>'):
        read = read_sheet("t.xlsx", spreadsheet(SHEET % (rows + last)))
        assert [(one.line, one.cells) for one in read.rows] == [(2, {"title": "7"}), (20_000, {"title": "7"})]


@pytest.mark.parametrize("content", [archive(201 * 1024 * 1024), archive(1, 501), b"PK\x03\x04", template_csv(["a", "a"], ["1", "2"]),
                                     b"title\n" + b"x\n" * (MOST_ROWS + 1), b"title\n", b"", b"\xff\xfe\x00"])  # fmt: skip
def test_too_much_or_nothing_is_refused(content: bytes) -> None:
    with pytest.raises(FormInvalid):
        read_sheet("t", content)


def test_numbers_dates_and_formulas_of_a_spreadsheet_are_texts() -> None:
    book = openpyxl.Workbook()
    for cells in (["a", "b", "c", "d", "e"], [15.0, datetime.fromisoformat("2026-06-22T17:00"), True, "'=1+1", "=1+1"]):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    assert read_sheet("t.xlsx", out.getvalue()).rows[0].cells == {
        "a": "15",
        "b": "2026-06-22T17:00",
        "c": "yes",
        "d": "=1+1",
    }


def test_formulas_without_a_value_and_merged_cells_are_empty_and_endless_sheets_are_refused() -> None:
    """Nothing is computed here, and no row takes what stands in another."""
    book = openpyxl.Workbook()
    for cells in (["a", "b", "c"], ["=1+1", "x", "y"], ["m", "n", "z"]):
        book.active.append(cells)
    book.active.merge_cells("A3:B3")
    out = io.BytesIO()
    book.save(out)
    read = read_sheet("t.xlsx", out.getvalue())
    assert [(row.line, row.cells) for row in read.rows] == [(2, {"b": "x", "c": "y"}), (3, {"a": "m", "c": "z"})]
    for endless in (b"title\r\n" + b"x\r\n" * 100_000, "标题".encode("utf-16")):
        with pytest.raises(FormInvalid):
            read_sheet("t.csv", endless)


def test_cells_are_named_as_spreadsheets_do_and_results_run_nothing() -> None:
    assert cell_place(("title", "budget", "price"), "price", 5) == "C5"
    assert cell_place(("title",), "floor", 5) == "5"
    assert column_name("公告标题（title）") == column_name("Project name (title)") == column_name(" Title ") == "title"
    assert b"'=cmd" in results_csv([["=cmd|' /C calc'!A0"]])


def notices(world: World, *rows: dict[str, str]) -> bytes:
    with speaking("en"):
        headings, example = headings_of(NOTICES), dict(zip(columns_of(NOTICES), example_of(NOTICES), strict=True))
    example["sign_up_closes_at"] = notice_values(world)["sign_up_closes_at"]
    return table([headings, *([{**example, **row}[name] for name in columns_of(NOTICES)] for row in rows)])


async def test_an_owner_tries_a_table_and_publishes_its_good_rows(site, world: World, cast: Cast) -> None:
    content = notices(
        world,
        {"title": "市北区一号片区测量"},
        {"title": "短", "price": "1e5", "service_items": "C001;ZZZ9"},
        {"title": "市北区二号片区测量"},
        {"title": "市北区三号片区测量", "sign_up_closes_at": "2026-06-18T12:00"},
    )
    async with await Visitor(site).sign_in_as(cast.owner.person_id, cast.owner.organisation_id) as visitor:  # type: ignore[arg-type]
        visitor.cookies.set("mx_locale", "en")
        sent = await visitor.send_form("/bulk", files={"file": ("notices.csv", content, "text/csv")})
        there = sent.headers["location"]
        early = await visitor.send_form(f"{there}/confirm", {"what": "publish"})
        await world.settle()
        page = await visitor.get(there)
        bad = await visitor.get(f"{there}?show=bad")
        assert await fetch_value("SELECT count(*) FROM project") == 1  # the one of the cast
        confirmed = await visitor.send_form(f"{there}/confirm", {"what": "publish"})
        twice = await visitor.send_form(f"{there}/confirm", {"what": "publish"})
        await world.settle()
        done = await visitor.get(there)
        results = await visitor.get(f"{there}/results.csv")
    assert (sent.status_code, early.status_code, confirmed.status_code, twice.status_code) == (303, 409, 303, 409)
    assert "2 of 4 rows are without mistakes" in page.text
    assert "<strong>A3</strong>" in bad.text  # the title of the second notice
    assert f"<strong>{cell_place(columns_of(NOTICES), 'price', 3)}</strong>" in bad.text
    assert "The catalogue in force has no ZZZ9." in bad.text  # not silently left out
    assert f"<strong>{cell_place(columns_of(NOTICES), 'sign_up_closes_at', 5)}</strong> Sign-up closes: " in bad.text
    assert "(Beijing time)" in bad.text
    assert "北京时间" not in bad.text
    assert done.text.count('href="/projects/') >= 2
    assert "A3" in results.text
    titles = {row["title"] for row in await fetch("SELECT title FROM project")}
    assert {"市北区一号片区测量", "市北区二号片区测量"} <= titles
    assert "短" not in titles


async def test_a_table_that_was_interrupted_goes_on_and_posts_nothing_twice(
    owner: Program, agency: Program, world: World, cast: Cast
) -> None:
    content = base64.b64encode(
        notices(
            world, {"title": "市北区三号片区测量"}, {"title": "市北区四号片区测量"}, {"title": "市北区三号片区测量"}
        )
    ).decode()
    owner.strangers = [agency]
    there = (await owner.does("sendNotices", {"file": {"name": "n.csv", "content": content}}))["href"]
    run_id = there.rpartition("/")[2]
    await owner.is_refused("confirmNotices", "bulk.not_tried", {"what": "publish"}, run_id=run_id)
    await world.settle()
    run = (await owner.get(there)).json()
    assert (run["state"], run["rows"], run["bad"]) == ("tried", 3, 1)  # the third says what the first says
    await owner.is_refused("confirmNotices", "invalid", run_id=run_id)
    await owner.does("confirmNotices", {"what": "publish"}, run_id=run_id)
    await world.settle()
    await execute("UPDATE bulk_row SET outcome = NULL, href = ''")  # as if it had died between acts and notes
    await execute("UPDATE bulk_run SET finished_at = NULL")
    await carry_out(UUID(run_id), now=world.now)
    found = (await owner.get(there)).json()
    assert (found["state"], found["done"]) == ("finished", 2)
    assert [line["href"].startswith("/projects/") for line in found["lines"]] == [True, True, False]
    assert await fetch_value("SELECT count(*) FROM project") == 3


async def test_an_agency_signs_up_by_table(agency: Program, owner: Program, world: World, cast: Cast) -> None:
    person = await fetch_value("SELECT name FROM agency_authorised_person WHERE agency_id = $1", cast.agents[0].id)
    rows = [["project", "authorised_person", "agreed"], [cast.project.number, person, "是"], ["NONE", person, "是"],
            [cast.project.number, "谁", ""], [cast.project.number, person, "yes"]]  # fmt: skip
    body = {"file": {"name": "s.csv", "content": base64.b64encode(table(rows)).decode()}}
    agency.strangers = [owner]
    there = (await agency.does("sendSignUps", body))["href"]
    await world.settle()
    await agency.is_refused("sendSignUps", "invalid", {"file": {"name": "s.csv", "content": ""}})
    tried = (await agency.get(there)).json()
    assert [[bad["cell"] for bad in line["mistakes"]] for line in tried["lines"]] == [[], ["A3"], ["B4", "C4"], ["5"]]
    assert tried["lines"][3]["mistakes"][0]["text"] == "This row says the same as row 2; it would be carried out twice."
    assert (await owner.get(there)).status_code == 404
    await agency.does("confirmSignUps", run_id=tried["id"])
    await agency.is_refused("confirmSignUps", "bulk.confirmed", run_id=tried["id"])
    await world.settle()
    assert [line["outcome"] for line in (await agency.get(there)).json()["lines"]] == ["done", None, None, None]
    assert [one["project"] for one in (await agency.read("/own/sign-ups")).json()["items"]] == [cast.project.number]


async def test_unknown_columns_are_named(owner: Program) -> None:
    content = base64.b64encode(b"title,nonsense\nx,y\n").decode()
    table = {"file": {"name": "n.csv", "content": content}}
    told = await owner.is_refused("sendNotices", "invalid", table)
    assert "nonsense" in told["errors"][0]["messages"][0]
