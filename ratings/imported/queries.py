from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from market.kernel.db import fetch, fetch_long, fetch_one, fetch_value, from_json
from market.kernel.errors import Message, NotFound
from market.web.viewer import OWNER_KINDS
from projects.rules import Stage

SHOWN_CHANGES = 300
_UPLOAD = """
SELECT u.id, u.list, u.source, u.queried_at, u.file_name, u.file_sha256, u.lines, u.merged, u.bad, u.problems,
       u.uploaded_by, p.name AS uploader, u.uploaded_at, u.confirmed_at, u.discarded_at, u.added, u.changed, u.gone,
       u.kept, u.entry_id, r.written AS entry_no, u.by_program, u.read_at, u.unreadable, u.bytes_read, f.size,
       u.taking_asked_by, t.code AS taking_code, u.taking_asked_at, u.taking_seen, u.compared_at, u.taking_refused,
       u.foreseen, u.foreseen_at
FROM imported_list_upload u JOIN person p ON p.id = u.uploaded_by LEFT JOIN register_entry r ON r.id = u.entry_id
LEFT JOIN stored_file f ON f.id = u.file_id LEFT JOIN organisation t ON t.id = u.taking_asked_for
"""
# The file of an upload ($1) against what holds of the same list and source.
_DIFF = """
FROM (SELECT * FROM imported_list_line WHERE upload_id = $1) f
FULL JOIN (SELECT * FROM imported_listing WHERE list = $2 AND source = $3 AND ended_at IS NULL) h ON h.code = f.code
CROSS JOIN LATERAL (SELECT coalesce(f.code, h.code) AS code, CASE WHEN h.code IS NULL THEN 'new' WHEN f.code IS NULL THEN 'gone'
    WHEN (f.name, f.entered_on) = (h.name, h.entered_on) AND f.until_on IS NOT DISTINCT FROM h.until_on THEN 'same'
    ELSE 'changed' END AS state) d
LEFT JOIN organisation o ON o.code = d.code AND o.kind IN ('agency', 'enterprise', 'public_body')
"""
_CURRENT = """
SELECT l.list, l.source, l.code, l.name, l.entered_on, l.until_on, u.queried_at, l.began_at, l.ended_at,
       b.entry_id, r.written AS entry_no, coalesce(o.kind, '') AS kind
FROM imported_listing l JOIN imported_list_upload u ON u.id = l.upload_id
JOIN imported_list_upload b ON b.id = l.first_upload_id JOIN register_entry r ON r.id = b.entry_id
LEFT JOIN organisation o ON o.code = l.code AND o.kind IN ('agency', 'enterprise', 'public_body')
"""


@dataclass(frozen=True)
class Diff:
    """Codes by what an upload would do to them; `…_here`: those of agencies and owners of this market."""

    added: int
    changed: int
    gone: int
    kept: int
    added_here: int
    gone_here: int

    @property
    def codes(self) -> int:
        """How many codes are compared."""
        return self.added + self.changed + self.gone + self.kept


@dataclass(frozen=True)
class UploadView:
    """`problems`: the first of the lines that cannot be used, with their numbers; `added` … `kept`: codes, once
    confirmed; `unreadable`: why the file as a whole is of no use; `size`: of the file, in bytes.
    `taking_…`: who confirmed a long one, for which organisation's code, and the diff that person was shown; a job takes
    it over. `taking_refused`: why it did not. `foreseen`: what it would change, as it was found at `foreseen_at`."""

    id: UUID
    list: str
    source: str
    queried_at: datetime
    file_name: str
    file_sha256: str
    lines: int
    merged: int
    bad: int
    problems: tuple[tuple[int, Message], ...]
    uploaded_by: UUID
    uploader: str
    uploaded_at: datetime
    confirmed_at: datetime | None
    discarded_at: datetime | None
    added: int | None
    changed: int | None
    gone: int | None
    kept: int | None
    entry_id: UUID | None
    entry_no: int | None
    by_program: bool
    read_at: datetime | None
    unreadable: Message | None
    bytes_read: int
    size: int | None
    taking_asked_by: UUID | None
    taking_code: str | None
    taking_asked_at: datetime | None
    taking_seen: Diff | None
    compared_at: datetime | None
    taking_refused: Message | None
    foreseen: Diff | None
    foreseen_at: datetime | None

    @property
    def open(self) -> bool:
        return self.confirmed_at is None and self.discarded_at is None

    @property
    def waits(self) -> bool:
        """For a second person."""
        return self.open and self.foreseen is not None and not self.taking

    @property
    def taking(self) -> bool:
        """Confirmed, and the job is not done."""
        return self.open and self.taking_asked_at is not None

    def taking_since(self, now: datetime) -> timedelta:
        return now - self.taking_asked_at if self.taking_asked_at else timedelta()

    @property
    def reading(self) -> bool:
        return self.open and self.read_at is None

    @property
    def comparing(self) -> bool:
        """Read, and what it would change is not found out yet."""
        return self.open and self.read_at is not None and self.unreadable is None and self.foreseen is None

    @property
    def share_read(self) -> int:
        """In percent."""
        return 100 * self.bytes_read // self.size if self.size else 0


@dataclass(frozen=True)
class Change:
    """`state`: new, changed or gone; dates before and after; `here`: the name in this market, of an organisation of `kind`."""

    code: str
    state: str
    name: str
    entered_before: date | None
    entered_after: date | None
    until_before: date | None
    until_after: date | None
    here: str | None
    kind: str | None

    @property
    def link(self) -> str:
        return f"/{'agencies' if self.kind == 'agency' else 'owners'}/{self.code}"


@dataclass(frozen=True)
class Listed:
    """An entry of another authority's list as the latest query of its source showed it. `kind`: of the organisation that
    has this code in the market, "" where none has."""

    list: str
    source: str
    code: str
    name: str
    entered_on: date
    until_on: date | None
    queried_at: datetime
    began_at: datetime
    ended_at: datetime | None
    entry_id: UUID
    entry_no: int
    kind: str

    @property
    def is_owner(self) -> bool:
        return self.kind in OWNER_KINDS

    def bars(self, today: date) -> bool:
        return self.ended_at is None and (self.until_on is None or today <= self.until_on)


def _upload(row: dict[str, Any]) -> UploadView:
    problems = tuple((line, Message(text, facts)) for line, text, facts in from_json(row.pop("problems")))
    unreadable, refused, seen, foreseen = [
        from_json(row.pop(one)) for one in ("unreadable", "taking_refused", "taking_seen", "foreseen")
    ]
    return UploadView(
        **row, problems=problems, unreadable=Message(*unreadable) if unreadable else None,
        taking_refused=Message(*refused) if refused else None, taking_seen=Diff(**seen) if seen else None,
        foreseen=Diff(**foreseen) if foreseen else None,
    )  # fmt: skip


async def uploads(*, confirmed: bool = False, most: int = 50) -> list[UploadView]:
    """Newest first; `confirmed`: only those that were taken over."""
    where = "WHERE u.confirmed_at IS NOT NULL" if confirmed else ""
    return [_upload(row) for row in await fetch(f"{_UPLOAD} {where} ORDER BY u.uploaded_at DESC, u.id LIMIT $1", most)]


async def waiting_uploads() -> list[UploadView]:
    where = (
        "WHERE u.confirmed_at IS NULL AND u.discarded_at IS NULL AND u.foreseen IS NOT NULL"
        " AND u.taking_asked_at IS NULL ORDER BY u.uploaded_at, u.id"
    )
    return [_upload(row) for row in await fetch(f"{_UPLOAD} {where}")]


async def upload_view(upload_id: UUID) -> UploadView:
    row = await fetch_one(f"{_UPLOAD} WHERE u.id = $1", upload_id)
    if row is None:
        raise NotFound
    return _upload(row)


async def latest_query(list_name: str, source: str) -> datetime | None:
    """When the source was last queried for a state that was taken over."""
    row = await fetch_one(
        "SELECT max(queried_at) AS latest FROM imported_list_upload WHERE list = $1 AND source = $2"
        " AND confirmed_at IS NOT NULL",
        list_name, source,
    )  # fmt: skip
    return row["latest"] if row else None


async def diff_of(upload: UploadView) -> Diff:
    [row] = await fetch_long(
        "SELECT count(*) FILTER (WHERE state = 'new') AS added, count(*) FILTER (WHERE state = 'changed') AS changed,"
        " count(*) FILTER (WHERE state = 'gone') AS gone, count(*) FILTER (WHERE state = 'same') AS kept,"
        " count(o.id) FILTER (WHERE state = 'new') AS added_here, count(o.id) FILTER (WHERE state = 'gone') AS gone_here"
        f" {_DIFF}",
        upload.id, upload.list, upload.source,
    )  # fmt: skip
    return Diff(**row)


async def is_long(list_name: str, source: str, lines: int) -> bool:
    """Whether more than so many lines of the list and source hold."""
    found: int = await fetch_value(
        "SELECT count(*) FROM (SELECT 1 FROM imported_listing WHERE list = $1 AND source = $2 AND ended_at IS NULL LIMIT $3) l",
        list_name, source, lines + 1,
    )  # fmt: skip
    return found > lines


async def foreseen_changes(upload_id: UUID) -> list[Change]:
    """The first changes, as the job that compared found them."""
    found = await fetch_value("SELECT foreseen_changes FROM imported_list_upload WHERE id = $1", upload_id)
    return msgspec.convert(from_json(found) or [], list[Change])


async def changes_of(upload: UploadView, *, here: bool = False, most: int | None = SHOWN_CHANGES) -> list[Change]:
    """What an upload would change, those of this market first; `here`: only those; `most`: None for all."""
    rows = await fetch_long(
        "SELECT d.code, d.state, coalesce(f.name, h.name) AS name, h.entered_on AS entered_before,"
        " f.entered_on AS entered_after, h.until_on AS until_before, f.until_on AS until_after, o.name AS here, o.kind"
        f" {_DIFF} WHERE d.state <> 'same' AND (o.id IS NOT NULL OR NOT $4::boolean)"
        " ORDER BY o.id IS NULL, d.state DESC, d.code LIMIT $5",
        upload.id, upload.list, upload.source, here, most,
    )  # fmt: skip
    return [Change(**row) for row in rows]


async def listed_here(list_name: str | None, today: date) -> list[Listed]:
    """Agencies and owners of this market that stand on one of the lists."""
    rows = await fetch(
        f"{_CURRENT} WHERE l.ended_at IS NULL AND o.id IS NOT NULL AND ($1::text IS NULL OR l.list = $1)"
        " AND (l.until_on IS NULL OR l.until_on >= $2) ORDER BY l.entered_on DESC, l.code, l.list, l.source",
        list_name, today,
    )  # fmt: skip
    return [Listed(**row) for row in rows]


async def history_of_code(code: str) -> list[Listed]:
    """All listings of one organisation that this market has taken over, past ones too, newest first."""
    rows = await fetch(f"{_CURRENT} WHERE l.code = $1 ORDER BY l.ended_at IS NOT NULL, l.began_at DESC, l.list", code)
    return [Listed(**row) for row in rows]


async def selected_and_found(upload: UploadView) -> list[dict[str, Any]]:
    """Projects whose result is under notice and whose winner, or its head office, this upload found: id, title, number,
    owner_id, winner."""
    return await fetch(
        "SELECT p.id, p.title, p.number, p.owner_id, w.name AS winner FROM project p JOIN agency a ON a.organisation_id = p.winner_id"
        " JOIN organisation w ON w.id = p.winner_id WHERE p.stage = $2 AND EXISTS (SELECT 1 FROM imported_listing l"
        " WHERE l.code IN (w.code, a.branch_of) AND l.first_upload_id = $1 AND l.ended_at IS NULL) ORDER BY p.number",
        upload.id, str(Stage.RESULT_NOTICE),
    )  # fmt: skip


async def organisation_ids(codes: list[str]) -> dict[str, UUID]:
    rows = await fetch("SELECT code, id FROM organisation WHERE code = ANY ($1)", codes)
    return {row["code"]: row["id"] for row in rows}


async def owner_of(project_number: str) -> str | None:
    """The owner's code."""
    code: str | None = await fetch_value(
        "SELECT o.code FROM project p JOIN organisation o ON o.id = p.owner_id WHERE p.number = $1", project_number
    )
    return code
