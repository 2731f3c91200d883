"""An appeal is decided by a third person. It does not stop the measure; a decision that falls is undone as far as that
can be: points, standing, list, publicity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.actions import measures, rows
from ratings.cases.announcements import tell_of_decision
from ratings.cases.queries import CaseView
from ratings.cases.rules import Appeal, Sanction, is_published
from ratings.credit.actions import lock_account
from ratings.evaluations.striking import restore_struck_by


@dataclass(frozen=True)
class NewAppeal:
    text: str
    uploads: tuple[Upload, ...] = ()


async def appeal(
    number: str, new: NewAppeal, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime
) -> None:
    """Once, within its time; the server's clock decides."""
    rules.check_appeal((await queries.access_own(viewer, number, now)).history, now)
    stored = await rows.kept(files, new.uploads, viewer, now)
    async with transaction():
        found = await rows.lock_own(number, viewer, now)
        rules.check_appeal(found.history, now)
        due_at = await rows.due(found, "case.appeal_answer_days", now, calendar)
        await execute(
            "UPDATE conduct_case SET appeal = $2, appealed_by = $3, appealed_at = $4, appeal_decision_due_at = $5 WHERE id = $1",
            found.id, new.text, viewer.person_id, now, due_at,
        )  # fmt: skip
        await rows.attach(found.id, stored, "appeal", now)
        await rows.note(found, "case.appealed", by="market", now=now, files=len(stored),
                        private={"text": new.text, "files": [one.sha256 for one in stored]})  # fmt: skip
        await rows.tell_authority(found, N_("{firm} appealed in case {number}; a third person decides until {due}."), "appealed",
                                  now=now, due=rows.last_day(due_at))  # fmt: skip


async def decide_appeal(
    number: str, outcome: Appeal, reasons: str, sanction: Sanction | None, *, viewer: Viewer, calendar: Calendar,
    now: datetime,
) -> None:  # fmt: skip
    """`sanction`: a milder one where the decision is changed. Raises Refusal for the recorder and for the judge."""
    async with transaction():
        found = await rows.lock_as_judge(number, viewer, now)
        rules.check_appeal_decision(found.history)
        await check_milder(found, outcome, sanction)
        moment = await lock_account(found.organisation_id, now)
        entry_id = await _record(found, outcome, reasons, sanction, viewer, moment)
        await execute(
            "UPDATE conduct_case SET appeal_outcome = $2, appeal_reasons = $3, appeal_decided_by = $4, appeal_decided_at = $5,"
            " appeal_entry_id = $6, unpublished_at = CASE WHEN $2 = 'annulled' AND published_at IS NOT NULL"
            " THEN coalesce(unpublished_at, $5) ELSE unpublished_at END, talk_due_at = coalesce($7, talk_due_at) WHERE id = $1",
            found.id, str(outcome), reasons, viewer.person_id, moment, entry_id,
            await rows.talk_due(found, sanction, moment, calendar),
        )  # fmt: skip
        if outcome is Appeal.ANNULLED:
            await measures.end(found, "annulled", acting=viewer, now=moment)
            await measures.restore_points(found, entry_id, acting=viewer, now=moment)
            await restore_struck_by(found.number, by=viewer.organisation_code, now=moment)
        elif sanction is not None and found.decided_at is not None:
            await measures.end(found, "changed", acting=viewer, now=moment)
            await measures.impose(found, sanction, entry_id, acting=viewer, from_at=found.decided_at, now=moment)
        if outcome is not Appeal.UPHELD:
            await measures.back_on_red(found, entry_id, acting=viewer, now=moment)
        await tell_of_decision(found.id)
        await measures.take_effect(found, now=moment)
        await rows.tell_firm(found, _TOLD[outcome], "appeal_decided", now=moment)


_TOLD = {
    Appeal.UPHELD: N_("Your appeal in case {number} was rejected: the decision stands."),
    Appeal.CHANGED: N_("Your appeal in case {number} was granted in part: the measure is milder."),
    Appeal.ANNULLED: N_("Your appeal in case {number} was granted: the decision is annulled, and everything that followed from it is undone."),
}  # fmt: skip


async def check_milder(found: CaseView, outcome: Appeal, sanction: Sanction | None) -> None:
    if (outcome is Appeal.CHANGED) != (sanction is not None):
        raise Refusal("case.sanction", N_("A decision that is changed names the new measure, any other none."),
                      todo=N_("Choose what follows."))  # fmt: skip
    if sanction is None:
        return
    assert found.measure is not None
    offered = rules.offered(queries.terms_of(found.violation, await rows.book_of(found)))
    if sanction not in rules.milder(found.measure.sanction, offered):
        raise Refusal("case.not_milder", N_("An appeal never makes the measure harder."),
                      todo=N_("Choose a milder one, or let the decision stand."))  # fmt: skip


async def _record(
    found: CaseView, outcome: Appeal, reasons: str, sanction: Sanction | None, viewer: Viewer, now: datetime
) -> UUID:
    changed = {"measure": str(sanction.measure), "months": sanction.months} if sanction else {}
    public = {"organisation": found.firm_code} if _was_public(found) else {}
    return await rows.note(found, "case.appeal_decided", by=viewer.organisation_code, now=now, outcome=str(outcome),
                           private={"reasons": reasons}, **changed, **public)  # fmt: skip


def _was_public(found: CaseView) -> bool:
    return found.decided is not None and is_published(found.decided.sanction.measure, found.party)
