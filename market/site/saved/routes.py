"""Saved searches: the list, keeping one, giving one up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.catalogue.queries import catalogue_at
from market.kernel.i18n import N_
from market.site.rules.asked import of_address
from market.site.saved.actions import MOST, give_up_search, keep_search
from market.site.saved.queries import access_saved
from market.web.context import arrived_at
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]
LIST = "/search/saved"


@get(LIST)
async def saved_searches(request: AnyRequest) -> Response[str]:
    viewer = require_viewer(request)
    catalogue = await catalogue_at(arrived_at(request))
    found = [(one, of_address(one.asked, catalogue)) for one in await access_saved(viewer)]
    return render(request, "site/saved_searches.html", saved=found, most=MOST)


@post(LIST)
async def keep(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request)
    fields = Fields(await read_form(request))
    name = fields.text("name", N_("Name of the search"), max_length=60)
    asked = fields.text("asked", N_("Search"), max_length=1000)
    fields.check()
    now = arrived_at(request)
    await keep_search(viewer, name, of_address(asked, await catalogue_at(now)), now=now)
    return redirect(
        request, LIST, notice=N_("Saved: your organisation's inbox tells you of what is new for “{name}”."), name=name
    )


@post("/search/saved/{search_id:uuid}/give-up")
async def give_up(request: AnyRequest, search_id: FromPath[UUID]) -> Response[Any]:
    await give_up_search(require_viewer(request), search_id)
    return redirect(request, LIST, notice=N_("The saved search is given up; nothing more is told of it."))


routes: list[Any] = [saved_searches, keep, give_up]
