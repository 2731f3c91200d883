"""From figures to what the chart component draws. Each chart has a stable name: the page's anchor and its CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from market.kernel.i18n import N_, locale, translate
from market.kernel.money import Money
from market.site.exports import Names
from market.site.rules.figures import Figures, Tally, share
from market.site.words import COLUMNS, DEFINITIONS, FUNNEL, STAGE_TIMES
from market.web.display import percent

MOST_BARS = 15
_FEN_A_WAN = 1_000_000
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Chart:
    """`file`: which CSV file holds its numbers."""

    id: str
    title: str
    data: Mapping[str, Any]
    definition: str
    file: str
    summary: str | None = None


def charts(figures: Figures, named: Names) -> list[Chart]:
    """In the page's language; only those that have something to show."""
    made = [
        _funnel(figures.total),
        _counts("projects-by-month", N_("Posted and selected by month"), "months", figures, named, "month"),
        _saved("saved-by-month", N_("Saved by month"), "months", figures, named),
        _counts("projects-by-region", N_("Posted and selected by region"), "regions", figures, named, "region", kind="bars"),
        _counts("projects-by-class", N_("Posted and selected by service class"), "classes", figures, named, "class", kind="bars"),
        _times(figures),
    ]  # fmt: skip
    return [chart for chart in made if chart is not None]


def _defined(name: str) -> str:
    told = DEFINITIONS[name]
    return translate(told)


def _funnel(total: Tally) -> Chart:
    steps = [(translate(COLUMNS[step]), count) for step, count in zip(FUNNEL, total.funnel, strict=True)]
    told = translate(N_("Of {posted} projects {selected} were selected, {signed} signed and {fulfilled} fulfilled ({share})."),
                     **dict(zip(FUNNEL, total.funnel, strict=True)), share=percent(share(total.fulfilled, total.posted)))  # fmt: skip
    return Chart(
        "funnel", translate(N_("From notice to fulfilment")),
        {"kind": "bars", "categories": [name for name, _ in steps],
         "category_label": translate(N_("Step")), "series": [{"name": translate(N_("Projects")), "values": [count for _, count in steps]}]},
        definition=translate(N_("All four steps count the same projects: those whose notice was published in the period.")),
        file="funnel", summary=told,
    )  # fmt: skip


def _counts(
    name: str, title: str, group: str, figures: Figures, named: Names, definition: str, *, kind: str = "bar"
) -> Chart | None:
    groups = _largest(getattr(figures, group)) if kind == "bars" else getattr(figures, group)
    if not groups:
        return None
    series = [
        {"name": translate(COLUMNS[column]), "values": [getattr(tally, column) for tally in groups.values()]}
        for column in ("posted", "selected")
    ]
    unit = translate(N_("projects")) if kind == "bar" else None
    return Chart(name, translate(title), _data(kind, group, groups, named, unit, series), _defined(definition), group)


def _saved(name: str, title: str, group: str, figures: Figures, named: Names) -> Chart | None:
    groups: Mapping[str, Tally] = getattr(figures, group)
    if not any(tally.saved.fen for tally in groups.values()):
        return None
    values = [_headline_amount(tally.saved) for tally in groups.values()]
    unit = translate(N_("¥10,000"))
    series = [{"name": translate(N_("Saved")), "values": values}]
    return Chart(name, translate(title), _data("bar", group, groups, named, unit, series), _defined("saved"), group)


def _times(figures: Figures) -> Chart | None:
    if not figures.times:
        return None
    series = [
        {"name": translate(N_("The middle project (days)")), "values": [_days(one.median) for one in figures.times]},
        {"name": translate(N_("Nine in ten within (days)")), "values": [_days(one.ninth) for one in figures.times]},
    ]
    data = {"kind": "bars", "categories": [translate(STAGE_TIMES[one.stage]) for one in figures.times],
            "category_label": translate(N_("Stage")), "series": series}  # fmt: skip
    return Chart("time-by-stage", translate(N_("How long each stage takes")), data, _defined("time"), "times")


def _data(
    kind: str, group: str, groups: Mapping[str, Tally], named: Names, unit: str | None, series: list[dict[str, Any]]
) -> dict[str, Any]:
    labels = {"months": N_("Month"), "regions": N_("Region"), "classes": N_("Service class")}
    return {
        "kind": kind, "categories": [named(group, key) for key in groups], "category_label": translate(labels[group]),
        "unit": unit, "series": series,
    }  # fmt: skip


def _largest(groups: Mapping[str, Tally]) -> dict[str, Tally]:
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].posted, pair[0]))
    return dict(ordered[:MOST_BARS])


def _headline_amount(value: Money) -> float:
    """Only for drawing: 万元 with two decimals."""
    return round(value.fen / _FEN_A_WAN, 2)


def _days(value: timedelta) -> float:
    return round(value / _DAY, 1)


@dataclass(frozen=True)
class Bar:
    """One month of the small picture on the front page; `height` and `inner` of 100."""

    label: str
    posted: int
    selected: int
    height: int
    inner: int


def small_bars(months: Mapping[str, Tally], *, most: int = 12) -> list[Bar]:
    """The last months for the picture on the front page."""
    shown = dict(list(months.items())[-most:])
    top = max((tally.posted for tally in shown.values()), default=0) or 1
    return [
        Bar(_month(key), tally.posted, tally.selected, tally.posted * 100 // top, tally.selected * 100 // top)
        for key, tally in shown.items()
    ]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _month(key: str) -> str:
    number = int(key[5:])
    return _MONTHS[number - 1] if locale() == "en" else f"{number}月"
