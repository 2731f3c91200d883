"""Credit repair (信用修复): whoever put things right and pledges to keep to the rules gets its name back after the least
publicity. Points of the account stay until they expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from obstore.store import ObjectStore

from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.actions import measures, rows
from ratings.cases.queries import CaseView, RepairView
from ratings.credit.actions import lock_account


@dataclass(frozen=True)
class RepairRequest:
    """What was put right, with proof, and the pledge."""

    correction: str
    pledge: str
    uploads: tuple[Upload, ...] = ()


async def ask_repair(
    number: str, request: RepairRequest, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime
) -> None:
    """Again after a refusal, never twice at once."""
    await check_repair(await queries.access_own(viewer, number, now))
    stored = await rows.kept(files, request.uploads, viewer, now)
    async with transaction():
        found = await rows.lock_own(number, viewer, now)
        await check_repair(found)
        await execute(
            "INSERT INTO case_repair (id, case_id, correction, pledge, asked_by, asked_at, due_at) VALUES ($1,$2,$3,$4,$5,$6,$7)",
            new_id(), found.id, request.correction, request.pledge, viewer.person_id, now,
            await rows.due(found, "repair.decision_days", now, calendar),
        )  # fmt: skip
        await rows.attach(found.id, stored, "repair", now)
        entry_id = await rows.note(
            found, "case.repair_asked", by=found.firm_code, now=now, files=len(stored),
            private={"correction": request.correction, "pledge": request.pledge, "files": [one.sha256 for one in stored]},
        )  # fmt: skip
        await rows.tell_authority(
            found, N_("{firm} asks for the repair of its credit in case {number}."), f"repair:{entry_id}", now=now
        )


async def check_repair(found: CaseView) -> None:
    rules.check_repair(queries.repairable(found, await rows.book_of(found)), found.now)
    if found.repair is not None and found.repair.decided_at is None:
        raise Refusal(
            "case.repair_open", N_("Your request for repair is being dealt with."), todo=N_("Wait for its decision.")
        )


def open_repair(found: CaseView) -> RepairView:
    """The request that waits for its decision. Raises Refusal where there is none."""
    if found.repair is None or found.repair.decided_at is not None:
        raise Refusal(
            "case.moved_on", N_("The case is at another step by now."), todo=N_("Open it again to see how it stands.")
        )
    return found.repair


async def decide_repair(number: str, outcome: str, reasons: str, *, viewer: Viewer, now: datetime) -> None:
    """Granted, it ends measure and publicity."""
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        asked = open_repair(found)
        moment = await lock_account(found.organisation_id, now)
        public = {"organisation": found.firm_code}
        entry_id = await rows.note(found, "case.repair_decided", by=viewer.organisation_code, now=moment, outcome=outcome,
                                   private={"reasons": reasons}, **public)  # fmt: skip
        await execute(
            "UPDATE case_repair SET outcome = $2, reasons = $3, decided_by = $4, decided_at = $5, entry_id = $6 WHERE id = $1",
            asked.id, outcome, reasons, viewer.person_id, moment, entry_id,
        )  # fmt: skip
        if outcome == "granted":
            await measures.end(found, "repaired", acting=viewer, now=moment)
            await measures.hide(found, moment)
            await measures.take_effect(found, now=moment)
        await rows.tell_firm(found, _TOLD[outcome], f"repair_decided:{asked.id}", now=moment)


_TOLD = {
    "granted": N_("Your credit was repaired in case {number}: the measure and its publication have ended."),
    "refused": N_("Your request for repair in case {number} was refused; the case says why."),
}
