"""The statistics as files: the same numbers as the page, for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import safe_cell
from market.site.forms import as_query
from market.site.rules.figures import DirectShare, Figures, StageTime, Tally
from market.site.words import COLUMNS, DEFINITIONS, FUNNEL, STAGE_TIMES

Names = Callable[[str, str], str]  # (group, key) -> name, e.g. ("regions", "370200") -> "山东省青岛市"
GROUPS = {"months": N_("Month"), "regions": N_("Region"), "classes": N_("Service class"), "methods": N_("Method")}
FILES = ("funnel", *GROUPS, "direct", "times")
_AMOUNTS = (N_("Estimates (yuan)"), N_("Prices (yuan)"), N_("Saved (yuan)"), N_("Saving rate (%)"))
_DIRECT = (N_("Year"), N_("Code"), N_("Project owner"), N_("Direct selections"), N_("All selections"), N_("Share of the number (%)"),
           N_("Direct amount (yuan)"), N_("Whole amount (yuan)"), N_("Share of the amount (%)"))  # fmt: skip
_HOUR = 3600


def csv_file(name: str, figures: Figures, named: Names) -> bytes:
    """One table with a header, UTF-8 with a byte order mark so that spreadsheets read Chinese; no cell is a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(str(cell)) for cell in row] for row in _rows(name, figures, named))
    return ("\ufeff" + out.getvalue()).encode()


def _rows(name: str, figures: Figures, named: Names) -> Iterable[list[Any]]:
    if name == "funnel":
        yield [translate(N_("Step")), translate(N_("Projects"))]
        yield from ([translate(COLUMNS[step]), count] for step, count in zip(FUNNEL, figures.total.funnel, strict=True))
    elif name == "times":
        yield [
            translate(text)
            for text in (N_("Stage"), N_("Projects"), N_("Middle (hours)"), N_("Nine in ten within (hours)"))
        ]
        yield from ([translate(STAGE_TIMES[one.stage]), one.projects, *_hours(one)] for one in figures.times)
    elif name == "direct":
        yield [translate(text) for text in _DIRECT]
        yield from (_direct_cells(one) for one in figures.direct)
    else:
        yield [
            translate(N_("Code")),
            translate(GROUPS[name]),
            *map(translate, COLUMNS.values()),
            *map(translate, _AMOUNTS),
        ]
        groups: Mapping[str, Tally] = getattr(figures, name)
        yield from ([key, named(name, key), *_cells(tally)] for key, tally in groups.items())


def _hours(time: StageTime) -> tuple[str, str]:
    return tuple(f"{value.total_seconds() / _HOUR:.1f}" for value in (time.median, time.ninth))  # type: ignore[return-value]


def _direct_cells(one: DirectShare) -> list[Any]:
    return [one.year, one.code, one.name, one.direct, one.posted, _percent(one.share), one.direct_amount.yuan_text,
            one.amount.yuan_text, _percent(one.amount_share)]  # fmt: skip


def _percent(rate: int | None) -> str:
    return "" if rate is None else f"{rate // 100}.{rate % 100:02d}"


def _cells(tally: Tally) -> list[Any]:
    counts = [getattr(tally, name) for name in COLUMNS]
    return [*counts, tally.budget.yuan_text, tally.price.yuan_text, tally.saved.yuan_text, _percent(tally.saving_rate)]


def as_json(figures: Figures, named: Names) -> dict[str, Any]:
    """Amounts in fen, rates in basis points, times in seconds."""
    return {
        "filters": as_query(figures.filters),
        "units": {"amounts": "fen", "rates": "basis points", "times": "seconds"},
        "definitions": {name: translate(text) for name, text in DEFINITIONS.items()},
        "total": _tally(figures.total),
        **{
            name: [{"key": key, "name": named(name, key), **_tally(tally)} for key, tally in getattr(figures, name).items()]
            for name in GROUPS
        },
        "direct": [
            {"year": one.year, "code": one.code, "name": one.name, "direct": one.direct, "posted": one.posted, "share": one.share,
             "direct_amount": one.direct_amount.fen, "amount": one.amount.fen, "amount_share": one.amount_share}
            for one in figures.direct
        ],
        "times": [
            {"stage": one.stage, "name": translate(STAGE_TIMES[one.stage]), "projects": one.projects,
             "median": int(one.median.total_seconds()), "ninth": int(one.ninth.total_seconds())}
            for one in figures.times
        ],
    }  # fmt: skip


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        **{name: getattr(tally, name) for name in COLUMNS},
        "budget": tally.budget.fen,
        "price": tally.price.fen,
        "saved": tally.saved.fen,
        "saving_rate": tally.saving_rate,
        "on_time_rate": tally.on_time_rate,
        "passed_first_rate": tally.passed_first_rate,
    }
