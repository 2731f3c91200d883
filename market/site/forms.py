"""The filters of the statistics, as their address says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar.datastructures import FormMultiDict, MultiDict

from market.catalogue.rules import Catalogue
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.site.rules.figures import Filters, prefix_of
from market.web.forms import Fields


def parse_filters(query: MultiDict[Any], catalogue: Catalogue) -> tuple[Filters, Mapping[str, list[Message]]]:
    """The filters that could be understood, and what is wrong with the others: nothing is counted under a filter that
    the visitor did not mean, and nothing fails. `region`: a code of six digits or the beginning of one."""
    fields = Fields(FormMultiDict(query.multi_items()))
    region = fields.raw("region")
    if region and not (region.isascii() and region.isdigit() and len(region) <= 6):
        fields.wrong("region", N_("A region is a code of up to six digits, such as 370200."))
        region = ""
    classes = {one.code for one in catalogue.classes}
    service_class = fields.choice("class", N_("Service class"), classes, required=False)
    since = fields.day("from", N_("From"), required=False)
    until = fields.day("to", N_("To"), required=False)
    if since and until and until < since:
        fields.wrong("to", N_("The last day lies before the first one."))
        until = None
    return Filters(prefix_of(region), service_class, since, until), dict(fields.errors)


def as_query(filters: Filters) -> dict[str, str]:
    """The filters as the address says them; what is not set is left out."""
    pairs = {
        "region": filters.region, "class": filters.service_class,
        "from": filters.since.isoformat() if filters.since else "", "to": filters.until.isoformat() if filters.until else "",
    }  # fmt: skip
    return {name: value for name, value in pairs.items() if value}
