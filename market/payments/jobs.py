"""What money does by itself: instructions are carried out, trades asked for, bills fetched, long holdings watched.

Sweeps only take what is due and queue a job for it: the call to Alipay happens in the job, so that a gateway that hangs
holds up no deadline of the market.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from market.kernel.clock import Clock, wall_now
from market.kernel.db import execute, fetch, transaction
from market.kernel.jobs import defer, job
from market.kernel.sweep import sweep
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.asking import ask_held, ask_onboarding
from market.payments.actions.bond_reminders import remind_of_ends
from market.payments.actions.bonds import ask_frozen, expire, return_due
from market.payments.actions.handlings import HANDLINGS
from market.payments.actions.instructions import alarm_what_lasts, carry_out, lease_due
from market.payments.actions.reconciling import fetch_bill, open_days
from market.payments.actions.rows import read_instruction, read_payment
from market.payments.actions.trades import poll
from market.payments.opening import gateway_in_force
from market.payments.rules import BILL_RETRY, GUARD, LATER, POLLS, SETTLES_ITSELF, State

_MOST = 50


async def _queue_due(sql: str, job_name: str, now: datetime, later: datetime) -> int:
    """`sql` takes what is due and puts it off until `later`, by when the job has decided when it is due again."""
    if gateway_in_force() is None:
        return 0
    async with transaction():
        rows = await fetch(sql, now, later)
        for row in rows:
            await defer(job_name, about=str(row["about"]))
    return len(rows)


@sweep("payments.instructions")
async def instructions_due(clock: Clock) -> int:
    if gateway_in_force() is None:
        return 0
    async with transaction():
        taken = await lease_due(now=clock.now(), wall=wall_now())
        for instruction_id in taken:
            await defer("payments.carry_out", about=str(instruction_id))
        shown = await alarm_what_lasts(now=clock.now(), wall=wall_now())
    return len(taken) + shown


@job("payments.carry_out")
async def carry_out_one(*, clock: Clock, about: str) -> None:
    gateway = gateway_in_force()
    if gateway is not None:
        instruction = await read_instruction(UUID(about))
        await carry_out(instruction.id, HANDLINGS[instruction.kind], gateway=gateway, now=clock.now())


@sweep("payments.polls")
async def polls_due(clock: Clock) -> int:
    now = clock.now()
    return await _queue_due(
        "UPDATE payment SET poll_at = $2 WHERE id IN (SELECT id FROM payment WHERE poll_at <= $1 ORDER BY poll_at LIMIT 50"
        " FOR NO KEY UPDATE SKIP LOCKED) RETURNING id AS about", "payments.poll", now, now + POLLS[-1],
    )  # fmt: skip


@job("payments.poll")
async def poll_one(*, clock: Clock, about: str) -> None:
    gateway = gateway_in_force()
    if gateway is None:
        return
    payment = await read_payment(UUID(about))
    if payment.state is State.HELD:
        await ask_held(payment.id, gateway=gateway, now=clock.now())
    else:
        await poll(payment.id, gateway=gateway, now=clock.now())


@sweep("payments.accounts")
async def onboardings_due(clock: Clock) -> int:
    now = clock.now()
    return await _queue_due(
        "UPDATE sub_merchant SET ask_at = $2 WHERE id IN (SELECT id FROM sub_merchant WHERE ask_at <= $1 AND state = 'reviewing'"
        " ORDER BY ask_at LIMIT 50 FOR NO KEY UPDATE SKIP LOCKED) RETURNING id AS about", "payments.account", now, now + LATER,
    )  # fmt: skip


@job("payments.account")
async def ask_account(*, clock: Clock, about: str) -> None:
    gateway = gateway_in_force()
    if gateway is not None:
        await ask_onboarding(UUID(about), gateway=gateway, now=clock.now())


@sweep("payments.bonds")
async def bonds_due(clock: Clock) -> int:
    now = clock.now()
    return await _queue_due(
        "UPDATE bond SET poll_at = $2 WHERE id IN (SELECT id FROM bond WHERE poll_at <= $1 ORDER BY poll_at LIMIT 50"
        " FOR NO KEY UPDATE SKIP LOCKED) RETURNING id AS about", "payments.bond", now, now + LATER,
    )  # fmt: skip


@job("payments.bond")
async def ask_bond_state(*, clock: Clock, about: str) -> None:
    gateway = gateway_in_force()
    if gateway is not None:
        await ask_frozen(UUID(about), gateway=gateway, now=clock.now())
        await expire(UUID(about), now=clock.now())


@sweep("payments.bond_returns")
async def bond_returns_due(clock: Clock) -> int:
    """Needs no gateway: what is to be unfrozen is an instruction, which waits for one."""
    now = clock.now()
    rows = await fetch(
        "SELECT reference FROM bond_demand d WHERE returns_at <= $1 AND ended_at IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM bond_claim c WHERE c.demand_id = d.id AND c.granted_fen IS NULL) ORDER BY returns_at LIMIT 50", now,
    )  # fmt: skip
    return sum([await return_due(row["reference"], now=now) for row in rows])


@sweep("payments.bond_reminders")
async def bond_reminders_due(clock: Clock) -> int:
    return await remind_of_ends(now=clock.now())


@sweep("payments.bills")
async def bills_due(clock: Clock) -> int:
    now = clock.now()
    if gateway_in_force() is None:
        return 0
    async with transaction():
        opened = await open_days(now=now)
    return opened + await _queue_due(
        "UPDATE bill_day SET due_at = $2 WHERE day IN (SELECT day FROM bill_day WHERE due_at <= $1 AND state <> 'closed'"
        " ORDER BY day LIMIT 10 FOR NO KEY UPDATE SKIP LOCKED) RETURNING day AS about", "payments.bill", now, now + BILL_RETRY,
    )  # fmt: skip


@job("payments.bill", lock="payments.bill")
async def fetch_one_bill(*, clock: Clock, about: str) -> None:
    gateway = gateway_in_force()
    if gateway is not None:
        await fetch_bill(date.fromisoformat(about), gateway=gateway, now=clock.now())


@sweep("payments.certificates")
async def certificates_looked_at(clock: Clock) -> int:
    """A certificate of Alipay's that nobody configured, and those that run out: a person has to act, once each."""
    gateway, now = gateway_in_force(), clock.now()
    account = gateway.client.account if gateway else None
    if gateway is None or account is None or account.certificates is None:
        return 0
    ends = account.certificates.running_out(now)
    told = gateway.client.told
    fresh = {*(gateway.client.foreign - told), *(ends.keys() - told)}
    if fresh:
        async with transaction():
            for number in sorted(fresh):
                end = ends.get(number)
                facts = {"valid_until": end.isoformat()} if end else {"configured": "no"}
                await raise_alarm("certificate", number, facts, now=now)
        told |= fresh
    return len(fresh)


@sweep("payments.guard")
async def guard(clock: Clock) -> int:
    """Long before Alipay settles by itself somebody is told; when it is due to have done so, it is asked."""
    now = clock.now()
    async with transaction():
        rows = await fetch(
            "SELECT t.id, t.out_trade_no, t.paid_at FROM payment t WHERE t.state = 'held' AND t.paid_at <= $1 AND NOT EXISTS ("
            "SELECT 1 FROM payment_alarm a WHERE a.kind = 'settles_itself' AND a.about = t.out_trade_no)"
            " LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED", now - GUARD, _MOST,
        )  # fmt: skip
        for row in rows:
            settles_at = row["paid_at"] + SETTLES_ITSELF
            await raise_alarm("settles_itself", row["out_trade_no"], {"settles_at": settles_at.isoformat()}, now=now)
            await execute("UPDATE payment SET poll_at = $2 WHERE id = $1", row["id"], max(settles_at, now))
    return len(rows)
