"""What follows for money from the acts of a contract: what is owed opens with it, falls due and is released by acceptance."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.accounts.queries import organisation
from market.catalogue.rules import deadline
from market.kernel.clock import Clock
from market.kernel.db import fetch_value, transaction
from market.kernel.jobs import job
from market.kernel.times import load_calendar
from market.payments.actions.payables import NewPayable, open_payable, set_due
from market.payments.actions.trades import release
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.payments.milestones import milestones_of, reference_of

on_act("contract.in_force", "projects.payments.open")
on_act("milestone.accepted", "projects.payments.release")
on_act("delivery.accepted", "projects.payments.release")
# By kind of owner; the term runs from the delivery that was accepted.
TERMS = {"public_body": "payment.public_buyer_days"}
OTHERS = "payment.large_buyer_days"


@job("projects.payments.open")
async def open_owed(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    async with transaction():
        for one in milestones_of(contract):
            new = NewPayable(
                reference_of(contract.number, one.no), contract.project_number, one.title, contract.owner_id, contract.agency_id,
                one.amount.fen,
            )  # fmt: skip
            await open_payable(new, now=act.at)


@job("projects.payments.release")
async def release_owed(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    due_at = await _due_at(contract, act.data["no"])
    async with transaction():
        reference = reference_of(contract.number, act.data.get("milestone", 1))
        await set_due(reference, due_at)
        await release(reference, now=clock.now())


async def _due_at(contract: ContractView, delivery_no: int) -> datetime:
    delivered_at: datetime = await fetch_value(
        "SELECT delivered_at FROM delivery WHERE contract_id = $1 AND no = $2", contract.id, delivery_no
    )
    owner = await organisation(contract.owner_id)
    return deadline(await rulebook_of(contract), TERMS.get(owner.kind, OTHERS), delivered_at, await load_calendar())
