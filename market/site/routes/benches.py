"""Work benches: what waits for me, where my own things stand, what I can begin. And the regulator's view."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from market.accounts.queries import inbox
from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.i18n import speaking
from market.oversight.queries import watch_of
from market.site.lit import LitWaiting, lamp_rule, light, like_together, lit_queue
from market.site.queries import bench, oversight
from market.site.queries.beginning import beginning_of
from market.site.rules.beginning import first_steps
from market.site.words import AGENCY_STAGES, STEPS, TURNS
from market.web.context import arrived_at, running
from market.web.forms import page_number
from market.web.pages import locale_of, render
from market.web.panels import waiting_for
from market.web.viewer import Viewer, require_viewer
from projects.page.rules import STAGE_KINDS, STAGE_NAMES, stage_name
from projects.page.views import region_name

AnyRequest = Request[Any, Any, Any]
MESSAGES_SHOWN = 5


@get("/workbench")
async def workbench_page(request: AnyRequest) -> Response[str]:
    viewer, now = require_viewer(request), arrived_at(request)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    assert viewer.organisation_id is not None
    return render(
        request, f"site/workbench_{bench_of(viewer)}.html", queue=(queue := await _queue(request, viewer, book)), groups=like_together(queue),
        messages=await inbox(viewer.organisation_id, reader=viewer.person_id, limit=MESSAGES_SHOWN), desk=await _desk(viewer, now),
        STAGE_NAMES=STAGE_NAMES, STAGE_KINDS=STAGE_KINDS, stage_name=stage_name, AGENCY_STAGES=AGENCY_STAGES, book=book,
        beginning=first_steps(bench_of(viewer), await beginning_of(viewer, now, running(request).calendar)),
    )  # fmt: skip


def bench_of(viewer: Viewer) -> str:
    """owner, agency, regulator, operator or expert."""
    return "owner" if viewer.is_owner else viewer.organisation_kind


async def _queue(request: AnyRequest, viewer: Viewer, book: Rulebook) -> list[LitWaiting]:
    now = arrived_at(request)
    found = await waiting_for(viewer, now)
    return lit_queue(found, now, calendar=running(request).calendar, rule=lamp_rule(book))


async def _desk(viewer: Viewer, now: datetime) -> Any:
    match bench_of(viewer):
        case "owner":
            return await bench.owner_desk(viewer.organisation_id)
        case "agency":
            return await bench.agency_desk(viewer.organisation_id, now)
        case "operator":
            return await bench.operator_desk()
        case "regulator":
            return await oversight.counts(await watch_of(viewer), now)
    return None


@get("/regulator/steps")
async def steps_page(
    request: AnyRequest, show: FromQuery[str] = "overdue", page: FromQuery[str] = "1"
) -> Response[str]:
    viewer, now = require_viewer(request, "regulator"), arrived_at(request)
    show, number = show if show in oversight.SHOWN else "overdue", page_number(page)
    watch = await watch_of(viewer)
    counts = await oversight.counts(watch, now)
    steps = await oversight.open_steps(watch, now, show=show, page=number)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    rule, calendar = lamp_rule(book), running(request).calendar
    lights = [light(now, step.since, step.due_at, calendar=calendar, rule=rule) for step in steps]
    catalogue = await catalogue_at(now)
    with speaking(locale_of(request)):
        places = {
            one.region_prefix: region_name(one.region_prefix.ljust(6, "0"), catalogue)
            for one in viewer.scopes
            if one.region_prefix
        }
    return render(
        request, "site/regulator.html", counts=counts, show=show, steps=list(zip(steps, lights, strict=True)), page=number,
        pages=-(-getattr(counts, show) // oversight.PAGE), STEPS=STEPS, TURNS=TURNS, STAGE_NAMES=STAGE_NAMES, places=places,
        departments={one.code: one.name for one in catalogue.regulators},
    )  # fmt: skip


routes: list[Any] = [workbench_page, steps_page]
