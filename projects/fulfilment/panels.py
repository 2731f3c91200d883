"""The fulfilment's part of the project page and of work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView, LitStep, lit, may_read_all, rulebook_of
from projects.contracts.rules import Step
from projects.fulfilment.clock.rules import CAUSES
from projects.fulfilment.queries import Fulfilment, fulfilment_of, overdue_for, waiting_on, waiting_requests
from projects.fulfilment.rules import Turn
from projects.fulfilment.termination.queries import Termination, waiting_for

AnyRequest = Request[Any, Any, Any]
_TODO = {
    Turn.DELIVERY: (N_("Deliver the results of {project}"), "delivery"),
    Turn.ANSWER: (N_("Accept or return the results of {project}"), "acceptance"),
}
_OVERDUE = {
    Turn.DELIVERY: N_("{agency} is overdue with the results of {project}"),
    Turn.ANSWER: N_("{owner} is overdue with its answer to the results of {project}"),
}


async def lit_step(request: AnyRequest, fulfilment: Fulfilment, now: datetime) -> LitStep | None:
    """What is waited for, with its lamp; None when nothing is."""
    if fulfilment.step is None:
        return None
    book = await rulebook_of(fulfilment.contract)
    return lit(fulfilment.step, book, now=now, calendar=running(request).calendar)


async def lit_request(request: AnyRequest, fulfilment: Fulfilment, now: datetime) -> LitStep | None:
    """What was asked about the time, with the lamp of its answer; None when nothing was."""
    asked = fulfilment.request
    if asked is None:
        return None
    step = Step("clock", (asked.side.other,), asked.asked_at, asked.answer_due_at)
    return lit(step, await rulebook_of(fulfilment.contract), now=now, calendar=running(request).calendar)


@panel("project", order=70)
async def fulfilment_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Deliveries, versions and decisions; the files only for those whom they concern. Nothing before the contract."""
    fulfilment = await fulfilment_of(key)
    if fulfilment is None:
        return None
    return Panel("fulfilment/_panel.html", {
        "fulfilment": fulfilment,
        "contract": fulfilment.contract,
        "step": await lit_step(request, fulfilment, now),
        "asked": await lit_request(request, fulfilment, now),
        "side": fulfilment.contract.side_of(viewer.organisation_id),
        "full": await may_read_all(viewer, fulfilment.contract),
        "cause_names": CAUSES,
    })  # fmt: skip


@waiting("projects.fulfilment")
async def to_do(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None:
        return []
    if viewer.is_regulator:
        return await _to_watch(viewer, now)
    if not (viewer.is_owner or viewer.is_agency):
        return []
    own = [_own(one) for one in await waiting_on(viewer.organisation_id)]
    own += [_asked(one) for one in await waiting_requests(viewer.organisation_id)]
    return own + [_to_end(contract, one) for contract, one in await waiting_for(viewer.organisation_id)]


def _to_end(contract: ContractView, one: Termination) -> Waiting:
    return Waiting(
        text=Message(N_("Answer the request to end the contract of {project}"), {"project": contract.title}),
        link=f"{contract.project_url}/termination", since=one.asked_at, due_at=one.answer_due_at, number=contract.number,
        who=contract.name_of(one.side),
    )  # fmt: skip


def _asked(one: Fulfilment) -> Waiting:
    request, contract = one.request, one.contract
    assert request is not None
    return Waiting(
        text=Message(N_("Answer the request about the time of {project}"), {"project": contract.title}),
        link=f"{contract.project_url}/clock", since=request.asked_at, due_at=request.answer_due_at, number=contract.number,
        who=contract.name_of(request.side),
    )  # fmt: skip


def _own(one: Fulfilment) -> Waiting:
    step, contract = one.step, one.contract
    assert step is not None
    text, page = _TODO[one.turn]
    other = contract.owner_name if one.turn is Turn.DELIVERY else contract.agency_name
    return Waiting(
        text=Message(text, {"project": contract.title}), link=f"{contract.project_url}/{page}", since=step.since,
        due_at=step.due_at, number=contract.number, who=other,
    )  # fmt: skip


async def _to_watch(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Red lamps in the regulator's field."""
    return [_red(one) for one in await overdue_for(viewer, now)]


def _red(one: Fulfilment) -> Waiting:
    step, contract = one.step, one.contract
    assert step is not None
    facts = {"project": contract.title, "agency": contract.agency_name, "owner": contract.owner_name}
    return Waiting(
        text=Message(_OVERDUE[one.turn], facts), link=f"{contract.project_url}#fulfilment", since=step.since,
        due_at=step.due_at, number=contract.number, who=contract.name_of(step.who[0]),
    )  # fmt: skip
