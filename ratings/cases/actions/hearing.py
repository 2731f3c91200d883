"""The firm states its view, in writing and, where it asks for that, in person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from obstore.store import ObjectStore

from market.kernel.calendar import BEIJING
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.queries import utc_text
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.actions import rows


@dataclass(frozen=True)
class Statement:
    text: str
    uploads: tuple[Upload, ...] = ()
    asks_hearing: bool = False


async def state(number: str, statement: Statement, *, viewer: Viewer, files: ObjectStore, now: datetime) -> None:
    """As often as the firm likes within its time; the server's clock decides."""
    rules.check_statement((await queries.access_own(viewer, number, now)).history, now)
    stored = await rows.kept(files, statement.uploads, viewer, now)
    async with transaction():
        found = await rows.lock_own(number, viewer, now)
        rules.check_statement(found.history, now)
        entry_id = await rows.note(
            found, "case.stated", by="market", now=now, files=len(stored), hearing=statement.asks_hearing,
            private={"text": statement.text, "files": [one.sha256 for one in stored]},
        )  # fmt: skip
        await execute(
            "INSERT INTO conduct_case_statement (id, case_id, text, stated_by, stated_at, entry_id) VALUES ($1,$2,$3,$4,$5,$6)",
            new_id(), found.id, statement.text, viewer.person_id, now, entry_id,
        )  # fmt: skip
        await rows.attach(found.id, stored, "defence", now)
        if statement.asks_hearing and found.hearing_asked_at is None:
            await execute("UPDATE conduct_case SET hearing_asked_at = $2 WHERE id = $1", found.id, now)
        await rows.tell_authority(found, N_("{firm} stated its view in case {number}."), f"stated:{entry_id}", now=now)


async def set_hearing(number: str, at: datetime, place: str, *, viewer: Viewer, now: datetime) -> None:
    """When and where the firm is heard; it can be put off until it has taken place."""
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        rules.check_hearing(found.history)
        if at <= now:
            raise Refusal(
                "case.hearing_past", N_("The hearing must lie ahead."), todo=N_("Choose a later time."), field="at"
            )
        await execute("UPDATE conduct_case SET hearing_at = $2, hearing_place = $3 WHERE id = $1", found.id, at, place)
        entry_id = await rows.note(found, "case.hearing_set", by=viewer.organisation_code, now=now, hearing_at=utc_text(at),
                                   private={"place": place})  # fmt: skip
        await rows.tell_firm(found, N_("You are heard in case {number} on {at} (Beijing time); the case says where."), f"hearing:{entry_id}",
                             now=now, at=at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M"))  # fmt: skip


async def write_minutes(
    number: str, minutes: str, uploads: Sequence[Upload], *, viewer: Viewer, files: ObjectStore, now: datetime
) -> None:
    """What was said at the hearing, or that nobody came."""
    rules.check_minutes((await rows.access_as_authority(viewer, number, now)).history, now)
    stored = await rows.kept(files, uploads, viewer, now)
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        rules.check_minutes(found.history, now)
        await execute(
            "UPDATE conduct_case SET heard_by = $2, heard_at = $3, hearing_minutes = $4 WHERE id = $1",
            found.id, viewer.person_id, now, minutes,
        )  # fmt: skip
        await rows.attach(found.id, stored, "hearing", now)
        await rows.note(found, "case.heard", by=viewer.organisation_code, now=now, files=len(stored),
                        private={"minutes": minutes, "files": [one.sha256 for one in stored]})  # fmt: skip
        await rows.tell_firm(
            found, N_("The minutes of your hearing in case {number} are there to read."), "heard", now=now
        )
