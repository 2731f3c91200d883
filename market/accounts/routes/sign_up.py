"""Opening an account: an organisation with its first person, or a natural person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
from litestar import Request, Response, get, post

from market.accounts import actions
from market.accounts.forms import SignUp, parse_sign_up
from market.accounts.passwords import hash_password
from market.accounts.rules import KIND_NAMES, SELF_SERVICE_KINDS
from market.catalogue.queries import catalogue_at
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.web.context import arrived_at, running
from market.web.forms import keep_values
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.security import SESSION_COOKIE, set_cookie

AnyRequest = Request[Any, Any, Any]
# Which constraint of the database says what to the person at the form.
TAKEN = {
    "person_login_once": ("login", N_("This sign-in name is taken: choose another one.")),
    "person_id_number_once": ("id_number", N_("There is an account for this ID number already: sign in with it.")),
    "organisation_code_once": (
        "code", N_("This organisation has an account already: ask its administrator to add you as a colleague.")),
}  # fmt: skip


def code_for_person() -> str:
    """Our own code for somebody who has no unified social credit code; says nothing about the person."""
    return f"P{int(new_id()) % 10**16:016d}"


async def region_options(request: AnyRequest) -> list[tuple[str, str]]:
    """The regions of the site's own city first, then everything else, as (code, path)."""
    catalogue = await catalogue_at(arrived_at(request))
    locale, home = locale_of(request), running(request).settings.site_region[:4]
    regions = sorted(catalogue.regions, key=lambda region: (not region.code.startswith(home), region.code))
    return [(region.code, catalogue.region_name(region.code, locale)) for region in regions]


async def _page(request: AnyRequest, errors: Any, values: dict[str, Any], *, status: int = 200) -> Response[Any]:
    kind = values.get("kind", request.query_params.get("kind", ""))
    values["kind"] = kind if kind in SELF_SERVICE_KINDS else "enterprise"
    return render(
        request, "accounts/sign_up.html", status=status, errors=errors, values=values, kinds=SELF_SERVICE_KINDS,
        kind_names=KIND_NAMES, regions=await region_options(request),
    )  # fmt: skip


@get("/sign-up")
async def sign_up_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, {}, {"region_code": running(request).settings.site_region})


@post("/sign-up")
async def sign_up(request: AnyRequest) -> Response[Any]:
    form = await request.form()
    try:
        command = parse_sign_up(
            form, key=running(request).settings.secret_key, code_for_person=code_for_person(),
            catalogue=await catalogue_at(arrived_at(request)),
        )  # fmt: skip
        await _register(request, command)
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, keep_values(form), status=422)
    link = "/agency/entry" if command.organisation.kind == "agency" else "/workbench"
    return redirect(request, link, notice=N_("Welcome. Your account is open and you are signed in."))


async def _register(request: AnyRequest, command: SignUp) -> None:
    """Writes the account and signs its founder in. FormInvalid where a name, code or person is there already."""
    founder = replace(command.founder, password_hash=await hash_password(command.password))
    try:
        await actions.register_organisation(command.organisation, founder, now=arrived_at(request))
    except asyncpg.UniqueViolationError as problem:
        raise taken(problem) from problem
    token = await actions.open_session(
        founder.id, command.organisation.id, hours=running(request).settings.session_hours, second_factor_passed=False,
        user_agent=request.headers.get("user-agent", ""), address=request.client.host if request.client else "",
    )  # fmt: skip
    set_cookie(request, SESSION_COOKIE, token)


def taken(problem: asyncpg.UniqueViolationError) -> Exception:
    found = TAKEN.get(problem.constraint_name or "")
    return FormInvalid({found[0]: [Message(found[1])]}) if found else problem


routes: list[Any] = [sign_up_page, sign_up]
