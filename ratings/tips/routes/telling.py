"""Whoever tells: under their name or anonymously; following up, adding, taking back. A code is only ever in the body of a
form, never in an address."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION
from market.kernel.errors import FormInvalid, Message
from market.kernel.files import ENDINGS
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import keep_values, read_form, refused_in_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer, viewer_of
from ratings.tips import actions, forms, queries
from ratings.tips.panels import lamp_of
from ratings.tips.queries import TipView
from ratings.tips.rules import About, follow_up_code

AnyRequest = Request[Any, Any, Any]


@get("/tips")
async def overview(request: AnyRequest) -> Response[Any]:
    viewer = viewer_of(request)
    mine = await queries.told_by(viewer.person_id) if viewer.person_id else []
    return render(request, "tips/overview.html", counts=await queries.counts(arrived_at(request)), mine=mine,
                  book=await rulebook_in_force(NATION, arrived_at(request)))  # fmt: skip


@get("/tips/new")
async def new_tip(request: AnyRequest, about: FromQuery[str] = "", reference: FromQuery[str] = "") -> Response[Any]:
    values = {"about": about if about in set(About) else "", "reference": reference[:60]}
    return await _form(request, values=values, form=secrets.token_hex(forms.FORM_LENGTH // 2))


async def _form(request: AnyRequest, *, form: str, status: int = 200, **typed: Any) -> Response[Any]:
    book = await rulebook_in_force(NATION, arrived_at(request))
    context = {"values": {}, "errors": {}, **typed}
    return render(request, "tips/new.html", status=status, form_name=form, labels=forms.LABELS, book=book,
                  text_max=forms.TEXT_MAX, **_upload_words(request), **context)  # fmt: skip


def _upload_words(request: AnyRequest) -> dict[str, Any]:
    megabytes = running(request).settings.upload_limit_bytes // (1024 * 1024)
    return {"accept": ",".join(ENDINGS), "files_most": forms.FILES_MOST, "megabytes": megabytes}


@post("/tips/new", status_code=200)
async def tell_tip(request: AnyRequest) -> Response[Any]:
    here, form, viewer = running(request), await read_form(request), viewer_of(request)
    name = forms.form_name(form)
    try:
        new, anonymous = await forms.parse_tip(form, limit=here.settings.upload_limit_bytes, signed_in=viewer.signed_in)
        with refused_in_form(request):
            code = follow_up_code(here.settings.secret_key.reveal().encode(), name) if anonymous else ""
            tip_id = await actions.tell_tip(
                actions.NewTip(new.subject, new.grounds, new.uploads, new.form, code), viewer=viewer, files=here.files,
                calendar=here.calendar, now=arrived_at(request),
            )  # fmt: skip
    except FormInvalid as invalid:
        return await _form(request, status=invalid.status, values=keep_values(form), errors=invalid.errors, form=name)
    if not anonymous:
        return redirect(request, f"/tips/{tip_id}", notice=N_("Your tip is recorded."))
    tip = await queries.tip_by_id(tip_id)
    return render(request, "tips/code.html", tip=tip, code=code, entry=await entry(tip.entry_id))


@get("/tips/follow-up")
async def follow_up_form(request: AnyRequest) -> Response[Any]:
    return render(request, "tips/follow.html", values={}, errors={}, labels=forms.LABELS)


async def _of_code(request: AnyRequest, form: FormMultiDict) -> TipView | Response[Any]:
    """The tip whose code the form carries, or the page that says that there is none."""
    try:
        tip = await queries.tip_of_code(forms.parse_code(form))
        errors = {"code": [Message(N_("No tip has this code. Check each letter; a lost code cannot be found again."))]}
    except FormInvalid as invalid:
        tip, errors = None, dict(invalid.errors)
    if tip is not None:
        return tip
    return render(request, "tips/follow.html", status=422, values=keep_values(form), errors=errors, labels=forms.LABELS)


@post("/tips/follow-up", status_code=200)
async def follow_up(request: AnyRequest) -> Response[Any]:
    form = await read_form(request)
    found = await _of_code(request, form)
    return found if isinstance(found, Response) else await _followed(request, found, str(form["code"]))


async def _followed(request: AnyRequest, tip: TipView, code: str, *, status: int = 200, **typed: Any) -> Response[Any]:
    context = {"values": {}, "errors": {}, **typed}
    return await _tip_page(request, tip, "/tips/follow-up", status=status, code=code, **context)


@post("/tips/follow-up/messages", status_code=200)
async def add_by_code(request: AnyRequest) -> Response[Any]:
    here, form = running(request), await read_form(request)
    found = await _of_code(request, form)
    if isinstance(found, Response):
        return found
    code = str(form["code"])
    try:
        added = await forms.parse_added(form, limit=here.settings.upload_limit_bytes)
        with refused_in_form(request):
            await actions.add(found, added.text, added.uploads, viewer=None, files=here.files, now=arrived_at(request))
    except FormInvalid as invalid:
        return await _followed(
            request, found, code, status=invalid.status, values=keep_values(form), errors=invalid.errors
        )
    return await _followed(request, await queries.tip_by_id(found.id), code)


@post("/tips/follow-up/withdrawal", status_code=200)
async def withdraw_by_code(request: AnyRequest) -> Response[Any]:
    form = await read_form(request)
    found = await _of_code(request, form)
    if isinstance(found, Response):
        return found
    await actions.withdraw(found, now=arrived_at(request))
    return await _followed(request, await queries.tip_by_id(found.id), str(form["code"]))


async def _tip_page(
    request: AnyRequest, tip: TipView, address: str, *, status: int = 200, **typed: Any
) -> Response[Any]:
    """`address`: under which whoever reads it goes on."""
    viewer = viewer_of(request)
    handles = queries.handles(viewer, tip) and tip.told_by != viewer.person_id
    context = {"values": {}, "errors": {}, "code": "", **typed}
    return render(
        request, "tips/tip.html", status=status, tip=tip, address=address, messages=await queries.messages_of(tip.id),
        files=await queries.files_of(tip.id), entry=await entry(tip.entry_id), handles=handles, labels=forms.LABELS,
        step=await lamp_of(tip, arrived_at(request), running(request).calendar), message_max=forms.MESSAGE_MAX,
        **_upload_words(request), **context,
    )  # fmt: skip


@get("/tips/{tip_id:uuid}")
async def tip_page(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    tip = await queries.access_tip(require_viewer(request), tip_id)
    return await _tip_page(request, tip, tip.url)


@post("/tips/{tip_id:uuid}/messages", status_code=200)
async def write(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    """Whoever told it adds something; the authority asks."""
    viewer, here, form = require_viewer(request), running(request), await read_form(request)
    tip = await queries.access_tip(viewer, tip_id)
    now, limit = arrived_at(request), here.settings.upload_limit_bytes
    try:
        with refused_in_form(request):
            if tip.told_by == viewer.person_id:
                added = await forms.parse_added(form, limit=limit)
                await actions.add(tip, added.text, added.uploads, viewer=viewer, files=here.files, now=now)
            else:
                await actions.ask(tip_id, forms.parse_question(form), viewer=viewer, now=now)
    except FormInvalid as invalid:
        return await _tip_page(
            request, tip, tip.url, status=invalid.status, values=keep_values(form), errors=invalid.errors
        )
    return redirect(request, tip.url, notice=N_("Your message has been sent."))


@post("/tips/{tip_id:uuid}/withdrawal")
async def withdraw(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    tip = await queries.access_own(require_viewer(request), tip_id)
    await actions.withdraw(tip, now=arrived_at(request))
    return redirect(request, tip.url, notice=N_("Your tip was taken back."))


@get("/tips/{tip_id:uuid}/files/{file_id:uuid}")
async def evidence_file(request: AnyRequest, tip_id: FromPath[UUID], file_id: FromPath[UUID]) -> Stream:
    """Always as a download under its own name; never shown inside the site."""
    return await download(request, await queries.access_file(require_viewer(request), tip_id, file_id))


routes: list[Any] = [
    overview, new_tip, tell_tip, follow_up_form, follow_up, add_by_code, withdraw_by_code, tip_page, write, withdraw,
    evidence_file,
]  # fmt: skip
