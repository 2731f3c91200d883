"""Taking over what a source shows of its list: one person uploads, another confirms what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import BinaryIO, Final
from uuid import UUID

from obstore.store import ObjectStore

from agencies.actions import lock_lists
from market.accounts.actions import tell
from market.kernel.db import execute, execute_long, fetch_one, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import keep_long
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.jobs import defer
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.queries import demand_of
from ratings.imported import queries
from ratings.imported.queries import Change, Diff, UploadView
from ratings.imported.reading import foresee, read_upload

READING: Final = "ratings.imported.read"
TAKING: Final = "ratings.imported.take"
TAKEN_AT_ONCE: Final = 10_000  # codes to compare: a fraction of a second
MOVED: Final = N_("What this upload would change is not what you were shown.")
READ_AT_ONCE: Final = 1024 * 1024  # bytes: some ten thousand lines, a fraction of a second
_TOLD_OWNERS = {
    "new": N_("You were found on a list of another authority ({source}): it stands on your page and with your notices. Ask the authority that keeps the list for removal."),
    "changed": N_("Your entry on a list of another authority ({source}) has changed."),
    "gone": N_("The last query no longer found you on a list of another authority ({source}): it no longer stands on your page."),
}  # fmt: skip
_TOLD = {
    "new": N_("You were found on a list of another authority ({source}): no new sign-ups until a later query no longer finds you there. Ask the authority that keeps the list for removal."),
    "changed": N_("Your entry on a list of another authority ({source}) has changed."),
    "gone": N_("The last query no longer found you on a list of another authority ({source}): its bar has ended."),
}  # fmt: skip
_SELECTED: Final = N_("{firm}, which was selected for {project}, was found on a list of another authority ({source}). If it still stands there when the notice of the result ends, a further selection follows.")  # fmt: skip


@dataclass(frozen=True)
class NewUpload:
    """`content`: the open file, whose first line was looked at; `by_program`: sent with a token of the person."""

    list: str
    source: str
    queried_at: datetime
    file_name: str
    content: BinaryIO
    by_program: bool = False


async def upload_list(new: NewUpload, *, acting: Viewer, files: ObjectStore, now: datetime) -> UUID:
    """Keeps the file; a job reads it and finds out what it would change, and nothing else changes before somebody else
    confirms it. A short list is done before this returns, and the job finds nothing left to do. Returns the upload's id."""
    assert acting.organisation_id is not None
    assert acting.person_id is not None
    file = await keep_long(files, new.file_name, new.content, "text/csv", owner=acting.organisation_id,
                           by=acting.person_id, now=now)  # fmt: skip
    upload_id = new_id()
    at_once = file.size <= READ_AT_ONCE and not await queries.is_long(new.list, new.source, TAKEN_AT_ONCE)
    async with transaction():
        latest = await queries.latest_query(new.list, new.source)
        if latest is not None and new.queried_at <= latest:
            raise Refusal("imported.older", N_("A later query of this source has been taken over already."),
                          todo=N_("Query the source again and upload what it shows now."), field="queried_at")  # fmt: skip
        touched = await execute(
            "INSERT INTO imported_list_upload (id, list, source, queried_at, file_name, file_sha256, lines, merged, bad,"
            " problems, uploaded_by, uploaded_at, file_id, by_program) VALUES ($1,$2,$3,$4,$5,$6,0,0,0,'[]',$7,$8,$9,$10)"
            " ON CONFLICT (list, source) WHERE confirmed_at IS NULL AND discarded_at IS NULL DO NOTHING",
            upload_id, new.list, new.source, new.queried_at, new.file_name, file.sha256, acting.person_id, now, file.id,
            new.by_program,
        )  # fmt: skip
        if not touched:
            raise Refusal("imported.waits", N_("An upload of this list from this source waits for confirmation."),
                          todo=N_("Have it confirmed, or discard it first."))  # fmt: skip
        await defer(READING, upload=str(upload_id))
    if at_once:
        await read_upload(upload_id, now=now)
    return upload_id


async def confirm_upload(upload_id: UUID, seen: Diff, *, acting: Viewer, now: datetime) -> bool:
    """Has a job take over what the file says, if that is what the confirming person was shown: `seen`. A short list is
    done before this returns, and something else than was shown is then a refusal; the job finds nothing left to do.
    Confirmed again while the job runs it changes nothing. Returns whether it is done."""
    async with transaction():
        upload = await _locked(upload_id)
        check_confirmable(upload, acting)
        if not upload.taking:
            await _ask(upload, seen, acting, now=now)
        await defer(TAKING, upload=str(upload.id))
    if upload.taking or upload.foreseen is None or upload.foreseen.codes > TAKEN_AT_ONCE:
        return False
    await take_over_asked(upload_id, now=now)
    if (await queries.upload_view(upload_id)).taking_refused:
        raise Refusal("imported.moved", MOVED, todo=N_("Look at it again and confirm then."))
    return True


async def take_over_asked(upload_id: UUID, *, now: datetime) -> None:
    """Compares once more, and takes over only what was shown. As often as it likes."""
    upload = await queries.upload_view(upload_id)
    if not upload.taking:
        return
    diff = await queries.diff_of(upload)
    if diff != upload.taking_seen:
        await foresee(upload, now=now)
        await execute(_NOT_TAKEN, upload.id, to_json([MOVED, {}]))
        return
    await execute("UPDATE imported_list_upload SET compared_at = $2 WHERE id = $1", upload.id, now)
    async with transaction():
        await lock_lists()
        # While this upload is open no other of its list and source can be taken over, so the diff is still the same.
        await fetch_one("SELECT id FROM imported_list_upload WHERE id = $1 FOR UPDATE", upload.id)
        upload = await queries.upload_view(upload.id)
        if upload.taking and upload.taking_asked_by is not None and upload.taking_code is not None:
            await _confirm(upload, diff, upload.taking_asked_by, upload.taking_code, now=now)


_NOT_TAKEN = """
UPDATE imported_list_upload SET taking_asked_by = NULL, taking_asked_for = NULL, taking_asked_at = NULL, taking_seen = NULL,
    compared_at = NULL, taking_refused = $2 WHERE id = $1 AND confirmed_at IS NULL
"""


def check_confirmable(upload: UploadView, acting: Viewer) -> None:
    """Raises Refusal where this person cannot confirm it, or nobody can."""
    _check_open(upload)
    if upload.uploaded_by == acting.person_id:
        raise Refusal("imported.four_eyes", N_("Whoever uploaded a list cannot confirm it."),
                      todo=N_("Ask a colleague to check and confirm it."))  # fmt: skip
    if upload.foreseen is None:
        raise Refusal("imported.unread", N_("This file has not been read to its end."),
                      todo=N_("Wait until it has been read, or discard it and upload a better file."))  # fmt: skip
    if upload.bad:
        raise Refusal("imported.bad_lines", N_("{count} lines cannot be used: a list is taken over whole or not at all."),
                      todo=N_("Correct the file, discard this upload and upload the file again."), count=upload.bad)  # fmt: skip


async def _ask(upload: UploadView, seen: Diff, acting: Viewer, *, now: datetime) -> None:
    await execute(
        "UPDATE imported_list_upload SET taking_asked_by = $2, taking_asked_for = $3, taking_asked_at = $4, taking_seen = $5,"
        " taking_refused = NULL WHERE id = $1",
        upload.id, acting.person_id, acting.organisation_id, now, to_json(asdict(seen)),
    )  # fmt: skip


async def _confirm(upload: UploadView, diff: Diff, person_id: UUID, code: str, *, now: datetime) -> None:
    affected = await queries.changes_of(upload, here=True, most=None)
    entry_id = await _record(upload, diff, code, now=now)
    await execute(
        "UPDATE imported_list_upload SET confirmed_by = $2, confirmed_at = $3, entry_id = $4, added = $5, changed = $6,"
        " gone = $7, kept = $8 WHERE id = $1",
        upload.id, person_id, now, entry_id, diff.added, diff.changed, diff.gone, diff.kept,
    )  # fmt: skip
    await _take_over(upload, now=now)
    await _tell(upload, affected, now=now)


async def discard_upload(upload_id: UUID, *, acting: Viewer, now: datetime) -> None:
    """Nothing of it is taken over; who uploaded it may do this too. Refusal once it was confirmed."""
    async with transaction():
        upload = await _locked(upload_id)
        if upload.taking:
            raise Refusal("imported.taking", N_("This list was confirmed and is being taken over, so it cannot be discarded."),
                          todo=N_("Wait until it is done; what is wrong in it ends with the next query of the source."))  # fmt: skip
        await execute(
            "UPDATE imported_list_upload SET discarded_by = $2, discarded_at = $3 WHERE id = $1",
            upload.id, acting.person_id, now,
        )  # fmt: skip


async def _locked(upload_id: UUID) -> UploadView:
    if await fetch_one("SELECT id FROM imported_list_upload WHERE id = $1 FOR UPDATE", upload_id) is None:
        raise NotFound
    upload = await queries.upload_view(upload_id)
    _check_open(upload)
    return upload


def _check_open(upload: UploadView) -> None:
    if not upload.open:
        raise Refusal("imported.decided", N_("This upload has been confirmed or discarded already."))


async def _record(upload: UploadView, diff: Diff, code: str, *, now: datetime) -> UUID:
    data = {
        "upload": str(upload.id), "list": upload.list, "source": upload.source, "queried_at": utc_text(upload.queried_at),
        "file_sha256": upload.file_sha256, "lines": upload.lines, "merged": upload.merged, "added": diff.added,
        "changed": diff.changed, "gone": diff.gone, "kept": diff.kept,
    }  # fmt: skip
    return await record("list.imported", subject=upload.list, by=code, data=data, at=now)


async def _take_over(upload: UploadView, *, now: datetime) -> None:
    """Listings that are gone or have changed end; those that are the same were found again; the others begin."""
    await execute_long(
        "UPDATE imported_listing h SET ended_at = $4, ended_upload_id = $1 WHERE h.list = $2 AND h.source = $3"
        " AND h.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM imported_list_line f WHERE f.upload_id = $1"
        "  AND f.code = h.code AND f.name = h.name AND f.entered_on = h.entered_on AND f.until_on IS NOT DISTINCT FROM h.until_on)",
        upload.id, upload.list, upload.source, now,
    )  # fmt: skip
    await execute_long(
        "UPDATE imported_listing SET upload_id = $1 WHERE list = $2 AND source = $3 AND ended_at IS NULL",
        upload.id, upload.list, upload.source,
    )  # fmt: skip
    # A line's id is unused elsewhere, so that the listing it begins can have it.
    await execute_long(
        "INSERT INTO imported_listing (id, list, source, code, name, entered_on, until_on, first_upload_id, upload_id,"
        " began_at) SELECT f.id, $2, $3, f.code, f.name, f.entered_on, f.until_on, $1, $1, $4 FROM imported_list_line f"
        " WHERE f.upload_id = $1 ON CONFLICT (list, source, code) WHERE ended_at IS NULL DO NOTHING",
        upload.id, upload.list, upload.source, now,
    )  # fmt: skip


async def _tell(upload: UploadView, affected: Sequence[Change], *, now: datetime) -> None:
    ids = await queries.organisation_ids([change.code for change in affected])
    for change in affected:
        texts = _TOLD if change.kind == "agency" else _TOLD_OWNERS
        await tell(ids[change.code], texts[change.state], link=f"{change.link}#imported-lists",
                   cause=f"imported:{upload.id}", now=now, facts={"source": upload.source})  # fmt: skip
    await _tell_owners(upload, now=now)


async def _tell_owners(upload: UploadView, *, now: datetime) -> None:
    """Whoever has just selected one of them learns it before the notice of the result ends."""
    for won in await queries.selected_and_found(upload):
        if upload.list in (await demand_of(won["id"])).barring_lists:
            await tell(won["owner_id"], _SELECTED, link=f"/projects/{won['number']}", cause=f"imported:{upload.id}:{won['number']}",
                       now=now, facts={"firm": won["winner"], "project": won["title"], "source": upload.source})  # fmt: skip
