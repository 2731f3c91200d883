"""What happens to contracts by itself: a final result opens one, a time to sign that is over ends it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.actions import lapse, open_contract
from projects.contracts.documents.actions import make_document
from projects.contracts.queries import contract_by_number, due_results, due_signings
from projects.contracts.signing.notary import notary_in_force

on_act("contract.in_force", "contracts.document")


@sweep("contracts.open")
async def open_due(clock: Clock) -> int:
    now = clock.now()
    if not (due := await due_results(now)):
        return 0
    calendar = await load_calendar()
    return await one_by_one(due, "opening a contract", partial(open_contract, calendar=calendar, now=now))


@sweep("contracts.lapse")
async def lapse_due(clock: Clock) -> int:
    now = clock.now()
    return await one_by_one(await due_signings(now), "the lapse of a contract", lambda one: lapse(*one, now=now))


@job("contracts.document")
async def document(*, clock: Clock, entry_id: str) -> None:
    """Both have signed: the signed PDF follows. A failure is tried again; what was signed stands meanwhile."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    await make_document(contract.id, notary_in_force(), now=clock.now())
