"""The tokens of an organisation, managed by its administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts import queries as accounts
from market.accounts.routes.sign_in import WRONG_CODE
from market.accounts.step_up import accept_code
from market.accounts.tokens import actions, queries
from market.accounts.tokens.forms import parse_token
from market.accounts.tokens.rules import NAMES, TERMS, scopes_for, writes
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.context import running
from market.web.forms import keep_values
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]
_KINDS = ("owner", "agency", "regulator", "operator")
HERE = "/account/tokens"


def _admin(request: AnyRequest) -> Viewer:
    return require_viewer(request, *_KINDS, role="admin")


async def _page(
    request: AnyRequest, viewer: Viewer, errors: Any, values: dict[str, Any], *, status: int = 200
) -> Response[Any]:
    assert viewer.organisation_id is not None
    assert viewer.session_id is not None
    person = await accounts.person_of_session(viewer.session_id)
    return render(
        request, "accounts/tokens.html", status=status, errors=errors, values=values, terms=TERMS, names=NAMES,
        offered=scopes_for(viewer.organisation_kind), tokens=await queries.tokens_of(viewer.organisation_id),
        second_factor=person.totp_confirmed_at is not None,
    )  # fmt: skip


@get(HERE)
async def tokens_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, _admin(request), {}, {"days": "90"})


@post(HERE, status_code=200)
async def make(request: AnyRequest) -> Response[Any]:
    """The one answer that holds the token itself."""
    viewer, form = _admin(request), await request.form()
    try:
        new, code = parse_token(form, viewer.organisation_kind)
        if writes(new.scopes):
            await _check_code(request, viewer, code)
    except FormInvalid as invalid:
        return await _page(request, viewer, invalid.errors, keep_values(form, ["scopes"]), status=422)
    token_id, token = await actions.make_token(viewer, new)
    made = await queries.access_token(viewer, token_id)
    return render(request, "accounts/token_made.html", token=token, made=made, names=NAMES)


async def _check_code(request: AnyRequest, viewer: Viewer, code: str) -> None:
    assert viewer.session_id is not None
    person = await accounts.person_of_session(viewer.session_id)
    if person.totp_confirmed_at is None:
        raise FormInvalid(
            {"code": [Message(N_("Set up your second factor first: a token that writes can bind your organisation."))]}
        )
    if not await accept_code(person, viewer.session_id, code, key=running(request).settings.secret_key):
        raise FormInvalid({"code": [WRONG_CODE]})


@get(f"{HERE}/{{token_id:uuid}}/revoke")
async def confirm_revocation(request: AnyRequest, token_id: FromPath[UUID]) -> Response[Any]:
    token = await queries.access_token(_admin(request), token_id)
    if not token.in_use:
        return redirect(request, HERE, notice=N_("This token is not in use any more."), tone="info")
    return render(request, "accounts/revoke_token.html", token=token, names=NAMES)


@post(f"{HERE}/{{token_id:uuid}}/revoke")
async def revoke(request: AnyRequest, token_id: FromPath[UUID]) -> Response[Any]:
    viewer = _admin(request)
    token = await queries.access_token(viewer, token_id)
    await actions.revoke_token(viewer, token.id)
    return redirect(
        request, HERE, notice=N_("The token {name} is revoked: no program gets in with it any more."), name=token.name
    )


routes: list[Any] = [tokens_page, make, confirm_revocation, revoke]
