"""Writing a notice: one long form, saved as a draft by itself and by its button."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel import files
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.posting import actions, queries
from projects.posting.forms import drafted
from projects.posting.queries import Draft
from projects.posting.routes.draft_pages import agencies_fragment, draft_page, fragment, starting_values

AnyRequest = Request[Any, Any, Any]


async def _editor(request: AnyRequest, draft_id: UUID) -> tuple[Viewer, Draft]:
    """Handlers write drafts; a published draft answers with its project."""
    viewer = require_viewer(request, "owner", role="handler")
    draft = await queries.access_draft(viewer, draft_id)
    if draft.published_at is not None:
        raise actions.already_published(draft)
    return viewer, draft


@post("/owner/drafts")
async def new_draft(request: AnyRequest) -> Response[Any]:
    viewer, now = require_viewer(request, "owner", role="handler"), arrived_at(request)
    draft_id = await actions.start_draft(viewer, await starting_values(request, viewer), now=now)
    return redirect(request, f"/owner/drafts/{draft_id}")


@get("/owner/drafts/{draft_id:uuid}")
async def edit_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "owner")
    draft = await queries.access_draft(viewer, draft_id)
    if draft.number is not None:
        return redirect(request, f"/projects/{draft.number}")
    return await draft_page(request, viewer, draft)


@post("/owner/drafts/{draft_id:uuid}")
async def save_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """Saves whatever was typed. Automatic saving needs no page; the button `check` goes on to the check page."""
    viewer, _ = await _editor(request, draft_id)
    form = await read_form(request)
    await actions.save_draft(viewer, draft_id, drafted(form), now=arrived_at(request))
    if request.headers.get("hx-request"):
        return Response(None, status_code=204)
    if form.get("then") == "search":
        return redirect(request, f"/owner/drafts/{draft_id}#f-invited")
    if form.get("then") == "check":
        return redirect(request, f"/owner/drafts/{draft_id}/check")
    return redirect(
        request, f"/owner/drafts/{draft_id}", notice=N_("The draft is saved. Nobody outside your organisation sees it.")
    )


@post("/owner/drafts/{draft_id:uuid}/matching", status_code=200)
async def count_matching(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """How many admitted agencies would qualify for what is in the form right now; nothing is saved."""
    viewer, draft = await _editor(request, draft_id)
    return await fragment(request, viewer, draft, drafted(await read_form(request)), "projects/_draft_aside.html")


@post("/owner/drafts/{draft_id:uuid}/requirements", status_code=200)
async def show_requirements(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """The qualifications that may be asked for, for the service items chosen right now."""
    viewer, draft = await _editor(request, draft_id)
    return await fragment(
        request, viewer, draft, drafted(await read_form(request)), "projects/_draft_requirements.html"
    )


@post("/owner/drafts/{draft_id:uuid}/agencies", status_code=200)
async def find_agencies(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    """The agencies that can be named, by the words in the search field right now; nothing is saved."""
    _, draft = await _editor(request, draft_id)
    return await agencies_fragment(request, draft, drafted(await read_form(request)))


async def _draft_form(request: AnyRequest, draft_id: UUID, **typed: Any) -> Response[Any]:
    return await draft_page(request, *await _editor(request, draft_id), **typed)


@post("/owner/drafts/{draft_id:uuid}/files")
@comes_back_to(_draft_form)
async def add_file(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _editor(request, draft_id)
    here, now = running(request), arrived_at(request)
    fields = Fields(await read_form(request))
    label = fields.text("label", N_("Name of the document"), max_length=80, required=False)
    upload = await fields.upload("document", N_("Document"), limit=here.settings.upload_limit_bytes)
    fields.check()
    assert upload is not None
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    stored = await files.keep(here.files, upload, owner=viewer.organisation_id, by=viewer.person_id, now=now)
    await actions.attach_file(viewer, draft_id, stored, label or stored.name, now=now)
    return redirect(
        request,
        f"/owner/drafts/{draft_id}#documents",
        notice=N_("The document is attached. It becomes public with the notice."),
    )


@post("/owner/drafts/{draft_id:uuid}/files/{file_id:uuid}/remove")
async def remove_file(request: AnyRequest, draft_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _editor(request, draft_id)
    await actions.detach_file(viewer, draft_id, file_id, now=arrived_at(request))
    return redirect(request, f"/owner/drafts/{draft_id}#documents", notice=N_("The document was taken off the draft."))


@get("/owner/drafts/{draft_id:uuid}/discard")
async def confirm_discard(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    _, draft = await _editor(request, draft_id)
    return render(request, "projects/discard.html", draft=draft)


@post("/owner/drafts/{draft_id:uuid}/discard")
async def discard(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _editor(request, draft_id)
    await actions.discard_draft(viewer, draft_id)
    return redirect(request, "/owner/drafts", notice=N_("The draft is gone."))


routes: list[Any] = [
    new_draft, edit_draft, save_draft, count_matching, show_requirements, find_agencies, add_file, remove_file, confirm_discard, discard,
]  # fmt: skip
