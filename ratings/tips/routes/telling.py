"""Whoever tells: under their name or anonymously; following up, adding, taking back. A code is only ever in the body of a
form, never in an address."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
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
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import download
from market.web.forms import read_form
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
    values = {"about": about if about in set(About) else "", "reference": reference[:60],
              "form": secrets.token_hex(forms.FORM_LENGTH // 2)}  # fmt: skip
    return await _form(request, values=values)


async def _form(request: AnyRequest, *, values: Mapping[str, Any], **typed: Any) -> Response[Any]:
    """Raises FormInvalid where the form has lost its name."""
    book = await rulebook_in_force(NATION, arrived_at(request))
    return render(request, "tips/new.html", form_name=forms.form_name(values), labels=forms.LABELS, book=book, values=values,
                  text_max=forms.TEXT_MAX, **_upload_words(request), **typed)  # fmt: skip


def _upload_words(request: AnyRequest) -> dict[str, Any]:
    megabytes = running(request).settings.upload_limit_bytes // (1024 * 1024)
    return {"accept": ",".join(ENDINGS), "files_most": forms.FILES_MOST, "megabytes": megabytes}


@post("/tips/new", status_code=200)
@comes_back_to(_form)
async def tell_tip(request: AnyRequest) -> Response[Any]:
    here, form, viewer = running(request), await read_form(request), viewer_of(request)
    new, anonymous = await forms.parse_tip(form, limit=here.settings.upload_limit_bytes, signed_in=viewer.signed_in)
    code = follow_up_code(here.settings.secret_key.reveal().encode(), new.form) if anonymous else ""
    tip_id = await actions.tell_tip(
        replace(new, code=code), viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    if not anonymous:
        return redirect(request, f"/tips/{tip_id}", notice=N_("Your tip is recorded."))
    tip = await queries.tip_by_id(tip_id)
    return render(request, "tips/code.html", tip=tip, code=code, entry=await entry(tip.entry_id))


@get("/tips/follow-up")
async def follow_up_form(request: AnyRequest) -> Response[Any]:
    return await _code_page(request)


async def _code_page(request: AnyRequest, **typed: Any) -> Response[Any]:
    return render(request, "tips/follow.html", labels=forms.LABELS, **typed)


async def _of_code(form: FormMultiDict) -> TipView:
    """The tip whose code the form carries. Raises FormInvalid where there is none."""
    tip = await queries.tip_of_code(forms.parse_code(form))
    if tip is None:
        unknown = Message(N_("No tip has this code. Check each letter; a lost code cannot be found again."))
        raise FormInvalid({"code": [unknown]})
    return tip


async def _followed(request: AnyRequest, **typed: Any) -> Response[Any]:
    form = await read_form(request)
    return await _tip_page(request, await _of_code(form), "/tips/follow-up", code=str(form["code"]), **typed)


@post("/tips/follow-up", status_code=200)
@comes_back_to(_code_page)
async def follow_up(request: AnyRequest) -> Response[Any]:
    return await _followed(request)


# Without a tip of its code, `_followed` is no page either: then the outer one asks for the code.
@post("/tips/follow-up/messages", status_code=200)
@comes_back_to(_code_page)
@comes_back_to(_followed)
async def add_by_code(request: AnyRequest) -> Response[Any]:
    here, form = running(request), await read_form(request)
    tip = await _of_code(form)
    added = await forms.parse_added(form, limit=here.settings.upload_limit_bytes)
    await actions.add(tip, added.text, added.uploads, viewer=None, files=here.files, now=arrived_at(request))
    return await _followed(request)


@post("/tips/follow-up/withdrawal", status_code=200)
@comes_back_to(_code_page)
@comes_back_to(_followed)
async def withdraw_by_code(request: AnyRequest) -> Response[Any]:
    await actions.withdraw(await _of_code(await read_form(request)), now=arrived_at(request))
    return await _followed(request)


async def _tip_page(request: AnyRequest, tip: TipView, address: str, *, code: str = "", **typed: Any) -> Response[Any]:
    """`address`: under which whoever reads it goes on; `code`: of an anonymous teller."""
    viewer = viewer_of(request)
    handles = queries.handles(viewer, tip) and tip.told_by != viewer.person_id
    return render(
        request, "tips/tip.html", tip=tip, address=address, code=code, messages=await queries.messages_of(tip.id),
        files=await queries.files_of(tip.id), entry=await entry(tip.entry_id), handles=handles, labels=forms.LABELS,
        step=await lamp_of(tip, arrived_at(request), running(request).calendar), message_max=forms.MESSAGE_MAX,
        **_upload_words(request), **typed,
    )  # fmt: skip


@get("/tips/{tip_id:uuid}")
async def tip_page(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    """Whoever came to it by an old message, and does not deal with it, reads who does."""
    if (elsewhere := await queries.elsewhere(require_viewer(request), tip_id)) is not None:
        return render(request, "tips/elsewhere.html", tip=elsewhere)
    return await _read(request, tip_id)


async def _read(request: AnyRequest, tip_id: UUID, **typed: Any) -> Response[Any]:
    tip = await queries.access_tip(require_viewer(request), tip_id)
    return await _tip_page(request, tip, tip.url, **typed)


@post("/tips/{tip_id:uuid}/messages", status_code=200)
@comes_back_to(_read)
async def write(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    """Whoever told it adds something; the authority asks."""
    viewer, here, form = require_viewer(request), running(request), await read_form(request)
    tip = await queries.access_tip(viewer, tip_id)
    now, limit = arrived_at(request), here.settings.upload_limit_bytes
    if tip.told_by == viewer.person_id:
        added = await forms.parse_added(form, limit=limit)
        await actions.add(tip, added.text, added.uploads, viewer=viewer, files=here.files, now=now)
    else:
        await actions.ask(tip_id, forms.parse_question(form), viewer=viewer, now=now)
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
