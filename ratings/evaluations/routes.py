"""Pages of ratings: giving one, those that are still open, and the reply of who was rated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form, refused_in_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from projects.queries import ProjectView
from ratings.evaluations import actions, queries, striking
from ratings.evaluations.forms import REASONS_MAX, REPLY_MAX, parse_rating, parse_reply, parse_strike
from ratings.evaluations.queries import RatingView
from ratings.evaluations.rules import (
    DIMENSIONS,
    NAMES,
    QUESTIONS,
    STAR_WORDS,
    Side,
    check_may_rate,
    check_may_reply,
)

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]


@get("/projects/{number:str}/rating")
async def rating_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    viewer = require_viewer(request, "owner", "agency", "regulator", "operator", role="handler")
    project, side = await queries.access_rater(viewer, number)
    check_may_rate(await queries.window_of(project.id), side, arrived_at(request))
    return await _rating_form(request, project, side, {}, {}, status=200)


async def _rating_form(
    request: AnyRequest, project: ProjectView, side: Side, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    book = await rulebook(project.rulebook_version)
    window = await queries.window_of(project.id)
    return render(
        request, "ratings/rate.html", status=status, project=project, side=side, window=window, values=values,
        errors=errors, dimensions=book.texts(DIMENSIONS[side]), names=NAMES, questions=QUESTIONS, star_words=STAR_WORDS,
        low_stars=book.integer("rating.low_stars"), reply_days=book.working_days("rating.reply_days"),
        reasons_max=REASONS_MAX,
    )  # fmt: skip


@post("/projects/{number:str}/rating", status_code=200)
async def rate(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", "regulator", "operator", role="handler")
    project, side = await queries.access_rater(viewer, number)
    now, form = arrived_at(request), await read_form(request)
    check_may_rate(await queries.window_of(project.id), side, now)
    try:
        command = parse_rating(form, side, await rulebook(project.rulebook_version))
        with refused_in_form(request):
            shown = await actions.give_rating(
                project, side, command, acting=viewer, calendar=running(request).calendar, now=now
            )
    except FormInvalid as problem:
        return await _rating_form(request, project, side, keep_values(form), problem.errors, status=problem.status)
    notice = N_("Your rating is recorded and shown.") if shown else N_(
        "Your rating is recorded. It stays hidden until both parties have rated or the time is over.")  # fmt: skip
    return redirect(request, project.url, notice=notice)


@get("/ratings/open")
async def open_ratings(request: AnyRequest) -> Response[str]:
    """What those who supervise may rate; nobody has to."""
    viewer = require_viewer(request, "regulator", "operator")
    return render(request, "ratings/open.html", jobs=await queries.open_to(viewer, arrived_at(request)))


@get("/ratings/{rating_id:uuid}/reply")
async def reply_page(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[str]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    rating = await queries.access_rated(viewer, rating_id)
    _check_reply(request, rating)
    return _reply_form(request, rating, {}, {}, status=200)


def _check_reply(request: AnyRequest, rating: RatingView) -> None:
    check_may_reply(revealed_at=rating.revealed_at, due_at=rating.reply_due_at, replied=rating.replied_at is not None,
                    now=arrived_at(request))  # fmt: skip


def _reply_form(
    request: AnyRequest, rating: RatingView, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    return render(request, "ratings/reply.html", status=status, rating=rating, names=NAMES, values=values, errors=errors,
                  reply_max=REPLY_MAX)  # fmt: skip


@post("/ratings/{rating_id:uuid}/reply", status_code=200)
async def reply(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "owner", "agency", role="handler")
    rating = await queries.access_rated(viewer, rating_id)
    _check_reply(request, rating)
    form = await read_form(request)
    try:
        text = parse_reply(form)
        with refused_in_form(request):
            await actions.reply(rating, text, acting=viewer, now=arrived_at(request))
    except FormInvalid as problem:
        return _reply_form(request, rating, keep_values(form), problem.errors, status=problem.status)
    return redirect(request, f"/projects/{rating.project_number}", notice=N_("Your reply is public beside the rating."))


@get("/ratings/{rating_id:uuid}/strike")
async def strike_page(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[str]:
    viewer = require_viewer(request, "regulator", "operator", role="signatory")
    rating = await queries.access_to_strike(viewer, rating_id)
    await require_fresh_code(request)
    return _strike_form(request, rating, {}, {}, status=200)


def _strike_form(
    request: AnyRequest, rating: RatingView, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    striking.check_strikable(rating)
    return render(request, "ratings/strike.html", status=status, rating=rating, names=NAMES, values=values, errors=errors,
                  reasons_max=REASONS_MAX)  # fmt: skip


@post("/ratings/{rating_id:uuid}/strike", status_code=200)
async def strike(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "regulator", "operator", role="signatory")
    rating, form = await queries.access_to_strike(viewer, rating_id), await read_form(request)
    await require_fresh_code(request)
    try:
        with refused_in_form(request):
            await striking.strike(rating, parse_strike(form), viewer=viewer, now=arrived_at(request))
    except FormInvalid as problem:
        return _strike_form(request, rating, keep_values(form), problem.errors, status=problem.status)
    return redirect(
        request, f"/projects/{rating.project_number}", notice=N_("The rating is struck; both parties have been told.")
    )


routes: list[Any] = [rating_page, rate, open_ratings, reply_page, reply, strike_page, strike]
