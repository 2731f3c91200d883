"""Check your answers, and publish: irrevocable from there on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.posting import actions, queries
from projects.posting.forms import parse
from projects.posting.routes.draft_pages import books_now, check_page, draft_page

AnyRequest = Request[Any, Any, Any]


@get("/owner/drafts/{draft_id:uuid}/check")
async def check_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """Everything once more, how the publishing checks go, and what publication means."""
    viewer, now = require_viewer(request, "owner"), arrived_at(request)
    draft = await queries.access_draft(viewer, draft_id)
    if draft.number is not None:
        return redirect(request, f"/projects/{draft.number}")
    books = await books_now(request, str(draft.values.get("region_code") or ""))
    try:
        notice = parse(draft.values, books.catalogue, now=now)
        findings = await actions.findings_for(notice, draft.owner_id, books, now=now, repost_of=draft.repost_of)
    except FormInvalid as invalid:
        return await draft_page(request, viewer, draft, errors=invalid.errors, status=422)
    return await check_page(request, viewer, draft, notice, findings, books)


@post("/owner/drafts/{draft_id:uuid}/publish")
async def publish(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    viewer, now, here = require_viewer(request, "owner", role="signatory"), arrived_at(request), running(request)
    form = await read_form(request)
    draft = await queries.access_draft(viewer, draft_id)
    if draft.number is not None:
        return redirect(
            request, f"/projects/{draft.number}", notice=N_("This notice is published already."), tone="info"
        )
    number = await actions.publish(
        viewer, draft_id, seen=str(form.get("seen", "")), calendar=here.calendar, beacon=here.beacon, now=now
    )
    return redirect(request, f"/projects/{number}?receipt=1")


@post("/projects/{number:str}/repost")
async def repost(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """A failed project becomes a new draft with the same text."""
    viewer = require_viewer(request, "owner", role="handler")
    draft_id = await actions.repost(viewer, number, now=arrived_at(request))
    return redirect(
        request,
        f"/owner/drafts/{draft_id}",
        notice=N_("A new draft with the same text. Change the terms and choose a closing time."),
    )


routes: list[Any] = [check_draft, publish, repost]
