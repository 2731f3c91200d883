"""The statement of interest on paper, and the lists of late payments as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from market.kernel.capitals import in_capitals
from market.kernel.errors import Message
from market.kernel.i18n import N_, translate
from market.kernel.money import Money
from market.kernel.spreadsheets import csv_bytes
from market.web.display import money
from projects.payments.overdue.queries import Step, TermView, YearList
from projects.payments.overdue.rules import Statement
from projects.payments.sheets import Grid, Sheet
from projects.payments.terms import rate_text


def interest_sheet(
    term: TermView, statement: Statement, steps: Sequence[Step], *, issuer: str, public_url: str, bilingual: bool
) -> Sheet:
    debt = statement.debt
    return Sheet(
        title=Message(N_("Statement of interest for late payment")), number=f"{term.reference}-{statement.until:%Y%m%d}",
        issuer=issuer, on=statement.until, about=term.title, bilingual=bilingual, address=f"{public_url}{term.url}/interest",
        facts=(
            (Message(N_("Owner (debtor)")), f"{term.owner_name}（{term.owner_code}）"),
            (Message(N_("Agency (creditor)")), f"{term.agency_name}（{term.agency_code}）"),
            (Message(N_("Contract and payment")), f"{term.contract} · {term.reference}"),
            (Message(N_("Amount owed")), money(debt.amount_fen)),
            (Message(N_("Last day to pay")), debt.due_on.isoformat()),
            (Message(N_("Interest a day")), rate_text(debt.rate)),
            (Message(N_("Counted until the end of")), statement.until.isoformat()),
            (Message(N_("Days late")), str(statement.late_days)),
            (Message(N_("Interest")), f"{money(statement.interest)}　{in_capitals(statement.interest)}"),
        ),
        grids=(_spans(statement),), notes=_NOTES,
        entries=[f"{public_url}/register/entries/{step.entry_id}" for step in steps],
    )  # fmt: skip


_NOTES = (
    Message(N_("Interest runs from the day after the last day to pay up to and with the day of payment, on what was unpaid. What the owner disputed bears none while the dispute is open. The sum is rounded once, half up to the fen.")),
    Message(N_("The market computes this statement from the contract and from the recorded payments. It collects nothing: the agency claims the interest from the owner.")),
)  # fmt: skip


def _spans(statement: Statement) -> Grid:
    return Grid(
        head=(
            Message(N_("First day of it")), Message(N_("Last day of it")), Message(N_("Days counted")), Message(N_("Unpaid")), Message(N_("Of it in dispute")),
            Message(N_("Interest")),
        ),
        rows=tuple(
            (
                span.first.isoformat(), span.last.isoformat(), str(span.days), money(span.unpaid), money(span.disputed),
                money(span.interest),
            )
            for span in statement.spans
        ),
        widths=(5, 5, 3, 6, 6, 5), right=(2, 3, 4, 5),
        foot=("", "", str(statement.late_days), "", "", money(statement.interest)),
    )  # fmt: skip


@dataclass(frozen=True)
class LateRow:
    """One late payment as everybody may know it. No name and no code where the owner is a natural person."""

    owner_code: str | None
    owner_name: str | None
    project: str
    title: str
    contract: str
    payable: str
    due_on: date
    late_days: int
    unpaid: Money
    interest: Money
    entry_id: UUID | None = None
    settled: bool = False


def rows_of(listed: YearList, settled: frozenset[str]) -> list[LateRow]:
    return [
        LateRow(
            row["owner"], row["owner_name"], row["project"], row["title"], row["contract"], row["payable"],
            date.fromisoformat(row["due_on"]), row["late_days"], Money(row["unpaid_fen"]), Money(row["interest_fen"]),
            settled=row["payable"] in settled,
        )
        for row in listed.rows
    ]  # fmt: skip


_COLUMNS = (
    N_("Credit code"), N_("Owner"), N_("Project number"), N_("Project"), N_("Contract number"), N_("Payment"),
    N_("Last day to pay"), N_("Days late"), N_("Unpaid (yuan)"), N_("Interest (yuan)"), N_("Paid since"),
)  # fmt: skip


def late_csv(rows: Sequence[LateRow]) -> bytes:
    """In the current language; amounts in yuan."""
    return csv_bytes([[translate(column) for column in _COLUMNS], *map(_cells, rows)])


def _cells(row: LateRow) -> list[Any]:
    return [
        row.owner_code, row.owner_name or translate(N_("a natural person")), row.project, row.title, row.contract, row.payable,
        row.due_on, row.late_days, row.unpaid.yuan_text, row.interest.yuan_text, translate(N_("yes") if row.settled else N_("no")),
    ]  # fmt: skip


def late_json(rows: Sequence[LateRow], **facts: Any) -> dict[str, Any]:
    """Amounts in fen."""
    return {**facts, "units": {"amounts": "fen"}, "payments": [_members(row) for row in rows]}


def _members(row: LateRow) -> dict[str, Any]:
    return {
        "owner": row.owner_code, "owner_name": row.owner_name, "project": row.project, "title": row.title,
        "contract": row.contract, "payable": row.payable, "due_on": row.due_on.isoformat(), "late_days": row.late_days,
        "unpaid": row.unpaid.fen, "interest": row.interest.fen, "settled": row.settled,
    }  # fmt: skip
