"""A statement of payments as a PDF and as a table for spreadsheets."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_, translate
from market.kernel.money import Money
from market.kernel.spreadsheets import csv_bytes
from market.web.display import money
from projects.payments.sheets import Grid, Sheet, said
from projects.payments.statements.queries import KINDS, Movement, Statement

_NOTE = Message(
    N_(
        "The market holds no money: this is what Alipay and the banks moved between the parties, as the market has recorded it. Transfers count from the agency's confirmation."
    )
)


def statement_sheet(
    statement: Statement, *, name: str, code: str, today: date, issuer: str, public_url: str, bilingual: bool
) -> Sheet:
    first, last = statement.first.isoformat(), statement.last.isoformat()
    return Sheet(
        title=Message(N_("Statement of payments")), number=f"{code}-{statement.first:%Y%m%d}-{statement.last:%Y%m%d}", issuer=issuer,
        on=today, about=name, bilingual=bilingual, address=f"{public_url}/payments/statement?from={first}&to={last}",
        facts=(
            (Message(N_("Organisation")), f"{name}（{code}）"), (Message(N_("Period")), f"{first} — {last}"),
            (Message(N_("Received")), money(statement.came)), (Message(N_("Paid out")), money(statement.went)),
            (Message(N_("Held by Alipay at the end of the period")), money(statement.held)),
        ),
        grids=(_grid(statement),), notes=(_NOTE,),
    )  # fmt: skip


def _grid(statement: Statement) -> Grid:
    return Grid(
        head=(
            Message(N_("Day")), Message(N_("Payment")), Message(N_("Other side")), Message(N_("Event")), Message(N_("Received")),
            Message(N_("Paid out")),
        ),
        rows=tuple(
            (
                one.on.isoformat(), f"{one.title}\n{one.payable}", one.other_name, said(KINDS[one.kind]), _shown(one.came),
                _shown(one.went),
            )
            for one in statement.movements
        ),
        widths=(4, 9, 7, 4, 5, 5), right=(4, 5),
        foot=("", "", "", "", money(statement.came), money(statement.went)),
    )  # fmt: skip


def _shown(amount: Money) -> str:
    return money(amount) if amount.fen else ""


_COLUMNS = (
    N_("Day"), N_("Payment"), N_("Title"), N_("Other side"), N_("Event"), N_("Received (yuan)"), N_("Paid out (yuan)"),
    N_("Number at Alipay or the bank"),
)  # fmt: skip


def statement_csv(statement: Statement) -> bytes:
    """In the current language; amounts in yuan."""
    return csv_bytes([[translate(column) for column in _COLUMNS], *map(_cells, statement.movements)])


def _cells(one: Movement) -> list[str]:
    return [
        one.on.isoformat(), one.payable, one.title, one.other_name, translate(KINDS[one.kind]), _yuan(one.came), _yuan(one.went),
        one.reference,
    ]  # fmt: skip


def _yuan(amount: Money) -> str:
    return amount.yuan_text if amount.fen else ""
