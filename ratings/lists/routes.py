"""The lists as anybody may read and download them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from market.catalogue.queries import rulebook_in_force
from market.kernel.i18n import speaking
from market.web.context import arrived_at, running
from market.web.downloads import csv_response
from market.web.forms import page_number
from market.web.pages import locale_of, render
from ratings.lists import export, queries
from ratings.lists.export import CHANGES, LIST_NAMES, STATES, as_csv, as_json
from ratings.lists.rules import LISTS, RED, RESTRICTED, ListEntry

AnyRequest = Request[Any, Any, Any]


@get("/lists")
async def lists_page(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[str]:
    now = arrived_at(request)
    shown = _known(name)
    standing = {name: await queries.standing_entries(name, now) for name in LISTS}
    book = await rulebook_in_force(running(request).settings.site_region, now)
    return render(
        request, "ratings/lists.html", shown=shown, entries=standing[shown], states=STATES, book=book,
        counts={name: len(found) for name, found in standing.items()}, restricted=shown == RESTRICTED,
    )  # fmt: skip


@get("/lists.csv")
async def lists_csv(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[bytes]:
    with speaking(locale_of(request)):
        content = as_csv(await _asked(request, name), arrived_at(request))
    headers = {"Content-Disposition": 'attachment; filename="lists.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@get("/lists.json")
async def lists_json(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[dict[str, Any]]:
    now = arrived_at(request)
    return Response(as_json(await _asked(request, name), now, running(request).settings.public_url))


@get("/lists/changes")
async def changes_page(
    request: AnyRequest, name: FromQuery[str | None] = None, page: FromQuery[str] = "1"
) -> Response[str]:
    now, shown, number = arrived_at(request), _known(name), page_number(page)
    count = await queries.count_changes(shown, now)
    return render(
        request, "ratings/list_changes.html", shown=shown, changes=await queries.changes(shown, now, page=number), words=CHANGES,
        count=count, page=number, pages=-(-count // queries.PAGE), list_names=LIST_NAMES, restricted=shown == RESTRICTED,
    )  # fmt: skip


def _known(name: str | None) -> str:
    return name if name in LISTS else RED


@get("/lists/changes.csv")
async def changes_csv(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[bytes]:
    with speaking(locale_of(request)):
        content = export.changes_csv(await queries.changes(_known(name), arrived_at(request)))
    return csv_response(content, f"{_known(name)}-list-changes.csv")


@get("/lists/changes.json")
async def changes_json(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[dict[str, Any]]:
    now = arrived_at(request)
    found = await queries.changes(_known(name), now)
    return Response(export.changes_json(found, now, running(request).settings.public_url))


async def _asked(request: AnyRequest, name: str | None) -> list[ListEntry]:
    """One list, or both."""
    now = arrived_at(request)
    names = (name,) if name in LISTS else LISTS
    return [entry for one in names for entry in await queries.standing_entries(one, now)]


routes: list[Any] = [lists_page, lists_csv, lists_json, changes_page, changes_csv, changes_json]
