"""One side warns, tells that it ends the contract, the other cures, objects or lets it end; the regulator decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView, rulebook_of
from projects.contracts.rules import Side
from projects.fulfilment.actions import lock_fulfilment
from projects.fulfilment.queries import Fulfilment, access_to_clock, fulfilment_of
from projects.fulfilment.rescission import rules
from projects.fulfilment.rescission.queries import NoticeView, facts_of, notices_of, warnings_of
from projects.fulfilment.rescission.rules import BREACHES, Ground, Outcome
from projects.fulfilment.termination import actions as termination
from projects.oversight import watches


@dataclass(frozen=True)
class NewNotice:
    ground: Ground
    reason: str
    settlement_fen: int


async def warn(
    project_number: str, ground: Ground, reason: str, *, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    """Raises NotFound for strangers, Refusal where nothing is late or the warning was given."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        contract, before = fulfilment.contract, await warnings_of(fulfilment.contract.id)
        termination.check_running(contract)
        late = rules.check_warning(ground, side, await facts_of(fulfilment, now=now), [one.facts for one in before])
        no, due_at = len(before) + 1, deadline(await rulebook_of(contract), "contract.cure_days", now, calendar)
        await execute(
            "INSERT INTO contract_warning (id, contract_id, no, ground, side, milestone, overdue_since, reason, warned_by,"
            " warned_at, cure_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
            new_id(), contract.id, no, str(ground), str(side), late.milestone, late.since, reason, viewer.person_id, now, due_at,
        )  # fmt: skip
        await _record(
            "termination.warned", contract, no, viewer, now=now, ground=str(ground), side=str(side), milestone=late.milestone,
            overdue_since=utc_text(late.since), reason=reason, cure_due_at=utc_text(due_at),
        )  # fmt: skip
        await _tell(
            contract, side.other, N_("{side} warns you that {project} is overdue: cure it in time, or the contract can be ended."),
            f"warned:{no}", now=now,
        )  # fmt: skip


async def notify(project_number: str, new: NewNotice, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The notice of the end. Raises NotFound for strangers, Refusal where its ground does not hold."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        contract, before = fulfilment.contract, await notices_of(fulfilment.contract.id)
        termination.check_running(contract)
        termination.check_settlement(fulfilment, new.settlement_fen)
        if before and before[0].outcome is None:
            raise Refusal(
                "rescission.notified", N_("A notice of the end of this contract is on its way already."),
                todo=N_("Open the page again to see how it stands."),
            )  # fmt: skip
        warning_id = await _check_ground(fulfilment, side, new, calendar=calendar, now=now)
        no, book = len(before) + 1, await rulebook_of(contract)
        due_at = deadline(book, "contract.rescission_notice_days", now, calendar)
        await execute(
            "INSERT INTO contract_rescission (id, contract_id, no, ground, warning_id, side, reason, settlement_fen,"
            " notified_by, notified_at, objection_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
            new_id(), contract.id, no, str(new.ground), warning_id, str(side), new.reason, new.settlement_fen,
            viewer.person_id, now, due_at,
        )  # fmt: skip
        await _record(
            "termination.notified", contract, no, viewer, now=now, ground=str(new.ground), side=str(side),
            reason=new.reason, settlement_fen=new.settlement_fen, objection_due_at=utc_text(due_at),
        )  # fmt: skip
        await _tell(
            contract, side.other, N_("{side} tells you that it ends the contract of {project}: cure the cause, or object."),
            f"notified:{no}", now=now,
        )  # fmt: skip


async def _check_ground(
    fulfilment: Fulfilment, side: Side, new: NewNotice, *, calendar: Calendar, now: datetime
) -> UUID | None:
    """The warning that the notice rests on, None where it needs none."""
    book, warnings = await rulebook_of(fulfilment.contract), await warnings_of(fulfilment.contract.id)
    facts = await facts_of(fulfilment, now=now)
    rules.check_notice(
        new.ground, side, facts, [one.facts for one in warnings], calendar=calendar, now=now,
        overdue_days=book.working_days("contract.rescission_overdue_days"),
    )  # fmt: skip
    late = facts.of(new.ground)
    if late is None:
        return None
    return next(one.id for one in warnings if one.ground is new.ground and one.milestone == late.milestone)


async def withdraw(project_number: str, *, viewer: Viewer, now: datetime) -> None:
    """Whoever gave the notice takes it back; the contract goes on. Raises NotFound, Refusal."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        contract, notice = fulfilment.contract, await _open_notice(fulfilment)
        rules.check_withdrawal(notice.facts, side)
        await _close(notice, Outcome.WITHDRAWN, viewer, now=now)
        await _record("termination.withdrawn", contract, notice.no, viewer, now=now)
        await _tell(contract, side.other, N_("{side} withdrew its notice; the contract of {project} goes on."),
                    f"withdrawn:{notice.no}", now=now)  # fmt: skip


async def answer(
    project_number: str, *, objects: bool, reason: str, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    """The other side objects, and the regulator decides; or it lets the contract end now. Raises NotFound, Refusal."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        notice = await _open_notice(fulfilment)
        termination.check_running(fulfilment.contract)
        rules.check_answer(notice.facts, side, now=now)
        if objects:
            await _object(fulfilment.contract, notice, side, reason, viewer, calendar=calendar, now=now)
        else:
            await _end(fulfilment, notice, viewer, now=now)


async def _object(
    contract: ContractView, notice: NoticeView, side: Side, reason: str, viewer: Viewer, *, calendar: Calendar, now: datetime
) -> None:  # fmt: skip
    due_at = deadline(await rulebook_of(contract), "contract.rescission_decide_days", now, calendar)
    await execute(
        "UPDATE contract_rescission SET objection = $2, objected_by = $3, objected_at = $4, decide_due_at = $5 WHERE id = $1",
        notice.id, reason, viewer.person_id, now, due_at,
    )  # fmt: skip
    await _record(
        "termination.objected", contract, notice.no, viewer, now=now, side=str(side), reason=reason,
        decide_due_at=utc_text(due_at),
    )  # fmt: skip
    await _tell(contract, side.other, N_("{side} objects to the end of the contract of {project}; the regulator decides."),
                f"objected:{notice.no}", now=now)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    upheld: bool
    reason: str
    settlement_fen: int | None


async def decide(project_number: str, decision: Decision, *, viewer: Viewer, now: datetime) -> None:
    """The regulator of this field upholds the end, with a settlement, or lets the contract go on. Raises NotFound for
    others, Refusal where no objection waits."""
    async with transaction():
        seen = await fulfilment_of(project_number)
        if seen is None or not await watches(viewer, seen.contract):
            raise NotFound
        fulfilment = await lock_fulfilment(seen)
        notice = await _open_notice(fulfilment)
        termination.check_running(fulfilment.contract)
        rules.check_decision(notice.facts)
        settled = decision.settlement_fen if decision.settlement_fen is not None else notice.settlement_fen
        termination.check_settlement(fulfilment, settled)
        await _put_decision(fulfilment.contract, notice, decision, settled, viewer, now=now)
        if decision.upheld:
            latest = (await notices_of(fulfilment.contract.id))[0]
            await _end(fulfilment, latest, viewer, now=now)
        for side in Side:
            await _tell(fulfilment.contract, side, N_("The regulator decided on the end of the contract of {project}."),
                        f"decided:{notice.no}", now=now)  # fmt: skip


async def _put_decision(
    contract: ContractView, notice: NoticeView, decision: Decision, settled: int, viewer: Viewer, *, now: datetime
) -> None:
    word = "upheld" if decision.upheld else "rejected"
    await execute(
        "UPDATE contract_rescission SET decision = $2, decision_reason = $3, decided_settlement_fen = $4, decided_by = $5,"
        " decided_for = $6, decided_at = $7, outcome = $8, ended_at = $9, ended_by = $10 WHERE id = $1",
        notice.id, word, decision.reason, settled if decision.upheld else None, viewer.person_id, viewer.organisation_id,
        now, None if decision.upheld else "rejected", None if decision.upheld else now,
        None if decision.upheld else viewer.person_id,
    )  # fmt: skip
    await _record(
        "termination.decided", contract, notice.no, viewer, now=now, decision=word, reason=decision.reason,
        settlement_fen=settled if decision.upheld else None,
    )  # fmt: skip


async def _end(fulfilment: Fulfilment, notice: NoticeView, viewer: Viewer | None, *, now: datetime) -> None:
    """The contract ends for the notice's ground, with its settlement."""
    await _close(notice, Outcome.IN_EFFECT, viewer, now=now)
    breach = BREACHES.get(notice.ground)
    end = termination.End(
        notice.no, str(notice.ground), notice.reason, notice.settled_fen, one_sided=True,
        breach_by=str(breach) if breach else None,
    )  # fmt: skip
    await termination.end_contract(fulfilment, end, viewer, now=now)
    for side in Side:
        await _tell(fulfilment.contract, side, N_("The contract of {project} has ended by notice."),
                    f"ended:{notice.no}", now=now)  # fmt: skip


async def run(project_number: str, notice_id: UUID, *, now: datetime) -> bool:
    """What a notice comes to by itself: its ground fell away, its time is over, or the contract ended otherwise. False
    when nothing happens, or somebody acts on it."""
    async with transaction():
        if not await fetch_value(
            "SELECT true FROM project WHERE number = $1 FOR NO KEY UPDATE SKIP LOCKED", project_number
        ):
            return False
        fulfilment = await fulfilment_of(project_number)
        assert fulfilment is not None
        notice = next((one for one in await notices_of(fulfilment.contract.id) if one.id == notice_id), None)
        if notice is None or notice.outcome is not None:
            return False
        return await _run(fulfilment, notice, now=now)


async def _run(fulfilment: Fulfilment, notice: NoticeView, *, now: datetime) -> bool:
    contract = fulfilment.contract
    if contract.project_stage != "fulfilment":
        await _close(notice, Outcome.OVERTAKEN, None, now=now)
        return True
    if notice.objected_at is None and not rules.still_holds(notice.facts, await facts_of(fulfilment, now=now)):
        await _close(notice, Outcome.CURED, None, now=now)
        await _record("termination.cured", contract, notice.no, None, now=now)
        for side in Side:
            await _tell(contract, side, N_("The cause of the notice fell away; the contract of {project} goes on."),
                        f"cured:{notice.no}", now=now)  # fmt: skip
        return True
    if rules.takes_effect(notice.facts, now=now):
        await _end(fulfilment, notice, None, now=now)
        return True
    return False


async def _close(notice: NoticeView, outcome: Outcome, viewer: Viewer | None, *, now: datetime) -> None:
    await execute(
        "UPDATE contract_rescission SET outcome = $2, ended_at = $3, ended_by = $4 WHERE id = $1",
        notice.id, str(outcome), now, viewer.person_id if viewer else None,
    )  # fmt: skip


async def _open_notice(fulfilment: Fulfilment) -> NoticeView:
    notices = await notices_of(fulfilment.contract.id)
    if not notices or notices[0].outcome is not None:
        raise Refusal(
            "rescission.none", N_("No notice of the end of this contract is on its way."),
            todo=N_("Open the page again to see how it stands."),
        )  # fmt: skip
    return notices[0]


async def _lock(viewer: Viewer, project_number: str) -> tuple[Fulfilment, Side]:
    seen, side = await access_to_clock(viewer, project_number)
    return await lock_fulfilment(seen), side


async def _record(
    act: str, contract: ContractView, no: int, viewer: Viewer | None, *, now: datetime, **more: Any
) -> None:
    await termination.record_end(act, contract, no, viewer, now=now, **more)


async def _tell(contract: ContractView, side: Side, text: str, cause: str, *, now: datetime) -> None:
    await tell(
        contract.organisation_of(side), text, link=f"{contract.project_url}/termination#by-one-side",
        cause=f"rescission.{cause}:{contract.number}",
        facts={"side": contract.name_of(side.other), "project": contract.title}, now=now,
    )  # fmt: skip
