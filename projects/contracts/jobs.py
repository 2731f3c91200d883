"""What happens to contracts by itself: a final result opens one, a time to sign that is over ends it."""

from __future__ import annotations

import logging
from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.actions import lapse, open_contract
from projects.contracts.documents.actions import make_document
from projects.contracts.queries import contract_by_number, due_results, due_signings
from projects.contracts.signing.notary import notary_in_force

on_act("contract.in_force", "contracts.document")
log = logging.getLogger(__name__)


@sweep("contracts.open")
async def open_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    due = await due_results(now)
    if not due:
        return 0
    calendar = await load_calendar()
    for project_id in due:
        try:
            handled += await open_contract(project_id, calendar=calendar, now=now)
        except Exception:
            # One project in trouble (a calendar year that is missing) must not hold up the others.
            log.exception(
                "the contract of project %s could not be opened; it is tried again with the next pass", project_id
            )
    return handled


@sweep("contracts.lapse")
async def lapse_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    for project_id, contract_id in await due_signings(now):
        try:
            handled += await lapse(project_id, contract_id, now=now)
        except Exception:
            log.exception("contract %s could not lapse; it is tried again with the next pass", contract_id)
    return handled


@job("contracts.document")
async def document(*, clock: Clock, entry_id: str) -> None:
    """Both have signed: the signed PDF follows. A failure is tried again; what was signed stands meanwhile."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    await make_document(contract.id, notary_in_force(), now=clock.now())
