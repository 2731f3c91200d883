"""An agency hands in the invoice of a payment; the owner confirms it or returns it with a reason. Neither moves the day on
which payment is due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.payments.invoices.queries import is_used
from projects.payments.invoices.rules import Invoice
from projects.payments.overdue.queries import TermView, term_by


async def hand_in(
    reference: str, invoice: Invoice, file: Upload, *, viewer: Viewer, files: ObjectStore, now: datetime
) -> int:
    """Returns the number of the invoice for this payment. Raises NotFound for strangers, Refusal where an invoice stands
    already, the invoice was used, or nothing is owed."""
    term = await _term(reference)
    if term.agency_id != viewer.organisation_id:
        raise NotFound
    assert viewer.person_id is not None
    await _check(term, invoice)
    kept = await keep(files, file, owner=term.agency_id, by=viewer.person_id, now=now)
    async with transaction():
        await _lock(term.payable_id)
        await _check(term, invoice)
        no: int = await fetch_value("SELECT count(*) + 1 FROM invoice WHERE payable_id = $1", term.payable_id)
        await execute(
            "INSERT INTO invoice (id, payable_id, no, kind, code, number, issued_on, buyer_name, buyer_code, amount_fen, net_fen,"
            " tax_fen, tax_rate, file_id, handed_in_by, handed_in_at)"
            " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)",
            new_id(), term.payable_id, no, invoice.kind, invoice.code, invoice.number, invoice.issued_on, invoice.buyer_name,
            invoice.buyer_code, invoice.amount_fen, invoice.net_fen, invoice.tax_fen, invoice.tax_rate, kept.id, viewer.person_id,
            now,
        )  # fmt: skip
        await record(
            "invoice.handed_in", subject=term.project, by=viewer.organisation_code, at=now,
            data={
                "contract": term.contract, "payable": reference, "no": no, "amount_fen": invoice.amount_fen,
                "issued_on": invoice.issued_on.isoformat(), "sha256": kept.sha256,
            },
            private={"person": viewer.person_name, "invoice": f"{invoice.code} {invoice.number}".strip()},
        )  # fmt: skip
        await tell(
            term.owner_id, N_("The invoice for {title} is here: check and confirm it."), link=f"{term.url}/invoice",
            cause=f"invoice.handed_in:{reference}:{no}", facts={"title": term.title}, now=now,
        )  # fmt: skip
    return no


async def answer(reference: str, *, confirmed: bool, reason: str, viewer: Viewer, now: datetime) -> None:
    """Raises NotFound for strangers, Refusal where no invoice waits."""
    term = await _term(reference)
    if term.owner_id != viewer.organisation_id:
        raise NotFound
    async with transaction():
        await _lock(term.payable_id)
        row = await fetch_one("SELECT id, no FROM invoice WHERE payable_id = $1 AND answer IS NULL", term.payable_id)
        if row is None:
            raise Refusal(
                "invoice.none_waits", N_("No invoice waits for your answer here."),
                todo=N_("Open the payment to see how its invoice stands."),
            )  # fmt: skip
        verdict = "confirmed" if confirmed else "returned"
        await execute(
            "UPDATE invoice SET answer = $2, answer_reason = $3, answered_by = $4, answered_at = $5 WHERE id = $1",
            row["id"], verdict, reason, viewer.person_id, now,
        )  # fmt: skip
        data = {"contract": term.contract, "payable": reference, "no": row["no"]}
        await record(
            f"invoice.{verdict}", subject=term.project, by=viewer.organisation_code, at=now,
            data=data if confirmed else {**data, "reason": reason}, private={"person": viewer.person_name},
        )  # fmt: skip
        text = (
            N_("The owner confirmed the invoice for {title}.") if confirmed
            else N_("The owner returned the invoice for {title}: {reason}")
        )  # fmt: skip
        await tell(
            term.agency_id, text, link=f"{term.url}/invoice", cause=f"invoice.{verdict}:{reference}:{row['no']}",
            facts={"title": term.title, "reason": reason}, now=now,
        )  # fmt: skip


async def _term(reference: str) -> TermView:
    term = await term_by(reference)
    if term is None:
        raise NotFound
    return term


async def _lock(payable_id: UUID) -> None:
    await execute("SELECT 1 FROM payment_term WHERE payable_id = $1 FOR NO KEY UPDATE", payable_id)


async def _check(term: TermView, invoice: Invoice) -> None:
    if term.cancelled_at is not None:
        raise Refusal(
            "invoice.nothing_owed", N_("Nothing is owed here any more, so there is nothing to invoice."),
            todo=N_("Open the payment to see how it ended."),
        )  # fmt: skip
    stands = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM invoice WHERE payable_id = $1 AND answer IS DISTINCT FROM 'returned')",
        term.payable_id,
    )
    if stands:
        raise Refusal(
            "invoice.stands", N_("An invoice for this payment has been handed in already."),
            todo=N_("If it is wrong, ask the owner to return it; then hand in another."),
        )  # fmt: skip
    if await is_used(invoice.code, invoice.number):
        raise Refusal(
            "invoice.used", N_("The invoice {number} was handed in for another payment."),
            todo=N_("Each payment needs an invoice of its own: check code and number."),
            number=f"{invoice.code} {invoice.number}".strip(),
        )  # fmt: skip
