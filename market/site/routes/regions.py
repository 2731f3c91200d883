"""The market by region, as tiles that lead one level down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.catalogue.queries import catalogue_at
from market.catalogue.rules import NATION, Catalogue, UnknownCode
from market.kernel.errors import NotFound
from market.kernel.i18n import speaking
from market.site.queries.regions import Activity, activity_in
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render
from projects.page.views import region_name, short_region

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Tile:
    """A region one level down; `inside`: it has parts of its own."""

    code: str
    name: str
    inside: bool
    activity: Activity


@get("/regions")
async def own_region_page(request: AnyRequest) -> Response[str]:
    """Begins with the region that this site serves."""
    return await _page(request, running(request).settings.site_region)


@get("/regions/{code:str}")
async def region_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    return await _page(request, code)


async def _page(request: AnyRequest, code: str) -> Response[str]:
    now = arrived_at(request)
    catalogue = await catalogue_at(now)
    path = _path(catalogue, code)
    activity = await activity_in(code, now)
    with speaking(locale_of(request)):
        above = [("/regions/" + one, short_region(one, catalogue)) for one in path[:-1]]
        tiles = [
            Tile(
                place,
                short_region(place, catalogue),
                bool(catalogue.regions_in(place)),
                activity.get(place, Activity()),
            )
            for place in [one.code for one in catalogue.regions_in(code)]
        ]
        name = region_name(code, catalogue)
    return render(
        request, "site/regions.html", code=code, name=name, above=above, tiles=tiles, whole=activity.get(code),
        most=max((tile.activity.posted for tile in tiles), default=0),
    )  # fmt: skip


def _path(catalogue: Catalogue, code: str) -> list[str]:
    """From the whole country down to the region; an unknown code is not found."""
    try:
        found = [one.code for one in catalogue.region_path(code)]
    except UnknownCode:
        raise NotFound from None
    return [NATION, *found]


routes: list[Any] = [own_region_page, region_page]
