"""Those who supervise: the party told, a hearing held, a talk held."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.kernel.errors import FormInvalid
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer
from ratings.cases import actions, rules
from ratings.cases.actions import Notice
from ratings.cases.forms import parse_hearing, parse_minutes, parse_notice, parse_talk, parse_talk_minutes
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import AnyRequest, as_authority, offered, step_page


@get("/cases/{number:str}/notice")
async def notice_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_authority(request, number)
    return await _notice_page(request, found)


async def _notice_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_notice(found.history)
    return await step_page(request, "cases/notice.html", found, status=status, offered=await offered(found), **typed)


@post("/cases/{number:str}/notice", status_code=200)
async def notify(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_authority(request, number)
    here, form = running(request), await read_form(request)
    try:
        notice = Notice(*await parse_notice(form, await offered(found), limit=here.settings.upload_limit_bytes))
    except FormInvalid as invalid:
        return await _notice_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    await actions.notify(
        number, notice, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(request, found.url, notice=N_("The party has been told; its time to defend runs."))


@get("/cases/{number:str}/hearing")
async def hearing_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_authority(request, number)
    return await _hearing_page(request, found)


async def _hearing_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_hearing(found.history)
    return await step_page(request, "cases/hearing.html", found, status=status, **typed)


@post("/cases/{number:str}/hearing", status_code=200)
async def hearing(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Sets the time, or writes the minutes, by which of the two forms was sent."""
    viewer, found = await as_authority(request, number)
    form = await read_form(request)
    try:
        await _hear(request, form, viewer, number)
    except FormInvalid as invalid:
        return await _hearing_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    return redirect(request, found.url, notice=N_("Recorded."))


async def _hear(request: AnyRequest, form: FormMultiDict, viewer: Viewer, number: str) -> None:
    here, now = running(request), arrived_at(request)
    if form.get("do") == "minutes":
        minutes, uploads = await parse_minutes(form, limit=here.settings.upload_limit_bytes)
        await actions.write_minutes(number, minutes, uploads, viewer=viewer, files=here.files, now=now)
    else:
        at, place = parse_hearing(form)
        await actions.set_hearing(number, at, place, viewer=viewer, now=now)


@get("/cases/{number:str}/talk")
async def talk_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    _, found = await as_authority(request, number)
    return await _talk_page(request, found)


async def _talk_page(request: AnyRequest, found: CaseView, *, status: int = 200, **typed: Any) -> Response[Any]:
    rules.check_talk(ordered=found.talk_ordered)
    return await step_page(request, "cases/talk.html", found, status=status, **typed)


@post("/cases/{number:str}/talk", status_code=200)
async def talk(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Invites, or writes the minutes, by which of the two forms was sent."""
    viewer, found = await as_authority(request, number)
    form = await read_form(request)
    try:
        await _talk(request, form, viewer, number)
    except FormInvalid as invalid:
        return await _talk_page(request, found, status=422, values=keep_values(form), errors=invalid.errors)
    return redirect(request, found.url, notice=N_("Recorded. The party has been told."))


async def _talk(request: AnyRequest, form: FormMultiDict, viewer: Viewer, number: str) -> None:
    here, now = running(request), arrived_at(request)
    if form.get("do") == "minutes":
        minutes = await parse_talk_minutes(form, limit=here.settings.upload_limit_bytes)
        await actions.write_talk(number, minutes, viewer=viewer, files=here.files, now=now)
    else:
        at, place = parse_talk(form)
        await actions.set_talk(number, at, place, viewer=viewer, now=now)


routes: list[Any] = [notice_page, notify, hearing_page, hearing, talk_page, talk]
