"""What warnings, notices and settlements put on work benches."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.agendas import Event, agenda
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView
from projects.fulfilment.rescission.queries import (
    notices_to_answer,
    objections_to_decide,
    settlements_to_confirm,
    warnings_to_cure,
)


@waiting("projects.fulfilment.rescission")
async def to_do(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.organisation_id is None:
        return []
    if viewer.is_regulator:
        return [
            _waiting(
                viewer,
                contract,
                N_("Decide whether the contract of {project} ends"),
                one.objected_at or now,
                one.decide_due_at,
            )
            for contract, one in await objections_to_decide(viewer)
        ]
    if not (viewer.is_owner or viewer.is_agency):
        return []
    return await _of_a_side(viewer, now)


@agenda("projects.fulfilment.rescission")
async def rescission_events(organisation_id: UUID, now: datetime) -> list[Event]:
    """Until when to cure what one was warned of, and until when to object to a notice."""
    warned = [
        Event(
            f"{contract.number}-warning-{one.no}", Message(N_("Time to cure ends: {project}"), {"project": contract.title}),
            one.warned_at, one.cure_due_at, f"{contract.project_url}/termination", contract.number, own=True,
        )
        for contract, one in await warnings_to_cure(organisation_id, now)
    ]  # fmt: skip
    told = [
        Event(
            f"{contract.number}-notice-{one.no}", Message(N_("Time to object ends: {project}"), {"project": contract.title}),
            one.notified_at, one.objection_due_at, f"{contract.project_url}/termination", contract.number, own=True,
        )
        for contract, one in await notices_to_answer(organisation_id)
    ]  # fmt: skip
    return warned + told


async def _of_a_side(viewer: Viewer, now: datetime) -> list[Waiting]:
    assert viewer.organisation_id is not None
    mine = viewer.organisation_id
    warned = [
        _waiting(
            viewer,
            contract,
            N_("Cure what is overdue: you were warned about {project}"),
            one.warned_at,
            one.cure_due_at,
        )
        for contract, one in await warnings_to_cure(mine, now)
    ]
    told = [
        _waiting(viewer, contract, N_("Cure the cause or object: the contract of {project} is to end"), one.notified_at, one.objection_due_at)
        for contract, one in await notices_to_answer(mine)
    ]  # fmt: skip
    settled = [
        _waiting(
            viewer, contract, N_("Check and confirm the settlement of {project}"), one.made_at, None, page="settlement"
        )
        for contract, one in await settlements_to_confirm(mine)
    ]
    return warned + told + settled


def _waiting(
    viewer: Viewer,
    contract: ContractView,
    text: str,
    since: datetime,
    due_at: datetime | None,
    *,
    page: str = "termination",
) -> Waiting:
    return Waiting(
        text=Message(text, {"project": contract.title}), link=f"{contract.project_url}/{page}", since=since, due_at=due_at,
        number=contract.number, who=contract.agency_name if viewer.is_owner else contract.owner_name,
    )  # fmt: skip
