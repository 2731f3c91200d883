"""Reading an uploaded list: piece by piece in the background, so that a million lines need the memory of some thousand."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Final, cast
from uuid import UUID

import msgspec

from market.kernel.calendar import beijing_date
from market.kernel.db import execute, execute_long, fetch_one, to_json, transaction
from market.kernel.errors import Message
from market.kernel.files import copy_out, stored
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from ratings.imported import queries
from ratings.imported.queries import UploadView
from ratings.imported.rules import MOST_BYTES, FileUnreadable, ListedLine, Problem, encoding_of, read_lines, shown

BATCH: Final = 20_000
PIECE: Final = 1024 * 1024
SHOWN_PROBLEMS: Final = 200
_STAGE = """
INSERT INTO imported_list_staged (upload_id, reading, line, code, name, entered_on, until_on)
SELECT $1, $2, * FROM unnest($3::int[], $4::text[], $5::text[], $6::date[], $7::date[])
"""
# A code that stands there several times has been listed since the first of its days and until the last, without end
# where one of them names none.
_MERGE = """
INSERT INTO imported_list_line (id, upload_id, line, code, name, entered_on, until_on)
SELECT gen_random_uuid(), $1, min(line), code, (array_agg(name ORDER BY line))[1], min(entered_on),
       CASE WHEN bool_or(until_on IS NULL) THEN NULL ELSE max(until_on) END
FROM imported_list_staged WHERE reading = $2 GROUP BY code
"""


class Progress:
    """How much of a file was read, in lines with content, bad ones among them, and the first of their problems."""

    def __init__(self) -> None:
        self.lines = 0
        self.bad = 0
        self.problems: list[Problem] = []

    def note(self, found: Sequence[ListedLine | Problem]) -> list[ListedLine]:
        """Counts them; returns the usable ones."""
        problems = [one for one in found if isinstance(one, Problem)]
        self.lines += len(found)
        self.bad += len(problems)
        self.problems += problems[: SHOWN_PROBLEMS - len(self.problems)]
        return [one for one in found if isinstance(one, ListedLine)]


def check_file(content: BinaryIO, *, list_code: str, source: str, now: datetime) -> None:
    """Raises FileUnreadable where size, encoding or first line say that the file is of no use."""
    content.seek(0, io.SEEK_END)
    if content.tell() > MOST_BYTES:
        raise FileUnreadable(Message(
            N_("The file is larger than {limit} MB: split it by source."), {"limit": MOST_BYTES // PIECE}
        ))  # fmt: skip
    with text_of(content) as text:
        read_lines(text, list_code=list_code, source=source, today=beijing_date(now))


@contextmanager
def text_of(content: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """An open file from its beginning, decoded; whoever opened it closes it. Raises FileUnreadable."""
    content.seek(0)
    encoding = encoding_of(_pieces(content))
    content.seek(0)
    text = io.TextIOWrapper(content, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: content.read(PIECE), b"")


async def read_upload(upload_id: UUID, *, now: datetime) -> None:
    """Brings what the file says into the database and finds out what it would change. Each of the two is done once, and
    begun anew after a crash. A file that is of no use stays with the reason."""
    upload = await queries.upload_view(upload_id)
    if upload.reading:
        await _read(upload_id, now)
        upload = await queries.upload_view(upload_id)
    if upload.comparing:
        await foresee(upload, now=now)


async def foresee(upload: UploadView, *, now: datetime) -> None:
    """Compares the file with what holds, and keeps what was found for whoever decides about it."""
    diff, changes = await queries.diff_of(upload), await queries.changes_of(upload)
    await execute(
        "UPDATE imported_list_upload SET foreseen = $2, foreseen_changes = $3, foreseen_at = $4"
        " WHERE id = $1 AND confirmed_at IS NULL",
        upload.id, to_json(asdict(diff)), to_json(msgspec.to_builtins(changes)), now,
    )  # fmt: skip


async def _read(upload_id: UUID, now: datetime) -> None:
    row = await fetch_one("SELECT list, source, file_id FROM imported_list_upload WHERE id = $1", upload_id)
    assert row is not None
    progress, reading = Progress(), new_id()
    with ExitStack() as opened:
        content = cast(BinaryIO, opened.enter_context(tempfile.TemporaryFile()))
        await copy_out(await stored(row["file_id"]), content)
        try:
            text = await asyncio.to_thread(opened.enter_context, text_of(content))
            found = read_lines(text, list_code=row["list"], source=row["source"], today=beijing_date(now))
            while batch := await asyncio.to_thread(_batch, found):
                if not await _stage(upload_id, reading, progress.note(batch), content.tell()):
                    return
        except FileUnreadable as problem:
            await _unreadable(upload_id, problem, now)
            return
        position = content.tell()
    await _finish(upload_id, reading, progress, position, now)


def _batch(found: Iterable[ListedLine | Problem]) -> list[ListedLine | Problem]:
    return list(islice(found, BATCH))


async def _stage(upload_id: UUID, reading: UUID, lines: Sequence[ListedLine], position: int) -> bool:
    """Returns whether reading goes on: the upload has been neither discarded nor read meanwhile."""
    async with transaction():
        going = await execute(
            "UPDATE imported_list_upload SET bytes_read = $2 WHERE id = $1 AND read_at IS NULL AND discarded_at IS NULL",
            upload_id, position,
        )  # fmt: skip
        if not going:
            await execute_long("DELETE FROM imported_list_staged WHERE upload_id = $1", upload_id)
            return False
        await execute(
            _STAGE, upload_id, reading, [one.line for one in lines], [one.code for one in lines], [one.name for one in lines],
            [one.entered_on for one in lines], [one.until_on for one in lines],
        )  # fmt: skip
    return True


async def _finish(upload_id: UUID, reading: UUID, progress: Progress, position: int, now: datetime) -> None:
    """Merged by code. Of two readings at the same time the second finds it read and changes nothing; how far it had come
    is not how far the upload is."""
    async with transaction():
        row = await fetch_one("SELECT read_at FROM imported_list_upload WHERE id = $1 FOR UPDATE", upload_id)
        if row is None or row["read_at"] is not None:
            await execute_long("DELETE FROM imported_list_staged WHERE upload_id = $1", upload_id)
            return
        kept = await execute_long(_MERGE, upload_id, reading)
        await execute(
            "UPDATE imported_list_upload SET lines = $2, merged = $3, bad = $4, problems = $5, read_at = $6, bytes_read = $7"
            " WHERE id = $1",
            upload_id, progress.lines, progress.lines - progress.bad - kept, progress.bad,
            to_json(shown(progress.problems, SHOWN_PROBLEMS)), now, position,
        )  # fmt: skip
        await execute_long("DELETE FROM imported_list_staged WHERE upload_id = $1", upload_id)


async def _unreadable(upload_id: UUID, problem: FileUnreadable, now: datetime) -> None:
    async with transaction():
        await execute_long("DELETE FROM imported_list_staged WHERE upload_id = $1", upload_id)
        await execute(
            "UPDATE imported_list_upload SET unreadable = $2, read_at = $3 WHERE id = $1 AND read_at IS NULL",
            upload_id, to_json([problem.message.text, dict(problem.message.facts)]), now,
        )  # fmt: skip
