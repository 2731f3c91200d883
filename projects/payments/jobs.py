"""What follows for money from the acts of a contract: what is owed opens with it, falls due so many days after delivery, and
is released by acceptance. And what follows from time: reminders, lateness, the yearly list."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.queries import organisation
from market.kernel.clock import Clock
from market.kernel.db import execute, fetch, fetch_one, require_transaction, transaction
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.kernel.times import load_calendar
from market.payments.actions.payables import NewPayable, cancel, open_payable
from market.payments.actions.trades import release
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.queries import ContractView, contract_by_number, rulebook_of
from projects.contracts.queries import milestones_of as begun_milestones
from projects.payments.milestones import milestones_of, reference_of
from projects.payments.overdue import actions as overdue
from projects.payments.terms import Term, due_at, term_of

on_act("contract.in_force", "projects.payments.open")
for kind in ("delivery.made", "delivery.returned", "milestone.accepted", "delivery.accepted"):
    on_act(kind, "projects.payments.due")
on_act("milestone.accepted", "projects.payments.release")
on_act("delivery.accepted", "projects.payments.release")
on_act("change.in_force", "projects.payments.further")
on_act("contract.terminated", "projects.payments.settle")


@job("projects.payments.open")
async def open_owed(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    term = await _term(contract)
    async with transaction():
        for one in milestones_of(contract):
            new = NewPayable(
                reference_of(contract.number, one.no), contract.project_number, one.title, contract.owner_id, contract.agency_id,
                one.amount.fen,
            )  # fmt: skip
            await open_payable(new, now=act.at)
            await _keep_term(new.reference, contract, term, milestone=one.no)


async def _term(contract: ContractView) -> Term:
    owner = await organisation(contract.owner_id)
    return term_of(contract.terms, owner.kind, await rulebook_of(contract))


async def _keep_term(reference: str, contract: ContractView, term: Term, *, milestone: int | None) -> None:
    require_transaction()
    await execute(
        "INSERT INTO payment_term (payable_id, contract_id, milestone, days, interest_per_day, basis, rule)"
        " SELECT id, $2, $3, $4, $5, $6, $7 FROM payable WHERE reference = $1 ON CONFLICT DO NOTHING",
        reference, contract.id, milestone, term.days, term.interest_per_day, term.basis, term.rule,
    )  # fmt: skip


@job("projects.payments.further")
async def owe_further(*, clock: Clock, entry_id: str) -> None:
    """A supplement may add milestones: what they owe is due on the contract's terms, like the rest."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    term = await _term(contract)
    async with transaction():
        for one in await begun_milestones([contract.id]):
            await _keep_term(reference_of(contract.number, one.no), contract, term, milestone=one.no)


@job("projects.payments.due")
async def set_due_day(*, clock: Clock, entry_id: str) -> None:
    """Reads how the milestone stands, not what the act said: acts of one milestone may be worked on in any order."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    last = await _last_delivery(contract, act.data["no"])
    runs_from = last["delivered_at"] if last["decision"] != "returned" else None
    await _run_from(reference_of(contract.number, last["milestone"]), runs_from, now=clock.now())


async def _last_delivery(contract: ContractView, delivery_no: int) -> dict[str, Any]:
    """Of the milestone to which this delivery belongs."""
    row = await fetch_one(
        "SELECT m.no AS milestone, l.delivered_at, l.decision FROM delivery d JOIN contract_milestone m ON m.id = d.milestone_id"
        " JOIN delivery l ON l.milestone_id = m.id WHERE d.contract_id = $1 AND d.no = $2 ORDER BY l.no DESC LIMIT 1",
        contract.id, delivery_no,
    )  # fmt: skip
    assert row is not None
    return row


async def _run_from(reference: str, runs_from: datetime | None, *, now: datetime) -> None:
    """The time to pay runs from this delivery; without one, no day is set."""
    calendar = await load_calendar()
    async with transaction():
        row = await fetch_one(
            "SELECT k.payable_id, k.days FROM payment_term k JOIN payable p ON p.id = k.payable_id WHERE p.reference = $1"
            " FOR NO KEY UPDATE", reference,
        )  # fmt: skip
        if row is None:
            return
        due = due_at(runs_from, row["days"], calendar) if runs_from else None
        await execute("UPDATE payable SET due_at = $2 WHERE id = $1", row["payable_id"], due)
        await execute(
            "UPDATE payment_term SET runs_from = $2, watch_at = $3 WHERE payable_id = $1", row["payable_id"], runs_from,
            now if runs_from else None,
        )  # fmt: skip


@job("projects.payments.release")
async def release_owed(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    async with transaction():
        await release(reference_of(contract.number, act.data.get("milestone", 1)), now=clock.now())


@job("projects.payments.settle")
async def settle_ended(*, clock: Clock, entry_id: str) -> None:
    """A contract that ended early: what was not accepted is owed no more, the settlement takes its place."""
    act = await entry(UUID(entry_id))
    contract = await contract_by_number(act.data["contract"])
    open_still = [one.no for one in await begun_milestones([contract.id]) if one.accepted_at is None]
    term, reference = await _term(contract), f"{contract.number}-S"
    async with transaction():
        for no in open_still:
            await cancel(reference_of(contract.number, no), reason=contract.title, now=clock.now())
        if act.data["settlement_fen"]:
            await open_payable(NewPayable(
                reference, contract.project_number, contract.title, contract.owner_id, contract.agency_id,
                act.data["settlement_fen"],
            ), now=act.at)  # fmt: skip
            await _keep_term(reference, contract, term, milestone=None)
            await release(reference, now=clock.now())
    if act.data["settlement_fen"]:
        await _run_from(reference, act.at, now=clock.now())


@sweep("projects.payments.adopt")
async def adopt(clock: Clock) -> int:
    """What a supplement or a dispute owes anew has the term of its contract too, and a day that an outcome set is watched
    like any other."""
    rows = await fetch(
        "SELECT p.reference, c.number FROM payable p JOIN contract c ON c.number = regexp_replace(p.reference, '-[^-]*$', '')"
        " WHERE NOT EXISTS (SELECT 1 FROM payment_term k WHERE k.payable_id = p.id) LIMIT 50"
    )
    for row in rows:
        contract = await contract_by_number(row["number"])
        _, kind, no = row["reference"].rpartition("-M")
        async with transaction():
            await _keep_term(row["reference"], contract, await _term(contract), milestone=int(no) if kind else None)
    async with transaction():
        set_elsewhere = await execute(
            "UPDATE payment_term k SET runs_from = $1, watch_at = $1 FROM payable p"
            " WHERE p.id = k.payable_id AND k.runs_from IS NULL AND p.due_at IS NOT NULL",
            clock.now(),
        )
    return len(rows) + set_elsewhere


@sweep("projects.payments.terms")
async def watch_terms(clock: Clock) -> int:
    now = clock.now()
    return await one_by_one(await overdue.due_terms(now), "the term of a payable", lambda one: _watched(one, now))


async def _watched(payable_id: UUID, now: datetime) -> bool:
    await overdue.watch(payable_id, now=now)
    return True


@sweep("projects.payments.paid_late")
async def end_late(clock: Clock) -> int:
    now = clock.now()
    due = await overdue.over_now()
    return await one_by_one(due, "the end of a late payment", lambda one: overdue.end_if_over(one, now=now))


@sweep("projects.payments.yearly")
async def publish_yearly(clock: Clock) -> int:
    return int(await overdue.publish_year(now=clock.now()))
