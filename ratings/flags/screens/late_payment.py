"""An owner that pays after the term again and again. Pure."""

from __future__ import annotations

from datetime import date

from market.kernel.errors import Message
from market.kernel.i18n import N_
from ratings.flags.screens.interface import (
    DAYS,
    PAYMENTS,
    WHOLE,
    Figure,
    History,
    Lead,
    Numbers,
    Payer,
    Reads,
    Screen,
    percent,
    within,
)


def _find(history: History, numbers: Numbers) -> list[Lead]:
    found = (_lead(payer, history, numbers) for payer in history.payers)
    return [lead for lead in found if lead is not None]


def _lead(payer: Payer, history: History, numbers: Numbers) -> Lead | None:
    least, share_least = numbers["screen.late_payments_min"], numbers["screen.late_payments_share"]
    if len(payer.late) < max(least, 1) or not payer.due:
        return None
    share = len(payer.late) * WHOLE // payer.due
    if share < share_least:
        return None
    text = Message(
        N_("{owner} paid {late} of {due} payments after their term; {waiting} of them are unpaid still."),
        {"owner": payer.name, "late": len(payer.late), "due": payer.due, "waiting": payer.waiting},
    )
    figures = (
        Figure(N_("Payments after the term"), str(len(payer.late)), f"≥ {least}", unit=PAYMENTS),
        Figure(N_("Share of the payments due"), percent(share), f"≥ {percent(share_least)}"),
        Figure(N_("Longest delay in days"), str(max(days for _, days in payer.late)), unit=DAYS),
        Figure(N_("Unpaid still"), str(payer.waiting), unit=PAYMENTS),
    )
    rows = tuple((reference, str(days)) for reference, days in payer.late)
    return Lead(f"{payer.code}:{history.period}", text, within(share), (payer.code,), payer.projects, payer.evidence,
                figures, rows)  # fmt: skip


SCREEN = Screen(
    code="late_payment", version=1, title=N_("Pays late again and again"), reads=Reads.MARKET,
    basis=N_("Regulation on ensuring payments to small and medium enterprises: terms of payment, and no delay beyond them"),
    reckoning=N_("Of the owner's payments that fell due over the period, how many were made after the term of the contract or are unpaid after it."),
    inputs=N_("Terms of payment, payments and recorded days of delay of the period"), acts=("payment.overdue",),
    since=date(2026, 11, 22),
    rules=("screen.late_payments_min", "screen.late_payments_share"), find=_find,
    rows_unit=DAYS,
)  # fmt: skip
