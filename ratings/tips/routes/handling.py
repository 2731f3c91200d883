"""The authority's side: what waits, taking up, passing on, answering."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from ratings.tips import actions, forms, queries, rules
from ratings.tips.panels import lamp_of
from ratings.tips.queries import TipView
from ratings.tips.rules import Facts

AnyRequest = Request[Any, Any, Any]


@get("/tips/desk")
async def desk(request: AnyRequest) -> Response[Any]:
    viewer, now = require_viewer(request, "regulator", "operator"), arrived_at(request)
    waiting = [(one, await lamp_of(one, now, running(request).calendar)) for one in await queries.open_for(viewer)]
    return render(request, "tips/desk.html", waiting=waiting, ended=await queries.closed_for(viewer))


async def _in_charge(request: AnyRequest, tip_id: UUID, role: str) -> tuple[Viewer, TipView]:
    viewer = require_viewer(request, "regulator", "operator", role=role)
    return viewer, await queries.access_to_handle(viewer, tip_id)


@post("/tips/{tip_id:uuid}/taking")
async def take_up(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    viewer, tip = await _in_charge(request, tip_id, "handler")
    await actions.take_up(tip_id, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, tip.url, notice=N_("You have taken this tip up."))


@get("/tips/{tip_id:uuid}/handover")
async def handover_form(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    return await _handover(request, tip_id)


async def _handover(request: AnyRequest, tip_id: UUID, **typed: Any) -> Response[Any]:
    viewer, tip = await _in_charge(request, tip_id, "handler")
    rules.check_answer(Facts(tip.taken_at, tip.answered_at, tip.withdrawn_at))
    others = [one for one in await queries.handlers_of(tip) if one != viewer.organisation_id]
    return render(request, "tips/handover.html", tip=tip, labels=forms.LABELS,
                  authorities=await queries.named(others), reason_max=forms.REASON_MAX, **typed)  # fmt: skip


@post("/tips/{tip_id:uuid}/handover")
@comes_back_to(_handover)
async def hand_over(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    viewer, _ = await _in_charge(request, tip_id, "handler")
    to_id, reason = forms.parse_handover(await read_form(request))
    await actions.hand_over(tip_id, to_id, reason, viewer=viewer, now=arrived_at(request))
    return redirect(request, "/tips/desk", notice=N_("The tip was passed on."))


@get("/tips/{tip_id:uuid}/answer")
async def answer_form(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    return await _answer(request, tip_id)


async def _answer(request: AnyRequest, tip_id: UUID, **typed: Any) -> Response[Any]:
    _, tip = await _in_charge(request, tip_id, "signatory")
    await require_fresh_code(request)
    rules.check_answer(Facts(tip.taken_at, tip.answered_at, tip.withdrawn_at))
    return render(request, "tips/answer.html", tip=tip, labels=forms.LABELS, text_max=forms.TEXT_MAX,
                  messages=await queries.messages_of(tip.id), files=await queries.files_of(tip.id), **typed)  # fmt: skip


@post("/tips/{tip_id:uuid}/answer")
@comes_back_to(_answer)
async def answer(request: AnyRequest, tip_id: FromPath[UUID]) -> Response[Any]:
    viewer, tip = await _in_charge(request, tip_id, "signatory")
    await require_fresh_code(request)
    outcome, text = forms.parse_answer(await read_form(request))
    await actions.answer(tip_id, outcome, text, viewer=viewer, now=arrived_at(request))
    return redirect(request, tip.url, notice=N_("Your answer is recorded."))


routes: list[Any] = [desk, take_up, handover_form, hand_over, answer_form, answer]
