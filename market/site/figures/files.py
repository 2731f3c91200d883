"""An answer as a file: a table for spreadsheets, and JSON with everything that is needed to understand it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import csv_bytes
from market.site.figures.asking import as_query
from market.site.figures.model import Answer, Column, Line
from market.site.figures.names import BREAKDOWNS, UNITS, written

Named = Callable[[str], str]  # key of a line -> its name


def csv_file(answer: Answer, named: Named) -> bytes:
    """One table: a header with units, the lines, and the whole at the end. UTF-8 with a byte order mark; no cell is a
    formula. A line that is withheld says so in place of its numbers."""
    columns = answer.figure.columns_on(answer.by)
    header = [translate(N_("Code")), translate(BREAKDOWNS[answer.by]), *map(headed, columns)]
    lines = [[line.key, named(line.key or ""), *_cells(line, columns)] for line in answer.lines]
    return csv_bytes([header, *lines, ["", translate(N_("All together")), *_cells(answer.total, columns)]])


def headed(column: Column) -> str:
    """The column's name with its unit where the name alone does not say it."""
    unit = translate(UNITS[column.unit]) if column.unit in ("fen", "share", "seconds", "stars") else ""
    return f"{translate(column.label)} ({unit})" if unit else translate(column.label)


def _cells(line: Line, columns: tuple[Column, ...]) -> list[str]:
    if line.withheld:
        return [translate(N_("withheld"))] * len(columns)
    return [written(line.values[column.id], column.unit) for column in columns]


def as_json(answer: Answer, named: Named, *, address: str) -> dict[str, Any]:
    """Amounts in fen, shares in basis points, times in seconds, stars in hundredths; null where there is nothing to say or
    the line is withheld."""
    figure = answer.figure
    columns = figure.columns_on(answer.by)
    return {
        "figure": figure.id,
        "question": translate(figure.question),
        "definition": translate(figure.definition),
        "address": address,
        "filters": as_query(answer.asked),
        "broken_down_by": answer.by,
        "as_of": answer.as_of.isoformat(),
        "rulebook": answer.rulebook,
        "columns": [
            {"id": one.id, "label": translate(one.label), "unit": _JSON_UNITS.get(one.unit, one.unit), "definition": translate(one.definition)}
            for one in figure.columns
        ],
        "total": _line(answer.total, figure.columns),
        "previous": _line(answer.previous, figure.columns) if answer.previous else None,
        "lines": [{"key": line.key, "name": named(line.key or ""), **_line(line, columns)} for line in answer.lines],
    }  # fmt: skip


_JSON_UNITS = {"share": "basis points", "stars": "hundredths of a star"}


def _line(line: Line, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {**{one.id: line.values[one.id] for one in columns}, "withheld": line.withheld}
