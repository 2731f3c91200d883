"""How one wants to be told: ways and hours, confirmed addresses, and the link at the end of every e-mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import LOCALES, N_
from market.notices import actions, queries
from market.notices.events import BY_ID, KINDS, events_of_kind
from market.notices.forms import parse_preferences
from market.notices.rules import CHANNELS
from market.notices.signing import read_unsubscribe_token
from market.web.context import arrived_at, running
from market.web.forms import Fields
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]
PAGE = "/account/messages"


def _person(request: AnyRequest) -> UUID:
    person_id = require_viewer(request).person_id
    assert person_id is not None
    return person_id


async def _page(request: AnyRequest, errors: Any, *, status: int = 200) -> Response[Any]:
    person_id = _person(request)
    return render(
        request, "notices/preferences.html", status=status, errors=errors,
        preference=(await queries.preferences_of([person_id]))[person_id], kinds=KINDS, events_of_kind=events_of_kind,
        addresses=await queries.addresses_of(person_id), reached_at=await queries.person_reached_at(person_id),
        parcels=await queries.parcels_of(person_id), channels=CHANNELS, languages=list(LOCALES.items()),
    )  # fmt: skip


@get(PAGE)
async def preferences_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, {})


@post(PAGE)
async def change_preferences(request: AnyRequest) -> Response[Any]:
    person_id = _person(request)
    try:
        wishes = parse_preferences(await request.form())
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, status=422)
    await actions.change_preferences(person_id, wishes, now=arrived_at(request))
    return redirect(request, PAGE, notice=N_("Your choice is saved; it counts from the next message on."))


@post("/account/messages/{channel:str}/code")
async def ask_for_code(request: AnyRequest, channel: FromPath[str]) -> Response[Any]:
    person_id = _person(request)
    if channel not in CHANNELS:
        raise NotFound
    await actions.ask_for_code(person_id, channel, locale=locale_of(request), now=arrived_at(request))
    return redirect(request, f"{PAGE}#addresses", notice=N_("The code is on its way. Enter it here within 15 minutes."))


@post("/account/messages/{channel:str}/confirm")
async def confirm_address(request: AnyRequest, channel: FromPath[str]) -> Response[Any]:
    person_id, fields = _person(request), Fields(await request.form())
    if channel not in CHANNELS:
        raise NotFound
    code = fields.text(f"code_{channel}", N_("Code"), max_length=12)
    try:
        fields.check()
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, status=422)
    await actions.give_code(person_id, channel, code, key=running(request).settings.secret_key)
    return redirect(request, f"{PAGE}#addresses", notice=N_("The address is confirmed: messages go there from now on."))


def _stopped(request: AnyRequest, token: str) -> tuple[UUID, str]:
    """Whose e-mails about what a link is for. NotFound for a link that is not ours."""
    found = read_unsubscribe_token(running(request).settings.secret_key, token)
    if found is None or (found[1] and found[1] not in BY_ID):
        raise NotFound
    return found


def _stop_page(request: AnyRequest, token: str, event_id: str, *, done: bool) -> Response[Any]:
    return render(request, "notices/stop.html", token=token, event=BY_ID.get(event_id), done=done)


@get("/messages/stop/{token:str}")
async def stop_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    return _stop_page(request, token, _stopped(request, token)[1], done=False)


@post("/messages/stop/{token:str}", status_code=200, csrf_exempt=True, request_max_body_size=10_000)
async def stop_mails(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """One click of a mail program (RFC 8058), or of the page: the link's signature stands for the person."""
    person_id, event_id = _stopped(request, token)
    await actions.stop(person_id, event_id or None)
    return _stop_page(request, token, event_id, done=True)


routes: list[Any] = [preferences_page, change_preferences, ask_for_code, confirm_address, stop_page, stop_mails]
