"""The page of a live bidding, for the agencies of its pool: where it stands, one's own bids, and the one thing to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.beacon.source import Beacon
from market.kernel.errors import FormInvalid, Refusal
from market.kernel.i18n import N_
from market.register.canonical import canonical
from market.register.queries import entry
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.streams import EventStream, OpenStream, open_streams
from market.web.viewer import Viewer, require_viewer
from projects.selection.bids.queries import standing_bid
from projects.selection.live import actions, panels, queries
from projects.selection.live.boards import boards_of
from projects.selection.live.events import Watcher, clock_of, events, state_of
from projects.selection.live.forms import LABELS, parse_bid
from projects.selection.live.queries import Bidding
from projects.selection.live.rules import limits_text, quoted_text, step_text
from projects.selection.rounds.queries import open_round
from projects.selection.rounds.story import round_public_at

__all__ = ["panels", "routes"]

AnyRequest = Request[Any, Any, Any]
MOST_STREAMS: Final = 6  # of one agency in one process: a browser keeps six lines to a site at most
SECONDS_TO_RETURN: Final = "15"


def _agency(request: AnyRequest, *, role: str | None = None) -> tuple[Viewer, UUID]:
    viewer = require_viewer(request, "agency", role=role)
    assert viewer.organisation_id is not None
    return viewer, viewer.organisation_id


def _watcher(request: AnyRequest, bidding: Bidding, agency_id: UUID) -> Watcher:
    here = running(request)
    return Watcher(bidding, agency_id, locale_of(request), here.clock, here.settings.clock_speed)


@get("/projects/{number:str}/live")
async def live_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, _ = _agency(request)
    return await _page(request, viewer, await queries.access_bidding(viewer, number))


async def _page(
    request: AnyRequest, viewer: Viewer, bidding: Bidding, *, status: int = 200, **typed: Any
) -> Response[Any]:
    assert viewer.organisation_id is not None
    watcher = _watcher(request, bidding, viewer.organisation_id)
    bests = await queries.bests_of(bidding.project.id, bidding.schedule.starts_at, bidding.quote)
    context = {"values": {}, "errors": {}, "refusal": None, **typed}
    return render(
        request, "selection/live.html", status=status, bidding=bidding, project=bidding.project,
        schedule=bidding.schedule, state=state_of(watcher, bests, arrived_at(request)), clock=clock_of(watcher),
        bids=await queries.own_bids(bidding, viewer.organisation_id), label=LABELS[bidding.quote],
        reserve=await standing_bid(bidding.project.id, viewer.organisation_id), may_bid=viewer.has_role("handler"),
        limits=limits_text(bidding.bounds), step=step_text(bidding.bounds), following=bidding.bounds.next_after, quoted_text=lambda quoted: quoted_text(bidding.quote, quoted),
        opens_at=await _opens_at(request, bidding), **context,
    )  # fmt: skip


async def _opens_at(request: AnyRequest, bidding: Bidding) -> datetime | None:
    """When the beacon round that opens the reserve prices is out."""
    beacon: Beacon = running(request).beacon
    current = await open_round(bidding.project.id)
    return round_public_at(current, beacon.chain) if current is not None else None


@post("/projects/{number:str}/live")
async def make_bid(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, agency_id = _agency(request, role="handler")
    bidding = await queries.access_bidding(viewer, number)
    form = await read_form(request)
    # Only when the amount is here: a request begun in time must not choose it once the others' last bids are known.
    now = running(request).clock.now()
    assert viewer.person_id is not None
    try:
        quoted = parse_bid(form, bidding.quote)
        new = actions.NewBid(agency_id, viewer.organisation_code, quoted, viewer.person_id)
        await actions.bid(bidding.project.id, new, now=now)
    except FormInvalid as invalid:
        return await _page(request, viewer, bidding, status=422, values=keep_values(form), errors=invalid.errors)
    except Refusal as refusal:
        return await _page(request, viewer, bidding, status=409, values=keep_values(form), refusal=refusal)
    return redirect(request, f"{bidding.url}#own-bids", notice=N_("Your bid is recorded."))


@get("/projects/{number:str}/live/events")
async def live_events(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Server-sent events: "state" is complete each time, so that a page which comes back has missed nothing."""
    viewer, agency_id = _agency(request)
    bidding = await queries.access_bidding(viewer, number)
    key = (agency_id, bidding.project.id)
    if open_streams(key) >= MOST_STREAMS:
        return Response(None, status_code=429, headers={"retry-after": SECONDS_TO_RETURN})
    stream = OpenStream(key)
    watcher = _watcher(request, bidding, agency_id)
    return EventStream(stream, events(watcher, boards_of(running(request).dsn), stream))


@get("/projects/{number:str}/live/bids/{bid_id:uuid}")
async def bid_receipt(request: AnyRequest, number: FromPath[str], bid_id: FromPath[UUID]) -> Response[Any]:
    viewer, agency_id = _agency(request)
    bidding = await queries.access_bidding(viewer, number)
    found = await queries.own_bid(bidding, agency_id, bid_id)
    return render(
        request, "selection/live_receipt.html", bidding=bidding, project=bidding.project, bid=found,
        entry=await entry(found.entry_id), quoted=quoted_text(bidding.quote, found.quoted),
    )  # fmt: skip


@get("/projects/{number:str}/live/bids/{bid_id:uuid}/receipt.json")
async def bid_proof(request: AnyRequest, number: FromPath[str], bid_id: FromPath[UUID]) -> Response[bytes]:
    """What the bidder needs to prove that the register entry held this amount from the start: salt and facts behind
    its digest."""
    viewer, agency_id = _agency(request)
    bidding = await queries.access_bidding(viewer, number)
    found = await queries.own_bid(bidding, agency_id, bid_id)
    sealed = await queries.sealed_facts(found.entry_id)
    salt, facts = sealed if sealed is not None else (None, None)
    name = f"{bidding.project.number}-{found.no}-{found.quoted}.json"
    return Response(
        canonical({"entry": str(found.entry_id), "salt": salt, "facts": facts}), media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


routes: list[Any] = [live_page, make_bid, live_events, bid_receipt, bid_proof]
