"""Plain words: how the market works, how to check it, what can be downloaded, whom to call."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from agencies.queries.directory import operator_contact
from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.kernel.errors import NotFound
from market.site.help import TOPICS
from market.site.queries.home import newest_results
from market.web.context import arrived_at, running
from market.web.pages import render
from market.web.viewer import viewer_of

AnyRequest = Request[Any, Any, Any]


@get("/help")
async def help_page(request: AnyRequest) -> Response[str]:
    book = await rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    return render(request, "site/help.html", contact=await operator_contact(), book=book, topics=TOPICS.values())


@get("/help/{slug:str}")
async def help_topic_page(request: AnyRequest, slug: FromPath[str]) -> Response[str]:
    """One task, in steps, with the numbers of the rulebook in force."""
    topic = TOPICS.get(slug)
    if topic is None:
        raise NotFound
    book = await rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    may_begin = topic.open_to(viewer_of(request))
    return render(request, "site/help_topic.html", topic=topic, topics=TOPICS.values(), book=book, may_begin=may_begin)


@get("/verify")
async def verify_page(request: AnyRequest) -> Response[str]:
    """The newest draws are offered as something to try it on."""
    beacon = running(request).beacon
    return render(
        request, "site/verify.html", results=await newest_results(limit=3), demonstration=beacon.demonstration
    )


@get("/open-data")
async def open_data_page(request: AnyRequest) -> Response[str]:
    book = await rulebook_in_force(running(request).settings.site_region, arrived_at(request))
    catalogue = await catalogue_at(arrived_at(request))
    return render(request, "site/open_data.html", book=book, catalogue=catalogue)


@get("/accessibility")
async def accessibility_page(request: AnyRequest) -> Response[str]:
    return render(request, "site/accessibility.html", contact=await operator_contact())


@get("/complaints")
async def complaints_page(request: AnyRequest) -> Response[str]:
    return render(request, "site/complaints.html", contact=await operator_contact())


routes: list[Any] = [help_page, help_topic_page, verify_page, open_data_page, accessibility_page, complaints_page]
