"""Long files are written in the background, kept for a day, and deleted."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import BinaryIO, Final, cast
from uuid import UUID

import obstore

from market.catalogue.queries import catalogue_at
from market.kernel.clock import Clock
from market.kernel.db import execute, fetch, fetch_one
from market.kernel.files import store_in_force
from market.kernel.i18n import speaking
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.oversight.rules import Scope
from market.site.desk.actions import EXPORT
from market.site.desk.exports import write
from market.site.desk.filters import filter_from
from market.site.desk.queries import Asking, asking
from market.site.desk.views import VIEWS
from market.web.viewer import Viewer
from projects.page.views import region_name

KEPT: Final = timedelta(hours=24)


def stored_as(export_id: UUID) -> str:
    return f"desk-{export_id}"


@job(EXPORT, lock=EXPORT)
async def export(*, clock: Clock, export: str) -> None:
    """Begun anew after a crash; done once."""
    export_id = UUID(export)
    row = await fetch_one("SELECT * FROM desk_export WHERE id = $1 AND finished_at IS NULL", export_id)
    if row is None:
        return
    now = clock.now()
    who = await _asking(row["person_id"], row["authority_id"], now)
    asked = filter_from(VIEWS[row["view"]], row["query"])
    with tempfile.TemporaryFile() as file, speaking(row["locale"]):
        out = cast(BinaryIO, file)
        written = await write(asked, who, row["format"], out, places=await places_at(now), told=_tell(export_id))
        size = out.seek(0, 2)
        out.seek(0)
        await obstore.put_async(store_in_force(), stored_as(export_id), out)
    await execute(
        "UPDATE desk_export SET rows_total = $2, rows_done = $2, finished_at = $3, size = $4, expires_at = $5 WHERE id = $1",
        export_id, written, now, size, now + KEPT,
    )  # fmt: skip


def _tell(export_id: UUID) -> Callable[[int], Awaitable[None]]:
    async def told(done: int) -> None:
        await execute("UPDATE desk_export SET rows_done = $2 WHERE id = $1", export_id, done)

    return told


async def places_at(now: datetime) -> Callable[[str], str]:
    """Names of regions, in the current locale."""
    catalogue = await catalogue_at(now)
    return lambda code: region_name(code, catalogue) if code else ""


async def _asking(person_id: UUID, authority_id: UUID, now: datetime) -> Asking:
    """With the scope that the authority has by now, and none where the person has left it."""
    rows = await fetch(
        "SELECT s.region_prefix, s.department FROM regulator_scope s JOIN membership m ON m.organisation_id = s.organisation_id"
        " AND m.person_id = $1 AND m.until IS NULL WHERE s.organisation_id = $2",
        person_id, authority_id,
    )  # fmt: skip
    scopes = tuple(Scope(row["region_prefix"], row["department"]) for row in rows)
    viewer = Viewer(person_id=person_id, organisation_id=authority_id, organisation_kind="regulator", scopes=scopes)
    return await asking(viewer, now)


@sweep("site.desk.exports")
async def forget(clock: Clock) -> int:
    """Files whose day is over."""
    rows = await fetch(
        "SELECT id FROM desk_export WHERE finished_at IS NOT NULL AND deleted_at IS NULL AND expires_at <= $1",
        clock.now(),
    )
    for row in rows:
        await obstore.delete_async(store_in_force(), stored_as(row["id"]))
        await execute("UPDATE desk_export SET deleted_at = $2 WHERE id = $1", row["id"], clock.now())
    return len(rows)
