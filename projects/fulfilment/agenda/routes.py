"""An organisation's deadlines as a page, and as a file that calendar programs fetch."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import CalendarYearMissing
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.agendas import Event, events_of
from market.web.context import arrived_at, running
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.contracts.queries import LitStep, lit
from projects.contracts.rules import Step
from projects.fulfilment.agenda import feed
from projects.fulfilment.agenda.icalendar import by_day, icalendar

AnyRequest = Request[Any, Any, Any]


@get("/deadlines")
async def deadlines_page(request: AnyRequest) -> Response[str]:
    viewer, settings = require_viewer(request, "owner", "agency"), running(request).settings
    assert viewer.organisation_id is not None
    token = await feed.token_of(settings.secret_key, viewer.organisation_id)
    address = f"{settings.public_url}/deadlines/{viewer.organisation_code}/{token}.ics" if token else None
    now = arrived_at(request)
    days = by_day(await events_of(viewer.organisation_id, now))
    return render(request, "fulfilment/deadlines.html", days=days, address=address, lamps=await _lamps(request, days))


async def _lamps(request: AnyRequest, days: dict[date, list[Event]]) -> dict[str, LitStep]:
    """The lamp of each deadline by its uid; none for days beyond the published calendar."""
    here, now = running(request), arrived_at(request)
    book = await rulebook_in_force(here.settings.site_region, now)
    lamps = {}
    for one in (event for events in days.values() for event in events):
        with suppress(CalendarYearMissing):
            lamps[one.uid] = lit(Step("", (), min(one.since, now), one.due_at), book, now=now, calendar=here.calendar)
    return lamps


@post("/deadlines/feed", status_code=200)
async def make_feed(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    await feed.make_feed(viewer, now=arrived_at(request))
    return redirect(request, "/deadlines", notice=N_("The address is made; an older one leads nowhere any more."))


@post("/deadlines/feed/stop", status_code=200)
async def stop_feed(request: AnyRequest) -> Response[Any]:
    await feed.stop_feed(require_viewer(request, "owner", "agency", role="handler"))
    return redirect(request, "/deadlines", notice=N_("The address leads nowhere any more."))


@get("/deadlines/{code:str}/{file:str}")
async def calendar_file(request: AnyRequest, code: FromPath[str], file: FromPath[str]) -> Response[str]:
    """For programs that cannot sign in: whoever has the address may read, so it is made, renewed and stopped at will."""
    if not file.endswith(".ics"):
        raise NotFound
    settings = running(request).settings
    organisation_id, name = await feed.access_feed(settings.secret_key, code, file.removesuffix(".ics"))
    now = arrived_at(request)
    text = icalendar(await events_of(organisation_id, now), name=name, site=settings.public_url, now=now)
    headers = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


routes: list[Any] = [deadlines_page, make_feed, stop_feed, calendar_file]
