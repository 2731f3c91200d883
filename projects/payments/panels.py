"""The money's part of the project page: for everybody that it is secured or paid, for those concerned how it stands. And the
time to pay on the page of each payment and on work benches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from litestar import Request

from market.catalogue.queries import rulebook
from market.kernel.calendar import Calendar, beijing_date, last_day
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.lamps import Colour, LampRule, lamp
from market.payments.panels import explained
from market.payments.queries import payables_about
from market.web.context import running
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from projects.oversight import watches
from projects.payments.invoices import queries as invoices
from projects.payments.invoices.queries import InvoiceToDo
from projects.payments.overdue import queries as overdue
from projects.payments.overdue.queries import TermView
from projects.payments.receipts.queries import KINDS as RECEIPTS
from projects.payments.receipts.queries import receipts_of
from projects.payments.terms import rate_text
from projects.queries import project_by_number

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class TimeToPay:
    """`days_left`, `late_days`: calendar days, as the term is; one of the two is nothing. `unaccepted`: the time is over, but
    the delivery from which it runs may still be returned."""

    colour: Colour | Literal["off"]
    days_left: int = 0
    late_days: int = 0
    unaccepted: bool = False


async def time_to_pay(term: TermView, *, now: datetime, calendar: Calendar) -> TimeToPay:
    """The lamp of a payment that waits."""
    if term.due_at is None or term.runs_from is None or not term.waits:
        return TimeToPay("off")
    book = await rulebook(term.rulebook_version)
    rule = LampRule(book.share("lamp.yellow_share"), book.working_days("lamp.yellow_days"))
    colour = lamp(now, term.runs_from, term.due_at, calendar=calendar, rule=rule)
    left = (last_day(term.due_at) - beijing_date(now)).days
    if left < 0 and term.release_at is None:
        return TimeToPay("amber", unaccepted=True)
    return TimeToPay(colour, max(left, 0), max(-left, 0))


@panel("project", order=75)
async def money_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Nothing before a contract is in force. The price is public with the contract; who paid how is not."""
    payables = await payables_about(key)
    if not payables:
        return None
    terms = await overdue.terms_about(key)
    calendar = running(request).calendar
    concerned = viewer.is_operator or any(viewer.organisation_id in {one.payer_id, one.payee_id} for one in payables)
    return Panel("payments/_panel.html", {
        "payables": payables, "concerned": concerned, "explained": explained, "terms": terms,
        "times": {one.reference: await time_to_pay(one, now=now, calendar=calendar) for one in terms.values()},
        "watching": bool(terms) and await watches(viewer, await project_by_number(key)),
    })  # fmt: skip


@panel("payment", order=10)
async def term_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Until when, on what basis, and what lateness costs."""
    term = await overdue.term_by(key)
    if term is None:
        return None
    return Panel("payments/_term.html", {
        "term": term, "rate": rate_text(term.interest_per_day),
        "time": await time_to_pay(term, now=now, calendar=running(request).calendar),
        "statement": await overdue.statement_of(term, beijing_date(now)) if term.due_at else None,
    })  # fmt: skip


@panel("payment", order=20)
async def invoice_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    term = await overdue.term_by(key)
    if term is None:
        return None
    found = await invoices.invoices_of(term.payable_id)
    side = {term.owner_id: "owner", term.agency_id: "agency"}.get(viewer.organisation_id or term.payable_id, "other")
    return Panel("payments/_invoice_panel.html", {"term": term, "invoice": found[0] if found else None, "side": side})


@panel("payment", order=30)
async def receipts_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    term = await overdue.term_by(key)
    found = await receipts_of(term) if term else []
    return Panel("payments/_receipts.html", {"receipts": found, "kinds": RECEIPTS}) if found else None


@waiting("projects.payments")
async def to_do(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Owners find what they owe among their payments; agencies and regulators are shown what is late."""
    if viewer.is_regulator:
        return [_watched(one) for one in await overdue.late_for(viewer, now) if one.waits]
    if viewer.organisation_id is None:
        return []
    if viewer.is_agency:
        late = [_claim(one) for one in await overdue.late_of(viewer.organisation_id) if one.waits]
        return late + [_invoice(one, _HAND_IN) for one in await invoices.to_hand_in(viewer.organisation_id)]
    if viewer.is_owner:
        return [_invoice(one, _CHECK) for one in await invoices.to_answer(viewer.organisation_id)]
    return []


_HAND_IN = N_("Hand in the invoice for {title}")
_CHECK = N_("Check the invoice for {title}")


def _invoice(one: InvoiceToDo, text: str) -> Waiting:
    return Waiting(
        text=Message(text, {"title": one.title}), link=f"/payments/{one.reference}/invoice", since=one.since, due_at=None,
        number=one.reference, who=one.other_name,
    )  # fmt: skip


def _watched(term: TermView) -> Waiting:
    return _late(term, N_("{owner} is overdue with {amount} for {title}"), term.owner_name)


def _claim(term: TermView) -> Waiting:
    return _late(term, N_("{owner} owes {amount} for {title}; the statement of interest is ready"), term.owner_name)


def _late(term: TermView, text: str, who: str) -> Waiting:
    assert term.due_at is not None
    facts = {"owner": term.owner_name, "amount": term.amount, "title": term.title}
    return Waiting(
        text=Message(text, facts), link=f"{term.url}/interest", since=term.runs_from or term.due_at, due_at=term.due_at,
        number=term.reference, who=who,
    )  # fmt: skip
