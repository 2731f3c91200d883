"""Until when a payable has to be paid: so many calendar days from the delivery that was accepted, as the signed contract
says; where it says nothing, as the rulebook says for this kind of owner (保障中小企业款项支付条例). Neither acceptance nor
anything inside the owner's house moves that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market.catalogue.rules import Rulebook
from market.kernel.calendar import ONE_DAY, Calendar, beijing_date, end_of_day
from projects.contracts.terms import Terms

PUBLIC_BODIES: Final = "payment.public_buyer_days"
OTHERS: Final = "payment.large_buyer_days"
INTEREST: Final = "payment.interest_per_day"


@dataclass(frozen=True)
class Term:
    """`days`: calendar days. `interest_per_day`: basis points. `basis`: "contract" or "rulebook"; `rule`: its key."""

    days: int
    interest_per_day: int
    basis: str
    rule: str


def term_of(terms: Terms, owner_kind: str, book: Rulebook) -> Term:
    rule = PUBLIC_BODIES if owner_kind == "public_body" else OTHERS
    if terms.payment is not None:
        return Term(terms.payment.days, terms.payment.interest_per_day, "contract", rule)
    return Term(book.calendar_days(rule), book.share(INTEREST), "rulebook", rule)


def rate_text(basis_points: int) -> str:
    """0.05%: with both decimals, as rates stand in statements and on invoices."""
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


def due_at(runs_from: datetime, days: int, calendar: Calendar) -> datetime:
    """The end of the last day to pay. The day of the delivery is not counted, and a last day that is no working day moves
    to the next (Civil Code Art. 201 and 203)."""
    last = beijing_date(runs_from) + timedelta(days=days)
    while not calendar.is_working(last):
        last += ONE_DAY
    return end_of_day(last)
