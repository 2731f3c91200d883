"""Which catalogue and which rulebook apply. Published versions never change, so each is decoded once a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.catalogue import files
from market.catalogue.rules import NATION, Catalogue, Rulebook, jurisdictions
from market.kernel.db import fetch, fetch_one, fetch_value, from_json
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_

_catalogues: dict[tuple[str, str], Catalogue] = {}
_rulebooks: dict[tuple[str, str], Rulebook] = {}


@dataclass(frozen=True)
class Published:
    """A line of the version picker."""

    version: str
    jurisdiction: str
    sha256: str
    effective_from: datetime
    loaded_at: datetime


async def catalogue_at(now: datetime) -> Catalogue:
    """The catalogue in force. Refusal where none is."""
    row = await fetch_one(
        "SELECT version, sha256 FROM catalogue_version WHERE effective_from <= $1"
        " ORDER BY effective_from DESC, loaded_at DESC LIMIT 1",
        now,
    )
    if row is None:
        raise Refusal(
            "catalogue.none_in_force",
            N_("No catalogue of service items is in force at {moment}."),
            todo=N_("The operator has to load the data files: python -m market migrate."),
            moment=now,
        )
    return await _catalogue(row)


async def newest_catalogue() -> Catalogue:
    """The one with the most names: in force, or about to be. NotFound before there is any."""
    row = await fetch_one(
        "SELECT version, sha256 FROM catalogue_version ORDER BY effective_from DESC, loaded_at DESC LIMIT 1"
    )
    if row is None:
        raise NotFound
    return await _catalogue(row)


async def catalogue(version: str) -> Catalogue:
    """The version that a project keeps. NotFound where it was never published."""
    return await _catalogue(await _known("catalogue", version))


async def rulebook_in_force(region: str, now: datetime) -> Rulebook:
    """The rulebook of the nearest jurisdiction around the region (six-digit code), and of those the latest."""
    row = await fetch_one(
        "SELECT version, sha256 FROM rulebook_version WHERE jurisdiction = ANY($1::text[]) AND effective_from <= $2"
        " ORDER BY array_position($1::text[], jurisdiction), effective_from DESC, loaded_at DESC LIMIT 1",
        list(jurisdictions(region)),
        now,
    )
    if row is None:
        raise Refusal(
            "rulebook.none_in_force",
            N_("No rulebook is in force for region {region} at {moment}."),
            todo=N_("The operator has to load the data files: python -m market migrate."),
            region=region,
            moment=now,
        )
    return await _rulebook(row)


async def rulebook(version: str) -> Rulebook:
    """The version that a project keeps. NotFound where it was never published."""
    return await _rulebook(await _known("rulebook", version))


async def catalogue_versions() -> list[Published]:
    """All that were published, the latest first."""
    rows = await fetch(
        "SELECT version, $1::text AS jurisdiction, sha256, effective_from, loaded_at FROM catalogue_version"
        " ORDER BY effective_from DESC, loaded_at DESC",
        NATION,
    )
    return [Published(**row) for row in rows]


async def rulebook_versions() -> list[Published]:
    """All that were published, the latest first."""
    rows = await fetch(
        "SELECT version, jurisdiction, sha256, effective_from, loaded_at FROM rulebook_version"
        " ORDER BY effective_from DESC, loaded_at DESC"
    )
    return [Published(**row) for row in rows]


async def published_content(kind: str, version: str) -> dict[str, Any]:
    """The content as it was published; its canonical JSON has the published hash. `kind`: catalogue or rulebook."""
    content: dict[str, Any] = await _content(kind, version)
    return content


async def _known(kind: str, version: str) -> dict[str, Any]:
    row = await fetch_one(f"SELECT version, sha256 FROM {kind}_version WHERE version = $1", version)
    if row is None:
        raise NotFound
    return row


async def _content(kind: str, version: str) -> Any:
    return from_json(await fetch_value(f"SELECT content FROM {kind}_version WHERE version = $1", version))


async def _catalogue(row: dict[str, Any]) -> Catalogue:
    # The hash belongs to the key because several databases may be open one after the other, as in tests.
    key = (row["version"], row["sha256"])
    if key not in _catalogues:
        _catalogues[key] = files.catalogue_from(await _content("catalogue", row["version"]))
    return _catalogues[key]


async def _rulebook(row: dict[str, Any]) -> Rulebook:
    key = (row["version"], row["sha256"])
    if key not in _rulebooks:
        _rulebooks[key] = files.rulebook_from(await _content("rulebook", row["version"]))
    return _rulebooks[key]
