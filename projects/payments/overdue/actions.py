"""What follows from time alone: owners are reminded, lateness is recorded, and once a year it is listed."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import rfc8785

from market.accounts.actions import tell
from market.catalogue.queries import rulebook, rulebook_in_force
from market.catalogue.rules import NATION, Rulebook
from market.kernel.calendar import BEIJING, beijing_date, last_day
from market.kernel.db import execute, fetch, fetch_value, require_transaction, to_json, transaction
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.search.announcements import announced
from market.web.display import money
from projects.payments.overdue import queries
from projects.payments.overdue.announcements import YEAR_LIST
from projects.payments.overdue.queries import NATURAL_PERSON, TermView, statement_of, term_of
from projects.payments.overdue.rules import Statement, next_moment, reminder_due, steps_reached
from projects.payments.terms import rate_text

REMINDERS: Final = "payment.reminder_days"
RECORDED: Final = "payment.overdue_recorded_days"
LIST_ON: Final = "payment.overdue_list_on"
# While a stated transfer waits for its confirmation, or a late delivery for its acceptance, nothing is recorded.
_ASK_AGAIN: Final = timedelta(hours=1)


async def watch(payable_id: UUID, *, now: datetime) -> None:
    """Everything that is due for one payable by now, and when to look again."""
    async with transaction():
        await execute("SELECT 1 FROM payment_term WHERE payable_id = $1 FOR NO KEY UPDATE", payable_id)
        term = await term_of(payable_id)
        await execute(
            "UPDATE payment_term SET watch_at = $2 WHERE payable_id = $1", payable_id, await _look(term, now=now)
        )


async def _look(term: TermView, *, now: datetime) -> datetime | None:
    if term.due_at is None or not term.waits:
        return None
    if term.stated_on is not None:
        return now + _ASK_AGAIN
    book = await rulebook(term.rulebook_version)
    await _remind(term, book, now=now)
    if now >= term.due_at:
        if term.release_at is None:
            return now + _ASK_AGAIN  # the delivery is not accepted yet: if it is returned, the day is another
        await _record_steps(term, book, now=now)
    return next_moment(term.due_at, book.integers(REMINDERS), book.integers(RECORDED), now)


async def _remind(term: TermView, book: Rulebook, *, now: datetime) -> None:
    assert term.due_at is not None
    days = reminder_due(book.integers(REMINDERS), term.due_at, now)
    if days is not None:
        await tell(
            term.owner_id, N_("Pay {amount} for {title} until the end of {day}; after that interest of {rate} a day runs."),
            link=term.url, cause=f"payment.reminder:{term.reference}:{utc_text(term.due_at)}:{days}", now=now,
            facts={
                "amount": money(term.amount), "title": term.title, "day": last_day(term.due_at).isoformat(),
                "rate": rate_text(term.interest_per_day),
            },
        )  # fmt: skip


async def _record_steps(term: TermView, book: Rulebook, *, now: datetime) -> None:
    await execute(
        "INSERT INTO overdue_payment (payable_id, due_at, found_at) VALUES ($1, $2, $3) ON CONFLICT (payable_id) DO NOTHING",
        term.payable_id, term.due_at, now,
    )  # fmt: skip
    now_late = await statement_of(term, beijing_date(now))
    for days in steps_reached(book.integers(RECORDED), now_late.late_days):
        then = await statement_of(term, last_day(term.due_at) + timedelta(days=days)) if term.due_at else now_late
        await _record_step(term, days, then, now=now)


async def _record_step(term: TermView, days: int, then: Statement, *, now: datetime) -> None:
    made = await execute(
        "INSERT INTO overdue_step (id, payable_id, days, recorded_at, unpaid_fen, interest_fen) VALUES ($1,$2,$3,$4,$5,$6)"
        " ON CONFLICT ON CONSTRAINT overdue_step_once DO NOTHING",
        new_id(), term.payable_id, days, now, then.unpaid_fen, then.interest.fen,
    )  # fmt: skip
    if not made:
        return
    assert term.due_at is not None
    await record(
        "payment.overdue", subject=term.project, by="market", at=now,
        data={
            **_parties(term), "due_at": utc_text(term.due_at), "days": days, "unpaid_fen": then.unpaid_fen,
            "interest_fen": then.interest.fen,
        },
    )  # fmt: skip
    facts = {"amount": money(then.unpaid), "title": term.title, "days": days, "interest": money(then.interest)}
    for organisation_id, text in (
        (term.owner_id, N_("{amount} for {title} is {days} days late. Interest so far: {interest}. Pay at once; lateness is on public record.")),
        (term.agency_id, N_("{amount} for {title} is {days} days late. Interest so far: {interest}. The statement of interest is ready for you.")),
    ):  # fmt: skip
        await tell(
            organisation_id, text, link=f"{term.url}/interest", cause=f"payment.overdue:{term.reference}:{days}", now=now,
            facts=facts,
        )  # fmt: skip


def _parties(term: TermView) -> dict[str, str]:
    return {
        "contract": term.contract,
        "payable": term.reference,
        "owner": term.owner_code,
        "agency": term.agency_code,
    }


async def end_if_over(payable_id: UUID, *, now: datetime) -> bool:
    """Late no more: it was paid, or is owed no more. What it cost is recorded once."""
    async with transaction():
        open_still = await fetch_value(
            "SELECT true FROM overdue_payment WHERE payable_id = $1 AND ended_at IS NULL FOR UPDATE", payable_id
        )
        term = await term_of(payable_id)
        if not open_still or term.waits:
            return False
        ended, ended_on = (
            ("paid", term.paid_on) if term.paid_on else ("cancelled", beijing_date(term.cancelled_at or now))
        )
        assert ended_on is not None
        statement = await statement_of(term, ended_on)
        await execute(
            "UPDATE overdue_payment SET ended_at = $2, ended = $3, ended_on = $4, late_days = $5, interest_fen = $6"
            " WHERE payable_id = $1",
            payable_id, now, ended, ended_on, statement.late_days, statement.interest.fen,
        )  # fmt: skip
        data = {"how": ended, "late_days": statement.late_days, "interest_fen": statement.interest.fen}
        await record(
            "payment.overdue_ended", subject=term.project, by="market", at=now, data={**_parties(term), **data}
        )
    return True


async def publish_year(*, now: datetime) -> bool:
    """The list of the year that ended last, once its day of publication has come; False where there is nothing to do."""
    year = beijing_date(now).year - 1
    if await fetch_value("SELECT EXISTS (SELECT 1 FROM overdue_list WHERE year = $1)", year):
        return False
    if not await fetch_value("SELECT EXISTS (SELECT 1 FROM payable WHERE created_at < $1)", _end_of(year)):
        return False  # there was no market then
    book = await rulebook_in_force(await _region(), now)
    month, day = book.text(LIST_ON).split("-")
    if beijing_date(now) < date(year + 1, int(month), int(day)):
        return False
    async with transaction():
        await execute("LOCK TABLE overdue_list IN SHARE ROW EXCLUSIVE MODE")
        if await fetch_value("SELECT EXISTS (SELECT 1 FROM overdue_list WHERE year = $1)", year):
            return False
        await _publish(year, now=now)
    return True


def _end_of(year: int) -> datetime:
    return datetime(year + 1, 1, 1, tzinfo=BEIJING)


async def _region() -> str:
    """Where the market is: its operator's region."""
    found: str | None = await fetch_value(
        "SELECT region_code FROM organisation WHERE kind = 'operator' ORDER BY id LIMIT 1"
    )
    return found or NATION


async def _publish(year: int, *, now: datetime) -> None:
    require_transaction()
    rows = [await _listed(term, year) for term in await queries.unpaid_at_end_of(year)]
    sha256 = hashlib.sha256(rfc8785.dumps(rows)).hexdigest()
    await execute(
        "INSERT INTO overdue_list (year, published_at, rows, sha256) VALUES ($1,$2,$3,$4)",
        year,
        now,
        to_json(rows),
        sha256,
    )
    await record(
        "payment.overdue_listed", subject=str(year), by="market", at=now,
        data={"payments": len(rows), "unpaid_fen": sum(row["unpaid_fen"] for row in rows), "sha256": sha256},
    )  # fmt: skip
    await announced(YEAR_LIST, str(year))


async def _listed(term: TermView, year: int) -> dict[str, Any]:
    """As it stood at the end of 31 December. Natural persons are counted, never named."""
    assert term.due_at is not None
    statement = await statement_of(term, date(year, 12, 31))
    named = term.owner_kind != NATURAL_PERSON
    return {
        "owner": term.owner_code if named else None, "owner_name": term.owner_name if named else None,
        "project": term.project, "title": term.title, "contract": term.contract, "payable": term.reference,
        "due_on": last_day(term.due_at).isoformat(), "late_days": statement.late_days,
        "unpaid_fen": statement.unpaid_fen, "interest_fen": statement.interest.fen,
    }  # fmt: skip


async def due_terms(now: datetime) -> list[UUID]:
    rows = await fetch("SELECT payable_id FROM payment_term WHERE watch_at <= $1 ORDER BY watch_at LIMIT 100", now)
    return [row["payable_id"] for row in rows]


async def over_now() -> list[UUID]:
    """Late payments that were paid or cancelled since they were last looked at."""
    rows = await fetch(
        "SELECT v.payable_id FROM overdue_payment v JOIN payable p ON p.id = v.payable_id WHERE v.ended_at IS NULL"
        " AND (p.cancelled_at IS NOT NULL OR EXISTS (SELECT 1 FROM payment t WHERE t.payable_id = p.id"
        " AND t.state IN ('held', 'settling', 'settled')) OR EXISTS (SELECT 1 FROM bank_transfer b"
        " WHERE b.payable_id = p.id AND b.answer = 'confirmed')) LIMIT 100"
    )
    return [row["payable_id"] for row in rows]
