"""Parts of every act on a case: the lock, files, the rulebook it goes by, who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import execute, execute_many
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import Entry
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.queries import CaseView
from ratings.cases.rules import Measure, Sanction

INSTANT: Final = timedelta(microseconds=1)  # a period that ends at midnight belongs to the day before


async def lock(found: CaseView) -> CaseView:
    """The case as it is, and as it stays until the transaction ends."""
    await execute("SELECT 1 FROM conduct_case WHERE id = $1 FOR NO KEY UPDATE", found.id)
    return await queries.case_by_id(found.id, found.now)


async def lock_as_authority(number: str, viewer: Viewer, now: datetime) -> CaseView:
    """For those who supervise the firm; else NotFound."""
    await lock(await queries.access_case(viewer, number, now))
    return await access_as_authority(viewer, number, now)


async def access_as_authority(viewer: Viewer, number: str, now: datetime) -> CaseView:
    found = await queries.access_case(viewer, number, now)
    await check_uninvolved(found, viewer)
    return found


async def lock_as_judge(number: str, viewer: Viewer, now: datetime) -> CaseView:
    """For a person who has not acted in the matter as recorder or judge, and does not belong to the firm."""
    found = await lock_as_authority(number, viewer, now)
    rules.check_judge(found.history, viewer.person_id)
    return found


async def lock_own(number: str, viewer: Viewer, now: datetime) -> CaseView:
    """For the firm; else NotFound."""
    return await lock(await queries.access_own(viewer, number, now))


async def check_uninvolved(found: CaseView, viewer: Viewer) -> None:
    if await queries.is_involved(viewer.person_id, found):
        raise Refusal("case.involved", N_("You belong to the party, so this case is not yours to deal with."),
                      todo=N_("A colleague who has nothing to do with it takes it over."))  # fmt: skip


async def kept(files: ObjectStore, uploads: Sequence[Upload], viewer: Viewer, now: datetime) -> list[StoredFile]:
    """Files go to the store before the transaction: it may be remote, and nothing waits for it while rows are locked."""
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return [await keep(files, one, owner=viewer.organisation_id, by=viewer.person_id, now=now) for one in uploads]


async def attach(case_id: UUID, files: Sequence[StoredFile], step: str, now: datetime) -> None:
    await execute_many(
        "INSERT INTO conduct_case_file (id, case_id, file_id, step, added_at) VALUES ($1, $2, $3, $4, $5)",
        [(new_id(), case_id, file.id, step, now) for file in files],
    )


async def prove(case_id: UUID, entries: Sequence[Entry], now: datetime) -> None:
    await execute_many(
        "INSERT INTO conduct_case_proof (id, case_id, entry_id, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [(new_id(), case_id, one.id, now) for one in entries],
    )


async def note(
    found: CaseView, kind: str, *, by: str, now: datetime, private: dict[str, Any] | None = None, **facts: Any
) -> UUID:
    """The register entry of an act on this case; what belongs to the firm alone goes into `private`."""
    return await record(
        kind, subject=found.number, by=by, at=now, data={"case": str(found.id), **facts}, private=private
    )


async def book_of(found: CaseView) -> Rulebook:
    return await catalogue_queries.rulebook(found.rulebook_version)


async def due(found: CaseView, key: str, start: datetime, calendar: Calendar) -> datetime:
    return deadline(await book_of(found), key, start, calendar)


async def talk_due(found: CaseView, sanction: Sanction | None, start: datetime, calendar: Calendar) -> datetime | None:
    """Until when a talk is to be held, where one is decided."""
    if sanction is None or sanction.measure is not Measure.TALK:
        return None
    return await due(found, "case.talk_days", start, calendar)


async def tell_firm(found: CaseView, text: str, cause: str, *, now: datetime, **facts: Any) -> None:
    await tell(found.organisation_id, text, link=found.url, cause=f"case.{cause}:{found.id}", now=now,
               facts={"number": found.number, **facts})  # fmt: skip


async def tell_authority(found: CaseView, text: str, cause: str, *, now: datetime, **facts: Any) -> None:
    await tell(found.authority_id, text, link=found.url, cause=f"case.{cause}:{found.id}", now=now,
               facts={"number": found.number, "firm": found.firm_name, **facts})  # fmt: skip


def last_day(due_at: datetime) -> str:
    """The last day of a period that ends at midnight."""
    return beijing_date(due_at - INSTANT).isoformat()
