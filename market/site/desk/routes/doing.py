"""Several rows at once, with a page that asks first; and filters kept under a name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.site.desk import actions, queries
from market.site.desk.actions import Order, chosen
from market.site.desk.filters import filter_from
from market.site.desk.queries import Asking
from market.site.desk.routes.reading import AnyRequest, asking_of, known_view, way_back
from market.site.desk.views import View
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import render
from market.web.receipts import redirect

MOST_AT_ONCE = 100
NAME_MAX = 40
BULK = {"take": N_("Take up"), "assign": N_("Assign to a colleague"), "remind": N_("Send a reminder")}


@post("/regulator/desk/{view:str}/bulk", status_code=200)
async def bulk(request: AnyRequest, view: FromPath[str]) -> Response[Any]:
    """Asks first; what is confirmed is done to each by itself, and the page says how each of them fared."""
    viewer, who = await asking_of(request, role="handler")
    form, known = await read_form(request), known_view(view)
    back = way_back(known, str(form.get("back", "")))
    order = _order(form, known)
    if not order.row_ids:
        return redirect(request, back, notice=N_("Tick the rows first that it should be done to."), tone="warning")
    if form.get("confirmed") != "yes":
        return await _confirm(request, order, who, back)
    results = await actions.do_all(order, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    done = sum(result.refused is None for result in results)
    return render(request, "desk/results.html", view=known, results=results, done=done, back=back, do=BULK[order.do])


def _order(form: FormMultiDict, view: View) -> Order:
    fields = Fields(form)
    do = fields.choice("do", N_("What to do"), view.bulk)
    person_id = fields.identifier("person", N_("Colleague")) if do == "assign" else None
    fields.check()
    ids = [one for one in form.getall("row", []) if isinstance(one, str)]
    return Order(do, view, chosen(ids, MOST_AT_ONCE), person_id)


async def _confirm(request: AnyRequest, order: Order, who: Asking, back: str) -> Response[Any]:
    rows = [await _shown(order.view, row_id, who) for row_id in order.row_ids]
    colleagues = dict(await queries.colleagues(who.authority_id))
    return render(
        request, "desk/confirm.html", view=order.view, order=order, rows=[row for row in rows if row], back=back,
        do=BULK[order.do], colleague=colleagues.get(str(order.person_id), ""),
    )  # fmt: skip


async def _shown(view: View, row_id: str, who: Asking) -> dict[str, Any] | None:
    try:
        return await queries.row_of(view, row_id, who)
    except NotFound:
        return None


@post("/regulator/desk/{view:str}/filters")
async def save_filter(request: AnyRequest, view: FromPath[str]) -> Response[Any]:
    viewer, _ = await asking_of(request)
    form, known = await read_form(request), known_view(view)
    fields = Fields(form)
    name = fields.text("name", N_("Name of the filter"), max_length=NAME_MAX)
    fields.check()
    asked = filter_from(known, fields.raw("query"))
    await actions.save_filter(name, asked, viewer=viewer, now=arrived_at(request))
    return redirect(request, asked.href, notice=N_("The filter is saved. Its address can be passed on to colleagues."))


@post("/regulator/filters/{filter_id:uuid}/delete")
async def drop_filter(request: AnyRequest, filter_id: FromPath[UUID]) -> Response[Any]:
    viewer, who = await asking_of(request)
    found = next((one for one in await queries.saved_filters(who.person_id) if one.id == filter_id), None)
    await actions.drop_filter(filter_id, viewer=viewer)
    back = f"/regulator/desk/{found.filter.view.name}" if found else "/regulator"
    return redirect(request, back, notice=N_("The filter is deleted."))


routes: list[Any] = [bulk, save_filter, drop_filter]
