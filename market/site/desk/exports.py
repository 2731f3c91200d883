"""A table of the desk as a file: everything that the filter leaves, in the words of whoever asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, BinaryIO, Final

from market.kernel.db import connection
from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import CsvSheet, Sheet, XlsxSheet
from market.site.desk.filters import Filter
from market.site.desk.queries import Asking, sql_of, values_of
from market.site.desk.views import Column, said
from market.web.display import say

FORMATS: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TOLD_EVERY: Final = 1000
Places = Callable[[str], str]
Told = Callable[[int], Awaitable[None]]


def file_name(asked: Filter, form: str, day: str) -> str:
    return f"{asked.view.name}-{day}.{form}"


async def write(asked: Filter, who: Asking, form: str, out: BinaryIO, *, places: Places, told: Told) -> int:
    """Writes the file, row by row, in the current locale; returns how many. `told` hears how many there are so far."""
    sheet: Sheet = CsvSheet(out) if form == "csv" else XlsxSheet(out, translate(asked.view.title))
    sheet.add(_head(asked))
    written = 0
    async for row in every_row(asked, who):
        sheet.add([row["key"], *(_cell(row[column.name], column, places) for column in asked.view.columns)])
        written += 1
        if written % TOLD_EVERY == 0:
            await told(written)
    sheet.close()
    return written


async def every_row(asked: Filter, who: Asking) -> AsyncIterator[dict[str, Any]]:
    """All of them, one after the other, in one snapshot; the memory they need does not grow with their number."""
    async with connection() as link, link.transaction(readonly=True):
        async for row in link.cursor(
            f"{sql_of(asked)} ORDER BY {asked.view.order}", *values_of(asked, who), prefetch=500
        ):
            yield dict(row)


def _head(asked: Filter) -> list[str]:
    return [translate(N_("Number or code")), *(translate(column.label) for column in asked.view.columns)]


def _cell(value: Any, column: Column, places: Places) -> Any:
    if value is None:
        return None
    if column.kind == "names":
        return "; ".join(value)
    if column.kind == "said":
        return say(said(value))
    if column.words is not None:
        return translate(column.words[value]) if value in column.words else value
    return places(value) if column.kind == "place" else value
