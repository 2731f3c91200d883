"""Publishing versions of catalogue and rulebook from the data files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Protocol

import rfc8785

from market.catalogue import files
from market.catalogue.rules import NATION
from market.kernel.calendar import BEIJING
from market.kernel.db import execute, fetch_value, to_json, transaction

OPERATOR = "operator"


class Record(Protocol):
    """How a load becomes an entry of the public register; wired by the application."""

    async def __call__(self, kind: str, *, subject: str, by: str, data: Mapping[str, Any], at: datetime) -> Any: ...


class VersionChanged(Exception):
    """A data file tells something else than what was published under its version: it needs a new version."""

    def __init__(self, kind: str, version: str) -> None:
        super().__init__(
            f"the {kind} {version} is published and cannot change: give the edited file a new version and a date"
        )
        self.kind = kind
        self.version = version


@dataclass(frozen=True)
class Edition:
    """A version about to be published. `kind`: catalogue or rulebook."""

    kind: str
    version: str
    jurisdiction: str
    effective_from: date
    content: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(rfc8785.dumps(dict(self.content))).hexdigest()

    @property
    def in_force_from(self) -> datetime:
        """Midnight in Beijing at which the day of `effective_from` begins."""
        return datetime.combine(self.effective_from, time.min, tzinfo=BEIJING)


def editions(folder: Path = files.DATA) -> list[Edition]:
    """All editions that the folder holds. Raises DataInvalid with the problems of all files together."""
    catalogue, books = files.read_all(folder)
    return [
        Edition("catalogue", catalogue.version, NATION, catalogue.effective_from, files.catalogue_content(catalogue)),
        *(
            Edition("rulebook", book.version, book.jurisdiction, book.effective_from, files.rulebook_content(book))
            for book in books
        ),
    ]


async def load_files(
    now: datetime, *, record: Record | None = None, by: str = OPERATOR, folder: Path = files.DATA
) -> list[str]:
    """Publishes what is new in the data files, all or nothing, and returns it: ["rulebook 2025-1", …].

    What is already published is left alone. Raises DataInvalid and VersionChanged. `by`: organisation code or role.
    """
    found = editions(folder)
    async with transaction():
        return [f"{edition.kind} {edition.version}" for edition in found if await _publish(edition, now, record, by)]


async def _publish(edition: Edition, now: datetime, record: Record | None, by: str) -> bool:
    insert = _INSERT_CATALOGUE if edition.kind == "catalogue" else _INSERT_RULEBOOK
    inserted = await execute(
        insert,
        edition.version, edition.sha256, to_json(edition.content), edition.in_force_from, now, by,
        *([edition.jurisdiction] if edition.kind == "rulebook" else []),
    )  # fmt: skip
    if not inserted:
        await _refuse_change(edition)
        return False
    if record is not None:
        data = {
            "version": edition.version,
            "sha256": edition.sha256,
            "jurisdiction": edition.jurisdiction,
            "effective_from": edition.effective_from.isoformat(),
        }
        await record(f"{edition.kind}.published", subject=edition.version, by=by, data=data, at=now)
    return True


async def _refuse_change(edition: Edition) -> None:
    published = await fetch_value(f"SELECT sha256 FROM {edition.kind}_version WHERE version = $1", edition.version)
    if published != edition.sha256:
        raise VersionChanged(edition.kind, edition.version)


# Two migrating processes may load at once: the second waits for the first and finds its work done.
_INSERT_CATALOGUE = """
INSERT INTO catalogue_version (version, sha256, content, effective_from, loaded_at, loaded_by)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (version) DO NOTHING
"""
_INSERT_RULEBOOK = """
INSERT INTO rulebook_version (version, sha256, content, effective_from, loaded_at, loaded_by, jurisdiction)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (version) DO NOTHING
"""
