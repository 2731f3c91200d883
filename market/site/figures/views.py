"""What the pages of the statistics show: everything named and formatted, nothing counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request

from market.accounts.rules import KIND_NAMES
from market.catalogue.rules import Catalogue
from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_, locale, translate
from market.site.figures.asking import OWNERS, PARAMETERS, as_query, left_out
from market.site.figures.drawing import Bar, chart_data, small_bars
from market.site.figures.files import Named
from market.site.figures.model import Answer, Asked, Breakdown, Column, Figure, Line
from market.site.figures.names import BREAKDOWNS, FILTERS, change, period_name, shown
from market.site.figures.periods import named, offered
from market.site.figures.scope import Field
from market.site.rules.figures import LEVELS, region_at
from market.web.display import say
from market.web.pages import url_with
from projects.page.views import region_name
from projects.selection.methods import METHODS

MOST_LINES = 60
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Card:
    """One figure on the overview. `left_out`: names of the filters in use that it does not know."""

    figure: Figure
    href: str
    sentence: str
    value: str
    label: str
    change: tuple[str, str] | None
    before: str
    by: str
    bars: list[Bar]
    picture: str
    left_out: list[str]


@dataclass(frozen=True)
class Cell:
    label: str
    value: str


@dataclass(frozen=True)
class Row:
    name: str
    cells: list[Cell]
    withheld: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Page:
    """`breakdowns`, `others`: {label, href, current}; `more`: how many lines only the file has."""

    sentence: str
    stats: list[tuple[Column, str, tuple[str, str] | None]]
    columns: tuple[Column, ...]
    headings: list[dict[str, Any]]
    rows: list[Row]
    total: Row
    more: int
    chart: dict[str, Any] | None
    breakdowns: list[dict[str, Any]]
    others: list[dict[str, Any]]
    before: str
    left_out: list[str]
    by: str
    withheld: int


def sentence(answer: Answer) -> str:
    if answer.total.withheld:
        return translate(N_("There are too few cases to say anything without telling of single parties."))
    return say(answer.figure.sentence(answer.total.values))


def _address(home: str, figure: Figure, asked: Asked, **changes: str) -> str:
    pairs = {name: value for name, value in (as_query(asked) | changes).items() if value}
    return f"{home}/{figure.id}" + (f"?{urlencode(pairs)}" if pairs else "")


def _headline(answer: Answer, column: Column) -> tuple[str, tuple[str, str] | None]:
    value = answer.total.values[column.id]
    before = answer.previous.values[column.id] if answer.previous else None
    return shown(value, column.unit, headline=True), change(value, before, column.unit)


def _before(answer: Answer) -> str:
    """The name of the period before, where there is one to compare with."""
    period = answer.asked.period.previous if answer.asked.period and answer.previous else None
    return period_name(period) if period else ""


def card(answer: Answer, named: Named, asked: Asked, home: str) -> Card:
    figure = answer.figure
    column = figure.column(figure.headline)
    value, moved = _headline(answer, column)
    bars = small_bars(answer, named)
    drawn = [translate(figure.column(name).label) for name in figure.drawing_on(answer.by).columns[:2]]
    return Card(
        figure=figure, href=_address(home, figure, asked), sentence=sentence(answer), value=value,
        label=translate(column.label), change=moved, before=_before(answer), by=translate(BREAKDOWNS[answer.by]), bars=bars,
        picture=" / ".join(drawn if bars and bars[0].inner is not None else drawn[:1]),
        left_out=[translate(FILTERS[name]) for name in left_out(figure, asked)],
    )  # fmt: skip


def page(
    answer: Answer, asked: Asked, short: Named, full: Named, home: str, *, others: Mapping[str, Figure]
) -> Page:  # fmt: skip
    figure = answer.figure
    columns = figure.columns_on(answer.by)
    lines = answer.lines if answer.by == "month" else answer.lines[:MOST_LINES]
    return Page(
        sentence=sentence(answer), stats=[(one, *_headline(answer, one)) for one in figure.columns], columns=columns,
        headings=[{"label": translate(one.label), "number": True} for one in columns],
        rows=[_row(line, full(line.key or ""), columns, _narrower(answer, line, asked, home)) for line in lines],
        total=_row(answer.total, translate(N_("All together")), columns), more=len(answer.lines) - len(lines),
        chart=chart_data(answer, short),
        breakdowns=[
            {"label": translate(BREAKDOWNS[by]), "href": _address(home, figure, asked, by=by), "current": by == answer.by}
            for by in figure.breakdowns
        ],
        others=[
            {"label": translate(one.title), "href": _address(home, one, Asked(**{**vars(asked), "by": ""})), "current": one is figure}
            for one in others.values()
        ],
        before=_before(answer), left_out=[translate(FILTERS[name]) for name in left_out(figure, asked)],
        by=translate(BREAKDOWNS[answer.by]), withheld=sum(line.withheld for line in answer.lines),
    )  # fmt: skip


def _row(line: Line, name: str, columns: Sequence[Column], href: str | None = None) -> Row:
    told = translate(N_("withheld"))
    cells = [
        Cell(translate(one.label), told if line.withheld else shown(line.values[one.id], one.unit)) for one in columns
    ]
    return Row(name, cells, line.withheld, href)


_FILTER_OF: Mapping[Breakdown, str] = {
    "month": "period",
    "region": "region",
    "class": "class",
    "method": "method",
    "owner": "owner",
}


def _narrower(answer: Answer, line: Line, asked: Asked, home: str) -> str | None:
    """The same figure of this line alone, where a filter says that."""
    name = _FILTER_OF.get(answer.by)
    if name is None or line.key is None or (name == "period" and named(line.key) is None):
        return None
    if as_query(asked).get(name) == line.key:
        return None
    pairs = (
        {key: value for key, value in as_query(asked).items() if key not in ("by", "from", "to")}
        if name == "period"
        else as_query(asked)
    )
    if name == "region":
        pairs = {**pairs, "by": "region"}
    else:
        pairs = {key: value for key, value in pairs.items() if key != "by"}
    return f"{home}/{answer.figure.id}?{urlencode({**pairs, name: line.key})}"


def field_names(fields: Sequence[Field], catalogue: Catalogue) -> list[str]:
    """A regulator's field in words: region · industry."""
    places = [
        region_name(one.prefix.ljust(6, "0"), catalogue) if one.prefix else translate(N_("the whole country"))
        for one in fields
    ]
    industries = [
        catalogue.regulator(one.department).name.to(locale()) if one.department else translate(N_("all industries"))
        for one in fields
    ]
    return [f"{place} · {industry}" for place, industry in zip(places, industries, strict=True)]


@dataclass(frozen=True)
class Filters:
    """`fields`: {name, label, options, value, empty} of the form; `active`: chips; `clear`: the address without any."""

    fields: list[dict[str, Any]]
    active: list[dict[str, str]]
    clear: str
    since: str
    until: str
    dated: bool


def filters(
    request: AnyRequest, asked: Asked, catalogue: Catalogue, used: Sequence[str], *, now: datetime, figure: Figure | None = None,
) -> Filters:  # fmt: skip
    chosen = as_query(asked)
    places = sorted({region_at(code, level) for code in used for level in LEVELS} | {chosen.get("region", "")} - {""})
    periods = offered(beijing_date(now))
    if asked.period and asked.period.name and asked.period.name not in periods:
        periods.append(asked.period.name)
    options: list[tuple[str, list[tuple[str, str]], str]] = [
        ("period", [(name, period_name(one)) for name in periods if (one := named(name))], N_("All the time")),
        ("region", [(code, region_name(code, catalogue)) for code in places if code], N_("Everywhere")),
        ("class", [(one.code, one.name.to(locale())) for one in catalogue.classes], N_("All classes")),
        ("method", [(code, translate(one.name)) for code, one in METHODS.items()], N_("All methods")),
        ("owner", [(code, translate(KIND_NAMES[code])) for code in OWNERS], N_("All owners")),
    ]
    known = [one for one in options if figure is None or _knows(figure, one[0])]
    fields = [
        {"name": name, "label": translate(FILTERS[name]), "options": values, "value": chosen.get(name, ""), "empty": translate(empty)}
        for name, values, empty in known
    ]  # fmt: skip
    names = {name: dict(values) for name, values, _ in options}
    active = [
        {"label": names[name].get(value, value) if name in names else translate(N_("from {day}") if name == "from" else N_("to {day}"), day=value),
         "href": url_with(request, **{name: None})}
        for name, value in chosen.items() if name != "by"
    ]  # fmt: skip
    return Filters(
        fields,
        active,
        url_with(request, **dict.fromkeys(PARAMETERS)),
        chosen.get("from", ""),
        chosen.get("to", ""),
        figure is None or figure.source.moment is not None,
    )


def _knows(figure: Figure, name: str) -> bool:
    if name == "period":
        return figure.source.moment is not None
    return name == "region" or name in figure.breakdowns
