"""The search over everything public."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery
from markupsafe import Markup

from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.catalogue.rules import Catalogue, Rulebook
from market.kernel.i18n import speaking
from market.search.announcements import ANNOUNCED
from market.search.words import words_of
from market.site.queries.search import Found, meant, search, suggestions
from market.site.routes.facets import active, groups, sorts, tabs
from market.site.rules.asked import INDEXED, Asked, hints_of, may_be_kept, read_address
from market.site.rules.finding import Mark, excerpt, marked
from market.site.words import AGENCY_STAGES
from market.site.words import KINDS as KIND_NAMES
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render
from projects.page.rules import STAGE_KINDS, stage_name
from projects.page.views import item_names, short_region

AnyRequest = Request[Any, Any, Any]
SHORT_CLASS = 6  # services named in a line


@get("/search")
async def search_page(request: AnyRequest) -> Response[str]:
    """Anything may be typed, and any page asked for: what cannot be found is calmly not found."""
    now = arrived_at(request)
    catalogue, book = await _in_force(request, now)
    asked, problems = read_address(_given(request), catalogue)
    found = await search(asked, catalogue=catalogue, book=book, now=now)
    instead = await meant(asked, found, catalogue=catalogue, book=book, now=now)
    with speaking(locale_of(request)):
        context = _names(found, catalogue) | _controls(request, asked, found, catalogue)
    return render(
        request, "site/search.html", asked=asked, words=words_of(asked.text), problems=[*problems, *hints_of(asked.text)], found=found, instead=instead,
        catalogue=catalogue, marked=marked, excerpt=excerpt, told=told, STAGE_KINDS=STAGE_KINDS, stage_name=stage_name,
        AGENCY_STAGES=AGENCY_STAGES, ANNOUNCED=ANNOUNCED, KIND_NAMES=KIND_NAMES, may_be_kept=may_be_kept(asked), **context,
    )  # fmt: skip


async def _in_force(request: AnyRequest, now: datetime) -> tuple[Catalogue, Rulebook]:
    return await asyncio.gather(catalogue_at(now), rulebook_in_force(running(request).settings.site_region, now))


def told(parts: Sequence[Mark]) -> Markup:
    """Marked text as it stands in a page; what users wrote is escaped."""
    return Markup("").join(Markup("<mark>{}</mark>").format(part.text) if part.hit else part.text for part in parts)


def _given(request: AnyRequest) -> dict[str, str]:
    """The last of several values for one name counts."""
    return {name: str(value) for name, value in request.query_params.items()}


def _names(found: Found, catalogue: Any) -> dict[str, Any]:
    hits = [hit for name in INDEXED for hit in found.hits.get(name, ())]
    ordered = [code for hit in hits for code in getattr(hit, "service_items", ())[:SHORT_CLASS]]
    return {
        "places": {hit.region_code: short_region(hit.region_code, catalogue) for hit in hits if hit.region_code},
        "services": dict(item_names(tuple(dict.fromkeys(ordered)), catalogue)),
    }


def _controls(request: AnyRequest, asked: Asked, found: Found, catalogue: Any) -> dict[str, Any]:
    return {
        "found_tabs": tabs(request, asked, found.counts), "groups": groups(request, asked, found.facets, catalogue),
        "active": active(request, asked, catalogue), "sorts": sorts(request, asked),
    }  # fmt: skip


@get("/search/suggestions")
async def suggestions_fragment(request: AnyRequest, q: FromQuery[str] = "") -> Response[str]:
    """While somebody types: a fragment for the box below the search field."""
    now = arrived_at(request)
    catalogue, book = await _in_force(request, now)
    found, marks = await suggestions(q, catalogue=catalogue, book=book, locale=locale_of(request))
    return render(
        request, "site/_suggestions.html", suggestions=found, kind_names=KIND_NAMES, pieces=marks, marked=marked
    )


routes: list[Any] = [search_page, suggestions_fragment]
