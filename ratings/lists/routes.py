"""The lists as anybody may read and download them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from market.catalogue.queries import rulebook_in_force
from market.kernel.i18n import speaking
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render
from ratings.lists import queries
from ratings.lists.export import STATES, as_csv, as_json
from ratings.lists.rules import LISTS, RED, RESTRICTED, ListEntry

AnyRequest = Request[Any, Any, Any]


@get("/lists")
async def lists_page(request: AnyRequest, name: FromQuery[str | None] = None) -> Response[str]:
    now = arrived_at(request)
    shown = name if name in LISTS else RED
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


async def _asked(request: AnyRequest, name: str | None) -> list[ListEntry]:
    """One list, or both."""
    now = arrived_at(request)
    names = (name,) if name in LISTS else LISTS
    return [entry for one in names for entry in await queries.standing_entries(one, now)]


routes: list[Any] = [lists_page, lists_csv, lists_json]
