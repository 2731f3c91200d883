"""The desk of those who supervise: proposals for the red list, entries, pauses; decisions with a page that shows what
follows before anything is done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook, deadline
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from ratings.credit.queries import agency_account, red_rules
from ratings.credit.rules import on_time_bound, points_text
from ratings.decisions import actions, queries
from ratings.decisions.forms import REASON_MAX, parse_reason
from ratings.decisions.queries import DECIDERS
from ratings.lists.export import LIST_NAMES, STATES
from ratings.lists.rules import ListEntry
from ratings.periods import term_end

AnyRequest = Request[Any, Any, Any]


async def _book(request: AnyRequest) -> Rulebook:
    return await rulebook_in_force(running(request).settings.site_region, arrived_at(request))


@get("/regulator/lists")
async def desk(request: AnyRequest) -> Response[str]:
    viewer, now = require_viewer(request, *DECIDERS), arrived_at(request)
    return render(
        request, "ratings/desk.html", candidates=await queries.red_candidates(viewer, await _book(request), now),
        entries=await queries.standing(viewer, now), paused=await queries.paused(viewer, now), states=STATES, list_names=LIST_NAMES,
        points_text=points_text, may_decide=viewer.has_role("signatory"),
    )  # fmt: skip


@get("/regulator/lists/red/{code:str}")
async def red_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    viewer, now = require_viewer(request, *DECIDERS, role="signatory"), arrived_at(request)
    agency = await queries.access_agency(viewer, code)
    await require_fresh_code(request)
    account = await agency_account(agency.code, now)
    from_at = deadline(account.book, "red.notice_days", now, running(request).calendar)
    return render(
        request, "ratings/red.html", agency=agency, account=account, points=points_text(account.score.points),
        on_time=on_time_bound(account.events, account.finished_jobs, account.at), meets=queries.meets(account, red_rules(account.book)), listed=await queries.listed(agency.id), from_at=from_at,
        until_at=term_end(from_at, account.book.months("red.term_months")),
    )  # fmt: skip


@post("/regulator/lists/red/{code:str}", status_code=200)
async def put_on_red_list(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    viewer, now = require_viewer(request, *DECIDERS, role="signatory"), arrived_at(request)
    agency = await queries.access_agency(viewer, code)
    await require_fresh_code(request)
    await actions.put_on_red_list(agency, acting=viewer, calendar=running(request).calendar, now=now)
    return redirect(
        request, "/regulator/lists", notice=N_("{agency} is on public notice for the red list."), agency=agency.name
    )


@get("/regulator/lists/{entry_id:uuid}/remove")
async def remove_page(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[str]:
    return await _remove_form(request, entry_id)


async def _to_sign(request: AnyRequest, entry_id: UUID) -> tuple[Viewer, ListEntry]:
    viewer = require_viewer(request, *DECIDERS, role="signatory")
    entry = await queries.access_entry(viewer, entry_id)
    await require_fresh_code(request)
    return viewer, entry


async def _remove_form(request: AnyRequest, entry_id: UUID, **typed: Any) -> Response[str]:
    _, entry = await _to_sign(request, entry_id)
    return render(request, "ratings/remove.html", entry=entry, list_names=LIST_NAMES, reason_max=REASON_MAX, **typed)


@post("/regulator/lists/{entry_id:uuid}/remove", status_code=200)
@comes_back_to(_remove_form)
async def remove(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[Any]:
    viewer, entry = await _to_sign(request, entry_id)
    reason = parse_reason(await read_form(request))
    await actions.lift(entry, reason, acting=viewer, now=arrived_at(request))
    return redirect(
        request, f"/lists?name={entry.list}", notice=N_("{agency} was taken off the list."), agency=entry.name
    )


routes: list[Any] = [desk, red_page, put_on_red_list, remove_page, remove]
