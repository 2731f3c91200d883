"""The filters of the statistics, as their address says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar.datastructures import FormMultiDict, MultiDict

from market.catalogue.rules import Catalogue, UnknownCode
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.figures.model import Asked, Figure
from market.site.figures.periods import Period, named
from market.site.rules.figures import prefix_of
from market.web.forms import Fields
from projects.selection.methods import METHODS

PARAMETERS: Final = ("region", "class", "method", "owner", "period", "from", "to", "by")
OWNERS: Final = ("public_body", "enterprise", "natural_person")
Errors = Mapping[str, list[Message]]
_LONGEST: Final = 40


def read(query: MultiDict[Any], catalogue: Catalogue, figure: Figure | None = None) -> tuple[Asked, Errors]:
    """The question as far as it could be understood, and what is wrong with the rest: nothing is counted under a filter
    that the visitor did not mean, and nothing fails. `figure`: the one that is asked, where it is one."""
    fields = Fields(FormMultiDict(query.multi_items()))
    for name in query:
        if name not in PARAMETERS:
            fields.wrong(
                "",
                N_("There is no filter “{given}”. There are: {names}."),
                given=_short(name),
                names=", ".join(PARAMETERS),
            )
    asked = Asked(
        region=_region(fields, catalogue),
        service_class=fields.choice("class", N_("Service class"), [one.code for one in catalogue.classes], required=False),
        method=fields.choice("method", N_("Method"), list(METHODS), required=False),
        owner=fields.choice("owner", N_("Kind of owner"), OWNERS, required=False),
        period=_period(fields),
        by=_breakdown(fields, figure),
    )  # fmt: skip
    return asked, dict(fields.errors)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _region(fields: Fields, catalogue: Catalogue) -> str:
    """Six digits, or the first ones that all codes of a region share."""
    text = fields.raw("region")
    if not text:
        return ""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        fields.wrong("region", N_("A region is a code of up to six digits, such as 370200."))
        return ""
    try:
        catalogue.region(text.ljust(6, "0"))
    except UnknownCode:
        fields.wrong("region", N_("The catalogue knows no region {code}. Choose one from the list."), code=text)
        return ""
    return prefix_of(text.ljust(6, "0"))


def _period(fields: Fields) -> Period | None:
    text = fields.raw("period")
    found = named(text) if text else None
    if text and found is None:
        fields.wrong(
            "period",
            N_("“{given}” is no period. Write a year, half-year, quarter or month: 2026, 2026-H1, 2026-Q3 or 2026-11."),
            given=_short(text),
        )
    since = fields.day("from", N_("From"), required=False)
    until = fields.day("to", N_("To"), required=False)
    if since and until and until < since:
        fields.wrong("to", N_("The last day lies before the first one."))
        until = None
    if text and (since or until):
        fields.wrong("period", N_("Choose a period or two days, not both: the period was taken."))
    return found if text else Period("", since, until) if since or until else None


def _breakdown(fields: Fields, figure: Figure | None) -> str:
    text = fields.raw("by")
    if not text or figure is None:
        return ""
    if text not in figure.breakdowns:
        fields.wrong(
            "by",
            N_("This figure is not broken down by “{given}”. It can be by: {names}."),
            given=_short(text),
            names=", ".join(figure.breakdowns),
        )
        return ""
    return text


def as_query(asked: Asked) -> dict[str, str]:
    """The question as an address says it; what is not set is left out."""
    period = asked.period
    pairs = {
        "region": asked.region.ljust(6, "0") if asked.region else "", "class": asked.service_class, "method": asked.method,
        "owner": asked.owner, "period": period.name if period else "",
        "from": period.since.isoformat() if period and not period.name and period.since else "",
        "to": period.until.isoformat() if period and not period.name and period.until else "",
        "by": asked.by,
    }  # fmt: skip
    return {name: value for name, value in pairs.items() if value}


def answered_by(figure: Figure, asked: Asked) -> Asked:
    """Without the filters that the figure does not know: agencies have no method, the present has no period."""
    knows = set(figure.breakdowns)
    return Asked(
        region=asked.region, service_class=asked.service_class if "class" in knows else "",
        method=asked.method if "method" in knows else "", owner=asked.owner if "owner" in knows else "",
        period=asked.period if figure.source.moment else None, by=asked.by,
    )  # fmt: skip


def left_out(figure: Figure, asked: Asked) -> list[str]:
    """The names of the filters that this figure does not know."""
    kept = as_query(answered_by(figure, asked))
    return [name for name in as_query(asked) if name not in kept]
