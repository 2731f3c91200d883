"""Colleagues and their roles, managed by the organisation's administrators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts import actions, queries
from market.accounts.forms import parse_colleague, parse_roles
from market.accounts.passwords import hash_password
from market.accounts.routes.sign_up import taken
from market.accounts.rules import ROLE_NAMES
from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import N_
from market.web.context import arrived_at
from market.web.forms import Fields, keep_values
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]


def _admin(request: AnyRequest) -> tuple[Viewer, UUID]:
    viewer = require_viewer(request, role="admin")
    assert viewer.organisation_id is not None
    return viewer, viewer.organisation_id


async def _page(request: AnyRequest, errors: Any, values: dict[str, Any], *, status: int = 200) -> Response[Any]:
    viewer = require_viewer(request)
    assert viewer.organisation_id is not None
    return render(
        request, "accounts/colleagues.html", status=status, errors=errors, values=values, role_names=ROLE_NAMES,
        colleagues=await queries.colleagues(viewer.organisation_id),
    )  # fmt: skip


@get("/account/colleagues")
async def colleagues_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, {}, {"roles": ["handler"]})


@post("/account/colleagues")
async def add_colleague(request: AnyRequest) -> Response[Any]:
    (_, organisation_id), form = _admin(request), await request.form()
    try:
        colleague = parse_colleague(form)
        person = replace(colleague.person, password_hash=await hash_password(colleague.password))
        await _add(organisation_id, person, colleague.roles, request)
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, keep_values(form, ["roles"]), status=422)
    return redirect(request, "/account/colleagues", notice=N_("{name} can sign in now."), name=person.name)


async def _add(organisation_id: UUID, person: actions.NewPerson, roles: actions.Roles, request: AnyRequest) -> None:
    try:
        await actions.add_colleague(organisation_id, person, roles, now=arrived_at(request))
    except asyncpg.UniqueViolationError as problem:
        raise taken(problem) from problem


async def _colleague(organisation_id: UUID, person_id: UUID) -> dict[str, Any]:
    found = [row for row in await queries.colleagues(organisation_id) if row["id"] == person_id]
    if not found:
        raise NotFound
    return found[0]


@post("/account/colleagues/{person_id:uuid}/roles")
async def change_roles(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    _, organisation_id = _admin(request)
    await _colleague(organisation_id, person_id)
    fields = Fields(await request.form())
    roles = parse_roles(fields)
    fields.check()
    await actions.change_roles(organisation_id, person_id, roles, now=arrived_at(request))
    return redirect(request, "/account/colleagues", notice=N_("The roles are changed."))


@get("/account/colleagues/{person_id:uuid}/remove")
async def confirm_removal(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    _, organisation_id = _admin(request)
    return render(request, "accounts/remove_colleague.html", colleague=await _colleague(organisation_id, person_id))


@post("/account/colleagues/{person_id:uuid}/remove")
async def remove_colleague(request: AnyRequest, person_id: FromPath[UUID]) -> Response[Any]:
    _, organisation_id = _admin(request)
    await _colleague(organisation_id, person_id)
    await actions.change_roles(organisation_id, person_id, None, now=arrived_at(request))
    return redirect(
        request, "/account/colleagues", notice=N_("This person does not act for your organisation any more.")
    )


routes: list[Any] = [colleagues_page, add_colleague, change_roles, confirm_removal, remove_colleague]
