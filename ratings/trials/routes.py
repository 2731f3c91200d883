"""The operator's pages of trials: asking for one, reading and exporting its moves."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, Parameter

from market.catalogue.queries import rulebook, rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.downloads import csv_response
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from ratings.credit.rules import points_text
from ratings.credit.trial import moves_csv
from ratings.trials import actions, queries
from ratings.trials.forms import editable, parse_trial, shown, unit_of
from ratings.trials.queries import SHOWN

AnyRequest = Request[Any, Any, Any]
Number = Annotated[int, Parameter(ge=1, le=100_000)]


@get("/operator/trials")
async def trials_page(request: AnyRequest) -> Response[Any]:
    return await _form(request)


async def _book(request: AnyRequest) -> Rulebook:
    return await rulebook_in_force(running(request).settings.site_region, arrived_at(request))


async def _form(request: AnyRequest, **typed: Any) -> Response[Any]:
    require_viewer(request, "operator")
    book = await _book(request)
    return render(request, "trials/trials.html", book=book, rules=editable(book), shown=shown, unit_of=unit_of,
                  trials=await queries.newest(), **typed)  # fmt: skip


@post("/operator/trials", status_code=200)
@comes_back_to(_form)
async def ask(request: AnyRequest) -> Response[Any]:
    viewer, book = require_viewer(request, "operator", role="handler"), await _book(request)
    numbers = await parse_trial(await read_form(request), book)
    trial_id = await actions.ask(numbers, book.version, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"/operator/trials/{trial_id}", notice=N_("The trial runs. Nothing is changed by it."))


@get("/operator/trials/{trial_id:uuid}")
async def trial_page(request: AnyRequest, trial_id: FromPath[UUID], page: FromQuery[Number] = 1) -> Response[Any]:
    require_viewer(request, "operator")
    found = await queries.trial(trial_id)
    book = await rulebook(found.rulebook_version)
    start = (page - 1) * SHOWN
    return render(
        request, "trials/trial.html", trial=found, book=book, shown=shown, unit_of=unit_of, moves=found.moves[start : start + SHOWN], page=page,
        pages=max(-(-len(found.moves) // SHOWN), 1), points_text=points_text,
    )  # fmt: skip


@get("/operator/trials/{trial_id:uuid}/moves.csv")
async def trial_csv(request: AnyRequest, trial_id: FromPath[UUID]) -> Response[bytes]:
    require_viewer(request, "operator")
    found = await queries.trial(trial_id)
    return csv_response(b"\xef\xbb\xbf" + moves_csv(found.moves).encode(), "trial.csv")


routes: list[Any] = [trials_page, ask, trial_page, trial_csv]
