"""Adding, correcting and ending qualifications, practitioners and authorised persons: one page for each."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from agencies import actions, forms
from agencies.queries.application import AuthorisedRow, PractitionerRow, QualificationRow, Reviewed, access_own
from agencies.routes.desk import Desk, desk_of, may_edit, page
from agencies.routes.entry import handler_of, home_of, saved
from agencies.rules import LONG_TERM, Stage
from market.kernel.calendar import beijing_date
from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import N_
from market.web.context import running
from market.web.forms import keep_values, read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer

AnyRequest = Request[Any, Any, Any]
Row = TypeVar("Row", bound=Reviewed)


def _own(rows: tuple[Row, ...], row_id: UUID) -> Row:
    for row in rows:
        if row.id == row_id:
            return row
    raise NotFound


async def _form_page(
    request: AnyRequest, viewer: Viewer, desk: Desk, template: str, *, row: Reviewed | None, values: dict[str, Any],
    errors: Any = None, status: int = 200, **context: Any,
) -> Response[Any]:  # fmt: skip
    dossier = await access_own(viewer)
    if not may_edit(dossier.agency):
        return redirect(request, "/agency/entry")
    return page(
        request, template, desk, status=status, row=row, values=values, errors=errors or {}, labels=forms.LABELS,
        dossier=dossier, agency=dossier.agency, back=await home_of(viewer),
        admitted=dossier.agency.stage is Stage.ADMITTED, **context,
    )  # fmt: skip


def _end(until: date) -> dict[str, Any]:
    return {
        "valid_until": "" if until == LONG_TERM else until.isoformat(),
        "long_term": "on" if until == LONG_TERM else "",
    }


# Qualifications: first the kind, then what its certificate says.


@get("/agency/qualifications/new")
async def new_qualification(request: AnyRequest, kind: FromQuery[str] = "") -> Response[Any]:
    viewer, _ = handler_of(request)
    desk = await desk_of(request)
    if not kind:
        return await _form_page(request, viewer, desk, "agencies/qualification_kinds.html", row=None, values={})
    chosen = forms.wanted_type(desk.catalogue, kind)
    return await _form_page(request, viewer, desk, "agencies/qualification.html", row=None, values={}, kind=chosen)


@post("/agency/qualifications/new")
async def add_qualification(request: AnyRequest) -> Response[Any]:
    return await _save_qualification(request, None)


@get("/agency/qualifications/{row_id:uuid}")
async def qualification_page(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = handler_of(request)
    desk, row = await desk_of(request), _own((await access_own(viewer)).qualifications, row_id)
    values = {
        "level": row.level, "specialities": list(row.specialities), "certificate_number": row.certificate_number,
        "valid_from": row.valid_from.isoformat(), **_end(row.valid_until),
    }  # fmt: skip
    kind = forms.wanted_type(desk.catalogue, row.qualification_type)
    return await _form_page(request, viewer, desk, "agencies/qualification.html", row=row, values=values, kind=kind)


@post("/agency/qualifications/{row_id:uuid}")
async def change_qualification(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    return await _save_qualification(request, row_id)


async def _save_qualification(request: AnyRequest, row_id: UUID | None) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    row: QualificationRow | None = _own((await access_own(viewer)).qualifications, row_id) if row_id else None
    named = form.get("kind")
    kind = forms.wanted_type(desk.catalogue, row.qualification_type if row else str(named or ""))
    try:
        certificate, scan = await forms.parse_certificate(
            form, kind, limit=desk.upload_limit, today=beijing_date(desk.now), needs_scan=row is None
        )
    except FormInvalid as invalid:
        values = keep_values(form, ["specialities"])
        return await _form_page(
            request, viewer, desk, "agencies/qualification.html", row=row, values=values, kind=kind,
            errors=invalid.errors, status=422,
        )  # fmt: skip
    store = running(request).files
    await actions.save_qualification(
        agency_id, row_id, certificate, scan, acting=viewer, store=store, terms=desk.terms, now=desk.now
    )
    return await saved(request, viewer, "qualifications")


# Practitioners.


@get("/agency/practitioners/new")
async def new_practitioner(request: AnyRequest) -> Response[Any]:
    viewer, _ = handler_of(request)
    return await _form_page(request, viewer, await desk_of(request), "agencies/practitioner.html", row=None, values={})


@post("/agency/practitioners/new")
async def add_practitioner(request: AnyRequest) -> Response[Any]:
    return await _save_practitioner(request, None)


@get("/agency/practitioners/{row_id:uuid}")
async def practitioner_page(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = handler_of(request)
    row = _own((await access_own(viewer)).practitioners, row_id)
    values = {
        "person_name": row.name, "profession": row.profession, "certificate_number": row.certificate_number,
        **_end(row.valid_until),
    }  # fmt: skip
    desk = await desk_of(request)
    return await _form_page(request, viewer, desk, "agencies/practitioner.html", row=row, values=values)


@post("/agency/practitioners/{row_id:uuid}")
async def change_practitioner(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    return await _save_practitioner(request, row_id)


async def _save_practitioner(request: AnyRequest, row_id: UUID | None) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    row: PractitionerRow | None = _own((await access_own(viewer)).practitioners, row_id) if row_id else None
    professions = [name for name, _ in desk.words.professions()]
    try:
        person, insurance = await forms.parse_practitioner(
            form, professions=professions, limit=desk.upload_limit, today=beijing_date(desk.now), is_new=row is None
        )
        await actions.save_practitioner(
            agency_id, row_id, person, insurance, acting=viewer, store=running(request).files,
            key=running(request).settings.secret_key, terms=desk.terms, now=desk.now,
        )  # fmt: skip
    except FormInvalid as invalid:
        return await _form_page(
            request, viewer, desk, "agencies/practitioner.html", row=row, values=keep_values(form),
            errors=invalid.errors, status=422,
        )  # fmt: skip
    return await saved(request, viewer, "practitioners")


# Authorised persons.


@get("/agency/authorised/new")
async def new_authorised(request: AnyRequest) -> Response[Any]:
    viewer, _ = handler_of(request)
    desk = await desk_of(request)
    return await _form_page(
        request, viewer, desk, "agencies/authorised.html", row=None, values={},
    )  # fmt: skip


@post("/agency/authorised/new")
async def add_authorised(request: AnyRequest) -> Response[Any]:
    return await _save_authorised(request, None)


@get("/agency/authorised/{row_id:uuid}")
async def authorised_page(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = handler_of(request)
    desk, row = await desk_of(request), _own((await access_own(viewer)).authorised, row_id)
    return await _form_page(
        request, viewer, desk, "agencies/authorised.html", row=row, values={"person_name": row.name, "phone": row.phone},
    )  # fmt: skip


@post("/agency/authorised/{row_id:uuid}")
async def change_authorised(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    return await _save_authorised(request, row_id)


async def _save_authorised(request: AnyRequest, row_id: UUID | None) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, form = await desk_of(request), await read_form(request)
    row: AuthorisedRow | None = _own((await access_own(viewer)).authorised, row_id) if row_id else None
    try:
        person, insurance, authority = await forms.parse_authorised(form, limit=desk.upload_limit, is_new=row is None)
    except FormInvalid as invalid:
        return await _form_page(
            request, viewer, desk, "agencies/authorised.html", row=row, values=keep_values(form), errors=invalid.errors,
            status=422,
        )  # fmt: skip
    store = running(request).files
    await actions.save_authorised(
        agency_id, row_id, person, insurance, authority, acting=viewer, store=store, terms=desk.terms, now=desk.now
    )
    return await saved(request, viewer, "authorised")


# Ending a row: what is in force ends at once, so it is confirmed first.

_KINDS = {
    "qualifications": actions.QUALIFICATION, "practitioners": actions.PRACTITIONER, "authorised": actions.AUTHORISED,
}  # fmt: skip
_REMOVALS = [f"/agency/{section}/{{row_id:uuid}}/remove" for section in _KINDS]


def _section(request: AnyRequest) -> str:
    return request.url.path.split("/")[2]


@get(_REMOVALS)
async def removal_page(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = handler_of(request)
    desk, dossier, section = await desk_of(request), await access_own(viewer), _section(request)
    if not may_edit(dossier.agency):
        raise NotFound
    row = _own(getattr(dossier, section), row_id)
    in_force = dossier.agency.stage is Stage.ADMITTED and row.review == "accepted"
    return page(
        request,
        "agencies/remove.html",
        desk,
        row=row,
        section=section,
        in_force=in_force,
        back=await home_of(viewer, section),
    )


@post(_REMOVALS)
async def remove(request: AnyRequest, row_id: FromPath[UUID]) -> Response[Any]:
    viewer, agency_id = handler_of(request)
    desk, section = await desk_of(request), _section(request)
    await actions.remove_row(_KINDS[section], agency_id, row_id, acting=viewer, terms=desk.terms, now=desk.now)
    return redirect(request, await home_of(viewer, section), notice=N_("Taken out."))


routes = [
    new_qualification, add_qualification, qualification_page, change_qualification, new_practitioner, add_practitioner,
    practitioner_page, change_practitioner, new_authorised, add_authorised, authorised_page, change_authorised,
    removal_page, remove,
]  # fmt: skip
