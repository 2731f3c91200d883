"""Pages of ratings: giving one, those that are still open, and the reply of who was rated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
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


@get("/projects/{number:str}/rating")
async def rating_page(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    return await _rating_form(request, number)


async def _rater(request: AnyRequest, number: str) -> tuple[Viewer, ProjectView, Side]:
    viewer = require_viewer(request, "owner", "agency", "regulator", "operator", role="handler")
    project, side = await queries.access_rater(viewer, number)
    return viewer, project, side


async def _rating_form(request: AnyRequest, number: str, **typed: Any) -> Response[str]:
    _, project, side = await _rater(request, number)
    window = await queries.window_of(project.id)
    check_may_rate(window, side, arrived_at(request))
    book = await rulebook(project.rulebook_version)
    return render(
        request, "ratings/rate.html", project=project, side=side, window=window, names=NAMES, questions=QUESTIONS,
        star_words=STAR_WORDS, dimensions=book.texts(DIMENSIONS[side]), low_stars=book.integer("rating.low_stars"),
        reply_days=book.working_days("rating.reply_days"), reasons_max=REASONS_MAX, **typed,
    )  # fmt: skip


@post("/projects/{number:str}/rating", status_code=200)
@comes_back_to(_rating_form)
async def rate(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    (viewer, project, side), now = await _rater(request, number), arrived_at(request)
    check_may_rate(await queries.window_of(project.id), side, now)
    command = parse_rating(await read_form(request), side, await rulebook(project.rulebook_version))
    shown = await actions.give_rating(
        project, side, command, acting=viewer, calendar=running(request).calendar, now=now
    )
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
    return await _reply_form(request, rating_id)


async def _rated(request: AnyRequest, rating_id: UUID) -> tuple[Viewer, RatingView]:
    """Whoever was rated, and the rating. Raises Refusal where it may not be replied to."""
    viewer = require_viewer(request, "owner", "agency", role="handler")
    rating = await queries.access_rated(viewer, rating_id)
    check_may_reply(revealed_at=rating.revealed_at, due_at=rating.reply_due_at, replied=rating.replied_at is not None,
                    now=arrived_at(request))  # fmt: skip
    return viewer, rating


async def _reply_form(request: AnyRequest, rating_id: UUID, **typed: Any) -> Response[str]:
    _, rating = await _rated(request, rating_id)
    return render(request, "ratings/reply.html", rating=rating, names=NAMES, reply_max=REPLY_MAX, **typed)


@post("/ratings/{rating_id:uuid}/reply", status_code=200)
@comes_back_to(_reply_form)
async def reply(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[Any]:
    viewer, rating = await _rated(request, rating_id)
    text = parse_reply(await read_form(request))
    await actions.reply(rating, text, acting=viewer, now=arrived_at(request))
    return redirect(request, f"/projects/{rating.project_number}", notice=N_("Your reply is public beside the rating."))


@get("/ratings/{rating_id:uuid}/strike")
async def strike_page(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[str]:
    return await _strike_form(request, rating_id)


async def _to_strike(request: AnyRequest, rating_id: UUID) -> tuple[Viewer, RatingView]:
    viewer = require_viewer(request, "regulator", "operator", role="signatory")
    rating = await queries.access_to_strike(viewer, rating_id)
    await require_fresh_code(request)
    return viewer, rating


async def _strike_form(request: AnyRequest, rating_id: UUID, **typed: Any) -> Response[str]:
    _, rating = await _to_strike(request, rating_id)
    striking.check_strikable(rating)
    return render(request, "ratings/strike.html", rating=rating, names=NAMES, reasons_max=REASONS_MAX, **typed)


@post("/ratings/{rating_id:uuid}/strike", status_code=200)
@comes_back_to(_strike_form)
async def strike(request: AnyRequest, rating_id: FromPath[UUID]) -> Response[Any]:
    viewer, rating = await _to_strike(request, rating_id)
    await striking.strike(rating, parse_strike(await read_form(request)), viewer=viewer, now=arrived_at(request))
    return redirect(
        request, f"/projects/{rating.project_number}", notice=N_("The rating is struck; both parties have been told.")
    )


routes: list[Any] = [rating_page, rate, open_ratings, reply_page, reply, strike_page, strike]
