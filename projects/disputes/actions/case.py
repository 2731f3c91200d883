"""What every act on a dispute needs: the locked case, its files, its entry in the register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, execute_many
from market.kernel.errors import Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.web.viewer import Viewer
from projects.actions import lock_project
from projects.contracts.queries import ContractView, rulebook_of
from projects.contracts.rules import Side
from projects.disputes.queries import DisputeView, dispute_by_id, is_involved
from projects.fulfilment.pauses import resume_acceptance


async def lock_case(found: DisputeView) -> DisputeView:
    """The same as it is now, with project and dispute locked until the transaction ends."""
    await lock_project(found.contract.project_id)
    await execute("SELECT 1 FROM dispute WHERE id = $1 FOR NO KEY UPDATE", found.id)
    return await dispute_by_id(found.id)


async def refuse_involved(viewer: Viewer, found: DisputeView) -> None:
    assert viewer.person_id is not None
    if await is_involved(viewer.person_id, found):
        raise Refusal("dispute.involved", N_("You belong to one of the sides, so this dispute is not yours to deal with."),
                      todo=N_("A colleague who has nothing to do with it takes it over."))  # fmt: skip


async def keep_files(files: ObjectStore, uploads: Sequence[Upload], viewer: Viewer, now: datetime) -> list[StoredFile]:
    """Before the transaction: the store may be remote, and nothing waits for it while rows are locked."""
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return [await keep(files, one, owner=viewer.organisation_id, by=viewer.person_id, now=now) for one in uploads]


async def attach(dispute_id: UUID, side: Side, kept: Sequence[StoredFile], viewer: Viewer, now: datetime) -> None:
    await execute_many(
        "INSERT INTO dispute_evidence (id, dispute_id, side, file_id, added_by, added_at) VALUES ($1,$2,$3,$4,$5,$6)",
        [(new_id(), dispute_id, str(side), file.id, viewer.person_id, now) for file in kept],
    )


async def due(contract: ContractView, key: str, start: datetime, calendar: Calendar) -> datetime:
    return deadline(await rulebook_of(contract), key, start, calendar)


async def record_act(
    kind: str, found: DisputeView, *, by: str, now: datetime, private: dict[str, Any] | None = None, **facts: Any
) -> UUID:
    """Public: which dispute, which milestone, and the facts given; what was said stays private."""
    return await record(
        kind, subject=found.contract.project_number, by=by, at=now, private=private,
        data={"dispute": found.number, "contract": found.contract.number, "milestone": found.milestone_no, **facts},
    )  # fmt: skip


async def close_talks(found: DisputeView, *, calendar: Calendar, now: datetime) -> None:
    """Once it is decided or ended nothing is left to answer, and the time to answer a delivery runs on."""
    await execute(
        "UPDATE dispute_proposal SET ended = 'overtaken', ended_at = $2 WHERE dispute_id = $1 AND ended IS NULL",
        found.id,
        now,
    )
    await resume_acceptance(found.contract, found.pause_id, calendar=calendar, now=now)
