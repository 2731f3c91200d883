"""Other authorities' lists: what anybody may read of them, and the desk where one person uploads and another confirms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from agencies.rules import IMPORTED_LISTS, LIST_KEEPERS
from market.accounts.step_up import require_fresh_code
from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_, speaking
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from ratings.imported import actions, queries
from ratings.imported.export import as_csv, as_json
from ratings.imported.forms import SOURCE_MAX, parse_seen, parse_upload
from ratings.imported.queries import Listed
from ratings.imported.rules import MOST_BYTES

AnyRequest = Request[Any, Any, Any]
USUAL = timedelta(minutes=10)  # in which a job takes over the longest of lists
FORM_BYTES = 1024 * 1024  # what a form has beside its file


async def _asked(request: AnyRequest, name: str | None) -> tuple[str | None, list[Listed]]:
    """The chosen list, all where none is named, and who of this market stands there."""
    chosen = name if name in IMPORTED_LISTS else None
    return chosen, await queries.listed_here(chosen, beijing_date(arrived_at(request)))


@get("/lists/imported")
async def public_page(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[str]:
    chosen, listed = await _asked(request, name)
    return render(request, "ratings/imported.html", chosen=chosen, listed=listed, list_names=IMPORTED_LISTS,
                  keepers=LIST_KEEPERS, taken_over=await queries.uploads(confirmed=True))  # fmt: skip


@get("/lists/imported.csv")
async def public_csv(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[bytes]:
    _, listed = await _asked(request, name)
    with speaking(locale_of(request)):
        content = as_csv(listed)
    headers = {"Content-Disposition": 'attachment; filename="imported-lists.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@get("/lists/imported.json")
async def public_json(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[dict[str, Any]]:
    _, listed = await _asked(request, name)
    return Response(as_json(listed, arrived_at(request), running(request).settings.public_url))


@get("/operator/lists")
async def desk(request: AnyRequest) -> Response[str]:
    return await _desk(request)


async def _desk(request: AnyRequest, **typed: Any) -> Response[str]:
    require_viewer(request, "operator")
    return render(request, "ratings/imported_desk.html", list_names=IMPORTED_LISTS, uploads=await queries.uploads(),
                  source_max=SOURCE_MAX, **typed)  # fmt: skip


@post("/operator/lists", status_code=200, request_max_body_size=MOST_BYTES + FORM_BYTES)
@comes_back_to(_desk)
async def upload(request: AnyRequest) -> Response[Any]:
    viewer, now = require_viewer(request, "operator"), arrived_at(request)
    new = replace(await parse_upload(await read_form(request), now=now), by_program=viewer.token_id is not None)
    upload_id = await actions.upload_list(new, acting=viewer, files=running(request).files, now=now)
    return redirect(
        request, f"/operator/lists/{upload_id}", notice=N_("Nothing has changed yet: see what it would change.")
    )


@get("/operator/lists/{upload_id:uuid}")
async def upload_page(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[str]:
    viewer = require_viewer(request, "operator")
    found = await queries.upload_view(upload_id)
    own, may_confirm = found.uploaded_by == viewer.person_id, viewer.has_role("signatory")
    diff, changes = (found.foreseen, await queries.foreseen_changes(found.id)) if found.waits else (None, [])
    return render(
        request, "ratings/imported_upload.html", upload=found, diff=diff, changes=changes, list_names=IMPORTED_LISTS,
        own=own, may_confirm=may_confirm, stalled=found.taking_since(arrived_at(request)) > USUAL,
    )  # fmt: skip


@get("/operator/lists/{upload_id:uuid}/confirm")
async def confirm_page(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[str]:
    viewer = require_viewer(request, "operator", role="signatory")
    found = await queries.upload_view(upload_id)
    actions.check_confirmable(found, viewer)
    await require_fresh_code(request)
    return render(
        request, "ratings/imported_confirm.html", upload=found, diff=found.foreseen, list_names=IMPORTED_LISTS
    )


@post("/operator/lists/{upload_id:uuid}/confirm", status_code=200)
async def confirm(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, "operator", role="signatory"), arrived_at(request)
    await queries.upload_view(upload_id)
    await require_fresh_code(request)
    done = await actions.confirm_upload(upload_id, parse_seen(await read_form(request)), acting=viewer, now=now)
    notice = N_("The list was taken over.") if done else N_("Confirmed: the list is being taken over.")
    return redirect(request, f"/operator/lists/{upload_id}", notice=notice)


@post("/operator/lists/{upload_id:uuid}/discard", status_code=200)
async def discard(request: AnyRequest, upload_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, "operator"), arrived_at(request)
    await actions.discard_upload(upload_id, acting=viewer, now=now)
    return redirect(request, "/operator/lists", notice=N_("The upload was discarded; nothing of it was taken over."))


routes: list[Any] = [public_page, public_csv, public_json, desk, upload, upload_page, confirm_page, confirm, discard]
