"""The desk on one screen, its five tables, and what lies behind a row: a firm's history, a project's timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.kernel.errors import NotFound
from market.kernel.i18n import speaking
from market.site.desk import histories, queries
from market.site.desk.filters import TEXT_MAX, Filter, filter_of
from market.site.desk.jobs import places_at
from market.site.desk.queries import Asking
from market.site.desk.views import CASES, COMPLAINTS, FIRMS, FLAGS, PROJECTS, VIEWS, View, said
from market.site.lit import Lit, lamp_rule, light, like_together, lit_queue
from market.web.context import arrived_at, running
from market.web.forms import page_number
from market.web.pages import locale_of, render
from market.web.panels import waiting_for
from market.web.receipts import is_own_path
from market.web.viewer import Viewer, require_viewer
from projects.page.views import region_name
from ratings.cases.rules import GROUNDS
from ratings.flags.screens import SCREENS

AnyRequest = Request[Any, Any, Any]
SHOWN = 5
QUEUE_SHOWN = 8
# What stands on the first screen: a table, and how it is narrowed there.
PANELS = (
    (PROJECTS, {"due": "overdue"}), (FLAGS, {"state": "open"}), (CASES, {"open": "yes"}), (COMPLAINTS, {"state": "new"}),
    (FIRMS, {"moved": "30"}),
)  # fmt: skip
_WORDS = {code: one.title for code, one in SCREENS.items()} | {str(code): one.title for code, one in GROUNDS.items()}


def known_view(name: str) -> View:
    if name not in VIEWS:
        raise NotFound
    return VIEWS[name]


async def asking_of(request: AnyRequest, *, role: str | None = None) -> tuple[Viewer, Asking]:
    viewer = require_viewer(request, "regulator", role=role)
    return viewer, await queries.asking(viewer, arrived_at(request))


def asked_of(request: AnyRequest, view: View) -> Filter:
    return filter_of(view, dict(request.query_params))


@get("/regulator")
async def desk_page(request: AnyRequest) -> Response[str]:
    viewer, who = await asking_of(request)
    panels = []
    for view, choices in PANELS:
        asked = filter_of(view, choices)
        rows = await queries.rows(asked, who, size=SHOWN)
        panels.append((asked, await queries.count(asked, who), rows, await _lights(request, rows)))
    book = await rulebook_in_force(running(request).settings.site_region, who.now)
    queue = lit_queue(
        await waiting_for(viewer, who.now), who.now, calendar=running(request).calendar, rule=lamp_rule(book)
    )
    return render(
        request, "desk/desk.html", panels=panels, groups=like_together(queue)[:QUEUE_SHOWN], waiting=len(queue), views=VIEWS.values(),
        saved=await queries.saved_filters(who.person_id), **await _words(request, viewer),
    )  # fmt: skip


async def _lights(request: AnyRequest, rows: Sequence[Mapping[str, Any]]) -> list[Lit]:
    now = arrived_at(request)
    rule = lamp_rule(await rulebook_in_force(running(request).settings.site_region, now))
    return [
        light(now, row["since"] or now, row["due_at"], calendar=running(request).calendar, rule=rule) for row in rows
    ]


async def _words(request: AnyRequest, viewer: Viewer) -> dict[str, Any]:
    """The scope in words, and regions by name."""
    catalogue = await catalogue_at(arrived_at(request))
    with speaking(locale_of(request)):
        place = await places_at(arrived_at(request))
        prefixes = {one.region_prefix for one in viewer.scopes if one.region_prefix}
        places = {prefix: region_name(prefix.ljust(6, "0"), catalogue) for prefix in prefixes}
    return {"places": places, "place": place, "message_of": said,
            "departments": {one.code: one.name for one in catalogue.regulators}}  # fmt: skip


@get("/regulator/desk/{view:str}")
async def table_page(request: AnyRequest, view: FromPath[str], page: FromQuery[str] = "1") -> Response[str]:
    viewer, who = await asking_of(request)
    asked, number = asked_of(request, known_view(view)), page_number(page)
    total = await queries.count(asked, who)
    rows = await queries.rows(asked, who, page=number)
    return render(
        request, "desk/table.html", asked=asked, view=asked.view, total=total, page=number, pages=-(-total // queries.PAGE),
        rows=list(zip(rows, await _lights(request, rows), strict=True)), regions=await queries.regions(asked.view, who),
        saved=await queries.saved_filters(who.person_id, asked.view), may_do=viewer.has_role("handler"), views=VIEWS.values(),
        colleagues=await queries.colleagues(who.authority_id), text_max=TEXT_MAX, **await _words(request, viewer),
    )  # fmt: skip


def way_back(view: View, back: str) -> str:
    """The table as it was left, with its filter; nothing that leads elsewhere."""
    home = f"/regulator/desk/{view.name}"
    return back if is_own_path(back) and (back == home or back.startswith(f"{home}?")) else home


@get("/regulator/firms/{code:str}")
async def firm_page(request: AnyRequest, code: FromPath[str], back: FromQuery[str] = "") -> Response[str]:
    viewer, who = await asking_of(request)
    row = await queries.row_of(FIRMS, code, who)
    with speaking(locale_of(request)):
        happened = await histories.of_firm(code, who, _WORDS)
    return render(request, "desk/firm.html", row=row, view=FIRMS, happened=happened, back=way_back(FIRMS, back),
                  **await _words(request, viewer))  # fmt: skip


@get("/regulator/projects/{number:str}")
async def project_page(request: AnyRequest, number: FromPath[str], back: FromQuery[str] = "") -> Response[str]:
    viewer, who = await asking_of(request)
    row = await queries.row_of(PROJECTS, number, who)
    with speaking(locale_of(request)):
        happened = await histories.of_project(number, who, _WORDS)
    [lit] = await _lights(request, [row])
    return render(request, "desk/project.html", row=row, view=PROJECTS, lit=lit, happened=happened, back=way_back(PROJECTS, back),
                  may_do=viewer.has_role("handler"), **await _words(request, viewer))  # fmt: skip


routes: list[Any] = [desk_page, table_page, firm_page, project_page]
