"""What a figure is: the question it answers, how it is counted, and what an answer to it looks like. Pure.

A figure is a module of this package that ends in a `FIGURE`. Its `source` is one SQL query in parts; `counting` puts the
filters, the viewer's scope and the breakdown into it, so that every figure understands the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from market.kernel.errors import Message
from market.site.figures.periods import Period

Unit = Literal[
    "projects", "agencies", "acts", "payments", "ratings", "flags", "fen", "share", "seconds", "stars", "index"
]
COUNTS: frozenset[Unit] = frozenset({"projects", "agencies", "acts", "payments", "ratings", "flags"})
Values = Mapping[str, int | None]
Breakdown = str  # "month", "region", "class", "method", "owner", or one of the figure's own


@dataclass(frozen=True)
class Column:
    """One number of a line. `definition`: exactly what it counts; `off`: the breakdown whose lines it says nothing of."""

    id: str
    label: str
    unit: Unit
    definition: str = ""
    off: Breakdown = ""


@dataclass(frozen=True)
class Source:
    """Where the rows come from, as parts of one query. `tables` gives every row of `p` the columns region_code,
    service_classes ("|A|C|"), service_items, catalogue_version (null where no project is behind it), method and owner_id.
    Names in braces become parameters: {now}, {bands}, {items}, {item_classes}."""

    tables: str
    fields: str
    measures: str
    moment: str | None
    where: str = ""
    # Which rows say anything in lines other than the figure's own; all of them where nothing is said.
    speaking: str = ""
    # Rows of one line whose fields are alike are one, with how many they are as `n`.
    alike: bool = False
    own: Mapping[Breakdown, str] = field(default_factory=dict)
    # From {rows} (the fields with a key) to what is measured.
    fold: str = "{rows}"
    in_region: str = "starts_with(p.region_code, {value})"
    regions: str = "rpad(left(p.region_code, {digits}), 6, '0')"
    several_regions: bool = False
    # Whose row it is, where it is an agency's.
    agency: str = ""
    # A lead names the departments that may see it; everything else has service items.
    names_departments: bool = False


@dataclass(frozen=True)
class Drawing:
    """How ECharts draws it: `kind` as in components/chart.html, `columns` as series. `nested`: each is a part of the one
    before, so that a small picture may draw it inside."""

    kind: Literal["bar", "bars", "bars_stacked", "line", "stacked"]
    columns: tuple[str, ...]
    nested: bool = False


@dataclass(frozen=True)
class Figure:
    """`dated`: which moment the period cuts by, for people, "" where the figure speaks of the present alone. `breakdowns`:
    the first is shown unless another is asked for. `headline`: the column that stands for the whole. `shares`: what follows
    from the sums. `sentence`: the plain answer. `limits`: the rulebook keys it measures against. `guarded`: lines of very
    few cases would tell of single people, so they are withheld."""

    id: str
    title: str
    question: str
    definition: str
    dated: str
    breakdowns: tuple[Breakdown, ...]
    columns: tuple[Column, ...]
    headline: str
    source: Source
    drawing: Drawing
    sentence: Callable[[Values], Message]
    shares: Callable[[Values], Values] = lambda values: {}
    drawings: Mapping[Breakdown, Drawing] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    guarded: str | None = None
    regulators_only: bool = False
    # Which of the figure's own lines are worth one; all of them where nothing is said.
    worth: Callable[[Values], bool] = lambda values: True

    def columns_on(self, by: Breakdown) -> tuple[Column, ...]:
        return tuple(one for one in self.columns if one.off != by or not by)

    def drawing_on(self, by: Breakdown) -> Drawing:
        return self.drawings.get(by, self.drawing)

    def column(self, name: str) -> Column:
        return next(one for one in self.columns if one.id == name)


@dataclass(frozen=True)
class Asked:
    """The filters of one question. `region`: the digits that all codes within share; "" everywhere for "all"; `agency`: of
    this one alone, for its own page."""

    region: str = ""
    service_class: str = ""
    method: str = ""
    owner: str = ""
    period: Period | None = None
    by: Breakdown = ""
    agency: UUID | None = None

    @classmethod
    def between(cls, since: date | None = None, until: date | None = None, *, region: str = "") -> Asked:
        return cls(region=region, period=Period("", since, until) if since or until else None)


@dataclass(frozen=True)
class Line:
    """One line of a breakdown, or the whole (`key` is None). `withheld`: too few cases to be told."""

    key: str | None
    values: Values
    withheld: bool = False


@dataclass(frozen=True)
class Answer:
    """`previous`: the whole over the period before, where the period has two ends. `rulebook`: the version in force.
    `as_of`: the minute in which it was counted, so that the same numbers are the same answer."""

    figure: Figure
    asked: Asked
    by: Breakdown
    total: Line
    lines: tuple[Line, ...]
    previous: Line | None
    as_of: datetime
    rulebook: str
