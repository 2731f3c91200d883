"""The catalogue and the rulebook as anybody may read and download them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import rfc8785
from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from market.catalogue import labels, queries
from market.catalogue.rules import NATION, Catalogue, UnknownCode, find_items
from market.kernel.errors import NotFound
from market.web.context import arrived_at, running
from market.web.pages import render

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
PAGE = 20


async def in_force(request: AnyRequest) -> Catalogue:
    return await queries.catalogue_at(arrived_at(request))


def known(look: Callable[[str], T], code: str) -> T:
    """What the address names, or a 404."""
    try:
        return look(code)
    except UnknownCode as unknown:
        raise NotFound from unknown


@get("/catalogue")
async def items_page(
    request: AnyRequest, q: FromQuery[str] = "", kind: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[str]:
    catalogue = await in_force(request)
    found = find_items(catalogue, q)
    shown = [item for item in found if kind in ("", item.service_class)]
    first = max(page - 1, 0) * PAGE
    return render(
        request, "catalogue/items.html", catalogue=catalogue, q=q, kind=kind,
        counts=Counter(item.service_class for item in found), total=len(found), found=len(shown),
        items=shown[first : first + PAGE], page=page, pages=-(-len(shown) // PAGE), REQUIREMENTS=labels.REQUIREMENTS,
    )  # fmt: skip


@get("/catalogue/items/{code:str}")
async def item_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    catalogue = await in_force(request)
    return render(
        request, "catalogue/item.html", catalogue=catalogue, item=known(catalogue.item, code), FORCES=labels.FORCES,
        REQUIREMENTS=labels.REQUIREMENTS, BUNDLES=labels.BUNDLES,
    )  # fmt: skip


@get("/catalogue/qualifications")
async def qualifications_page(request: AnyRequest) -> Response[str]:
    return render(request, "catalogue/qualifications.html", catalogue=await in_force(request), FORCES=labels.FORCES)


@get("/catalogue/qualifications/{code:str}")
async def qualification_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    catalogue = await in_force(request)
    qualification = known(catalogue.qualification, code)
    return render(
        request, "catalogue/qualification.html", catalogue=catalogue, qualification=qualification, FORCES=labels.FORCES
    )


@get("/catalogue/bundles")
async def bundles_page(request: AnyRequest) -> Response[str]:
    return render(request, "catalogue/bundles.html", catalogue=await in_force(request), BUNDLES=labels.BUNDLES)


@get("/catalogue/regions")
async def regions_page(request: AnyRequest) -> Response[str]:
    catalogue = await in_force(request)
    opened = {region.code for region in catalogue.region_path(running(request).settings.site_region)}
    return render(request, "catalogue/regions.html", catalogue=catalogue, NATION=NATION, opened=opened)


@get("/rulebook")
async def rulebook_page(request: AnyRequest, version: FromQuery[str] = "") -> Response[str]:
    now, region = arrived_at(request), running(request).settings.site_region
    applies = await queries.rulebook_in_force(region, now)
    book = await queries.rulebook(version) if version else applies
    versions = await queries.rulebook_versions()
    return render(
        request, "catalogue/rulebook.html", book=book, applies=applies, versions=versions, region=region,
        published=next(one for one in versions if one.version == book.version),
        catalogue=await in_force(request), UNITS=labels.UNITS, TEXTS=labels.TEXTS,
    )  # fmt: skip


@get("/catalogue.json")
async def catalogue_json(request: AnyRequest, version: FromQuery[str] = "") -> Response[bytes]:
    wanted = version or (await in_force(request)).version
    return await _published("catalogue", (await queries.catalogue(wanted)).version)


@get("/rulebook.json")
async def rulebook_json(request: AnyRequest, version: FromQuery[str] = "") -> Response[bytes]:
    region, now = running(request).settings.site_region, arrived_at(request)
    wanted = version or (await queries.rulebook_in_force(region, now)).version
    return await _published("rulebook", (await queries.rulebook(wanted)).version)


async def _published(kind: str, version: str) -> Response[bytes]:
    """Canonical JSON: the SHA-256 of exactly these bytes is in the register."""
    content = rfc8785.dumps(await queries.published_content(kind, version))
    name = f'inline; filename="{kind}-{version}.json"'
    return Response(content, media_type="application/json", headers={"content-disposition": name})


routes: list[Any] = [
    items_page,
    item_page,
    qualifications_page,
    qualification_page,
    bundles_page,
    regions_page,
    rulebook_page,
    catalogue_json,
    rulebook_json,
]
