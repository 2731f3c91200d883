"""An agency proposes an honour with its certificate; a signatory of those who supervise it accepts or refuses it. Where
the evidence turns out to be false, another one withdraws what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.files import Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from ratings.credit.actions import Proof, book_charges, take_back
from ratings.honours import queries, rules
from ratings.honours.queries import HonourView
from ratings.honours.rules import Level


@dataclass(frozen=True)
class NewHonour:
    level: Level
    title: str
    issuer: str
    certificate: str
    awarded_on: date
    upload: Upload


async def propose(new: NewHonour, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime) -> UUID:
    """Raises Refusal for an honour that is too old or of a day to come, and for a certificate that was proposed."""
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    book = await _book(viewer.organisation_id, now)
    rules.check_proposal(new.awarded_on, now=now, months=book.months("credit.window_months"))
    file = await keep(files, new.upload, owner=viewer.organisation_id, by=viewer.person_id, now=now)
    honour_id, due_at = new_id(), deadline(book, "credit.honour_days", now, calendar)
    async with transaction():
        entry_id = await record(
            "honour.proposed", subject=viewer.organisation_code, by=viewer.organisation_code, at=now,
            data={"honour": str(honour_id), "level": str(new.level), "title": new.title, "issuer": new.issuer,
                  "awarded_on": new.awarded_on.isoformat()},
            private={"certificate": new.certificate, "file": file.sha256},
        )  # fmt: skip
        fresh = await execute(
            "INSERT INTO honour (id, organisation_id, level, title, issuer, certificate, awarded_on, file_id, proposed_by,"
            " proposed_at, due_at, entry_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)"
            " ON CONFLICT DO NOTHING",
            honour_id, viewer.organisation_id, str(new.level), new.title, new.issuer, new.certificate, new.awarded_on, file.id,
            viewer.person_id, now, due_at, entry_id,
        )  # fmt: skip
        if not fresh:
            raise Refusal("honour.known", N_("This certificate has been proposed already; an honour counts once."),
                          todo=N_("Look it up in the list of your honours."))  # fmt: skip
    return honour_id


async def _book(organisation_id: UUID, now: datetime) -> Rulebook:
    region = await fetch_value("SELECT region_code FROM organisation WHERE id = $1", organisation_id)
    return await rulebook_in_force(region, now)


async def decide(honour: HonourView, outcome: str, reason: str, *, viewer: Viewer, now: datetime) -> None:
    """`reason` where it is refused. Accepted, it is booked from the day on the certificate."""
    async with transaction():
        await execute("SELECT 1 FROM honour WHERE id = $1 FOR UPDATE", honour.id)
        found = await queries.honour(honour.id)
        rules.check_open(found.outcome)
        book = await _book(found.organisation_id, now)
        entry_id = await record(
            "honour.decided", subject=found.code, by=viewer.organisation_code, at=now,
            data={"honour": str(found.id), "level": str(found.level), "outcome": outcome}, private={"reason": reason},
        )  # fmt: skip
        await execute(
            "UPDATE honour SET outcome = $2, reason = $3, authority_id = $4, decided_by = $5, decided_at = $6,"
            " decision_entry_id = $7 WHERE id = $1",
            found.id, outcome, reason, viewer.organisation_id, viewer.person_id, now, entry_id,
        )  # fmt: skip
        if outcome == "accepted":
            charge = rules.charge(found.code, found.level, book.integers(rules.RULE))
            proof = Proof(entry_id, rules.awarded_at(found.awarded_on), book, None)
            await book_charges([charge], proof, now=now)
        else:
            text = N_("Your honour “{title}” was not accepted: {reason}")
            await tell(found.organisation_id, text, link="/credit/honours", cause=f"honour:{found.id}", now=now,
                       facts={"title": found.title, "reason": reason})  # fmt: skip


async def withdraw(honour: HonourView, reason: str, *, viewer: Viewer, now: datetime) -> None:
    """What it had added is taken back from now on. Raises Refusal where it does not stand, and for who accepted it."""
    async with transaction():
        await execute("SELECT 1 FROM honour WHERE id = $1 FOR UPDATE", honour.id)
        found = await queries.honour(honour.id)
        rules.check_withdrawal(stands=found.stands, decided_by=found.decided_by, acting=viewer.person_id)
        entry_id = await record(
            "honour.withdrawn", subject=found.code, by=viewer.organisation_code, at=now,
            data={"honour": str(found.id), "level": str(found.level)}, private={"reason": reason},
        )  # fmt: skip
        await execute(
            "UPDATE honour SET withdrawn_at = $2, withdrawn_by = $3, withdrawing_authority_id = $4, withdrawn_reason = $5,"
            " withdrawal_entry_id = $6 WHERE id = $1",
            found.id, now, viewer.person_id, viewer.organisation_id, reason, entry_id,
        )  # fmt: skip
        for row in await fetch("SELECT id FROM credit_event WHERE evidence_id = $1", found.decision_entry_id):
            await take_back(row["id"], evidence_id=entry_id, by=viewer.organisation_code, now=now)
        text = N_("Your honour “{title}” was withdrawn and counts no more: {reason}")
        await tell(found.organisation_id, text, link="/credit/honours", cause=f"honour-withdrawn:{found.id}", now=now,
                   facts={"title": found.title, "reason": reason})  # fmt: skip
