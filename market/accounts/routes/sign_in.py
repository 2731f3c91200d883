"""Signing in and out, with the second factor."""

from __future__ import annotations

from typing import Annotated, Any

import pyotp
import segno
from litestar import Request, Response, get, post
from litestar.params import FromQuery, Parameter
from markupsafe import Markup

from market.accounts import actions, queries
from market.accounts.passwords import new_totp_secret, seal, unseal
from market.accounts.step_up import FRESH, TOTP, accept_code
from market.kernel.errors import Message, NotFound, Refusal, Throttled
from market.kernel.i18n import N_
from market.web.context import running
from market.web.pages import render
from market.web.receipts import is_own_path, redirect
from market.web.security import SESSION_COOKIE, set_cookie
from market.web.viewer import require_viewer, viewer_of

AnyRequest = Request[Any, Any, Any]
WRONG_CODE = Message(N_("This code is wrong or was used before. Wait for the next one and type it in."))


def own_page(path: str) -> str:
    """A page of ours to go back to; anything else is the work bench."""
    return path if is_own_path(path) else "/workbench"


@get("/sign-in")
async def sign_in_page(
    request: AnyRequest, back: FromQuery[Annotated[str, Parameter(max_length=500)]] = ""
) -> Response[Any]:
    if viewer_of(request).signed_in:
        return redirect(request, own_page(back))
    return render(request, "accounts/sign_in.html", errors={}, values={"back": own_page(back)})


@post("/sign-in")
async def sign_in(request: AnyRequest) -> Response[Any]:
    form = await request.form()
    login, password = str(form.get("login", "")).strip().lower(), str(form.get("password", ""))
    values = {"login": login, "back": own_page(str(form.get("back", "")))}
    try:
        signed_in = await actions.sign_in(
            login, password, hours=running(request).settings.session_hours,
            user_agent=request.headers.get("user-agent", ""), address=_address(request),
        )  # fmt: skip
    except Throttled:
        raise
    except Refusal as refusal:
        errors = {"login": [message for message in (refusal.message, refusal.todo) if message]}
        return render(request, "accounts/sign_in.html", status=422, errors=errors, values=values)
    set_cookie(request, SESSION_COOKIE, signed_in.token)
    return redirect(request, "/sign-in/second-factor" if signed_in.second_factor_set_up else values["back"])


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


@post("/sign-out", status_code=303)
async def sign_out(request: AnyRequest) -> Response[Any]:
    viewer = viewer_of(request)
    if viewer.session_id and viewer.person_id:
        await actions.revoke_session(viewer.person_id, viewer.session_id)
    set_cookie(request, SESSION_COOKIE, "", max_age=0)
    return redirect(request, "/", notice=N_("You are signed out."))


async def _person(request: AnyRequest) -> queries.PersonView:
    session_id = viewer_of(request).session_id
    if session_id is None:
        raise NotFound
    return await queries.person_of_session(session_id)


@get("/sign-in/second-factor")
async def second_factor_page(request: AnyRequest) -> Response[Any]:
    """Asks for the code; sets the second factor up where there is none yet."""
    return await _second_factor(request, {}, status=200)


async def _second_factor(request: AnyRequest, errors: dict[str, list[Message]], *, status: int) -> Response[Any]:
    person = await _person(request)
    key = running(request).settings.secret_key
    context: dict[str, Any] = {"errors": errors, "set_up": person.totp_confirmed_at is None}
    if context["set_up"]:
        secret = (person.totp_secret and unseal(key, TOTP, person.totp_secret)) or new_totp_secret()
        await actions.propose_second_factor(person.id, seal(key, TOTP, secret))
        address = pyotp.TOTP(secret).provisioning_uri(
            name=person.login, issuer_name=running(request).settings.site_name
        )
        context |= {"secret": secret, "qr": Markup(segno.make(address).svg_inline(scale=4, omitsize=False))}  # noqa: S704
    return render(request, "accounts/second_factor.html", status=status, **context)


@post("/sign-in/second-factor")
async def second_factor(request: AnyRequest) -> Response[Any]:
    if not await _accepted(request, await _person(request)):
        return await _second_factor(request, {"code": [WRONG_CODE]}, status=422)
    return redirect(request, "/workbench", notice=N_("You are signed in."))


async def _accepted(request: AnyRequest, person: queries.PersonView) -> bool:
    session_id, typed = viewer_of(request).session_id, str((await request.form()).get("code", ""))
    assert session_id is not None
    return await accept_code(person, session_id, typed, key=running(request).settings.secret_key)


@get("/sign-in/code")
async def fresh_code_page(
    request: AnyRequest, back: FromQuery[Annotated[str, Parameter(max_length=500)]] = ""
) -> Response[Any]:
    """Asks somebody who is signed in for a fresh code before an act that binds."""
    require_viewer(request)
    return _fresh_code(request, back, {}, status=200)


def _fresh_code(request: AnyRequest, back: str, errors: dict[str, list[Message]], *, status: int) -> Response[Any]:
    return render(request, "accounts/fresh_code.html", status=status, errors=errors, values={"back": own_page(back)},
                  minutes=int(FRESH.total_seconds()) // 60)  # fmt: skip


@post("/sign-in/code")
async def fresh_code(request: AnyRequest) -> Response[Any]:
    require_viewer(request)
    back = own_page(str((await request.form()).get("back", "")))
    if not await _accepted(request, await _person(request)):
        return _fresh_code(request, back, {"code": [WRONG_CODE]}, status=422)
    return redirect(request, back, notice=N_("Your code was right: you can go on."))


routes: list[Any] = [
    sign_in_page, sign_in, sign_out, second_factor_page, second_factor, fresh_code_page, fresh_code,
]  # fmt: skip
