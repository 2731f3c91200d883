"""How a contract's bond stands, in a word and a sentence; its part of the project page and of work benches."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request

from market.kernel.calendar import end_of_day
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.payments.bond_queries import DemandView, demand_of, demands_about
from market.payments.bond_rules import BondStanding
from market.web.agendas import Event, agenda
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.bonds.actions import may_ask
from projects.bonds.queries import claims_to_rule
from projects.contracts.queries import contracts_of
from projects.contracts.rules import Side
from projects.oversight import watches

AnyRequest = Request[Any, Any, Any]
NAMES: Final = {
    BondStanding.ASKED: N_("bond asked for"), BondStanding.MISSING: N_("bond missing"), BondStanding.OFFERED: N_("bond being given"),
    BondStanding.GIVEN: N_("bond given"), BondStanding.RETAINED: N_("last payment held back"),
    BondStanding.CLAIMED: N_("bond claimed"), BondStanding.DECLINED: N_("bond declined"),
    BondStanding.WAIVED: N_("bond waived"), BondStanding.RETURNED: N_("bond returned"),
    BondStanding.SPENT: N_("bond spent"), BondStanding.VOID: N_("no bond needed"),
}  # fmt: skip
COLOURS: Final = {
    BondStanding.ASKED: "amber", BondStanding.MISSING: "red", BondStanding.OFFERED: "amber", BondStanding.GIVEN: "green",
    BondStanding.RETAINED: "green", BondStanding.CLAIMED: "amber", BondStanding.RETURNED: "green",
}  # fmt: skip
_WHY: Final = {
    BondStanding.ASKED: N_("The owner asks for a bond; the agency gives it once the contract is signed, or before."),
    BondStanding.MISSING: N_("The agency has to give the bond; until then nothing is paid in advance."),
    BondStanding.OFFERED: N_(
        "The agency began to give the bond; it counts once it is frozen, or confirmed by the owner."
    ),
    BondStanding.GIVEN: N_("The bond secures the owner until the contract is performed."),
    BondStanding.RETAINED: N_(
        "The last payment is held back in place of a bond and goes on when the owner gives it back."
    ),
    BondStanding.CLAIMED: N_("The owner claims a part of the bond; it stays as it is until that is decided."),
    BondStanding.DECLINED: N_("The agency gives no bond; the contract goes on without one."),
    BondStanding.WAIVED: N_("The owner gave up its demand; no bond is needed."),
    BondStanding.RETURNED: N_("What was left of the bond went back to the agency."),
    BondStanding.SPENT: N_("The whole bond was paid to the owner."),
    BondStanding.VOID: N_("No contract came about, so no bond is needed."),
}


def explained(demand: DemandView, now: datetime) -> tuple[str, str, str]:
    """Name, colour and reason of how it stands."""
    standing = demand.standing(now)
    return NAMES[standing], COLOURS.get(standing, "plain"), _WHY[standing]


@panel("project", order=62)
async def bond_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """That a bond is asked for and how it stands is public like the price; the owner may ask while it still can."""
    contracts = await contracts_of(key)
    if not contracts:
        return None
    contract, demand = contracts[0], await demand_of(contracts[0].number)
    side = contract.side_of(viewer.organisation_id)
    asks = demand is None and side is Side.OWNER and may_ask(contract)
    if demand is None and not asks:
        return None
    return Panel("bonds/_panel.html", {
        "contract": contract, "demand": demand, "words": explained(demand, now) if demand else None,
        "concerned": side is not None or viewer.is_operator or await watches(viewer, contract),
    })  # fmt: skip


@waiting("projects.bonds")
async def to_do(viewer: Viewer, now: datetime) -> list[Waiting]:
    if viewer.is_regulator:
        return [
            Waiting(text=Message(N_("Rule on a claim on the bond of {project}"), {"project": one.title}),
                    link=f"/contracts/{one.contract}/bond", since=one.since, due_at=None, number=one.contract)
            for one in await claims_to_rule(viewer)
        ]  # fmt: skip
    if viewer.organisation_id is None or not (viewer.is_owner or viewer.is_agency):
        return []
    found = await demands_about(viewer.organisation_id)
    return [item for one in found if (item := _waiting(one, one.standing(now), viewer)) is not None]


@agenda("projects.bonds")
async def bond_events(organisation_id: UUID, now: datetime) -> list[Event]:
    """Until when a bond is to be given, and on which day one that was given ends."""
    found = []
    for one in await demands_about(organisation_id):
        giver = one.agency_id == organisation_id
        if one.standing(now) is BondStanding.MISSING and one.due_at is not None:
            text = Message(N_("Bond to be given: {project}"), {"project": one.title})
            found.append(
                Event(f"{one.reference}-bond", text, one.demanded_at, one.due_at, one.url, one.reference, own=giver)
            )
        ends_at = _ends_at(one)
        if ends_at is not None and one.ended is None:
            text = Message(N_("Bond ends: {project}"), {"project": one.title})
            found.append(
                Event(f"{one.reference}-bond-end", text, one.demanded_at, ends_at, one.url, one.reference, own=giver)
            )
    return found


def _ends_at(demand: DemandView) -> datetime | None:
    """When what was given runs out: the freeze or the bank's guarantee, whichever holds longer."""
    guaranteed = end_of_day(demand.guaranteed_until) if demand.guaranteed_until else None
    return max((one for one in (demand.frozen_until, guaranteed) if one is not None), default=None)


def _waiting(demand: DemandView, standing: BondStanding, viewer: Viewer) -> Waiting | None:
    text = None
    if viewer.organisation_id == demand.agency_id and standing in {BondStanding.ASKED, BondStanding.MISSING}:
        text = N_("Give the bond of {amount} for {project}")
    elif viewer.organisation_id == demand.agency_id and demand.claim_unanswered:
        text = N_("Answer the owner's claim on the bond of {project}")
    elif viewer.organisation_id == demand.beneficiary_id and demand.guarantee_unanswered:
        text = N_("Check the bank's guarantee for {project}")
    elif viewer.organisation_id == demand.beneficiary_id and demand.returns_at is not None and not demand.claimed:
        text = N_("Give back or claim the bond of {project}")
    if text is None:
        return None
    other = demand.beneficiary_name if viewer.is_agency else demand.agency_name
    return Waiting(
        text=Message(text, {"project": demand.title, "amount": demand.amount}), link=demand.url, since=demand.demanded_at,
        due_at=demand.returns_at or demand.due_at, number=demand.reference, who=other,
    )  # fmt: skip
