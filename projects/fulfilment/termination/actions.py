"""A contract in force ends by agreement: one side asks, with cause, reason and settlement; the other answers in time.

Accepted milestones stay accepted and paid; for the rest the settlement is all that is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import move_project
from projects.contracts.queries import ContractView, rulebook_of
from projects.contracts.rules import Side
from projects.fulfilment.actions import lock_fulfilment
from projects.fulfilment.queries import Fulfilment, access_to_clock, fulfilment_of
from projects.fulfilment.rescission.settlement import state_settlement
from projects.fulfilment.termination.queries import open_price, terminations_of
from projects.rules import Stage


@dataclass(frozen=True)
class NewTermination:
    cause: str
    reason: str
    settlement_fen: int


async def ask(project_number: str, new: NewTermination, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal while another request waits or when the settlement is too high."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        contract = fulfilment.contract
        check_running(contract)
        check_settlement(fulfilment, new.settlement_fen)
        before = await terminations_of(contract.id)
        if before and before[0].answer is None:
            raise Refusal(
                "termination.asked", N_("A request to end the contract waits for its answer already."),
                todo=N_("Wait for the answer."),
            )  # fmt: skip
        no, due_at = len(before) + 1, deadline(await rulebook_of(contract), "contract.confirm_days", now, calendar)
        await execute(
            "INSERT INTO contract_termination (id, contract_id, no, cause, reason, settlement_fen, side, asked_by, asked_at,"
            " answer_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
            new_id(), contract.id, no, new.cause, new.reason, new.settlement_fen, str(side), viewer.person_id, now, due_at,
        )  # fmt: skip
        await record_end(
            "termination.asked", contract, no, viewer, now=now, cause=new.cause, reason=new.reason,
            settlement_fen=new.settlement_fen, side=str(side), answer_due_at=utc_text(due_at),
        )  # fmt: skip
        await _tell(
            contract, side.other, N_("{side} asks to end the contract of {project}: answer."), f"asked:{no}", now=now
        )


def check_running(contract: ContractView) -> None:
    """Raises Refusal where there is nothing to end."""
    if contract.project_stage is not Stage.FULFILMENT:
        raise Refusal(
            "termination.not_running", N_("This contract is not being performed; there is nothing to end."),
            todo=N_("Open the project to see how it stands."),
        )  # fmt: skip


def check_settlement(fulfilment: Fulfilment, settlement_fen: int) -> None:
    """Raises Refusal where more would be settled than what is open comes to."""
    most = open_price(fulfilment)
    if settlement_fen > most.fen:
        raise Refusal(
            "termination.too_much", N_("At most {most} can be settled: the price of what was not accepted."),
            rule="contract.price_deviation_max", todo=N_("Correct the amount."), most=most,
        )  # fmt: skip


async def answer(project_number: str, *, no: int, agrees: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """The other side's answer; agreed, the contract and the project end. Raises NotFound, Refusal."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        contract = fulfilment.contract
        check_running(contract)
        waiting = next((one for one in await terminations_of(contract.id) if one.no == no and one.answer is None), None)
        if waiting is None or now >= waiting.answer_due_at:
            raise Refusal(
                "termination.answered", N_("This request no longer waits for an answer."),
                todo=N_("Open the project to see how it stands."),
            )  # fmt: skip
        if waiting.side is side:
            raise Refusal(
                "termination.own_request",
                N_("The other side has to answer this request."),
                todo=N_("Wait for the answer."),
            )
        await execute(
            "UPDATE contract_termination SET answer = $2, answered_by = $3, answered_at = $4, answer_reason = $5 WHERE id = $1",
            waiting.id, "agreed" if agrees else "declined", viewer.person_id, now, "" if agrees else reason,
        )  # fmt: skip
        if agrees:
            agreed = End(waiting.no, waiting.cause, waiting.reason, waiting.settlement_fen)
            await end_contract(fulfilment, agreed, viewer, now=now)
        else:
            await record_end("termination.declined", contract, no, viewer, now=now, reason=reason)
        text = (
            N_("The contract of {project} has ended by agreement.")
            if agrees
            else N_("{side} does not agree to end the contract of {project}.")
        )
        await _tell(contract, side.other, text, f"answered:{no}", now=now)


@dataclass(frozen=True)
class End:
    """How a contract ends: by agreement, or by the notice of one side. `no`: of the request or notice; `breach_by`: the side
    whose breach it was."""

    no: int
    cause: str
    reason: str
    settlement_fen: int
    one_sided: bool = False
    breach_by: str | None = None


async def end_contract(fulfilment: Fulfilment, end: End, viewer: Viewer | None, *, now: datetime) -> None:
    """Contract and project end, and what was done and is owed is written down. In the caller's transaction."""
    contract = fulfilment.contract
    await move_project(
        contract.project_id, expect=Stage.FULFILMENT, to=Stage.TERMINATED, due_at=None, terminated_at=now,
        failure_reason=end.reason,
    )  # fmt: skip
    parties = {"agency": contract.agency_code, "owner": contract.owner_code}
    await record_end(
        "contract.terminated", contract, end.no, viewer, now=now, cause=end.cause, settlement_fen=end.settlement_fen,
        one_sided=end.one_sided, breach_by=end.breach_by, **parties,
    )  # fmt: skip
    await record(
        "project.terminated", subject=contract.project_number, by="market", at=now,
        data={"contract": contract.number, **parties, "reason": end.reason},
    )  # fmt: skip
    await state_settlement(fulfilment, cause=end.cause, settlement_fen=end.settlement_fen, now=now)


async def lapse(project_id: UUID, termination_id: UUID, *, now: datetime) -> bool:
    """What nobody answered in its time has no effect. False when it was answered, or is just being so."""
    async with transaction():
        number = await fetch_value("SELECT number FROM project WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED", project_id)
        fulfilment = await fulfilment_of(number) if number else None
        if fulfilment is None:
            return False
        no = await fetch_value(
            "UPDATE contract_termination SET answer = 'lapsed', answered_at = $2 WHERE id = $1 AND answer IS NULL RETURNING no",
            termination_id, now,
        )  # fmt: skip
        if no is None:
            return False
        await record_end("termination.lapsed", fulfilment.contract, no, None, now=now)
    return True


async def _lock(viewer: Viewer, project_number: str) -> tuple[Fulfilment, Side]:
    seen, side = await access_to_clock(viewer, project_number)
    return await lock_fulfilment(seen), side


async def record_end(
    act: str, contract: ContractView, no: int, viewer: Viewer | None, *, now: datetime, **more: Any
) -> None:
    """An act on the end of a contract: request, warning or notice `no`."""
    await record(
        act, subject=contract.project_number, by=viewer.organisation_code if viewer else "market", at=now,
        data={"contract": contract.number, "no": no, **more}, private={"person": viewer.person_name} if viewer else None,
    )  # fmt: skip


async def _tell(contract: ContractView, side: Side, text: str, cause: str, *, now: datetime) -> None:
    await tell(
        contract.organisation_of(side), text, link=f"{contract.project_url}/termination",
        cause=f"termination.{cause}:{contract.number}",
        facts={"side": contract.name_of(side.other), "project": contract.title}, now=now,
    )  # fmt: skip
