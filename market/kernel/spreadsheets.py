"""Tables for spreadsheets: texts come from people, so no cell may be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese; None becomes an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell("" if cell is None else str(cell)) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()
