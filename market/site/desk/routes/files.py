"""Tables as files: short ones at once, long ones in the background with a page that says how far they are."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast
from urllib.parse import quote
from uuid import UUID

import obstore
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound
from market.kernel.i18n import N_, speaking
from market.site.desk import actions, queries
from market.site.desk.exports import FORMATS, file_name, write
from market.site.desk.filters import Filter, filter_from
from market.site.desk.jobs import places_at, stored_as
from market.site.desk.queries import Asking, Export
from market.site.desk.routes.reading import AnyRequest, asking_of, known_view
from market.web.context import arrived_at, running
from market.web.forms import Fields, read_form
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import require_viewer

AT_ONCE = 500  # rows: a fraction of a second


@post("/regulator/desk/{view:str}/files", status_code=200)
async def order(request: AnyRequest, view: FromPath[str]) -> Response[Any]:
    viewer, who = await asking_of(request)
    fields = Fields(await read_form(request))
    form = fields.choice("format", N_("Format"), FORMATS)
    fields.check()
    asked = filter_from(known_view(view), fields.raw("query"))
    total = await queries.count(asked, who)
    if total <= AT_ONCE:
        return await _at_once(request, asked, who, form)
    export_id = await actions.order_export(asked, form, total, viewer=viewer, locale=locale_of(request), now=who.now)
    return redirect(request, f"/regulator/files/{export_id}")


async def _at_once(request: AnyRequest, asked: Filter, who: Asking, form: str) -> Response[bytes]:
    with tempfile.TemporaryFile() as file, speaking(locale_of(request)):
        out = cast(BinaryIO, file)
        await write(asked, who, form, out, places=await places_at(who.now), told=_nobody)
        out.seek(0)
        content = out.read()
    return Response(content, media_type=FORMATS[form], headers=_headers(asked, form, who))


async def _nobody(done: int) -> None:
    """It is done before anybody could look."""


def _headers(asked: Filter, form: str, who: Asking) -> dict[str, str]:
    name = file_name(asked, form, beijing_date(who.now).isoformat())
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


@get("/regulator/files/{export_id:uuid}")
async def file_page(request: AnyRequest, export_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, "regulator"), arrived_at(request)
    found = await queries.access_export(viewer, export_id)
    return render(
        request, "desk/file.html", file=found, there=found.there(now), others=await queries.exports_of(viewer)
    )


@get("/regulator/files/{export_id:uuid}/content")
async def file_content(request: AnyRequest, export_id: FromPath[UUID]) -> Stream:
    viewer, who = await asking_of(request)
    found = await queries.access_export(viewer, export_id)
    if not found.there(who.now):
        raise NotFound
    answer = await obstore.get_async(running(request).files, stored_as(found.id))
    return Stream(answer.stream(), media_type=FORMATS[found.format], headers=_headers_of(found, who))


def _headers_of(found: Export, who: Asking) -> dict[str, str]:
    return {**_headers(found.filter, found.format, who), "content-length": str(found.size)}


routes: list[Any] = [order, file_page, file_content]
