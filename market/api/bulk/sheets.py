"""Tables as people send them (CSV, xlsx), and the templates they fill in. Nothing in them is taken for a formula, and no
small file becomes a large one here."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.writer.excel import save_workbook

from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.kernel.spreadsheets import csv_bytes, safe_cell

MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 6_000
MOST_BYTES: Final = 20 * 1024 * 1024
MOST_UNPACKED: Final = 64 * 1024 * 1024
MOST_PARTS: Final = 500
MOST_TAGS: Final = 4_000_000  # twice what the largest table has in which every cell is a text of its own
LAST_LINE: Final = 1_048_576  # of a spreadsheet, empty ones included
ENCODINGS: Final = ("utf-8-sig", "gb18030")
CHUNK: Final = 1024 * 1024
_FILLED_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*[^/]>\s*<(?:\w+:)?c\b")  # has a cell
_NAME = re.compile(r".*[(（]([a-z_:.-]+)[)）]\s*", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """`line` as the spreadsheet counts them, the headings being line 1; `cells`: name of the column -> text."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """`columns`: names in their order; a cell of the first one stands in column A."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def column_name(heading: str) -> str:
    """ "公告标题 (title)" -> title: what stands in brackets at the end, else the whole."""
    found = _NAME.fullmatch(heading.strip())
    return (found[1] if found else heading).strip().lower()


def cell_place(columns: Sequence[str], name: str, line: int) -> str:
    """C5, as spreadsheets call it; the line alone where there is no such column."""
    return f"{get_column_letter(columns.index(name) + 1)}{line}" if name in columns else str(line)


_READER: Final = ThreadPoolExecutor(1, thread_name_prefix="tables")


async def read_aside(name: str, content: bytes) -> Sheet:
    """`read_sheet` beside everything else, one table at a time: a large one takes seconds, and memory only once."""
    return await asyncio.get_running_loop().run_in_executor(_READER, read_sheet, name, content)


def read_sheet(name: str, content: bytes) -> Sheet:
    """Raises FormInvalid for what is no table, or too large a one."""
    if len(content) > MOST_BYTES:
        raise _bad(N_("The file is larger than {limit} MB: divide it."), limit=MOST_BYTES // (1024 * 1024))
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    headings = tuple(column_name(text) for text in next(lines, []))
    while headings and not headings[-1]:
        headings = headings[:-1]
    _check_headings(headings)
    rows = tuple(_rows(lines, headings))
    if not rows:
        raise _bad(N_("There is nothing below the headings of {name}."), name=name)
    return Sheet(headings, rows)


def _check_headings(headings: Sequence[str]) -> None:
    if not headings or len(headings) > MOST_COLUMNS:
        raise _bad(
            N_("The first line must hold the names of the columns, as in the template; at most {most}."),
            most=MOST_COLUMNS,
        )
    twice = sorted({name for name in headings if name and headings.count(name) > 1})
    if twice:
        raise _bad(N_("A column stands there twice: {names}."), names=", ".join(twice))


def _rows(lines: Iterator[list[str]], headings: Sequence[str]) -> Iterator[Row]:
    """Empty lines, of which programs write a million where one was formatted, count for nothing."""
    filled = 0
    for line, cells in enumerate(lines, start=2):
        if not any(cells):
            continue
        filled += 1
        if filled > MOST_ROWS:
            raise _too_many()
        yield Row(line, {name: cell for name, cell in zip(headings, cells, strict=False) if name and cell})


def _too_many() -> FormInvalid:
    return _bad(N_("At most {most} rows at once: divide the table."), most=MOST_ROWS)


def _csv(content: bytes) -> Iterator[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _bad(N_("This is neither an xlsx file nor a CSV file in UTF-8 or GB 18030."))
    if "\0" in text:
        raise _bad(N_("This is neither an xlsx file nor a CSV file in UTF-8 or GB 18030."))
    try:
        for cells in csv.reader(io.StringIO(text, newline="")):
            yield [_plain(cell) for cell in cells[: MOST_COLUMNS + 1]]
    except csv.Error as problem:
        raise _bad(N_("This is neither an xlsx file nor a CSV file in UTF-8 or GB 18030.")) from problem


def _xlsx(content: bytes) -> Iterator[list[str]]:
    """Read as a stream; formulas count as what was last computed."""
    _check_archive(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        for cells in sheet.iter_rows(max_row=LAST_LINE, max_col=MOST_COLUMNS + 1, values_only=True):
            yield [_plain(cell) for cell in cells] if cells.count(None) < len(cells) else []
    except (InvalidFileException, KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError, EOFError,
            zipfile.BadZipFile, OSError, NotImplementedError) as problem:  # fmt: skip
        raise _bad(N_("This xlsx file cannot be read: save it again with your spreadsheet program.")) from problem


def _check_archive(content: bytes) -> None:
    """An xlsx file is an archive. It is unpacked once, piece by piece, to count what it holds before any of it is kept: each
    tag costs many times its letters in memory. zipfile gives of no part more than the archive's own list promises."""
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        parts = sorted(book.infolist(), key=lambda part: not part.filename.startswith("xl/worksheets/"))
        if len(parts) > MOST_PARTS:
            raise _too_large()
        size = 0
        for part in parts:
            size += _check_part(book, part, MOST_UNPACKED - size)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise _bad(N_("This xlsx file cannot be read: save it again with your spreadsheet program.")) from problem


def _check_part(book: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """Its size, at most `most`."""
    size = tags = filled = 0
    with book.open(part) as file:
        while piece := file.read(CHUNK):
            size += len(piece)
            tags += piece.count(b"<")
            filled += sum(1 for _ in _FILLED_ROW.finditer(piece))
            if filled > MOST_ROWS + 1:
                raise _too_many()
            if size > most or tags > MOST_TAGS:
                raise _too_large()
    return size


def _too_large() -> FormInvalid:
    return _bad(N_("This file becomes too large when it is unpacked: divide the table."))


def _plain(value: Any) -> str:
    """A cell as a form would send it; the quote that keeps formulas from running is none of the text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M}"
        case date():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            text = str(value).strip()
            return (text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text)[:LONGEST_CELL]


def template_xlsx(headings: Sequence[str], example: Sequence[str]) -> bytes:
    """Headings and one example; every cell is text, so that codes keep their zeros and nothing is computed."""
    book = openpyxl.Workbook()
    sheet = book.active
    for no, (heading, cell) in enumerate(zip(headings, example, strict=True), start=1):
        sheet.cell(row=1, column=no, value=heading).font = Font(bold=True)
        filled = sheet.cell(row=2, column=no)
        filled.value, filled.data_type, filled.number_format = cell, "s", "@"
        sheet.column_dimensions[get_column_letter(no)].width = max(14, min(len(heading) * 2, 40))
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    save_workbook(book, out)
    return out.getvalue()


def template_csv(headings: Sequence[str], example: Sequence[str]) -> bytes:
    return csv_bytes([headings, example])


def results_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    return csv_bytes(rows)


def _bad(text: str, **facts: Any) -> FormInvalid:
    return FormInvalid({"file": [Message(text, facts)]})
