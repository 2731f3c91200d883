"""Tables for spreadsheets: texts come from people, so no cell may be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol

from market.kernel.calendar import BEIJING

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


_LONGEST_CELL: Final = 32_767  # of the xlsx format


class Sheet(Protocol):
    """A table that is written row by row, however long; None becomes an empty cell, times are Beijing's."""

    def add(self, row: Sequence[Any]) -> None: ...
    def close(self) -> None: ...


class CsvSheet:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese."""

    def __init__(self, out: BinaryIO) -> None:
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text)

    def add(self, row: Sequence[Any]) -> None:
        self._writer.writerow([safe_cell(_as_text(cell)) for cell in row])

    def close(self) -> None:
        """What it was written to stays open."""
        self._text.flush()
        self._text.detach()


class XlsxSheet:
    """One sheet with a first row that stays in view. Texts are texts: no cell is ever a formula."""

    def __init__(self, out: BinaryIO, title: str) -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        self._out, self._cell, self._illegal = out, WriteOnlyCell, ILLEGAL_CHARACTERS_RE
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(title[:31])
        self._sheet.freeze_panes = "A2"

    def add(self, row: Sequence[Any]) -> None:
        self._sheet.append([self._made(cell) for cell in row])

    def _made(self, value: Any) -> Any:
        if value is None or isinstance(value, (int, float)):
            return value
        if isinstance(value, datetime):
            return value.astimezone(BEIJING).replace(tzinfo=None)
        cell = self._cell(self._sheet, self._illegal.sub("", str(value))[:_LONGEST_CELL])
        cell.data_type = "s"
        return cell

    def close(self) -> None:
        self._book.save(self._out)


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell.astimezone(BEIJING):%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell)


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese; None becomes an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell("" if cell is None else str(cell)) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()
