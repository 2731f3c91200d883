"""A dispute is opened, answered, proved, withdrawn, or ends with its contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.kernel.calendar import Calendar, add_calendar_days
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import StoredFile, Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.payments.actions.disputing import hold_back, let_go
from market.payments.queries import PayableView, payable_by
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.contracts.queries import ContractView, MilestoneView, access_as_party, contract_by_id, rulebook_of
from projects.contracts.rules import Side, State
from projects.disputes import rules
from projects.disputes.actions.case import attach, close_talks, due, keep_files, lock_case, record_act
from projects.disputes.queries import (
    DisputeView,
    access_as_side,
    dispute_by_id,
    milestone_by,
    overtaken,
    standing_dispute,
)
from projects.disputes.rules import Kind, dispute_number
from projects.fulfilment.pauses import pause_acceptance
from projects.payments.milestones import reference_of


@dataclass(frozen=True)
class NewDispute:
    """`claim_fen`: how much of the milestone's amount is to go back to the owner."""

    kind: Kind
    claim_fen: int
    statement: str
    uploads: tuple[Upload, ...]


async def open_dispute(
    contract_number: str, milestone_no: int, new: NewDispute, *, viewer: Viewer, files: ObjectStore, calendar: Calendar,
    now: datetime,
) -> DisputeView:  # fmt: skip
    """From here on the milestone's money stays where it is. Sent twice by one side it is opened once. Raises NotFound for
    strangers, Refusal by the rules and where the other side was quicker."""
    seen, side = await access_as_party(viewer, contract_number)
    milestone = await milestone_by(seen, milestone_no)
    await check_opening(seen, milestone, now=now)
    known = await _known(milestone, side)
    if known is not None:
        return known
    kept = await keep_files(files, new.uploads, viewer, now)
    async with transaction():
        await lock_project(seen.project_id)
        contract, milestone = await contract_by_id(seen.id), await milestone_by(seen, milestone_no)
        known = await _known(milestone, side)
        if known is not None:
            return known
        payable = await check_opening(contract, milestone, now=now)
        rules.check_amount(new.claim_fen, payable.amount_fen)
        dispute_id = await _insert(contract, milestone, payable, new, kept, viewer, side, calendar, now)
    return await dispute_by_id(dispute_id)


async def check_opening(contract: ContractView, milestone: MilestoneView, *, now: datetime) -> PayableView:
    """Raises Refusal; returns what is owed for the milestone."""
    payable = await payable_by(reference_of(contract.number, milestone.no))
    book = await rulebook_of(contract)
    # So long a time ends in a year whose holidays are not published yet: its last day is what it is.
    days = book.calendar_days("dispute.open_days")
    until = add_calendar_days(milestone.accepted_at, days) if milestone.accepted_at else None
    rules.check_opening(
        in_force=contract.state is State.IN_FORCE, begun=milestone.started_at is not None, accepted_at=milestone.accepted_at,
        open_until=until, cancelled=payable is not None and payable.cancelled_at is not None, now=now,
    )  # fmt: skip
    if payable is None:
        raise Refusal("dispute.too_soon", N_("The contract has just come into force; what it owes is being written down."),
                      todo=N_("Try again in a minute."))  # fmt: skip
    return payable


async def _known(milestone: MilestoneView, side: Side) -> DisputeView | None:
    """What this side has opened already. Raises Refusal where the milestone is, or was, disputed otherwise."""
    known = await standing_dispute(milestone.id)
    if known is None:
        return None
    if known.is_open and known.side is side:
        return known
    if known.is_open:
        raise Refusal("dispute.open", N_("The other side opened dispute {number} on this milestone at {at}."),
                      todo=N_("Open it and answer it there."), number=known.number, at=known.opened_at)  # fmt: skip
    raise Refusal("dispute.decided", N_("Dispute {number} on this milestone was decided; it is not opened again here."),
                  todo=N_("You may still go to court."), number=known.number)  # fmt: skip


async def _insert(
    contract: ContractView, milestone: MilestoneView, payable: PayableView, new: NewDispute, kept: Sequence[StoredFile],
    viewer: Viewer, side: Side, calendar: Calendar, now: datetime,
) -> UUID:  # fmt: skip
    dispute_id = new_id()
    count: int = await fetch_value(
        "SELECT count(*) FROM dispute d JOIN contract c ON c.id = d.contract_id WHERE c.project_id = $1",
        contract.project_id,
    )
    number, due_at = (
        dispute_number(contract.project_number, count + 1),
        await due(contract, "dispute.answer_days", now, calendar),
    )
    await hold_back(payable.id, now=now)
    pause_id = await pause_acceptance(contract, milestone.id, reference=number, now=now)
    entry_id = await record(
        "dispute.opened", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={
            "dispute": number, "contract": contract.number, "milestone": milestone.no, "side": str(side), "kind": str(new.kind),
            "amount_fen": payable.amount_fen, "claim_fen": new.claim_fen, "answer_due_at": utc_text(due_at), "files": len(kept),
        },
        private={"statement": new.statement, "files": [one.sha256 for one in kept], "person": viewer.person_name},
    )  # fmt: skip
    await execute(
        "INSERT INTO dispute (id, number, contract_id, milestone_id, payable_id, amount_fen, side, kind, claim_fen, statement,"
        " opened_by, opened_at, entry_id, pause_id, answer_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        dispute_id, number, contract.id, milestone.id, payable.id, payable.amount_fen, str(side), str(new.kind), new.claim_fen,
        new.statement, viewer.person_id, now, entry_id, pause_id, due_at,
    )  # fmt: skip
    await attach(dispute_id, side, kept, viewer, now)
    return dispute_id


async def answer(
    number: str,
    text: str,
    uploads: Sequence[Upload],
    *,
    viewer: Viewer,
    files: ObjectStore,
    calendar: Calendar,
    now: datetime,
) -> None:
    """The other side's answer; mediation begins, where it has not begun without one."""
    seen, side = await access_as_side(viewer, number)
    rules.check_answer(seen.facts, side)
    kept = await keep_files(files, uploads, viewer, now)
    async with transaction():
        found = await lock_case(seen)
        rules.check_answer(found.facts, side)
        due_at = found.mediation_due_at or await due(found.contract, "dispute.mediation_days", now, calendar)
        await execute(
            "UPDATE dispute SET answer = $2, answered_by = $3, answered_at = $4, mediation_since = coalesce(mediation_since, $4),"
            " mediation_due_at = $5 WHERE id = $1",
            found.id, text, viewer.person_id, now, due_at,
        )  # fmt: skip
        await attach(found.id, side, kept, viewer, now)
        await record_act(
            "dispute.answered", found, by=viewer.organisation_code, now=now, files=len(kept), mediation_due_at=utc_text(due_at),
            private={"answer": text, "files": [one.sha256 for one in kept], "person": viewer.person_name},
        )  # fmt: skip


async def add_evidence(
    number: str, uploads: Sequence[Upload], *, viewer: Viewer, files: ObjectStore, now: datetime
) -> None:
    """Either side, until the regulator prepares its ruling."""
    seen, side = await access_as_side(viewer, number)
    rules.check_evidence(seen.facts)
    kept = await keep_files(files, uploads, viewer, now)
    async with transaction():
        found = await lock_case(seen)
        rules.check_evidence(found.facts)
        await attach(found.id, side, kept, viewer, now)
        await record_act(
            "dispute.evidenced", found, by=viewer.organisation_code, now=now, side=str(side), files=len(kept),
            private={"files": [one.sha256 for one in kept], "person": viewer.person_name},
        )  # fmt: skip


async def withdraw(number: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Whoever opened it takes it back: money and time go on as they stood."""
    async with transaction():
        seen, side = await access_as_side(viewer, number)
        if side is not seen.side:
            raise NotFound
        found = await lock_case(seen)
        rules.check_open(found.facts)
        await execute(
            "UPDATE dispute SET withdrawn_at = $2, withdrawn_by = $3 WHERE id = $1", found.id, now, viewer.person_id
        )
        await record_act("dispute.withdrawn", found, by=viewer.organisation_code, now=now,
                         private={"person": viewer.person_name})  # fmt: skip
        await close_talks(found, calendar=calendar, now=now)
        await let_go(found.payable_id, now=now)


async def end_with_contract(contract_number: str, *, calendar: Calendar, now: datetime) -> int:
    """The contract ended early: what was disputed about milestones that were not accepted is settled with it."""
    ended = 0
    for dispute_id in await overtaken(contract_number):
        async with transaction():
            found = await lock_case(await dispute_by_id(dispute_id))
            if not found.is_open:
                continue
            await execute("UPDATE dispute SET overtaken_at = $2 WHERE id = $1", found.id, now)
            await record_act("dispute.overtaken", found, by="market", now=now)
            await close_talks(found, calendar=calendar, now=now)
            await let_go(found.payable_id, now=now)
            ended += 1
    return ended
