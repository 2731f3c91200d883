"""Search over everything public."""

from __future__ import annotations

from math import ceil
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.kernel.i18n import speaking, translate
from market.site.queries.search import KINDS, MOST_PAGES, PAGE, AgencyHit, ProjectHit, search, suggestions
from market.site.rules.finding import excerpt, marked, pieces_of
from market.site.words import AGENCY_STAGES
from market.site.words import KINDS as KIND_NAMES
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render, url_with
from projects.page.rules import STAGE_KINDS, stage_name
from projects.page.views import item_names, short_region

AnyRequest = Request[Any, Any, Any]


@get("/search")
async def search_page(
    request: AnyRequest, q: FromQuery[str] = "", kind: FromQuery[str] = "", page: FromQuery[str] = "1"
) -> Response[str]:
    """Anything may be typed, and any page asked for: what cannot be found is calmly not found."""
    now = arrived_at(request)
    catalogue = await catalogue_at(now)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    kind, number = kind if kind in KINDS else "", page_number(page)
    found = await search(q, kind=kind, page=number, catalogue=catalogue, book=book)
    with speaking(locale_of(request)):
        hits: list[ProjectHit | AgencyHit] = [*found.projects, *found.agencies]
        places = {hit.region_code: short_region(hit.region_code, catalogue) for hit in hits}
        services = {code: name for hit in hits for code, name in item_names(hit.service_items[:6], catalogue)}
        tabs = {key: translate(label) for key, label in KIND_NAMES.items()}
    pages = min(ceil(found.counts[kind] / PAGE), MOST_PAGES) if kind else 1
    return render(
        request, "site/search.html", q=q[:200], kind=kind, found=found, page=min(number, max(pages, 1)), pages=pages,
        places=places, services=services, catalogue=catalogue, marked=marked,
        excerpt=excerpt, STAGE_KINDS=STAGE_KINDS, stage_name=stage_name, AGENCY_STAGES=AGENCY_STAGES,
        found_tabs=[
            {"label": label, "href": url_with(request, kind=key, page=None), "current": kind == key, "count": found.counts[key]}
            for key, label in tabs.items()
        ],
    )  # fmt: skip


@get("/search/suggestions")
async def suggestions_fragment(request: AnyRequest, q: FromQuery[str] = "") -> Response[str]:
    """While somebody types: a fragment for the box below the search field."""
    catalogue = await catalogue_at(arrived_at(request))
    found = await suggestions(q, catalogue=catalogue, locale=locale_of(request))
    return render(
        request, "site/_suggestions.html", suggestions=found, kind_names=KIND_NAMES, pieces=pieces_of(q), marked=marked
    )


def page_number(text: str) -> int:
    """The page that the address asks for; the first one where it asks for nonsense."""
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 7 else 1


routes: list[Any] = [search_page, suggestions_fragment]
