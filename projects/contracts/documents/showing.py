"""A file that somebody shows: whether it is one of the documents that the market made or was sent, and unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from market.kernel.files import Upload
from projects.contracts.rules import Side
from projects.contracts.signing import certificates
from projects.contracts.signing.signatures import Found, NotReadable, find_signatures


class Typeset(Protocol):
    """A document with a text inside that was signed."""

    @property
    def text_size(self) -> int | None: ...
    @property
    def text_sha256(self) -> str | None: ...


class Made(Typeset, Protocol):
    """A document that is known here."""

    @property
    def sha256(self) -> str: ...
    @property
    def refused_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Shown:
    """What the file turned out to be. `known`: its fingerprint stands in the register."""

    name: str
    sha256: str
    known: bool
    text_unchanged: bool
    found: tuple[Found, ...]
    readable: bool = True

    @property
    def genuine(self) -> bool:
        return self.known or (self.text_unchanged and {one.side for one in self.found if one.holds} == set(Side))


async def look(upload: Upload, made: Sequence[Made]) -> Shown:
    """The file is looked at and not kept."""
    known = any(one.sha256 == upload.sha256 and not one.refused_at for one in made)
    unchanged = any(text_inside(upload.content, one) for one in made)
    try:
        found = await find_signatures(upload.content, await certificates.roots())
    except NotReadable:
        return Shown(upload.name, upload.sha256, known, text_unchanged=False, found=(), readable=False)
    return Shown(upload.name, upload.sha256, known, unchanged, tuple(found))


def text_inside(pdf: bytes, made: Typeset) -> bool:
    """Whether a file begins with the very text that was signed; signatures only add to it."""
    return made.text_size is not None and hashlib.sha256(pdf[: made.text_size]).hexdigest() == made.text_sha256
