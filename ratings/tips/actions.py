"""A tip is told, taken up by an authority, talked about with whoever told it, and answered, or taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION, Rulebook, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, execute_many, fetch_value, transaction
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from ratings.periods import add_months
from ratings.tips import queries, rules
from ratings.tips.queries import Subject, TipView
from ratings.tips.rules import About, Facts, Outcome, tip_number

NOBODY = UUID(int=0)  # who sends the files of an anonymous tip


@dataclass(frozen=True)
class NewTip:
    """`form`: the random name of the form it came with; `code`: of an anonymous tip, else empty."""

    subject: Subject
    grounds: str
    uploads: tuple[Upload, ...]
    form: str
    code: str = ""


async def tell_tip(new: NewTip, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime) -> UUID:
    """The same form, sent again, answers with the same tip. Anonymous where `new.code` is set: nothing of who is signed
    in is kept then."""
    new = replace(new, form=rules.form_digest(new.form))
    known = await queries.tip_of_form(new.form)
    if known is not None:
        return known
    book = await rulebook_in_force(NATION, now)
    if new.code:
        rules.check_flood(await queries.anonymous_within_an_hour(now), book.integer("tip.anonymous_hourly"))
    kept = await _keep(files, new, viewer, now)
    async with transaction():
        await execute("SELECT pg_advisory_xact_lock(hashtextextended('tip:' || $1, 0))", new.form)
        known = await queries.tip_of_form(new.form)
        if known is not None:
            return known
        tip_id = await _insert(new, viewer, book, calendar, now)
        await _attach(tip_id, kept)
        await _tell_handlers(await queries.tip_by_id(tip_id), now)
    return tip_id


async def _keep(files: ObjectStore, new: NewTip, viewer: Viewer, now: datetime) -> list[StoredFile]:
    owner = (viewer.organisation_id if not new.code else None) or NOBODY
    by = (viewer.person_id if not new.code else None) or NOBODY
    return [await keep(files, one, owner=owner, by=by, now=now) for one in new.uploads]


async def _insert(new: NewTip, viewer: Viewer, book: Rulebook, calendar: Calendar, now: datetime) -> UUID:
    tip_id, subject = new_id(), new.subject
    number = tip_number(beijing_date(now).year, await fetch_value("SELECT nextval('tip_number')"))
    due_at = deadline(book, "tip.take_up_days", now, calendar)
    entry_id = await record(
        "tip.told", subject=number, by="teller", at=now, data={"about": str(subject.about), "due_at": utc_text(due_at)},
        private={"tip": str(tip_id), "grounds_sha256": grounds_digest(new.grounds)},
    )  # fmt: skip
    await execute(
        "INSERT INTO tip (id, number, about, project_id, accused_id, expert_id, act_id, grounds, told_by, code_sha256, form,"
        " told_at, entry_id, take_up_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)",
        tip_id, number, subject.about, subject.project_id, subject.accused_id, subject.expert_id, subject.act_id, new.grounds,
        None if new.code else viewer.person_id, rules.code_digest(new.code) if new.code else None, new.form, now, entry_id,
        due_at,
    )  # fmt: skip
    return tip_id


def grounds_digest(grounds: str) -> str:
    return hashlib.sha256(grounds.encode()).hexdigest()


async def _attach(tip_id: UUID, kept: Sequence[StoredFile]) -> None:
    await execute_many("INSERT INTO tip_file VALUES ($1,$2,$3)", [(new_id(), tip_id, one.id) for one in kept])


async def _tell_handlers(tip: TipView, now: datetime) -> None:
    for organisation_id in await queries.handlers_of(tip):
        await tell(organisation_id, N_("Tip {number} waits to be taken up."), link=tip.url, cause=f"tip:{tip.id}", now=now,
                   facts={"number": tip.number})  # fmt: skip


async def _locked(tip_id: UUID) -> TipView:
    if await fetch_value("SELECT id FROM tip WHERE id = $1 FOR UPDATE", tip_id) is None:
        raise NotFound
    return await queries.tip_by_id(tip_id)


def _facts(tip: TipView) -> Facts:
    return Facts(tip.taken_at, tip.answered_at, tip.withdrawn_at)


async def take_up(tip_id: UUID, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """From then on it is this authority's, with the rulebook's time to answer. Raises NotFound for those who may not."""
    async with transaction():
        await _locked(tip_id)
        tip = await queries.access_to_handle(viewer, tip_id)
        rules.check_taking(_facts(tip))
        due_at = deadline(await rulebook_in_force(NATION, now), "tip.answer_days", now, calendar)
        await execute(
            "UPDATE tip SET authority_id = $2, taken_by = $3, taken_at = $4, answer_due_at = $5 WHERE id = $1",
            tip.id, viewer.organisation_id, viewer.person_id, now, due_at,
        )  # fmt: skip
        await record("tip.taken", subject=tip.number, by=viewer.organisation_code, at=now,
                     data={"due_at": utc_text(due_at)})  # fmt: skip


async def hand_over(tip_id: UUID, to_id: UUID, reason: str, *, viewer: Viewer, now: datetime) -> None:
    """To another authority that may deal with it; the time to answer goes on. Raises NotFound for any other."""
    async with transaction():
        await _locked(tip_id)
        tip = await queries.access_to_handle(viewer, tip_id)
        rules.check_answer(_facts(tip))
        if to_id == viewer.organisation_id or to_id not in await queries.handlers_of(tip):
            raise NotFound
        await execute("UPDATE tip SET authority_id = $2 WHERE id = $1", tip.id, to_id)
        await execute("INSERT INTO tip_handover VALUES ($1,$2,$3,$4,$5,$6,$7)", new_id(), tip.id, viewer.organisation_id,
                      to_id, reason, viewer.person_id, now)  # fmt: skip
        await record("tip.handed_over", subject=tip.number, by=viewer.organisation_code, at=now,
                     data={"to": await fetch_value("SELECT code FROM organisation WHERE id = $1", to_id)})  # fmt: skip
        await tell(to_id, N_("Tip {number} was passed on to you."), link=tip.url, cause=f"tip.to:{tip.id}:{now.isoformat()}",
                   now=now, facts={"number": tip.number})  # fmt: skip


async def ask(tip_id: UUID, text: str, *, viewer: Viewer, now: datetime) -> None:
    """A question of the authority to whoever told it."""
    async with transaction():
        await _locked(tip_id)
        tip = await queries.access_to_handle(viewer, tip_id)
        rules.check_answer(_facts(tip))
        await _write(tip, text, viewer.person_id, now)


async def add(
    tip: TipView, text: str, uploads: Sequence[Upload], *, viewer: Viewer | None, files: ObjectStore, now: datetime
) -> None:
    """What the teller adds. `viewer`: None for an anonymous one, whose code was checked already."""
    owner = (viewer.organisation_id if viewer else None) or NOBODY
    by = (viewer.person_id if viewer else None) or NOBODY
    rules.check_open(_facts(tip))
    kept = [await keep(files, one, owner=owner, by=by, now=now) for one in uploads]
    async with transaction():
        tip = await _locked(tip.id)
        rules.check_open(_facts(tip))
        await _write(tip, text, None, now)
        await _attach(tip.id, kept)
        if tip.authority_id is not None:
            await tell(tip.authority_id, N_("Something was added to tip {number}."), link=tip.url, now=now,
                       cause=f"tip.added:{tip.id}:{now.isoformat()}", facts={"number": tip.number})  # fmt: skip


async def _write(tip: TipView, text: str, person_id: UUID | None, now: datetime) -> None:
    await execute("INSERT INTO tip_message VALUES ($1,$2,$3,$4,$5)", new_id(), tip.id, person_id, text, now)


async def answer(tip_id: UUID, outcome: Outcome, text: str, *, viewer: Viewer, now: datetime) -> None:
    """Ends it. What was told of an agency and is founded counts towards `entry.complaints_to_exit`: when that many are
    reached, those who may open a case are told; nobody is removed without one."""
    async with transaction():
        await _locked(tip_id)
        tip = await queries.access_to_handle(viewer, tip_id)
        rules.check_answer(_facts(tip))
        await execute(
            "UPDATE tip SET outcome = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1",
            tip.id, outcome, text, viewer.person_id, now,
        )  # fmt: skip
        await record("tip.answered", subject=tip.number, by=viewer.organisation_code, at=now,
                     data={"outcome": str(outcome)}, private={"answer_sha256": grounds_digest(text)})  # fmt: skip
        if outcome is Outcome.FOUNDED and tip.about is About.FIRM and tip.accused_kind == "agency":
            await _count(tip, now)


async def _count(tip: TipView, now: datetime) -> None:
    assert tip.accused_id is not None
    book = await rulebook_in_force(NATION, now)
    since = add_months(now, -book.months("entry.complaints_window"))
    most = book.integer("entry.complaints_to_exit")
    if not rules.must_leave(await queries.founded_about(tip.accused_id), since=since, most=most):
        return
    for organisation_id in await queries.handlers_of(tip):
        await tell(organisation_id, N_("{count} complaints about {name} were upheld within {months} months: open a case about its removal."),
                   link=f"/cases/new?code={tip.accused_code}&upheld=1", cause=f"tip.exit:{tip.id}", now=now,
                   facts={"count": most, "name": tip.subject_name, "months": book.months("entry.complaints_window")})  # fmt: skip


async def withdraw(tip: TipView, *, now: datetime) -> None:
    """By whoever told it. An authority that took it up may go on by itself: what it then finds is a case, not a tip."""
    async with transaction():
        tip = await _locked(tip.id)
        rules.check_open(_facts(tip))
        await execute("UPDATE tip SET withdrawn_at = $2 WHERE id = $1", tip.id, now)
        await record("tip.withdrawn", subject=tip.number, by="teller", at=now, data={})
        if tip.authority_id is not None:
            await tell(tip.authority_id, N_("Tip {number} was taken back."), link=tip.url, cause=f"tip.withdrawn:{tip.id}",
                       now=now, facts={"number": tip.number})  # fmt: skip
