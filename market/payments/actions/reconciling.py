"""Alipay's bill of a day against the ledger's day: what matches, what does not, and who closed it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from market.kernel.calendar import BEIJING, beijing_date, end_of_day
from market.kernel.db import execute, execute_many, fetch, fetch_one, fetch_value, require_transaction, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.money import BASIS_POINTS, divide_half_up
from market.payments.actions.trades import block, unblock
from market.payments.alipay.gateway import Gateway
from market.payments.alipay.outcome import Done, Rejected
from market.payments.bills import BillUnreadable, Line, read_bill
from market.payments.rules import BILL_RETRY, CAPTURED, DAYS_OF_SLACK, FEE_LIMIT, bill_due_at, last_billed_day

NO_BILL = "isp.bill_not_exist"
GONE = N_("gone in a later comparison")
BLOCKED = N_("Alipay's bill and our books differ about this payment.")


async def open_days(*, now: datetime) -> int:
    """One row for every day since the first payment whose bill should be there by now."""
    # Ids grow with time, so the smallest is the earliest.
    first: datetime | None = await fetch_value("SELECT created_at FROM payment ORDER BY id LIMIT 1")
    last: date | None = await fetch_value("SELECT max(day) FROM bill_day")
    if first is None:
        return 0
    day, until, opened = (last + timedelta(days=1) if last else beijing_date(first)), last_billed_day(now), 0
    while day <= until:
        opened += await execute(
            "INSERT INTO bill_day (day, state, due_at) VALUES ($1, 'waiting', $2) ON CONFLICT DO NOTHING",
            day,
            bill_due_at(day),
        )
        day += timedelta(days=1)
    return opened


async def fetch_bill(day: date, *, gateway: Gateway, now: datetime) -> None:
    """Downloads the bill of a day and compares it, and the day before it once more. A bill that is not there yet is asked
    for again."""
    answer = await gateway.bill_url(day, now=now)
    archive: bytes | None = None
    if isinstance(answer, Done):
        archive = await gateway.download_bill(str(answer.node.get("bill_download_url", "")))
    empty = isinstance(answer, Rejected) and answer.code == NO_BILL
    if archive is None and not empty:
        await _ask_again(day, now=now)
        return
    await compare(day, archive, now=now)
    await _compare_again(day - timedelta(days=1), now=now)


async def _ask_again(day: date, *, now: datetime) -> None:
    async with transaction():
        await execute(
            "UPDATE bill_day SET tries = tries + 1, due_at = $2 WHERE day = $1 AND state <> 'closed'",
            day,
            now + BILL_RETRY,
        )


async def _compare_again(day: date, *, now: datetime) -> None:
    row = await fetch_one("SELECT archive FROM bill_day WHERE day = $1 AND state = 'compared'", day)
    if row is not None:
        await compare(day, row["archive"], now=now)


async def compare(day: date, archive: bytes | None, *, now: datetime) -> None:
    """`archive`: None where Alipay says that there is nothing. May be repeated until the day is closed."""
    async with transaction():
        row = await fetch_one("SELECT state FROM bill_day WHERE day = $1 FOR NO KEY UPDATE", day)
        if row is None or row["state"] == "closed":
            return
        found: list[Break] = []
        lines = await _keep_lines(day, archive, found)
        await _match(lines, found)
        found += await _not_in_bill(day)
        if archive is None and any(one.kind == "missing_remote" for one in found):
            found.append(Break("no_bill", day.isoformat()))
        await _write_breaks(day, found, now=now)
        await _write_totals(day, archive, lines, now=now)


@dataclass(frozen=True)
class Break:
    """`about`: the number by which the thing is found again in the next comparison."""

    kind: str
    about: str
    line_id: UUID | None = None
    entry_id: UUID | None = None
    bill_fen: int | None = None
    ledger_fen: int | None = None
    payment_id: UUID | None = None


async def _keep_lines(day: date, archive: bytes | None, found: list[Break]) -> list[tuple[UUID, Line]]:
    await execute("UPDATE bill_break SET line_id = NULL WHERE day = $1", day)
    await execute("DELETE FROM bill_line WHERE day = $1", day)
    if archive is None:
        return []
    try:
        lines, wrong = read_bill(archive)
    except BillUnreadable as problem:
        found.append(Break("unreadable", str(problem)))
        return []
    found += [Break("unreadable", text) for text in wrong]
    kept = [(new_id(), line) for line in lines]
    await execute_many(
        "INSERT INTO bill_line (id, day, no, kind, trade_no, out_trade_no, request_no, amount_fen, fee_fen, at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        [(line_id, day, one.no, one.kind, one.trade_no, one.out_trade_no, one.request_no, one.amount_fen, one.fee_fen, one.at)
         for line_id, one in kept],
    )  # fmt: skip
    return kept


async def _match(lines: Sequence[tuple[UUID, Line]], found: list[Break]) -> None:
    keys = {line_id: _key(line) for line_id, line in lines}
    rows = await fetch(
        "SELECT id, key, amount_fen, payment_id, EXISTS (SELECT 1 FROM bill_line l WHERE l.entry_id = ledger_entry.id) AS taken"
        " FROM ledger_entry WHERE key = ANY($1)", list(keys.values()),
    )  # fmt: skip
    entries = {row["key"]: row for row in rows}
    for line_id, line in lines:
        entry = entries.get(keys[line_id])
        found += _compare_line(line_id, line, entry)
        if entry is not None and not entry["taken"]:
            entry["taken"] = True
            await execute("UPDATE bill_line SET entry_id = $2 WHERE id = $1", line_id, entry["id"])


def _key(line: Line) -> str:
    """The ledger's own key of what the row tells: nothing else is compared by. What an owner was paid from a bond carries
    the number of the instruction."""
    if line.kind == "refund":
        return f"refund:{line.request_no}"
    return f"capture:{line.out_trade_no}" if line.out_trade_no.startswith(CAPTURED) else f"pay:{line.trade_no}"


def _compare_line(line_id: UUID, line: Line, entry: dict[str, Any] | None) -> list[Break]:
    about = _key(line)
    if entry is None:
        return [Break("missing_local", about, line_id, bill_fen=line.amount_fen)]
    facts = {"line_id": line_id, "entry_id": entry["id"], "payment_id": entry["payment_id"]}
    if entry["taken"]:
        return [Break("duplicate", f"{about}#{line.no}", **facts, bill_fen=line.amount_fen)]
    wrong = []
    if entry["amount_fen"] != line.amount_fen:
        wrong.append(Break("amount", about, **facts, bill_fen=line.amount_fen, ledger_fen=entry["amount_fen"]))
    limit = divide_half_up(line.amount_fen * FEE_LIMIT, BASIS_POINTS)
    if line.fee_fen > limit:
        wrong.append(Break("fee", about, **facts, bill_fen=line.fee_fen, ledger_fen=limit))
    return wrong


_KINDS = "kind IN ('paid', 'paid_in_error', 'refund', 'refund_of_error', 'capture')"


def _bounds(day: date) -> tuple[datetime, datetime]:
    return datetime.combine(day, datetime.min.time(), BEIJING), end_of_day(day)


async def _not_in_bill(day: date) -> list[Break]:
    """Entries of the day that no bill tells. Near midnight the neighbour's bill may: then it is that day's comparison
    which decides."""
    since, until = _bounds(day)
    rows = await fetch(
        f"SELECT e.id, e.key, e.amount_fen, e.payment_id FROM ledger_entry e WHERE {_KINDS} AND e.effective_at >= $1"
        " AND e.effective_at < $2 AND NOT EXISTS (SELECT 1 FROM bill_line l WHERE l.entry_id = e.id AND abs(l.day - $3) <= $4)",
        since, until, day, DAYS_OF_SLACK,
    )  # fmt: skip
    return [
        Break(
            "missing_remote", row["key"], entry_id=row["id"], ledger_fen=row["amount_fen"], payment_id=row["payment_id"]
        )
        for row in rows
    ]


async def _write_breaks(day: date, found: Sequence[Break], *, now: datetime) -> None:
    """New differences are opened, known ones stay as they are, those that are gone end by themselves."""
    for one in found:
        await execute(
            "INSERT INTO bill_break (id, day, kind, about, line_id, entry_id, bill_fen, ledger_fen, found_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (day, kind, about) DO UPDATE SET line_id = EXCLUDED.line_id",
            new_id(), day, one.kind, one.about, one.line_id, one.entry_id, one.bill_fen, one.ledger_fen, now,
        )  # fmt: skip
        if one.payment_id is not None:
            await _block_payment(one.payment_id, now=now)
        elif one.kind == "missing_local" and one.about.startswith("pay:"):
            await _ask_for(one.line_id, now=now)
    rows = await fetch("SELECT id, kind, about FROM bill_break WHERE day = $1 AND resolved_at IS NULL", day)
    still = {(one.kind, one.about) for one in found}
    for row in rows:
        if (row["kind"], row["about"]) not in still:
            await _end_break(row["id"], GONE, by=None, now=now)


async def _block_payment(payment_id: UUID, *, now: datetime) -> None:
    payable_id: UUID = await fetch_value("SELECT payable_id FROM payment WHERE id = $1", payment_id)
    await block(payable_id, BLOCKED, now=now)


async def _ask_for(line_id: UUID | None, *, now: datetime) -> None:
    """The bill tells a payment that we do not know to be paid: a signed answer decides, never the bill alone."""
    await execute(
        "UPDATE payment SET poll_at = $2 WHERE state IN ('awaiting', 'closing', 'closed')"
        " AND out_trade_no = (SELECT out_trade_no FROM bill_line WHERE id = $1)", line_id, now,
    )  # fmt: skip


async def _end_break(break_id: UUID, resolution: str, *, by: UUID | None, now: datetime) -> None:
    require_transaction()
    row = await fetch_one(
        "UPDATE bill_break SET resolved_at = $2, resolution = $3, resolved_by = $4 WHERE id = $1 AND resolved_at IS NULL"
        " RETURNING (SELECT payable_id FROM payment t JOIN ledger_entry e ON e.payment_id = t.id WHERE e.id = entry_id) AS payable_id",
        break_id, now, resolution, by,
    )  # fmt: skip
    if row is None:
        raise NotFound
    if row["payable_id"] is not None:
        await _unblock_if_clean(row["payable_id"], now=now)


async def _unblock_if_clean(payable_id: UUID, *, now: datetime) -> None:
    dirty: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM bill_break b JOIN ledger_entry e ON e.id = b.entry_id JOIN payment t ON t.id = e.payment_id"
        " WHERE t.payable_id = $1 AND b.resolved_at IS NULL)", payable_id,
    )  # fmt: skip
    blocked_by_us: bool = await fetch_value("SELECT block_reason = $2 FROM payable WHERE id = $1", payable_id, BLOCKED)
    if blocked_by_us and not dirty:
        await unblock(payable_id, now=now)


async def _write_totals(day: date, archive: bytes | None, lines: Sequence[tuple[UUID, Line]], *, now: datetime) -> None:
    since, until = _bounds(day)
    booked = await fetch_one(
        "SELECT coalesce(sum(amount_fen) FILTER (WHERE kind IN ('paid', 'paid_in_error', 'capture')), 0)::bigint AS paid,"
        " coalesce(sum(amount_fen) FILTER (WHERE kind IN ('refund', 'refund_of_error')), 0)::bigint AS refunded"
        " FROM ledger_entry WHERE effective_at >= $1 AND effective_at < $2", since, until,
    )  # fmt: skip
    assert booked is not None
    billed = {kind: sum(line.amount_fen for _, line in lines if line.kind == kind) for kind in ("paid", "refund")}
    again = now + BILL_RETRY if archive is None and booked["paid"] + booked["refunded"] else None
    await execute(
        "UPDATE bill_day SET state = 'compared', due_at = $2, tries = tries + 1, archive = $3, archive_sha256 = $4, fetched_at = $5,"
        " bill_paid_fen = $6, bill_refunded_fen = $7, fees_fen = $8, ledger_paid_fen = $9, ledger_refunded_fen = $10 WHERE day = $1",
        day, again, archive, hashlib.sha256(archive).hexdigest() if archive else None, now, billed["paid"], billed["refund"],
        sum(line.fee_fen for _, line in lines), booked["paid"], booked["refunded"],
    )  # fmt: skip


async def resolve_break(break_id: UUID, *, resolution: str, by: UUID, now: datetime) -> None:
    """The operator says what was done about a difference. Raises NotFound where it is not open."""
    async with transaction():
        await _end_break(break_id, resolution, by=by, now=now)


async def fetch_again(day: date, *, now: datetime) -> None:
    """Asks for the bill once more at once: it may have been issued late or anew. Raises NotFound for closed days."""
    async with transaction():
        if not await execute("UPDATE bill_day SET due_at = $2 WHERE day = $1 AND state <> 'closed'", day, now):
            raise NotFound


async def close_day(day: date, *, by: UUID, now: datetime) -> None:
    """Raises NotFound for unknown days, Refusal while a difference is open. The database holds this too."""
    async with transaction():
        row = await fetch_one("SELECT state FROM bill_day WHERE day = $1 FOR NO KEY UPDATE", day)
        if row is None:
            raise NotFound
        open_breaks: int = await fetch_value(
            "SELECT count(*) FROM bill_break WHERE day = $1 AND resolved_at IS NULL", day
        )
        if row["state"] != "compared" or open_breaks:
            raise Refusal(
                "payments.day_not_clean", N_("This day cannot be closed: {count} differences are open, or its bill was not compared yet."),
                todo=N_("Look into every difference and write down what was done about it."), count=open_breaks,
            )  # fmt: skip
        await execute(
            "UPDATE bill_day SET state = 'closed', closed_at = $2, closed_by = $3, due_at = NULL WHERE day = $1",
            day,
            now,
            by,
        )
