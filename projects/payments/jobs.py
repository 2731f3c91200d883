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
from market.payments.actions.payables import NewPayable, cancel, open_payable, set_due
from market.payments.actions.trades import release
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.contracts.queries import milestones_of as begun_milestones
from projects.payments.milestones import milestones_of, reference_of

on_act("contract.in_force", "projects.payments.open")
on_act("milestone.accepted", "projects.payments.release")
on_act("delivery.accepted", "projects.payments.release")
on_act("contract.terminated", "projects.payments.settle")
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


@job("projects.payments.settle")
async def settle_ended(*, clock: Clock, entry_id: str) -> None:
    """A contract that ended early: what was not accepted is owed no more, the settlement takes its place."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    open_still = [one.no for one in await begun_milestones([contract.id]) if one.accepted_at is None]
    owner = await organisation(contract.owner_id)
    due_at = deadline(await rulebook_of(contract), TERMS.get(owner.kind, OTHERS), act.at, await load_calendar())
    async with transaction():
        for no in open_still:
            await cancel(reference_of(contract.number, no), reason=contract.title, now=clock.now())
        if act.data["settlement_fen"]:
            reference = f"{contract.number}-S"
            await open_payable(NewPayable(
                reference, contract.project_number, contract.title, contract.owner_id, contract.agency_id,
                act.data["settlement_fen"], due_at,
            ), now=act.at)  # fmt: skip
            await release(reference, now=clock.now())


async def _due_at(contract: ContractView, delivery_no: int) -> datetime:
    delivered_at: datetime = await fetch_value(
        "SELECT delivered_at FROM delivery WHERE contract_id = $1 AND no = $2", contract.id, delivery_no
    )
    owner = await organisation(contract.owner_id)
    return deadline(await rulebook_of(contract), TERMS.get(owner.kind, OTHERS), delivered_at, await load_calendar())
