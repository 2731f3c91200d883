"""The operator's pages: the queue, the review of an application or of changes, the end of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from agencies import actions, forms
from agencies.queries.application import Dossier, access_to_review, pending_items
from agencies.queries.reviews import review_queue, watched
from agencies.routes.desk import Desk, desk_of, marks_on, page, steps
from agencies.rules import FirmDetails, Stage, uncovered
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]


@get("/operator/entries")
async def queue_page(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator")
    desk = await desk_of(request)
    to_review = [(line, desk.lamp(line.since, line.due_at)) for line in await review_queue()]
    return page(request, "agencies/queue.html", desk, to_review=to_review, watched=await watched(), kinds=KIND_NAMES)


KIND_NAMES = {
    "application": N_("Application for entry"),
    "changes": N_("Changes of an admitted agency"),
    "returned": N_("Returned for correction"),
    "notice": N_("In public notice"),
}


@get("/operator/entries/{code:str}")
async def review_page(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    return await _review_page(request, code)


async def _review_page(
    request: AnyRequest, code: str, *, values: Mapping[str, Any] | None = None, **typed: Any
) -> Response[Any]:
    viewer = require_viewer(request, "operator", "regulator")
    desk, dossier = await desk_of(request), await access_to_review(viewer, code)
    agency = dossier.agency
    under_review = _items_under_review(dossier)
    firm = dossier.change_of("firm")
    proposed = FirmDetails.from_json(firm.proposed) if firm else None
    marks = await marks_on(desk, dossier) if agency.stage is Stage.SUBMITTED else []
    return page(
        request, "agencies/review.html", desk, dossier=dossier, agency=agency, marks=marks,
        values={**_verdict_values(dossier), **(values or {})}, items=under_review, steps=steps(desk, agency), labels=forms.LABELS,
        proposed_firm=proposed, firm_fields=proposed.differing(agency.firm) if proposed else (),
        may_decide=viewer.is_operator and viewer.has_role("handler"), uncovered=_uncovered(desk, dossier),
        rounds=desk.rulebook.integer("entry.correction_rounds"), notice_days=desk.rulebook.days("entry.notice_days"),
        correction_days=desk.rulebook.days("entry.correction_days"), lamp=_lamp(desk, dossier), names=item_names(desk, dossier),
        **typed,
    )  # fmt: skip


def item_names(desk: Desk, dossier: Dossier) -> dict[str, str]:
    """What the items of past reviews were, as far as they still exist."""
    found = {f"qualification:{row.id}": row.certificate_number for row in dossier.qualifications}
    found |= {f"practitioner:{row.id}": row.name for row in dossier.practitioners}
    return found | {f"authorised:{row.id}": row.name for row in dossier.authorised}


def _items_under_review(dossier: Dossier) -> list[str]:
    if dossier.agency.stage is Stage.SUBMITTED:
        return actions.review_items(dossier)
    return pending_items(dossier) if dossier.agency.stage is Stage.ADMITTED else []


def _verdict_values(dossier: Dossier) -> dict[str, Any]:
    """What was accepted in an earlier round is proposed as accepted."""
    rows = {f"qualification:{row.id}": row.review for row in dossier.qualifications}
    rows |= {f"practitioner:{row.id}": row.review for row in dossier.practitioners}
    rows |= {f"authorised:{row.id}": row.review for row in dossier.authorised}
    return {f"verdict-{item}": "accept" for item, review in rows.items() if review == "accepted"}


def _uncovered(desk: Desk, dossier: Dossier) -> list[str]:
    held = [row.held for row in dossier.qualifications]
    return [desk.words.item(item.code) for item in uncovered(dossier.agency.service_items, held, desk.catalogue)]


def _lamp(desk: Desk, dossier: Dossier) -> str | None:
    agency = dossier.agency
    if agency.stage is Stage.SUBMITTED and agency.submitted_at:
        return desk.lamp(agency.submitted_at, agency.due_at)
    if agency.changes_since:
        return desk.lamp(agency.changes_since, agency.changes_due_at)
    return None


@post("/operator/entries/{code:str}")
@comes_back_to(_review_page)
async def decide(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "operator", role="handler")
    dossier, form = await access_to_review(viewer, code), await read_form(request)
    if dossier.agency.stage is Stage.ADMITTED:
        return await _decide_changes(request, viewer, dossier, form)
    return await _decide_application(request, viewer, dossier, form)


async def _decide_application(request: AnyRequest, viewer: Viewer, dossier: Dossier, form: Any) -> Response[Any]:
    desk = await desk_of(request)
    command = forms.parse_application_review(form, actions.review_items(dossier))
    await actions.review_application(
        dossier.agency.id, command.decision, command.verdicts, command.reason, version=command.version, acting=viewer,
        catalogue=desk.catalogue, terms=desk.terms, now=desk.now,
    )  # fmt: skip
    return redirect(
        request,
        "/operator/entries",
        notice=N_("The decision on {name} is recorded; the agency has been told."),
        name=dossier.agency.name,
    )


async def _decide_changes(request: AnyRequest, viewer: Viewer, dossier: Dossier, form: Any) -> Response[Any]:
    desk = await desk_of(request)
    verdicts, version = forms.parse_changes_review(form, pending_items(dossier))
    await actions.review_changes(
        dossier.agency.id, verdicts, version=version, acting=viewer, terms=desk.terms, now=desk.now
    )
    return redirect(
        request,
        "/operator/entries",
        notice=N_("The decision on {name} is recorded; the agency has been told."),
        name=dossier.agency.name,
    )


@post("/operator/entries/{code:str}/stop")
@comes_back_to(_review_page)
async def stop_entry(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "operator", role="signatory")
    dossier, form = await access_to_review(viewer, code), await read_form(request)
    if dossier.agency.stage is not Stage.NOTICE:
        raise NotFound
    reason, version = forms.parse_reason(form), forms.parse_version(form)
    await actions.stop_entry(dossier.agency.id, reason, version=version, acting=viewer, now=arrived_at(request))
    return redirect(request, "/operator/entries", notice=N_("The entry is stopped and recorded in the register."))


routes = [queue_page, review_page, decide, stop_entry]
