"""What a change brings about once both have signed: milestones, the limit that runs, what is owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, require_transaction
from market.kernel.ids import new_id
from market.payments.actions.payables import NewPayable, reprice
from market.register.actions import record
from market.register.queries import utc_text
from projects.contracts.changes.queries import ChangeView
from projects.contracts.queries import ContractView, MilestoneView, milestones_of
from projects.payments.milestones import reference_of

_INSTANT: Final = timedelta(microseconds=1)  # a limit at midnight belongs to the day before


async def bring_about(contract: ContractView, change: ChangeView, *, calendar: Calendar, now: datetime) -> None:
    """In the transaction of the last signature."""
    require_transaction()
    before = await milestones_of([contract.id])
    await _write_milestones(contract, change)
    moved = await _lengthen(contract, change, before, calendar=calendar)
    await _owe(contract, change, before, now=now)
    after = change.terms.after
    await record(
        "change.in_force", subject=contract.project_number, by="market", at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "owner": contract.owner_code, "no": change.no,
            "terms_sha256": change.terms_sha256, "price_fen": after.price_fen, "added_fen": change.added_fen,
            "price_before_fen": change.terms.before.price_fen, "days": after.days,
            "due_at": utc_text(moved) if moved else None,
        },
    )  # fmt: skip


async def _write_milestones(contract: ContractView, change: ChangeView) -> None:
    """All in one statement: the database compares their sum with the price."""
    planned = change.terms.after.milestones
    await execute(
        "INSERT INTO contract_milestone (id, contract_id, no, title, share, price_fen, days)"
        " SELECT m.id, $1, m.no, m.title, m.share, m.price_fen, m.days"
        " FROM unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::bigint[], $7::int[])"
        " AS m (id, no, title, share, price_fen, days) ON CONFLICT (contract_id, no) DO UPDATE"
        " SET title = EXCLUDED.title, share = EXCLUDED.share, price_fen = EXCLUDED.price_fen, days = EXCLUDED.days",
        contract.id, [new_id() for _ in planned], [one.no for one in planned], [one.title for one in planned],
        [one.share for one in planned], [one.price_fen for one in planned], [one.days for one in planned],
    )  # fmt: skip


async def _lengthen(
    contract: ContractView, change: ChangeView, before: list[MilestoneView], *, calendar: Calendar
) -> datetime | None:
    """The milestone that runs gets its further days at the end of its limit: its own, or after a return that of the
    correction. The limit that counts afterwards, None where it did not move."""
    running = next((one for one in before if one.runs), None)
    more = change.terms.after.milestones[running.no - 1].days - running.days if running else 0
    if running is None or more <= 0:
        return None
    last = await fetch_one(
        "SELECT id, correction_due_at FROM delivery WHERE milestone_id = $1 ORDER BY no DESC LIMIT 1", running.id
    )
    returned = last is not None and last["correction_due_at"] is not None
    limit: datetime | None = last["correction_due_at"] if returned and last else running.due_at
    assert limit is not None
    moved = calendar.add_working_days(limit - _INSTANT, more)
    table, key = ("delivery", "correction_due_at") if returned else ("contract_milestone", "due_at")
    await execute(
        f"UPDATE {table} SET {key} = $2 WHERE id = $1", last["id"] if returned and last else running.id, moved
    )
    await _note(contract, change, limit, moved)
    return moved


async def _note(contract: ContractView, change: ChangeView, limit: datetime, moved: datetime) -> None:
    """What is waited for moves with it; while the clock stands nothing is waited for."""
    await execute("UPDATE contract_change SET due_before = $2, due_after = $3 WHERE id = $1", change.id, limit, moved)
    await execute(
        "UPDATE project SET due_at = $2 WHERE id = $1 AND stage = 'fulfilment' AND due_at IS NOT NULL",
        contract.project_id, moved,
    )  # fmt: skip


async def _owe(contract: ContractView, change: ChangeView, before: list[MilestoneView], *, now: datetime) -> None:
    """Milestones that are not paid owe what they come to now; further ones are owed from now on."""
    known = {one.no: (one.price_fen, one.title) for one in before}
    for one in change.terms.after.milestones:
        if known.get(one.no) != (one.price_fen, one.title):
            await reprice(
                NewPayable(
                    reference_of(contract.number, one.no), contract.project_number, f"{contract.title} · {one.title}",
                    contract.owner_id, contract.agency_id, one.price_fen,
                ),
                now=now,
            )  # fmt: skip
