"""The firm's side: its view, its appeal, its request for repair."""

from __future__ import annotations

from typing import Any

from market.kernel.i18n import N_
from ratings.cases import actions, rules
from ratings.cases.actions.repairing import check_repair
from ratings.cases.forms import parse_appeal, parse_repair, parse_statement
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import as_firm
from ratings.cases.routes.steps import CaseStep, Sent, step_routes


async def _statement_due(case: CaseView) -> dict[str, Any]:
    rules.check_statement(case.history, case.now)
    return {}


async def _state(sent: Sent) -> None:
    statement = await parse_statement(sent.form, limit=sent.limit)
    await actions.state(sent.number, statement, viewer=sent.viewer, files=sent.here.files, now=sent.now)


async def _appeal_due(case: CaseView) -> dict[str, Any]:
    rules.check_appeal(case.history, case.now)
    return {}


async def _appeal(sent: Sent) -> None:
    new, here = await parse_appeal(sent.form, limit=sent.limit), sent.here
    await actions.appeal(sent.number, new, viewer=sent.viewer, files=here.files, calendar=here.calendar, now=sent.now)


async def _repair_due(case: CaseView) -> dict[str, Any]:
    await check_repair(case)
    return {}


async def _ask_repair(sent: Sent) -> None:
    wanted, here = await parse_repair(sent.form, limit=sent.limit), sent.here
    await actions.ask_repair(
        sent.number, wanted, viewer=sent.viewer, files=here.files, calendar=here.calendar, now=sent.now
    )


_STEPS = (
    CaseStep("statement", "cases/state.html", as_firm, _statement_due, _state,
             N_("Your view is recorded. You may add to it until your time ends.")),
    CaseStep("appeal", "cases/appeal.html", as_firm, _appeal_due, _appeal,
             N_("Your appeal is recorded; a third person decides about it.")),
    CaseStep("repair", "cases/repair.html", as_firm, _repair_due, _ask_repair, N_("Your request for repair is recorded.")),
)  # fmt: skip
routes: list[Any] = [handler for step in _STEPS for handler in step_routes(step)]
