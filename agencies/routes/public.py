"""What anybody may read of agencies: the directory, one agency, entry notices, the commitment letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from markupsafe import Markup

from agencies.queries import commitment as letters
from agencies.queries.directory import (
    PAGE_SIZE,
    SORTS,
    Filters,
    access_public,
    counts_by_region,
    directory,
    entry_notices,
    operator_contact,
)
from agencies.queries.reviews import access_file
from agencies.routes.desk import Desk, desk_of, page
from market.kernel.calendar import beijing_date
from market.register.acts import act_name
from market.register.queries import history_of
from market.web.downloads import download
from market.web.pages import html
from market.web.panels import Panel, panels_of
from market.web.viewer import require_viewer, viewer_of

AnyRequest = Request[Any, Any, Any]
LATEST = 20  # acts of the register shown on an agency's page


@get("/agencies")
async def directory_page(
    request: AnyRequest, q: FromQuery[str] = "", kind: FromQuery[str] = "", item: FromQuery[str] = "",
    region: FromQuery[str] = "", qualification: FromQuery[str] = "", sort: FromQuery[str] = "name",
) -> Response[Any]:  # fmt: skip
    desk = await desk_of(request)
    chosen = {"q": q.strip()[:60], "kind": kind, "item": item, "region": region, "qualification": qualification}
    chosen = _known(desk, chosen)
    sort = sort if sort in SORTS else "name"
    number = _page_number(request.query_params.get("page", "1"))
    total, lines = await directory(_filters(desk, chosen, sort), page=number, today=beijing_date(desk.now))
    return page(
        request, "agencies/directory.html", desk, lines=lines, total=total, chosen=chosen, sort=sort, page=number,
        pages=-(-total // PAGE_SIZE), regions=await counts_by_region(),
    )  # fmt: skip


def _known(desk: Desk, chosen: dict[str, str]) -> dict[str, str]:
    """Filters that name something of the catalogue; a stale link shows everything instead of nothing."""
    catalogue = desk.catalogue
    known = {
        "kind": {one.code for one in catalogue.classes}, "item": {one.code for one in catalogue.items},
        "region": {one.code for one in catalogue.regions}, "qualification": {one.code for one in catalogue.qualifications},
    }  # fmt: skip
    return {name: value if name == "q" or value in known[name] else "" for name, value in chosen.items()}


def _filters(desk: Desk, chosen: dict[str, str], sort: str) -> Filters:
    items: tuple[str, ...] = (chosen["item"],) if chosen["item"] else ()
    if not items and chosen["kind"]:
        items = tuple(one.code for one in desk.catalogue.items_in(chosen["kind"]))
    return Filters(chosen["q"], items, chosen["region"], chosen["qualification"], sort)


def _page_number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@get("/agencies/{code:str}")
async def agency_page(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer, desk = viewer_of(request), await desk_of(request)
    found = await access_public(viewer, code)
    today = beijing_date(desk.now)
    held = [row for row in found.dossier.qualifications if row.review == "accepted"]
    people = [row for row in found.dossier.practitioners if row.review == "accepted"]
    panels = await panels_of("agency", request, viewer, code, desk.now)
    return page(
        request, "agencies/agency.html", desk, found=found, agency=found.dossier.agency, today=today, held=held,
        certificates=sum(row.valid_from <= today <= row.valid_until for row in held), people=people,
        in_force=sum(row.valid_until >= today for row in people), operator=await operator_contact(),
        own=viewer.organisation_id == found.dossier.agency.id, act_name=act_name,
        acts=(await history_of(code))[: -LATEST - 1 : -1],
        main_parts=_shown(request, panels, "main"), aside_parts=_shown(request, panels, "aside"),
    )  # fmt: skip


def _shown(request: AnyRequest, panels: list[Panel], place: str) -> list[Markup]:
    """Rendered by the same autoescaping templates, so the result is markup."""
    return [Markup(html(request, one.template, **one.context)) for one in panels if one.place == place]  # noqa: S704


@get("/entry-notices")
async def notices_page(request: AnyRequest) -> Response[Any]:
    desk, number = await desk_of(request), _page_number(request.query_params.get("page", "1"))
    total, notices = await entry_notices(page=number)
    return page(
        request, "agencies/notices.html", desk, notices=notices, total=total, page=number,
        pages=-(-total // PAGE_SIZE), operator=await operator_contact(), days=desk.rulebook.days("entry.notice_days"),
    )  # fmt: skip


@get("/commitment/{version:str}")
async def commitment_page(request: AnyRequest, version: FromPath[str]) -> Response[Any]:
    desk = await desk_of(request)
    return page(
        request, "agencies/commitment.html", desk, commitment=letters.text_of(version), letters=letters.all_texts()
    )


@get("/commitment/{version:str}/text.json")
async def commitment_text(version: FromPath[str]) -> Response[bytes]:
    """The canonical text whose SHA-256 stands with every acceptance."""
    return Response(letters.text_of(version).canonical, media_type=MediaType.JSON)


@get("/agency-files/{file_id:uuid}")
async def agency_file(request: AnyRequest, file_id: FromPath[UUID]) -> Stream:
    """A paper of an agency, for itself, the operator and the regulators that watch over it. Never shown inside the site."""
    viewer = require_viewer(request)
    return await download(request, await access_file(viewer, file_id))


routes = [directory_page, agency_page, notices_page, commitment_page, commitment_text, agency_file]
