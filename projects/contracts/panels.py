"""The contract's part of the project page and of work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.agendas import Event, agenda
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.contracts.changes.queries import ChangeView, changes_of, content_in_force, waiting_changes
from projects.contracts.changes.rules import State
from projects.contracts.drafts.queries import waiting_drafts
from projects.contracts.filing.queries import to_file
from projects.contracts.queries import (
    ContractView,
    LitStep,
    contracts_of,
    lit,
    rulebook_of,
    waiting_signatures,
)
from projects.contracts.rules import Side

AnyRequest = Request[Any, Any, Any]


async def lit_signing(request: AnyRequest, contract: ContractView, now: datetime) -> LitStep | None:
    """The wait for signatures with its lamp; None when nobody is waited for."""
    if contract.signing is None:
        return None
    book = await rulebook_of(contract)
    return lit(contract.signing, book, now=now, calendar=running(request).calendar)


@panel("project", order=60)
async def contract_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Key terms and signatures of the current contract, and what became of earlier ones; nothing before a result."""
    contracts = await contracts_of(key)
    if not contracts:
        return None
    current, *earlier = contracts
    changes = await changes_of(current.id)
    return Panel("contracts/_panel.html", {
        "contract": current,
        "earlier": earlier,
        "step": await lit_signing(request, current, now),
        "side": current.side_of(viewer.organisation_id),
        "sides": tuple(Side),
        "changes": [one for one in changes if one.in_force_at],
        "stands": content_in_force(current, changes),
        "open_change": next((one for one in changes if one.waits), None),
    })  # fmt: skip


async def _to_answer(viewer: Viewer) -> list[Waiting]:
    """Proposals of owners that this agency has not answered; signing without an answer is possible too."""
    if viewer.organisation_id is None or not viewer.is_agency:
        return []
    return [
        Waiting(
            text=Message(N_("Answer the proposed terms of {project}"), {"project": contract.title}),
            link=f"{contract.url}/draft", since=since, due_at=contract.sign_due_at, number=contract.number,
            who=contract.owner_name,
        )
        for contract, since in await waiting_drafts(viewer.organisation_id)
    ]  # fmt: skip


async def _to_file(viewer: Viewer) -> list[Waiting]:
    if viewer.organisation_id is None or not viewer.is_owner:
        return []
    return [
        Waiting(
            text=Message(N_("File the contract of {project}"), {"project": contract.title}), link=f"{contract.url}/filing",
            since=contract.in_force_at or contract.created_at, due_at=filing.due_at, number=contract.number,
            who=contract.agency_name,
        )
        for contract, filing in await to_file(viewer.organisation_id)
    ]  # fmt: skip


async def _to_change(viewer: Viewer) -> list[Waiting]:
    assert viewer.organisation_id is not None
    return [_change(contract, one) for contract, one in await waiting_changes(viewer.organisation_id)]


@agenda("projects.contracts.changes")
async def change_events(organisation_id: UUID, now: datetime) -> list[Event]:
    """Until when this organisation answers or signs changes."""
    return [
        Event(
            f"{one.number}-change", Message(N_("Change of the contract to be answered or signed: {project}"), {"project": contract.title}),
            one.proposed_at, one.facts.due_at, f"{contract.url}/changes/{one.no}", one.number, own=True,
        )
        for contract, one in await waiting_changes(organisation_id)
    ]  # fmt: skip


def _change(contract: ContractView, change: ChangeView) -> Waiting:
    text = (
        N_("Sign the change of the contract of {project}")
        if change.facts.state is State.TO_SIGN
        else N_("Answer the proposed change of the contract of {project}")
    )
    step = change.step
    assert step is not None
    return Waiting(
        text=Message(text, {"project": contract.title}), link=f"{contract.url}/changes/{change.no}", since=step.since,
        due_at=step.due_at, number=change.number, who=contract.name_of(step.who[0].other),
    )  # fmt: skip


@waiting("projects.contracts")
async def to_sign(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    return await _to_answer(viewer) + await _to_file(viewer) + await _to_change(viewer) + [
        Waiting(
            text=Message(N_("Sign the contract of {project}"), {"project": contract.title}),
            link=f"{contract.url}/sign" if viewer.has_role("signatory") else contract.url,
            since=contract.created_at, due_at=contract.sign_due_at, number=contract.number,
            who=contract.name_of(Side.AGENCY if viewer.is_owner else Side.OWNER),
        )
        for contract in await waiting_signatures(viewer.organisation_id)
    ]  # fmt: skip
