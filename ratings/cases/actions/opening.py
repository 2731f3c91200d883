"""Facts are recorded and the firm is told: what it is accused of, on what evidence, what is considered, until when it may
defend itself. Nothing may be used against it that the notice did not show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.queries import OrganisationView
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile, Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import Entry, utc_text
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.actions import rows
from ratings.cases.rules import Sanction, Violation
from ratings.periods import MONTHS_A_YEAR, add_months


@dataclass(frozen=True)
class NewCase:
    """`proofs`: register entries; at most one of `event_id`, `flag_id`, `complaint_id` and `tip_id` says where it comes from."""

    firm: OrganisationView
    violation: Violation
    occurred_on: date
    facts: str
    legal_cause: str
    project_number: str | None = None
    proofs: tuple[Entry, ...] = ()
    uploads: tuple[Upload, ...] = ()
    event_id: UUID | None = None
    flag_id: UUID | None = None
    complaint_id: UUID | None = None
    tip_id: UUID | None = None
    # Files that are in the store already, from the tip that this began with.
    taken_over: tuple[StoredFile, ...] = ()

    @property
    def origin(self) -> str:
        found = (
            ("event", self.event_id),
            ("flag", self.flag_id),
            ("complaint", self.complaint_id),
            ("tip", self.tip_id),
        )
        return next((origin for origin, where in found if where is not None), "hand")


@dataclass(frozen=True)
class Notice:
    proposed: Sanction
    proofs: tuple[Entry, ...] = ()
    uploads: tuple[Upload, ...] = ()


async def open_case(new: NewCase, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime) -> str:
    """Records the facts; returns the number of the case. Nobody but those who supervise the firm learns of it yet.
    Raises Refusal for facts of the future or of long ago, where the event, flag,
    complaint or tip has its case, and where no such party can be accused of it."""
    book = await rulebook_in_force(new.firm.region_code, now)
    _check(new, book, now)
    stored = [*new.taken_over, *await rows.kept(files, new.uploads, viewer, now)]
    async with transaction():
        await _check_fresh(new)
        case_id, number = new_id(), await _number(now)
        entry_id = await _record(new, case_id, number, stored, viewer, now)
        await execute(
            "INSERT INTO conduct_case (id, number, organisation_id, authority_id, violation, origin, event_id, flag_id,"
            " complaint_id, project_number, rulebook_version, facts, legal_cause, occurred_on, recorded_by, recorded_at,"
            " entry_id, notice_due_at, tip_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)",
            case_id, number, new.firm.id, viewer.organisation_id, str(new.violation), new.origin, new.event_id, new.flag_id,
            new.complaint_id, new.project_number, book.version, new.facts, new.legal_cause, new.occurred_on,
            viewer.person_id, now, entry_id, deadline(book, "case.notice_days", now, calendar),
            new.tip_id,
        )  # fmt: skip
        await rows.attach(case_id, stored, "evidence", now)
        await rows.prove(case_id, new.proofs, now)
    return number


def _check(new: NewCase, book: Rulebook, now: datetime) -> None:
    since = beijing_date(add_months(now, -book.integer("restricted.lookback_years") * MONTHS_A_YEAR))
    rules.check_accused(new.violation, rules.party_of(new.firm.kind))
    rules.check_recording(new.occurred_on, today=beijing_date(now), not_before=since)


async def _check_fresh(new: NewCase) -> None:
    known = await fetch_one(
        "SELECT number FROM conduct_case WHERE event_id = $1 OR (flag_id = $2 AND organisation_id = $4)"
        " OR (complaint_id = $3 AND organisation_id = $4) OR (tip_id = $5 AND organisation_id = $4)",
        new.event_id, new.flag_id, new.complaint_id, new.firm.id, new.tip_id,
    )  # fmt: skip
    if known is not None:
        raise Refusal("case.known", N_("Case {number} has been opened for this already."),
                      todo=N_("Go on with that case."), number=known["number"])  # fmt: skip


async def _number(now: datetime) -> str:
    count: int = await fetch_value("SELECT nextval('conduct_case_number')")
    return f"C-{beijing_date(now).year}-{count:06d}"


async def _record(
    new: NewCase, case_id: UUID, number: str, stored: list[StoredFile], viewer: Viewer, now: datetime
) -> UUID:
    """Without the firm and without facts: nobody is accused in public before a decision."""
    return await record(
        "case.opened", subject=number, by=viewer.organisation_code, at=now, data={"case": str(case_id)},
        private={
            "organisation": new.firm.code, "violation": str(new.violation), "facts": new.facts, "legal_cause": new.legal_cause,
            "occurred_on": new.occurred_on.isoformat(), "files": [one.sha256 for one in stored],
            "entries": [str(one.id) for one in new.proofs],
        },
    )  # fmt: skip


async def notify(
    number: str, notice: Notice, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime
) -> None:
    """Tells the firm. From here on the evidence is closed."""
    rules.check_notice((await rows.access_as_authority(viewer, number, now)).history)
    stored = await rows.kept(files, notice.uploads, viewer, now)
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        rules.check_notice(found.history)
        await rows.attach(found.id, stored, "evidence", now)
        await rows.prove(found.id, notice.proofs, now)
        found = await queries.case_by_id(found.id, now)
        defence_due_at = await rows.due(found, "case.defence_days", now, calendar)
        decision_due_at = await rows.due(found, "case.decision_days", defence_due_at - rows.INSTANT, calendar)
        await execute(
            "UPDATE conduct_case SET proposed_measure = $2, proposed_months = $3, notified_by = $4, notified_at = $5,"
            " defence_due_at = $6, decision_due_at = $7 WHERE id = $1",
            found.id, str(notice.proposed.measure), notice.proposed.months, viewer.person_id, now, defence_due_at,
            decision_due_at,
        )  # fmt: skip
        await rows.note(
            found, "case.notified", by=viewer.organisation_code, now=now, defence_due_at=utc_text(defence_due_at),
            files=len(found.files), entries=len(found.proofs),
            private={"proposed": notice.proposed.code, "files": [file.sha256 for _, file in found.files],
                     "entries": [str(one.entry.id) for one in found.proofs]},
        )  # fmt: skip
        await rows.tell_firm(
            found, N_("{authority} considers a measure against you (case {number}). You may state your view and defend yourself until {due}."),
            "notified", now=now, authority=viewer.organisation_name, due=rows.last_day(defence_due_at),
        )  # fmt: skip
