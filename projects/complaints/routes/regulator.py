"""The regulator's side: what waits, examining, extending, deciding."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook
from market.catalogue.rules import Rulebook
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.complaints import actions, queries, rules
from projects.complaints.forms import (
    LABELS,
    REASON_MAX,
    TEXT_MAX,
    Examination,
    parse_examination,
    parse_reason,
    parse_ruling,
)
from projects.complaints.panels import lamp_of
from projects.complaints.queries import ComplaintView

AnyRequest = Request[Any, Any, Any]
# The parts of the rulebook that a decision on a result can rest on.
_GROUPS = ("posting", "signup", "selection", "draw", "beacon", "result", "objection", "complaint")


@get("/regulator/complaints")
async def desk(request: AnyRequest) -> Response[Any]:
    viewer, now, calendar = require_viewer(request, "regulator"), arrived_at(request), running(request).calendar
    waiting = [(one, await lamp_of(one, now, calendar)) for one in await queries.open_for(viewer)]
    return render(request, "complaints/desk.html", waiting=waiting, ended=await queries.closed_for(viewer))


async def _in_charge(request: AnyRequest, complaint_id: UUID, role: str) -> tuple[Viewer, ComplaintView]:
    viewer = require_viewer(request, "regulator", role=role)
    return viewer, await queries.access_as_authority(viewer, complaint_id)


@get("/complaints/{complaint_id:uuid}/examination")
async def examination_form(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    return await _examination_page(request, complaint_id)


async def _examination_page(
    request: AnyRequest, complaint_id: UUID, *, status: int = 200, **typed: Any
) -> Response[Any]:
    _, found = await _in_charge(request, complaint_id, "handler")
    rules.check_examination(found.facts)
    book = await rulebook(found.rulebook_version)
    return render(
        request, "complaints/examine.html", status=status, complaint=found, labels=LABELS, reason_max=REASON_MAX,
        correction_days=book.days("complaint.correction_days"), decision_days=book.days("complaint.decision_days"),
        evidence=await queries.evidence_of(found.id), **typed,
    )  # fmt: skip


@post("/complaints/{complaint_id:uuid}/examination")
@comes_back_to(_examination_page)
async def examine(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    viewer, found = await _in_charge(request, complaint_id, "handler")
    await _examined(request, found, parse_examination(await read_form(request)), viewer)
    return redirect(request, found.url, notice=N_("Recorded."))


async def _examined(request: AnyRequest, found: ComplaintView, examination: Examination, viewer: Viewer) -> None:
    calendar, now = running(request).calendar, arrived_at(request)
    match examination.outcome:
        case "accept":
            await actions.accept(found.id, viewer=viewer, calendar=calendar, now=now)
        case "return":
            await actions.give_back(found.id, examination.reason, viewer=viewer, calendar=calendar, now=now)
        case "refuse":
            await actions.refuse(found.id, examination.reason, viewer=viewer, calendar=calendar, now=now)


@get("/complaints/{complaint_id:uuid}/extension")
async def extension_form(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    return await _extension_page(request, complaint_id)


async def _extension_page(request: AnyRequest, complaint_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    _, found = await _in_charge(request, complaint_id, "handler")
    rules.check_extension(found.facts, arrived_at(request))
    book = await rulebook(found.rulebook_version)
    return render(request, "complaints/extend.html", status=status, complaint=found, labels=LABELS, reason_max=REASON_MAX,
                  extension_days=book.days("complaint.extension_days"), **typed)  # fmt: skip


@post("/complaints/{complaint_id:uuid}/extension")
@comes_back_to(_extension_page)
async def extend(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    viewer, found = await _in_charge(request, complaint_id, "handler")
    reason = parse_reason(await read_form(request))
    await actions.extend(found.id, reason, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The time to decide was extended."))


@get("/complaints/{complaint_id:uuid}/decision")
async def decision_form(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    return await _decision_page(request, complaint_id)


async def _decision_page(
    request: AnyRequest, complaint_id: UUID, *, status: int = 200, template: str = "complaints/decide.html", **typed: Any
) -> Response[Any]:  # fmt: skip
    _, found = await _in_charge(request, complaint_id, "signatory")
    await require_fresh_code(request)
    rules.check_decision(found.facts)
    book = await rulebook(found.rulebook_version)
    return render(
        request, template, status=status, complaint=found, labels=LABELS, text_max=TEXT_MAX,
        remedies=found.remedies, book=book, rules=_rules(book),
        evidence=await queries.evidence_of(found.id), **{"ruling": None, **typed},
    )  # fmt: skip


def _rules(book: Rulebook) -> list[Any]:
    return [rule for group in _GROUPS for rule in book.in_group(group)]


@post("/complaints/{complaint_id:uuid}/decision", status_code=200)
@comes_back_to(_decision_page)
async def decide(request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[Any]:
    viewer, found = await _in_charge(request, complaint_id, "signatory")
    await require_fresh_code(request)
    form, book = await read_form(request), await rulebook(found.rulebook_version)
    ruling, confirmed = parse_ruling(form, remedies=found.remedies, rules=[rule.key for rule in _rules(book)])
    if not confirmed:
        return await _decision_page(request, complaint_id, template="complaints/decide_confirm.html", ruling=ruling,
                                    values=keep_values(form))  # fmt: skip
    await actions.decide(found.id, ruling, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("Your decision is published."))


routes: list[Any] = [desk, examination_form, examine, extension_form, extend, decision_form, decide]
