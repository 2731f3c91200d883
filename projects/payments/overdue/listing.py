"""What is late now, as everybody may know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from market.kernel.calendar import beijing_date
from market.kernel.money import Money
from projects.payments.overdue import queries
from projects.payments.overdue.papers import LateRow
from projects.payments.overdue.queries import NATURAL_PERSON, TermView
from projects.payments.overdue.rules import Stop


async def late_now(now: datetime, *, least_days: int) -> list[LateRow]:
    """The longest late first. Not what a stated transfer may have paid, and nothing that is wholly in dispute."""
    found = [one for one in await queries.all_late(now, least_days=least_days) if one.waits and one.stated_on is None]
    stops = await queries.stops_by([one.payable_id for one in found])
    entries = await queries.entries_by([one.reference for one in found])
    rows = [_row(one, stops.get(one.payable_id, []), now) for one in found]
    return [_with_entry(row, entries) for row in rows if row is not None]


def _row(term: TermView, stops: Sequence[Stop], now: datetime) -> LateRow | None:
    statement = term.statement(stops, beijing_date(now))
    last = statement.spans[-1] if statement.spans else None
    if last is None or last.disputed_fen >= last.unpaid_fen:
        return None
    named = term.owner_kind != NATURAL_PERSON
    return LateRow(
        term.owner_code if named else None, term.owner_name if named else None, term.project, term.title, term.contract,
        term.reference, statement.debt.due_on, statement.late_days, Money(last.unpaid_fen - last.disputed_fen), statement.interest,
    )  # fmt: skip


def _with_entry(row: LateRow, entries: dict[str, queries.EntryLink]) -> LateRow:
    return replace(row, entry_id=entries[row.payable].entry_id) if row.payable in entries else row


def summed(rows: Sequence[LateRow]) -> Money:
    return Money(sum(row.unpaid.fen for row in rows))
