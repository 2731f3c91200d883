"""The operator's pages of trials: asking for one, reading and exporting its moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, Parameter

from market.catalogue.queries import rulebook, rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.context import arrived_at, running
from market.web.downloads import csv_response
from market.web.forms import keep_values, read_form, refused_in_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from ratings.credit.rules import points_text
from ratings.credit.trial import moves_csv
from ratings.trials import actions, queries
from ratings.trials.forms import editable, parse_trial, shown, unit_of
from ratings.trials.queries import SHOWN

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
Number = Annotated[int, Parameter(ge=1, le=100_000)]


@get("/operator/trials")
async def trials_page(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator")
    return await _form(request, await _book(request), {}, {}, status=200)


async def _book(request: AnyRequest) -> Rulebook:
    return await rulebook_in_force(running(request).settings.site_region, arrived_at(request))


async def _form(
    request: AnyRequest, book: Rulebook, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[Any]:
    return render(request, "trials/trials.html", status=status, book=book, rules=editable(book), shown=shown, unit_of=unit_of, values=values,
                  errors=errors, trials=await queries.newest())  # fmt: skip


@post("/operator/trials", status_code=200)
async def ask(request: AnyRequest) -> Response[Any]:
    viewer, book = require_viewer(request, "operator", role="handler"), await _book(request)
    form = await read_form(request)
    try:
        numbers = await parse_trial(form, book)
        with refused_in_form(request):
            trial_id = await actions.ask(numbers, book.version, viewer=viewer, now=arrived_at(request))
    except FormInvalid as invalid:
        return await _form(request, book, keep_values(form), invalid.errors, status=invalid.status)
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
