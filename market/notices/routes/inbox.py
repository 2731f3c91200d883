"""The inbox of one's organisation; what is read in it is each person's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.i18n import N_
from market.notices import actions, queries
from market.notices.events import KINDS
from market.web.context import arrived_at
from market.web.forms import Fields
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]
OTHER = {"other": N_("Other messages")}


@get("/messages")
async def messages_page(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request)
    assert viewer.organisation_id is not None
    kind, unread = request.query_params.get("kind", ""), request.query_params.get("show") == "unread"
    kinds = {**KINDS, **OTHER}
    kind, page = kind if kind in kinds else "", page_number(request)
    assert viewer.person_id is not None
    inbox = await queries.inbox(viewer.person_id, viewer.organisation_id, kind=kind, unread=unread, page=page)
    return render(request, "notices/inbox.html", inbox=inbox, kinds=kinds, kind=kind, unread=unread,
                  page=min(page, inbox.pages))  # fmt: skip


def page_number(request: AnyRequest) -> int:
    """From the address; whatever makes no sense there means the first page."""
    text = request.query_params.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 6 and int(text) > 0 else 1


@get("/messages/{message_id:uuid}")
async def open_message(request: AnyRequest, message_id: FromPath[UUID]) -> Response[Any]:
    """Marks it as read and goes to what it is about."""
    viewer = require_viewer(request)
    message = await queries.access_message(viewer, message_id)
    assert viewer.person_id is not None
    await actions.read_message(viewer.person_id, message.id)
    return redirect(request, message.link)


@post("/messages/{message_id:uuid}/read")
async def mark_read(request: AnyRequest, message_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request)
    message = await queries.access_message(viewer, message_id)
    assert viewer.person_id is not None
    await actions.read_message(viewer.person_id, message.id)
    return redirect(request, "/messages?show=unread", notice=N_("The message is marked as read."))


@post("/messages/read")
async def mark_all_read(request: AnyRequest) -> Response[Any]:
    """What came after the page was made stays unread: nobody has seen it."""
    viewer, fields, now = require_viewer(request), Fields(await request.form()), arrived_at(request)
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    until = _seen_until(fields.raw("until"), now)
    count = await actions.read_all(viewer.person_id, viewer.organisation_id, until=until)
    return redirect(request, "/messages", notice=N_("{count} messages are marked as read."), count=count)


def _seen_until(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(moment, now) if moment.tzinfo is not None else now


routes: list[Any] = [messages_page, open_message, mark_read, mark_all_read]
