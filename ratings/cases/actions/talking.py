"""The talk (约谈) that a decision orders: an appointment, and afterwards who was there and what was said."""

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
from market.register.queries import utc_text
from market.web.viewer import Viewer
from ratings.cases import rules
from ratings.cases.actions import rows
from ratings.cases.queries import CaseView


@dataclass(frozen=True)
class Minutes:
    """`present`: who was there, or that nobody came."""

    present: str
    text: str
    uploads: Sequence[Upload] = ()


def check_minutes(found: CaseView, now: datetime) -> None:
    rules.check_talk_minutes(ordered=found.talk_ordered, talk_at=found.talk.talk_at if found.talk else None, now=now)


async def set_talk(number: str, at: datetime, place: str, *, viewer: Viewer, now: datetime) -> None:
    """When and where; it can be put off until it has taken place."""
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        rules.check_talk(ordered=found.talk_ordered)
        if at <= now:
            raise Refusal(
                "case.talk_past", N_("The talk must lie ahead."), todo=N_("Choose a later time."), field="talk_at"
            )
        await execute(
            "INSERT INTO case_talk (case_id, talk_at, place, set_by, set_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (case_id) DO UPDATE SET talk_at = $2, place = $3, set_by = $4, set_at = $5",
            found.id, at, place, viewer.person_id, now,
        )  # fmt: skip
        entry_id = await rows.note(found, "case.talk_set", by=viewer.organisation_code, now=now, talk_at=utc_text(at),
                                   private={"place": place})  # fmt: skip
        await rows.tell_firm(found, N_("You are invited to a talk in case {number} on {at} (Beijing time); the letter says where."),
                             f"talk:{entry_id}", now=now, at=at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M"))  # fmt: skip


async def write_talk(number: str, minutes: Minutes, *, viewer: Viewer, files: ObjectStore, now: datetime) -> None:
    """What was said at the talk; then the measure is carried out."""
    check_minutes(await rows.access_as_authority(viewer, number, now), now)
    stored = await rows.kept(files, minutes.uploads, viewer, now)
    async with transaction():
        found = await rows.lock_as_authority(number, viewer, now)
        check_minutes(found, now)
        entry_id = await rows.note(
            found, "case.talk_held", by=viewer.organisation_code, now=now, files=len(stored),
            private={"present": minutes.present, "minutes": minutes.text, "files": [one.sha256 for one in stored]},
        )  # fmt: skip
        await execute(
            "UPDATE case_talk SET held_by = $2, held_at = $3, present = $4, minutes = $5, entry_id = $6 WHERE case_id = $1",
            found.id, viewer.person_id, now, minutes.present, minutes.text, entry_id,
        )  # fmt: skip
        await rows.attach(found.id, stored, "talk", now)
        await rows.tell_firm(
            found, N_("The minutes of the talk in case {number} are there to read."), "talked", now=now
        )
