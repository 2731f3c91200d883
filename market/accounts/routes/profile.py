"""One's own account: particulars, password, second factor, sessions, switching organisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.accounts import actions, queries
from market.accounts.forms import parse_new_password, parse_profile
from market.accounts.passwords import hash_password, password_matches
from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import N_
from market.web.context import running
from market.web.forms import Fields, keep_values
from market.web.pages import render
from market.web.receipts import redirect
from market.web.security import SESSION_COOKIE, set_cookie
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]


async def _page(
    request: AnyRequest, viewer: Viewer, errors: Any, values: Any = None, *, status: int = 200
) -> Response[Any]:
    assert viewer.session_id is not None
    assert viewer.person_id is not None
    person = await queries.person_of_session(viewer.session_id)
    return render(
        request, "accounts/account.html", status=status, errors=errors, person=person,
        values=values or {"name": person.name, "phone": person.phone, "email": person.email},
        sessions=await queries.open_sessions(viewer.person_id), memberships=await queries.memberships(viewer.person_id),
    )  # fmt: skip


@get("/account")
async def account_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, require_viewer(request), {})


@post("/account")
async def change_account(request: AnyRequest) -> Response[Any]:
    viewer, form = require_viewer(request), await request.form()
    try:
        profile = parse_profile(form)
    except FormInvalid as invalid:
        return await _page(request, viewer, invalid.errors, keep_values(form), status=422)
    assert viewer.person_id is not None
    await actions.change_profile(viewer.person_id, name=profile.name, phone=profile.phone, email=profile.email)
    return redirect(request, "/account", notice=N_("Your particulars are saved."))


@post("/account/password")
async def change_password(request: AnyRequest) -> Response[Any]:
    viewer, form = require_viewer(request), await request.form()
    assert viewer.person_id is not None
    try:
        password = await _checked_password(viewer.person_id, form)
    except FormInvalid as invalid:
        return await _page(request, viewer, invalid.errors, status=422)
    await actions.change_password(viewer.person_id, await hash_password(password), kept_session=viewer.session_id)
    return redirect(request, "/account", notice=N_("The new password is set; all other sessions were ended."))


async def _checked_password(person_id: UUID, form: FormMultiDict) -> str:
    fields = Fields(form)
    current = str(form.get("current_password", ""))
    if not await password_matches(current, await queries.password_hash_of(person_id)):
        fields.wrong("current_password", N_("This is not your present password."))
    password = parse_new_password(fields)
    fields.check()
    return password


@post("/account/sessions/{session_id:uuid}/end")
async def end_session(request: AnyRequest, session_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request)
    assert viewer.person_id is not None
    if not await actions.revoke_session(viewer.person_id, session_id):
        raise NotFound
    return redirect(request, "/account", notice=N_("The session was ended."))


@post("/account/sessions/end-others")
async def end_other_sessions(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request)
    assert viewer.person_id is not None
    ended = await actions.revoke_other_sessions(viewer.person_id, viewer.session_id)
    return redirect(request, "/account", notice=N_("{n} other sessions were ended."), n=ended)


@post("/account/second-factor/remove")
async def remove_second_factor(request: AnyRequest) -> Response[Any]:
    viewer, form = require_viewer(request), await request.form()
    assert viewer.person_id is not None
    try:
        fields = Fields(form)
        if not await password_matches(
            str(form.get("current_password", "")), await queries.password_hash_of(viewer.person_id)
        ):
            fields.wrong("current_password", N_("This is not your present password."))
        fields.check()
    except FormInvalid as invalid:
        return await _page(request, viewer, invalid.errors, status=422)
    await actions.remove_second_factor(viewer.person_id)
    return redirect(request, "/account", notice=N_("The second factor is removed."))


@post("/account/switch")
async def switch_organisation(request: AnyRequest) -> Response[Any]:
    """A new session for another organisation one acts for; the present one ends."""
    viewer, fields = require_viewer(request), Fields(await request.form())
    wanted = fields.identifier("organisation", N_("Organisation"))
    fields.check()
    assert viewer.person_id is not None
    assert viewer.session_id is not None
    if wanted is None or wanted not in {row["id"] for row in await queries.memberships(viewer.person_id)}:
        raise NotFound
    token = await actions.open_session(
        viewer.person_id, wanted, hours=running(request).settings.session_hours, second_factor_passed=True,
        user_agent=request.headers.get("user-agent", ""), address=request.client.host if request.client else "",
    )  # fmt: skip
    await actions.revoke_session(viewer.person_id, viewer.session_id)
    set_cookie(request, SESSION_COOKIE, token)
    return redirect(request, "/workbench", notice=N_("You act for another organisation now."))


routes: list[Any] = [
    account_page, change_account, change_password, end_session, end_other_sessions, remove_second_factor,
    switch_organisation,
]  # fmt: skip
