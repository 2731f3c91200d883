"""The parts of the project page and of the page of a payment that tell of disputes, and what waits on work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from market.kernel.calendar import Calendar
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.web.agendas import Event, agenda
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.contracts.queries import (
    ContractView,
    LitStep,
    MilestoneView,
    contract_by_number,
    contracts_of,
    lit,
    milestones_of,
    rulebook_of,
)
from projects.contracts.rules import Side
from projects.contracts.rules import State as ContractState
from projects.disputes import queries
from projects.disputes.actions.opening import check_opening
from projects.disputes.execution import Move
from projects.disputes.queries import DisputeView, Whereabouts
from projects.disputes.rules import BEFORE_REGULATOR, OPEN, Proposer, State, may_rule
from projects.page.dispute_notes import KINDS

AnyRequest = Request[Any, Any, Any]


async def lamp_of(found: DisputeView, now: datetime, calendar: Calendar) -> LitStep | None:
    """The step that is on turn with its lamp; None once it is decided or ended."""
    if found.step is None:
        return None
    return lit(found.step, await rulebook_of(found.contract), now=now, calendar=calendar)


async def may_read(viewer: Viewer, found: DisputeView) -> bool:
    side = found.contract.side_of(viewer.organisation_id)
    return side is not None or viewer.is_operator or await queries.in_field(viewer, found)


@panel("project", order=72)
async def disputes_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """That there is a dispute, about how much, where it stands and how it ended; for the sides also what they may dispute."""
    contract = next((one for one in await contracts_of(key) if one.state is ContractState.IN_FORCE), None)
    return await _panel(request, viewer, contract, now) if contract else None


@panel("contract", order=20)
async def contract_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """The same on the page of the contract."""
    contract = await contract_by_number(key)
    return await _panel(request, viewer, contract, now) if contract.state is ContractState.IN_FORCE else None


async def _panel(request: AnyRequest, viewer: Viewer, contract: ContractView, now: datetime) -> Panel | None:
    found, calendar = await queries.disputes_of([contract.id]), running(request).calendar
    mine = viewer.has_role("signatory") and contract.side_of(viewer.organisation_id) is not None
    open_to = await disputable(contract, found, now) if mine else []
    if not found and not open_to:
        return None
    return Panel("disputes/_panel.html", {
        "disputes": found, "contract": contract, "open_to": open_to, "kinds": KINDS,
        "readable": {one.id for one in found if await may_read(viewer, one)},
        "lamps": {one.id: await lamp_of(one, now, calendar) for one in found},
    })  # fmt: skip


async def disputable(contract: ContractView, found: list[DisputeView], now: datetime) -> list[MilestoneView]:
    """The milestones that could be disputed now."""
    taken = {one.milestone_id for one in found if one.state is not State.WITHDRAWN}
    free = [one for one in await milestones_of([contract.id]) if one.id not in taken]
    return [one for one in free if await _may_open(contract, one, now)]


async def _may_open(contract: ContractView, milestone: MilestoneView, now: datetime) -> bool:
    try:
        await check_opening(contract, milestone, now=now)
    except Refusal:
        return False
    return True


@panel("payment", order=5)
async def payment_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """On the page of a payment that is disputed, or that a dispute left to be paid."""
    found = await queries.about_payable(key)
    if found is None:
        return None
    return Panel("disputes/_payment.html", {"dispute": found, "readable": await may_read(viewer, found)})


@waiting("projects.disputes.sides")
async def for_sides(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    found = await queries.unfinished_of(viewer.organisation_id)
    return [item for one in found for item in await _for_side(one, viewer, now)]


async def _for_side(found: DisputeView, viewer: Viewer, now: datetime) -> list[Waiting]:
    side = found.contract.side_of(viewer.organisation_id)
    assert side is not None
    if found.state is State.EXECUTING:
        return _to_move(found, await queries.whereabouts(found), side)
    items = []
    if found.state in BEFORE_REGULATOR and side is not found.side and found.answered_at is None:
        items.append(
            _item(
                found,
                N_("Answer the dispute on {milestone} of {project}."),
                "/answer",
                found.opened_at,
                found.answer_due_at,
            )
        )
    offer = found.waiting
    if found.state in OPEN and offer is not None and now < offer.due_at and offer.facts.answer_of(side) is None:
        text = N_("Accept or refuse the proposal about {milestone} of {project}.")
        items.append(_item(found, text, "/reply", offer.proposed_at, offer.due_at))
    until = found.heard_due_at
    if (
        found.state is State.HEARING
        and found.facts.word_at(side) is None
        and until
        and now < until
        and found.prepared_at
    ):
        text = N_("Say your last word before the ruling on {milestone} of {project}.")
        items.append(_item(found, text, "/last-word", found.prepared_at, until))
    return items


def _to_move(found: DisputeView, where: Whereabouts, side: Side) -> list[Waiting]:
    """The agency transfers back what it owes, the owner confirms that it came."""
    if where.move is not Move.AWAIT_BACK or found.decided_at is None:
        return []
    stated = next((one for one in where.transfers if one.answer is None), None)
    if stated is None and side is Side.AGENCY:
        text = N_("Transfer back what you owe for {milestone} of {project}.")
        return [_item(found, text, "#execution", found.decided_at, found.back_due_at)]
    if stated is not None and side is Side.OWNER:
        text = N_("Confirm the transfer for {milestone} of {project}.")
        return [_item(found, text, "#execution", stated.stated_at, found.back_due_at)]
    return []


def _item(found: DisputeView, text: str, page: str, since: datetime, due_at: datetime | None) -> Waiting:
    facts = {"milestone": found.milestone_title, "project": found.contract.title}
    return Waiting(
        Message(text, facts), f"{found.url}{page}", since, due_at, found.number, found.contract.name_of(found.side)
    )


@waiting("projects.disputes.operator")
async def for_operator(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not viewer.is_operator:
        return []
    items = []
    for one in await queries.unfinished():
        offered = one.waiting is not None and one.waiting.proposer is Proposer.OPERATOR
        if one.state is State.MEDIATION and not offered and one.mediation_since:
            text = N_("Mediate the dispute on {milestone} of {project}.")
            items.append(_item(one, text, "", one.mediation_since, one.mediation_due_at))
        if one.state is State.EXECUTING and (await queries.whereabouts(one)).move is Move.REFUSED and one.decided_at:
            text = N_("Alipay refused to carry out the outcome about {milestone} of {project}.")
            items.append(_item(one, text, "#execution", one.decided_at, None))
    return items


@waiting("projects.disputes.regulator")
async def for_regulator(viewer: Viewer, now: datetime) -> list[Waiting]:
    """What waits for a ruling, also while both sides are heard: the time runs."""
    if not viewer.is_regulator:
        return []
    found = [one for one in await queries.open_disputes() if one.state in {State.REFERRED, State.HEARING}]
    return [
        _ruling(one, viewer, now) for one in found
        if one.authority_id in (None, viewer.organisation_id) and await queries.in_field(viewer, one)
    ]  # fmt: skip


def _ruling(found: DisputeView, viewer: Viewer, now: datetime) -> Waiting:
    assert found.referred_at is not None
    text, page = N_("Hear both sides of the dispute on {milestone} of {project}."), ""
    if may_rule(found.facts, now=now):
        text, page = N_("Rule on {milestone} of {project}."), "/ruling" if viewer.has_role("signatory") else ""
    return _item(found, text, page, found.referred_at, found.ruling_due_at)


@agenda("projects.disputes")
async def deadlines(organisation_id: UUID, now: datetime) -> list[Event]:
    """Answers, proposals, last words and debts of open disputes, whoever is on turn."""
    return [
        event for one in await queries.unfinished_of(organisation_id)
        for event in _events(one, one.contract.side_of(organisation_id))
    ]  # fmt: skip


def _events(found: DisputeView, side: Side | None) -> list[Event]:
    events: list[Event] = []

    def add(what: str, text: str, since: datetime, due_at: datetime, *, own: bool) -> None:
        facts = {"milestone": found.milestone_title, "project": found.contract.title}
        events.append(
            Event(f"{found.number}-{what}", Message(text, facts), since, due_at, found.url, found.number, own)
        )

    offer = found.waiting
    if found.state is State.OPENED:
        text = N_("Answer to the dispute on {milestone} of {project} due")
        add("answer", text, found.opened_at, found.answer_due_at, own=side is not found.side)
    if found.state in OPEN and offer is not None and side is not None:
        text = N_("Answer to the proposal about {milestone} of {project} due")
        add(f"proposal-{offer.no}", text, offer.proposed_at, offer.due_at, own=offer.facts.answer_of(side) is None)
    if found.state is State.HEARING and found.prepared_at and found.heard_due_at and side is not None:
        text = N_("Last word about {milestone} of {project} due")
        add("word", text, found.prepared_at, found.heard_due_at, own=found.facts.word_at(side) is None)
    if found.state in {State.REFERRED, State.HEARING} and found.referred_at and found.ruling_due_at:
        text = N_("Ruling on {milestone} of {project} due")
        add("ruling", text, found.referred_at, found.ruling_due_at, own=False)
    if found.state is State.EXECUTING and found.back_due_at and found.decided_at:
        text = N_("Transfer back for {milestone} of {project} due")
        add("back", text, found.decided_at, found.back_due_at, own=side is Side.AGENCY)
    return events
