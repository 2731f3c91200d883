"""Decisions, each with a page that says what follows before it is taken: on the case, on an appeal, on a repair."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook
from market.kernel.i18n import N_
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer
from ratings.cases import actions, queries, rules
from ratings.cases.actions import Ruling
from ratings.cases.actions.repairing import open_repair
from ratings.cases.forms import parse_appeal_ruling, parse_repair_ruling, parse_ruling
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import AnyRequest, as_authority, as_judge, offered, step_page
from ratings.cases.routes.steps import CaseStep, Sent, step_routes
from ratings.cases.rules import BARRING, Party, Sanction, State, is_published


async def _touched(found: CaseView, sanction: Sanction | None) -> dict[str, Any]:
    """What a measure would touch at this moment."""
    published = sanction is not None and is_published(sanction.measure, found.party)
    if sanction is None or sanction.measure not in BARRING or found.party is not Party.AGENCY:
        return {"sign_ups": [], "running": [], "published": published}
    return {"sign_ups": await queries.open_sign_ups(found.organisation_id),
            "running": await queries.running_owners(found.organisation_id), "published": published}  # fmt: skip


@get("/cases/{number:str}/decision")
async def decision_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _decision_page(request, number)


async def _decision_page(
    request: AnyRequest, number: str, *, template: str = "cases/decide.html", ruling: Ruling | None = None, **typed: Any
) -> Response[Any]:
    """`ruling`: the decision whose consequences are shown before it is taken."""
    _, found = await as_judge(request, number)
    rules.check_decision(found.history, "unfounded", found.now)
    heard = found.hearing_asked_at is None or found.heard_at is not None
    touched = await _touched(found, ruling.sanction if ruling else None)
    return await step_page(
        request, template, found, ruling=ruling, ready=found.state is State.TO_DECIDE and heard,
        offered=await offered(found), **touched, **typed,
    )  # fmt: skip


@post("/cases/{number:str}/decision", status_code=200)
@comes_back_to(_decision_page)
async def decide(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_judge(request, number)
    ruling, confirmed = parse_ruling(await read_form(request), await offered(found))
    rules.check_decision(found.history, ruling.outcome, found.now)
    if not confirmed:
        return await _decision_page(request, number, template="cases/decide_confirm.html", ruling=ruling)
    await actions.decide(number, ruling, viewer=viewer, calendar=running(request).calendar, now=arrived_at(request))
    return redirect(request, found.url, notice=N_("The decision is taken; the party has been told."))


@get("/cases/{number:str}/appeal-decision")
async def appeal_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    return await _appeal_page(request, number)


async def _milder(found: CaseView) -> tuple[Sanction, ...]:
    return rules.milder(found.measure.sanction, await offered(found)) if found.measure else ()


async def _appeal_page(
    request: AnyRequest, number: str, *, template: str = "cases/decide_appeal.html", **typed: Any
) -> Response[Any]:
    _, found = await as_judge(request, number)
    rules.check_appeal_decision(found.history)
    return await step_page(request, template, found, milder=await _milder(found), **typed)


@post("/cases/{number:str}/appeal-decision", status_code=200)
@comes_back_to(_appeal_page)
async def decide_appeal(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    viewer, found = await as_judge(request, number)
    rules.check_appeal_decision(found.history)
    ruling = parse_appeal_ruling(await read_form(request), await _milder(found))
    if not ruling.confirmed:
        return await _appeal_page(request, number, template="cases/decide_appeal_confirm.html", ruling=ruling)
    await actions.decide_appeal(
        number, ruling.outcome, ruling.reasons, ruling.sanction, viewer=viewer, calendar=running(request).calendar,
        now=arrived_at(request),
    )  # fmt: skip
    return redirect(request, found.url, notice=N_("The appeal is decided; the party has been told."))


async def _as_signatory(request: AnyRequest, number: str) -> tuple[Viewer, CaseView]:
    """Whoever decides about a repair signs too, and may be the one who decided the case."""
    entered = await as_authority(request, number, role="signatory")
    await require_fresh_code(request)
    return entered


async def _repair_due(case: CaseView) -> dict[str, Any]:
    book = await rulebook(case.rulebook_version)
    return {"asked": open_repair(case), "repairable": queries.repairable(case, book)}


async def _decide_repair(sent: Sent) -> None:
    outcome, reasons = parse_repair_ruling(sent.form)
    await actions.decide_repair(sent.number, outcome, reasons, viewer=sent.viewer, now=sent.now)


_REPAIR = CaseStep(
    "repair-decision", "cases/decide_repair.html", _as_signatory, _repair_due, _decide_repair,
    N_("The request for repair is decided; the party has been told."),
)  # fmt: skip
routes: list[Any] = [decision_page, decide, appeal_page, decide_appeal, *step_routes(_REPAIR)]
