"""Instructions to Alipay: written with the act that wants them, carried out after it, looked up before they are repeated."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from market.kernel.db import execute, fetch, require_transaction, transaction
from market.kernel.ids import new_id
from market.payments.actions.alarms import raise_alarm
from market.payments.actions.rows import Instruction, lock_bond, lock_instruction, lock_payment, read_instruction
from market.payments.alipay.gateway import Gateway
from market.payments.alipay.outcome import Absent, Done, Finding, NotExecuted, Outcome, Rejected, Unknown
from market.payments.rules import LONGEST_UNKNOWN, Kind, is_alarming, next_try, request_number

LEASE = timedelta(minutes=2)  # real time: longer than any call may last
MOST_AT_ONCE = 50
log = logging.getLogger(__name__)


async def want(
    kind: Kind, reason: str, *, now: datetime, payment_id: UUID | None = None, bond_id: UUID | None = None,
    sub_merchant_id: UUID | None = None, amount_fen: int | None = None, by: UUID | None = None,
) -> UUID:  # fmt: skip
    """Writes the instruction down, in the transaction of the act. Its number comes from its id."""
    require_transaction()
    instruction_id = new_id()
    await execute(
        "INSERT INTO instruction (id, kind, payment_id, bond_id, sub_merchant_id, amount_fen, request_no, reason, wanted_by,"
        " state, created_at, due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'reserved',$10,$10)",
        instruction_id, str(kind), payment_id, bond_id, sub_merchant_id, amount_fen,
        request_number(kind, instruction_id), reason, by, now,
    )  # fmt: skip
    return instruction_id


async def lease_due(*, now: datetime, wall: datetime) -> list[UUID]:
    """Takes what is due and nobody has; inside the caller's transaction. A worker that died frees its own by dying."""
    rows = await fetch(
        "UPDATE instruction SET leased_until = $2 WHERE id IN (SELECT id FROM instruction WHERE due_at <= $1"
        " AND (leased_until IS NULL OR leased_until < $3) ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id",
        now, wall + LEASE, wall, MOST_AT_ONCE,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def alarm_what_lasts(*, now: datetime, wall: datetime) -> int:
    """Shows every instruction that was tried more than once, is without outcome for too long, and that nobody is working
    on: those too whose workers died or stumbled before they could say so. Inside the caller's transaction."""
    rows = await fetch(
        "SELECT request_no, kind, tries, answer FROM instruction i WHERE due_at IS NOT NULL AND tries > 1 AND sent_at <= $1"
        " AND (leased_until IS NULL OR leased_until < $2) AND NOT EXISTS (SELECT 1 FROM payment_alarm a"
        " WHERE a.kind = 'outcome_unknown' AND a.about = i.request_no)", now - LONGEST_UNKNOWN, wall,
    )  # fmt: skip
    for row in rows:
        facts = {"kind": row["kind"], "tries": row["tries"], "last": row["answer"]}
        await raise_alarm("outcome_unknown", row["request_no"], facts, now=now)
    return len(rows)


@dataclass(frozen=True)
class Handling:
    """How one kind is carried out. `ask` finds out whether it happened; `tell` makes it happen; `done` and `refused`
    write down what follows, in one transaction with the instruction's own end."""

    ask: Callable[[Instruction, Gateway, datetime], Awaitable[Finding]]
    tell: Callable[[Instruction, Gateway, datetime], Awaitable[Outcome]]
    done: Callable[[Instruction, Done, datetime], Awaitable[None]]
    refused: Callable[[Instruction, Rejected, datetime], Awaitable[None]]


async def carry_out(instruction_id: UUID, handling: Handling, *, gateway: Gateway, now: datetime) -> None:
    """One try. May be interrupted anywhere: what was written before the call makes the next try ask first."""
    sent_before, instruction = await _mark_sent(instruction_id, now=now)
    if instruction is None:
        return
    outcome: Finding = await handling.ask(instruction, gateway, now) if sent_before else Absent()
    if isinstance(outcome, Absent):
        outcome = await handling.tell(instruction, gateway, now)
    await record_outcome(instruction_id, handling, outcome, now=now)


async def _mark_sent(instruction_id: UUID, *, now: datetime) -> tuple[bool, Instruction | None]:
    async with transaction():
        instruction = await lock_instruction(instruction_id)
        if instruction.state in {"done", "rejected"}:
            return True, None
        await execute(
            "UPDATE instruction SET state = 'sent', sent_at = coalesce(sent_at, $2), tries = tries + 1 WHERE id = $1",
            instruction_id, now,
        )  # fmt: skip
    return instruction.sent_at is not None, instruction


async def record_outcome(instruction_id: UUID, handling: Handling, outcome: Finding, *, now: datetime) -> None:
    """Writes the outcome down. An instruction that ended meanwhile stays as it ended."""
    instruction = await read_instruction(instruction_id)
    match outcome:
        case Done():
            await _end(
                instruction, "done", outcome.node.get("msg", ""), lambda one: handling.done(one, outcome, now), now
            )
        case Rejected():
            await _end(instruction, "rejected", outcome.code, lambda one: handling.refused(one, outcome, now), now)
        case NotExecuted() | Unknown():
            await _later(instruction_id, outcome, now=now)


async def _end(
    known: Instruction, state: str, answer: str, follow: Callable[[Instruction], Awaitable[None]], now: datetime
) -> None:
    async with transaction():
        await _lock_subject(known)
        instruction = await lock_instruction(known.id)
        if instruction.state in {"done", "rejected"}:
            return
        await execute(
            "UPDATE instruction SET state = $2, answer = $3, ended_at = $4, due_at = NULL, leased_until = NULL WHERE id = $1",
            instruction.id, state, answer[:200], now,
        )  # fmt: skip
        await follow(instruction)
        if state == "rejected":
            await raise_alarm(
                "rejected", instruction.request_no, {"kind": str(instruction.kind), "code": answer}, now=now
            )


async def _lock_subject(instruction: Instruction) -> None:
    """The payment first, then the instruction: the order in which everybody locks."""
    if instruction.payment_id is not None:
        await lock_payment(instruction.payment_id)
    elif instruction.bond_id is not None:
        await lock_bond(instruction.bond_id)


async def _later(instruction_id: UUID, outcome: NotExecuted | Unknown, *, now: datetime) -> None:
    async with transaction():
        instruction = await lock_instruction(instruction_id)
        if instruction.state in {"done", "rejected"}:
            return
        state = "reserved" if isinstance(outcome, NotExecuted) and instruction.tries == 1 else "unknown"
        until = outcome.until if isinstance(outcome, Unknown) else None
        await execute(
            "UPDATE instruction SET state = $2, answer = $3, due_at = $4, leased_until = NULL WHERE id = $1",
            instruction_id, state, outcome.reason[:200], until or next_try(instruction.tries - 1, now),
        )  # fmt: skip
        if is_alarming(instruction.tries) and until is None:
            facts = {"kind": str(instruction.kind), "tries": instruction.tries, "last": outcome.reason[:200]}
            await raise_alarm("outcome_unknown", instruction.request_no, facts, now=now)
