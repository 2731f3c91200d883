"""Pages of follow-up calls: what they came to for everybody, the operator's desk."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import require_viewer
from ratings.evaluations.rules import STAR_WORDS
from ratings.follow_up import actions, queries
from ratings.follow_up.forms import LABELS, REMARKS_MAX, parse_call
from ratings.follow_up.rules import check_call

AnyRequest = Request[Any, Any, Any]


@get("/follow-up")
async def public_page(request: AnyRequest) -> Response[Any]:
    return render(request, "follow_up/public.html", figures=await queries.figures(),
                  book=await rulebook_in_force(NATION, arrived_at(request)))  # fmt: skip


@get("/operator/follow-up")
async def desk(request: AnyRequest) -> Response[Any]:
    require_viewer(request, "operator")
    return render(request, "follow_up/desk.html", waiting=await queries.to_call(), called=await queries.called(),
                  star_words=STAR_WORDS, now=arrived_at(request))  # fmt: skip


@get("/operator/follow-up/{number:str}")
async def call_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _form(request, number)


async def _form(request: AnyRequest, number: str, **typed: Any) -> Response[Any]:
    require_viewer(request, "operator", role="handler")
    found = await queries.follow_up_of(number)
    check_call(called=found.called_at is not None)
    return render(request, "follow_up/call.html", one=found, labels=LABELS, star_words=STAR_WORDS,
                  remarks_max=REMARKS_MAX, **typed)  # fmt: skip


@post("/operator/follow-up/{number:str}")
@comes_back_to(_form)
async def record_call(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer = require_viewer(request, "operator", role="handler")
    await queries.follow_up_of(number)
    call = parse_call(await read_form(request))
    await actions.record_call(number, call, viewer=viewer, now=arrived_at(request))
    return redirect(request, "/operator/follow-up", notice=N_("The result of the call is recorded."))


routes: list[Any] = [public_page, desk, call_form, record_call]
