"""An agency signs up, takes it back, gives up its place, and sees all its sign-ups."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, Parameter

from market.catalogue.queries import rulebook
from market.kernel.errors import NotFound
from market.kernel.i18n import N_
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer, viewer_of
from projects.queries import ProjectView, project_by_number
from projects.selection.bids import queries as bid_queries
from projects.selection.bids.rules import Bidding, bidding_of
from projects.selection.methods import METHODS
from projects.selection.sign_ups import actions, queries
from projects.selection.sign_ups.forms import LABELS, parse_offer
from projects.selection.sign_ups.queries import SignUpView
from projects.selection.sign_ups.rules import check_window
from projects.selection.sign_ups.showing import check_items, entry_marks, sign_up_facts
from projects.selection.sign_ups.way_in import WAYS_IN

AnyRequest = Request[Any, Any, Any]
PAGE = 20


def _agency(request: AnyRequest) -> Viewer:
    return require_viewer(request, "agency", role="handler")


def _id(viewer: Viewer) -> UUID:
    assert viewer.organisation_id is not None
    return viewer.organisation_id


def _words(project: ProjectView) -> dict[str, Any]:
    """How the pages speak of taking part, as the method has it."""
    method = METHODS[project.method]
    return {"way": WAYS_IN[method.code], "named": method.alone, "bidding": str(bidding_of(method.code))}


@get("/projects/{number:str}/sign-up")
async def sign_up_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, now = _agency(request), arrived_at(request)
    project = await project_by_number(number)
    mine = await queries.sign_up_of(project.id, viewer.organisation_id)
    if mine is not None and mine.withdrawn_at is None:
        return redirect(request, f"{project.url}/sign-up/receipt")
    check_window(project.stage, project.sign_up_opens_at, project.sign_up_closes_at, now)
    if bidding_of(project.method) is Bidding.REQUIRED:
        return redirect(request, f"{project.url}/bid")
    return await _form(request, number)


async def _form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    viewer, now = _agency(request), arrived_at(request)
    project = await project_by_number(number)
    check_window(project.stage, project.sign_up_opens_at, project.sign_up_closes_at, now)
    return render(
        request, "selection/sign_up.html", project=project, facts=await sign_up_facts(project, viewer, now), labels=LABELS,
        lines=check_items, **_words(project), **typed,
    )  # fmt: skip


@post("/projects/{number:str}/sign-up")
@comes_back_to(_form, lists=("practitioners",))
async def sign_up(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, now = _agency(request), arrived_at(request)
    project = await project_by_number(number)
    facts = await sign_up_facts(project, viewer, now)
    needed = facts.demand.practitioners_needed
    offer = parse_offer(await read_form(request), people=facts.people, practitioners=facts.practitioners, needed=needed)
    assert viewer.person_id is not None
    await actions.sign_up(project.id, _id(viewer), offer, by=viewer.person_id, now=now,
                          marks=entry_marks(request, project.id))  # fmt: skip
    return redirect(request, f"{project.url}/sign-up/receipt")


@get("/projects/{number:str}/sign-up/receipt")
async def receipt_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    project, mine = await _own(viewer, number)
    standing = mine.withdrawal_entry_id or mine.entry_id
    return render(
        request, "selection/receipt.html", project=project, mine=mine, entry=await entry(standing), **_words(project)
    )  # fmt: skip


@get("/projects/{number:str}/sign-up/withdraw")
async def withdraw_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    project, mine = await _own(_agency(request), number)
    if mine.withdrawn_at is not None:
        return redirect(request, f"{project.url}/sign-up/receipt")
    if not project.sign_up_open(arrived_at(request)):
        return redirect(request, f"{project.url}/sign-up/abandon")
    bid = await bid_queries.standing_bid(project.id, viewer_of(request).organisation_id)
    return render(request, "selection/withdraw.html", project=project, mine=mine, bid=bid, **_words(project))


@post("/projects/{number:str}/sign-up/withdraw")
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = _agency(request)
    project = await project_by_number(number)
    await actions.withdraw(project.id, _id(viewer), now=arrived_at(request))
    return redirect(request, f"{project.url}/sign-up/receipt", notice=WAYS_IN[project.method].taken_back)


@get("/projects/{number:str}/sign-up/abandon")
async def abandon_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    project, mine = await _own(_agency(request), number)
    if mine.withdrawn_at is not None:
        return redirect(request, f"{project.url}/sign-up/receipt")
    return render(
        request, "selection/abandon.html", project=project, mine=mine, **_words(project), **await _cost(project)
    )


async def _cost(project: ProjectView) -> dict[str, Any]:
    book = await rulebook(project.rulebook_version)
    return {
        "points": book.integer("credit.deduct.signup_cancelled.points"),
        "times": book.integer("pause.signup_cancelled.times"),
        "window": book.calendar_days("pause.signup_cancelled.window"),
        "months": book.months("pause.signup_cancelled.months"),
    }


@post("/projects/{number:str}/sign-up/abandon")
async def abandon(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = _agency(request)
    project = await project_by_number(number)
    await actions.abandon(project.id, _id(viewer), now=arrived_at(request))
    return redirect(request, f"{project.url}/sign-up/receipt", notice=N_("Your place was given up."), tone="warning")


async def _own(viewer: Viewer, number: str) -> tuple[ProjectView, SignUpView]:
    project = await project_by_number(number)
    mine = await queries.sign_up_of(project.id, viewer.organisation_id)
    if mine is None:
        raise NotFound
    return project, mine


@get("/agency/sign-ups")
async def sign_ups_page(
    request: AnyRequest, page: FromQuery[Annotated[int, Parameter(ge=1, le=10_000)]] = 1
) -> Response[Any]:
    viewer = require_viewer(request, "agency")
    found, total = await queries.sign_ups_of(viewer.organisation_id, page=page, size=PAGE)
    pages = max(1, -(-total // PAGE))
    return render(request, "selection/sign_ups.html", sign_ups=found, total=total, page=page, pages=pages)


routes: list[Any] = [
    sign_up_page, sign_up, receipt_page, withdraw_page, withdraw, abandon_page, abandon, sign_ups_page,
]  # fmt: skip
