"""From an answer to what a chart draws: ECharts on a figure's own page, a small picture on the overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from market.kernel.i18n import N_, translate
from market.site.figures.files import Named
from market.site.figures.model import COUNTS, Answer, Column, Unit
from market.site.figures.names import BREAKDOWNS, UNITS
from market.web.display import FEN_A_WAN

MOST_BARS = 15
MOST_SMALL = 12
_DAY = 86_400


def chart_data(answer: Answer, named: Named) -> dict[str, Any] | None:
    """What components/chart.html takes; None where there is nothing to draw."""
    drawing = answer.figure.drawing_on(answer.by)
    columns = [answer.figure.column(name) for name in drawing.columns]
    lines = [line for line in answer.lines if not line.withheld]
    if answer.by != "month":
        lines = lines[:MOST_BARS]
    if not any(line.values[column.id] for line in lines for column in columns):
        return None
    unit = columns[0].unit
    return {
        "kind": drawing.kind,
        "categories": [named(line.key or "") for line in lines],
        "category_label": translate(BREAKDOWNS[answer.by]),
        "unit": _unit(unit) if len({column.unit for column in columns}) == 1 else "",
        "whole": unit in COUNTS,
        "series": [
            {"name": translate(column.label), "values": [_drawn(line.values[column.id], unit) for line in lines]}
            for column in columns
        ],
    }


def _unit(unit: Unit) -> str:
    """Amounts are drawn in 万元, times in days."""
    told = {"fen": N_("¥10,000"), "seconds": N_("days")}.get(unit, UNITS[unit])
    return translate(told) if told else ""


def _drawn(value: int | None, unit: Unit) -> float | int | None:
    if value is None:
        return None
    match unit:
        case "fen":
            return round(value / FEN_A_WAN, 2)
        case "share" | "stars":
            return value / 100
        case "seconds":
            return round(value / _DAY, 1)
    return value


@dataclass(frozen=True)
class Bar:
    """`height`, `inner` of 100: the first column behind, the second in front where it is a part of the first."""

    label: str
    height: int
    inner: int | None


def small_bars(answer: Answer, named: Named) -> list[Bar]:
    """The last months, or the first lines, in heights; only of lines that are told."""
    drawing = answer.figure.drawing_on(answer.by)
    columns: list[Column] = [answer.figure.column(name) for name in drawing.columns[:2]]
    lines = [line for line in answer.lines if not line.withheld]
    lines = lines[-MOST_SMALL:] if answer.by in ("month", "band") else lines[:MOST_SMALL]
    first = columns[0].id
    top = max((line.values[first] or 0 for line in lines), default=0)
    if not top:
        return []
    nested = drawing.nested and len(columns) == 2
    return [
        Bar(
            named(line.key or ""), (line.values[first] or 0) * 100 // top,
            (line.values[columns[1].id] or 0) * 100 // top if nested else None,
        )
        for line in lines
    ]  # fmt: skip
