"""The tabs, filters and sorts of a search as links: each has an address that can be sent to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request

from market.catalogue.rules import NATION, Catalogue
from market.kernel.i18n import N_, locale, translate
from market.search.announcements import ANNOUNCED
from market.search.interface import Facet
from market.site.rules.asked import FILTERS, PARAMETERS, SORTS, TABS, Asked
from market.site.words import AGENCY_STAGES, KINDS
from market.web.pages import url_with
from projects.page.listing import BAND_NAMES, GROUP_NAMES
from projects.selection.methods import METHODS

AnyRequest = Request[Any, Any, Any]
FACET_NAMES: Final[Mapping[Facet, str]] = {
    "stage": N_("Stage"), "deadline": N_("Closes"), "service_class": N_("Class"), "region": N_("Region"), "method": N_("Method"),
    "band": N_("Price"), "outcome": N_("Outcome"),
}  # fmt: skip
DEADLINE_NAMES: Final = {"2d": N_("Within 48 hours"), "7d": N_("Within a week"), "later": N_("Later")}
OUTCOME_NAMES: Final = {"selected": N_("Agency selected"), "failed": N_("Failed")}
SORT_NAMES: Final = {
    "relevance": N_("Best match"), "newest": N_("Newest"), "deadline": N_("Closing first"), "budget": N_("Highest price")
}  # fmt: skip
_NAME: Final = {attribute: name for name, attribute in PARAMETERS.items()}


def tabs(request: AnyRequest, asked: Asked, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Filters do not go along: other kinds have others."""

    def href(kind: str) -> str:
        return "/search?" + urlencode({"q": asked.text} | ({"kind": kind} if kind else {}))

    total = {"label": translate(N_("Everything")), "href": href(""), "current": not asked.kind}
    return [total] + [
        {"label": translate(KINDS[kind]), "href": href(kind), "current": asked.kind == kind, "count": counts[kind]}
        for kind in TABS
        if counts[kind] or asked.kind == kind
    ]


def groups(
    request: AnyRequest, asked: Asked, facets: Mapping[str, Mapping[str, int]], catalogue: Catalogue
) -> list[dict[str, Any]]:
    """A row of chips for each facet that leaves a choice. What would find nothing is not offered."""
    found = []
    for facet in FILTERS.get(asked.kind, ()):
        counted, chosen = facets.get(facet, {}), getattr(asked, facet)
        options = [
            {"label": label, "href": _with(request, facet, key), "current": key == chosen, "count": counted.get(key, 0)}
            for key, label in _options(facet, asked, counted, catalogue)
            if counted.get(key) or key == chosen
        ]
        if len(options) > 1 or chosen:
            everything = {"label": translate(N_("All")), "href": _with(request, facet, None), "current": not chosen}
            found.append({"label": translate(_facet_name(facet, asked.kind)), "options": [everything, *options]})
    return found


def _facet_name(facet: Facet, kind: str) -> str:
    return N_("Type") if (kind, facet) == ("announcements", "stage") else FACET_NAMES[facet]


def _with(request: AnyRequest, facet: str, value: str | None) -> str:
    return url_with(request, **{_NAME[facet]: value, "page": None})


def _options(facet: Facet, asked: Asked, counted: Mapping[str, int], catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    match facet:
        case "service_class":
            return [(one.code, one.name.to(locale())) for one in catalogue.classes]
        case "method":
            return [(one.code, translate(one.name)) for one in METHODS.values()]
        case "region":
            return _regions(asked.region, counted, catalogue)
        case "stage" if asked.kind == "agencies":
            return [(key, translate(AGENCY_STAGES[key])) for key in ("admitted", "notice", "exited")]
        case "stage" if asked.kind == "announcements":
            return [(key, translate(name)) for key, name in ANNOUNCED.items()]
    names = {"stage": GROUP_NAMES, "deadline": DEADLINE_NAMES, "outcome": OUTCOME_NAMES, "band": BAND_NAMES}[facet]
    return [(key, translate(name)) for key, name in names.items()]


def _regions(chosen: str, counted: Mapping[str, int], catalogue: Catalogue) -> list[tuple[str, str]]:
    """The regions below the chosen one; without one, those of the widest level at which there is a choice."""
    if chosen:
        around = catalogue.region_path(chosen)
        below = [one for one in catalogue.regions_in(chosen) if counted.get(one.code)]
        beside = below or [one for one in catalogue.regions_in(around[-1].parent) if counted.get(one.code)]
        path = [one for one in around if one not in beside]
        return [(one.code, one.name.to(locale())) for one in (*path, *beside)]
    level = [one for one in catalogue.regions_in(NATION) if counted.get(one.code)]
    while len(level) == 1 and (below := [one for one in catalogue.regions_in(level[0].code) if counted.get(one.code)]):
        level = below
    return [(one.code, one.name.to(locale())) for one in level]


def active(request: AnyRequest, asked: Asked, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The filters in use, each with the address without it."""
    return [
        {
            "label": dict(_options(facet, asked, {value: 1}, catalogue)).get(value, value),
            "href": _with(request, facet, None),
        }
        for facet in FILTERS.get(asked.kind, ())
        if (value := getattr(asked, facet))
    ]


def sorts(request: AnyRequest, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "label": translate(SORT_NAMES[sort]),
            "href": url_with(request, sort=sort, page=None),
            "current": asked.sort == sort,
        }
        for sort in SORTS.get(asked.kind, ())
    ]
