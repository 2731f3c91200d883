"""Signing stands still: while a hold is open a result does not become final and its contract is neither signed nor lapsed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, fetch_value
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from projects.actions import lock_project
from projects.contracts.queries import CONTRACT_SQL, OPEN_HOLDS, ContractView, contract_view
from projects.contracts.rules import State, due_after_hold
from projects.queries import ProjectView
from projects.rules import Stage


async def hold_signing(project_id: UUID, *, reference: str, now: datetime) -> UUID:
    """Opens a hold in the caller's transaction, which says why it is lawful. `reference`: what it is for."""
    project = await lock_project(project_id)
    contract = await _waiting_contract(project_id)
    hold_id = new_id()
    await execute(
        "INSERT INTO signing_hold (id, project_id, contract_id, reference, since) VALUES ($1,$2,$3,$4,$5)",
        hold_id, project_id, contract.id if contract else None, reference, now,
    )  # fmt: skip
    if project.stage in (Stage.RESULT_NOTICE, Stage.CONTRACTING):
        await _set_due(project_id, None)
    await record(
        "signing.suspended", subject=project.number, by="market", at=now,
        data={"hold": str(hold_id), "reference": reference, "contract": contract.number if contract else None},
    )  # fmt: skip
    return hold_id


async def release_signing(hold_id: UUID, *, calendar: Calendar, now: datetime) -> None:
    """Ends a hold in the caller's transaction. With the last one the time to sign goes on where it stood."""
    project_id, since = await _end(hold_id, now)
    project, contract = await lock_project(project_id), await _waiting_contract(project_id)
    free = not await _is_held(project_id)
    due_at = due_after_hold(contract.sign_due_at, since, now, calendar=calendar) if contract and free else None
    if contract and due_at:
        await execute(
            "UPDATE signing_hold SET contract_id = $2, sign_due_at = $3 WHERE id = $1", hold_id, contract.id, due_at
        )
    if free:
        await _go_on(project, due_at)
    await record("signing.resumed", subject=project.number, by="market", at=now, data={
        "hold": str(hold_id), "contract": contract.number if contract else None,
        "sign_due_at": utc_text(due_at) if due_at else None,
    })  # fmt: skip


async def _end(hold_id: UUID, now: datetime) -> tuple[UUID, datetime]:
    """The project of the hold, and since when it was held without a break: holds may overlap."""
    row = await fetch_one(
        "WITH RECURSIVE ended AS (UPDATE signing_hold SET until = $2 WHERE id = $1 RETURNING project_id, since),"
        " back AS (SELECT project_id, since FROM ended UNION SELECT h.project_id, h.since FROM signing_hold h JOIN back b"
        " ON h.project_id = b.project_id AND h.since < b.since AND coalesce(h.until, $2) > b.since)"
        " SELECT project_id, since FROM back ORDER BY since LIMIT 1",
        hold_id, now,
    )  # fmt: skip
    assert row is not None
    return row["project_id"], row["since"]


async def _waiting_contract(project_id: UUID) -> ContractView | None:
    """The contract that waits for signatures, locked."""
    row = await fetch_one(
        f"{CONTRACT_SQL} WHERE c.project_id = $1 AND c.ended IS NULL AND c.in_force_at IS NULL FOR NO KEY UPDATE OF c",
        project_id,
    )
    contract = contract_view(row) if row else None
    assert contract is None or contract.state is State.SIGNING
    return contract


async def _is_held(project_id: UUID) -> bool:
    found: bool = await fetch_value(f"SELECT EXISTS ({OPEN_HOLDS} AND h.project_id = $1)", project_id)
    return found


async def _go_on(project: ProjectView, sign_due_at: datetime | None) -> None:
    if project.stage is Stage.RESULT_NOTICE:
        await _set_due(project.id, project.result_notice_ends_at)
    elif project.stage is Stage.CONTRACTING and sign_due_at:
        await _set_due(project.id, sign_due_at)


async def _set_due(project_id: UUID, due_at: datetime | None) -> None:
    await execute("UPDATE project SET due_at = $2 WHERE id = $1", project_id, due_at)
