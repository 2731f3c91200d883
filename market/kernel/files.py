"""Uploads: type sniffed from the content, size limited, hashed, stored by id; never served inline.

Local folder or S3-compatible storage by setting (`FILES_URL`), through obstore.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import struct
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

import obstore
import puremagic
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from market.kernel.db import execute, fetch_one
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Settings

# media type -> the endings under which people may send it
ALLOWED = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/zip": (".zip",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
}
ENDINGS = tuple(ending for endings in ALLOWED.values() for ending in endings)
_PIECE = 1024 * 1024
_UNPACKED_LIMIT = 200 * 1024 * 1024
_RATIO_LIMIT = 100
_PIXELS_LIMIT = 200_000_000  # a drawing in A0 at 300 dots an inch has 140 million
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar")
_UNSAFE_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_PNG_HEAD = struct.Struct(">16sII")  # signature, length and name of the first part; width, height
_JPEG_HEAD = struct.Struct(">xBHxHH")  # marker, length, depth, height, width
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_OFFICE = {"word/document.xml": "wordprocessingml.document", "xl/workbook.xml": "spreadsheetml.sheet"}


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name is the sender's claim, its type is what the content says."""

    name: str
    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class StoredFile:
    id: UUID
    owner_organisation_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime


def check_upload(name: str, content: bytes, *, limit: int) -> Upload:
    """Raises Refusal (empty, too large, type not allowed, name and content disagree, zip bomb)."""
    name = _UNSAFE_NAME.sub("_", name.strip())[-120:] or "file"
    if not content:
        raise Refusal("file.empty", N_("{name} is empty."), todo=N_("Choose the file again."), name=name)
    if len(content) > limit:
        raise Refusal(
            "file.too_large", N_("{name} is larger than {limit} MB."), name=name, limit=limit // (1024 * 1024),
            todo=N_("Scan it at a lower resolution or split it."),
        )  # fmt: skip
    media_type = _sniff(name, content)
    ending = "".join(name.rpartition(".")[1:]).lower() if "." in name else ""
    if media_type not in ALLOWED or ending not in ALLOWED[media_type]:
        raise Refusal(
            "file.type", N_("{name} is not what its name says, or of a type that is not accepted."), name=name,
            todo=N_("Send a PDF, a JPEG or PNG picture, a Word or Excel file (.docx, .xlsx) or a ZIP archive."),
        )  # fmt: skip
    if _pixels(media_type, content) > _PIXELS_LIMIT:
        raise Refusal("file.bomb", N_("{name} would unpack to far more than it should."), name=name,
                      todo=N_("Scan it at a lower resolution or split it."))  # fmt: skip
    return Upload(name, content, media_type)


def _pixels(media_type: str, content: bytes) -> int:
    """As many as a picture says that it has; 0 where it does not say."""
    if media_type == "image/png" and len(content) >= _PNG_HEAD.size:
        _, width, height = _PNG_HEAD.unpack_from(content)
        return int(width * height)
    if media_type != "image/jpeg":
        return 0
    place = 2
    while place + _JPEG_HEAD.size <= len(content) and content[place] == 0xFF:
        marker, length, height, width = _JPEG_HEAD.unpack_from(content, place)
        if marker == 0xFF:  # padding
            place += 1
            continue
        if marker in _JPEG_FRAMES:
            return int(width * height)
        place += 2 + length
    return 0


def _sniff(name: str, content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return _look_into_zip(name, content)
    try:
        kind: str = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        return "unknown"
    return kind


def _look_into_zip(name: str, content: bytes) -> str:
    """Office files are zips; a zip that would unpack to something monstrous is refused."""
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "unknown"
    unpacked = sum(member.file_size for member in members)
    if unpacked > _UNPACKED_LIMIT or unpacked > _RATIO_LIMIT * len(content):
        raise Refusal(
            "file.bomb", N_("{name} would unpack to far more than it should."), name=name,
            todo=N_("Send the documents themselves instead of the archive."),
        )  # fmt: skip
    names = {member.filename for member in members}
    if any(one.lower().endswith(_ARCHIVES) for one in names):
        raise Refusal("file.bomb", N_("{name} holds a further archive, and nobody can say what that unpacks to."), name=name,
                      todo=N_("Send the documents themselves instead of the archive."))  # fmt: skip
    for marker, kind in _OFFICE.items():
        if marker in names:
            return f"application/vnd.openxmlformats-officedocument.{kind}"
    return "application/zip"


_in_force: ObjectStore | None = None


def open_store(settings: Settings) -> ObjectStore:
    """Where the settings say that files are kept; from now on the store in force in this process."""
    global _in_force
    if settings.files_url:
        _in_force = from_url(settings.files_url)
    else:
        folder = settings.data_dir.resolve() / "files"
        folder.mkdir(parents=True, exist_ok=True)
        _in_force = LocalStore(str(folder))
    return _in_force


def store_in_force() -> ObjectStore:
    """For jobs and sweeps, which have no request to take it from."""
    if _in_force is None:
        raise RuntimeError("no store of files was opened in this process")
    return _in_force


async def keep(store: ObjectStore, upload: Upload, *, owner: UUID, by: UUID, now: datetime) -> StoredFile:
    """Content first, row second: a row never points at nothing. A full disk raises before anything is recorded."""
    file_id = new_id()
    try:
        await obstore.put_async(store, str(file_id), upload.content)
    except (OSError, BaseError) as problem:
        raise _not_stored() from problem
    await execute(
        "INSERT INTO stored_file VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        file_id, owner, upload.name, upload.media_type, len(upload.content), upload.sha256, by, now,
    )  # fmt: skip
    return StoredFile(file_id, owner, upload.name, upload.media_type, len(upload.content), upload.sha256, now)


async def keep_long(
    store: ObjectStore, name: str, content: BinaryIO, media_type: str, *, owner: UUID, by: UUID, now: datetime
) -> StoredFile:
    """A file too long to be held in memory, from its beginning: read piece by piece, hashed, stored, recorded. What it
    holds is for the caller to judge, who must not let it be shown inside the site. Raises Refusal where it is empty or
    the storage fails."""
    digest, size = await asyncio.to_thread(_digest, content)
    if not size:
        raise Refusal("file.empty", N_("{name} is empty."), todo=N_("Choose the file again."), name=name)
    file_id, name = new_id(), _UNSAFE_NAME.sub("_", name.strip())[-120:] or "file"
    try:
        await obstore.put_async(store, str(file_id), content)
    except (OSError, BaseError) as problem:
        raise _not_stored() from problem
    await execute(
        "INSERT INTO stored_file VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        file_id,
        owner,
        name,
        media_type,
        size,
        digest,
        by,
        now,
    )
    return StoredFile(file_id, owner, name, media_type, size, digest, now)


def _digest(content: BinaryIO) -> tuple[str, int]:
    """SHA-256 and size; the file stands at its beginning afterwards."""
    content.seek(0)
    found = hashlib.sha256()
    while piece := content.read(_PIECE):
        found.update(piece)
    size = content.tell()
    content.seek(0)
    return found.hexdigest(), size


def _not_stored() -> Refusal:
    return Refusal(
        "file.storage", N_("The file could not be stored just now; nothing was recorded."),
        todo=N_("Try again in a few minutes; if it happens again, call the operator."),
    )  # fmt: skip


async def stored(file_id: UUID) -> StoredFile:
    row = await fetch_one(
        "SELECT id, owner_organisation_id, name, media_type, size, sha256, uploaded_at FROM stored_file WHERE id = $1",
        file_id,
    )
    if row is None:
        raise NotFound
    return StoredFile(**row)


async def content_of(store: ObjectStore, file: StoredFile) -> AsyncIterator[bytes]:
    """The content, piece by piece; opened here, so that a failing storage is noticed before anything is sent."""
    try:
        answer = await obstore.get_async(store, str(file.id))
    except (OSError, BaseError) as problem:
        raise Refusal(
            "file.unreadable", N_("{name} could not be read from storage just now."), name=file.name,
            todo=N_("Try again in a few minutes; if it happens again, call the operator."),
        ) from problem  # fmt: skip
    return _pieces(answer)


async def read_whole(file: StoredFile) -> bytes:
    """The whole content, for acts that judge it themselves; nothing of it leaves the market this way. Raises what the
    storage raises, and RuntimeError where it does not return what was handed in."""
    content = bytes(await (await obstore.get_async(store_in_force(), str(file.id))).bytes_async())
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise RuntimeError(f"the storage does not return file {file.id} as it was handed in")
    return content


async def copy_out(file: StoredFile, out: BinaryIO) -> None:
    """The content into an open file, piece by piece, for acts that judge a long one; nothing of it leaves the market this
    way. Raises what the storage raises."""
    async for piece in _pieces(await obstore.get_async(store_in_force(), str(file.id))):
        await asyncio.to_thread(out.write, piece)


async def _pieces(answer: obstore.GetResult) -> AsyncIterator[bytes]:
    async for chunk in answer.stream():
        yield bytes(chunk)
