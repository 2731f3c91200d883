"""What happens to disputes by itself: times run out, outcomes are carried out, and everybody concerned is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.kernel.clock import Clock
from market.kernel.db import execute, transaction
from market.kernel.i18n import N_
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.kernel.times import load_calendar
from market.payments.actions.alarms import raise_alarm
from market.payments.rules import GUARD, SETTLES_ITSELF
from market.register.acts import on_act
from market.register.queries import entry
from projects.disputes.actions.agreeing import lapse_answer, lapse_mediation, lapse_proposal
from projects.disputes.actions.executing import look
from projects.disputes.actions.opening import end_with_contract
from projects.disputes.queries import (
    dispute_by_id,
    due_answers,
    due_looks,
    due_mediations,
    due_proposals,
    held_for_long,
)
from projects.disputes.telling import ACTS, messages_of
from projects.oversight import regulators_of
from projects.telling import tell_of

MOVEMENTS = ("payment.made", "payment.released", "payment.refunded", "payment.by_bank")
Step = Callable[..., Awaitable[bool]]


@sweep("disputes.times")
async def end_times(clock: Clock) -> int:
    """Proposals before mediations: one that lapses now hands the dispute to the regulator with its own reason."""
    now = clock.now()
    handled = await _each(await due_answers(now), lapse_answer, now)
    handled += await _each(await due_proposals(now), lapse_proposal, now)
    return handled + await _each(await due_mediations(now), lapse_mediation, now)


@sweep("disputes.execute")
async def carry_out(clock: Clock) -> int:
    now = clock.now()
    return await _each(await due_looks(now), look, now)


async def _each(due: list[UUID], step: Step, now: datetime) -> int:
    if not due:
        return 0
    return await one_by_one(due, "a step of a dispute", partial(step, calendar=await load_calendar(), now=now))


@sweep("disputes.guard")
async def guard(clock: Clock) -> int:
    """Alipay releases by itself what it has held for a year, dispute or not: long before, somebody must decide."""
    now, found = clock.now(), await held_for_long(clock.now(), GUARD)
    for dispute_id, number in found:
        dispute = await dispute_by_id(dispute_id)
        async with transaction():
            await raise_alarm("disputed_for_long", number, {"amount_fen": dispute.amount_fen}, now=now)
            contract = dispute.contract
            for organisation_id in {contract.owner_id, contract.agency_id, *await regulators_of(contract)}:
                await tell(
                    organisation_id,
                    N_("Alipay has held the disputed money of {project} for {days} days and releases it by itself after {most}."),
                    link=dispute.url, cause=f"dispute.guard:{number}",
                    facts={"project": contract.title, "days": GUARD.days, "most": SETTLES_ITSELF.days}, now=now,
                )  # fmt: skip
    return len(found)


@job("disputes.tell")
async def tell_concerned(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await tell_of(act, await messages_of(act))


@job("disputes.money_moved")
async def look_soon(*, clock: Clock, entry_id: str) -> None:
    """Money of the project moved: what is being carried out there is looked at again."""
    act: Any = await entry(UUID(entry_id))
    await execute(
        "UPDATE dispute SET look_at = $2 WHERE look_at > $2 AND contract_id IN (SELECT c.id FROM contract c"
        " JOIN project p ON p.id = c.project_id WHERE p.number = $1)",
        act.subject, clock.now(),
    )  # fmt: skip


@job("disputes.contract_ended")
async def end_what_ended(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await end_with_contract(act.data["contract"], calendar=await load_calendar(), now=clock.now())


for kind in ACTS:
    on_act(kind, "disputes.tell")
for kind in MOVEMENTS:
    on_act(kind, "disputes.money_moved")
on_act("contract.terminated", "disputes.contract_ended")
