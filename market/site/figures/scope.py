"""What of the market a viewer's figures speak of: all of it for the public, their field for regulators."""

from __future__ import annotations

from dataclasses import dataclass

from market.catalogue.queries import catalogue, catalogue_versions
from market.web.viewer import Viewer


@dataclass(frozen=True)
class Field:
    """One region × industry. `items`: catalogue version -> its service items of that industry; `department` "" is all."""

    prefix: str
    department: str
    items: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Scope:
    """A regulator without a field sees nothing: an empty scope is not the whole market."""

    fields: tuple[Field, ...]


async def scope_of(viewer: Viewer) -> Scope:
    """Empty for everybody but regulators."""
    scopes = viewer.scopes if viewer.is_regulator else ()
    books = [await catalogue(one.version) for one in await catalogue_versions()] if scopes else []
    fields = []
    for one in scopes:
        held = tuple(
            (book.version, tuple(item.code for item in book.items if one.department in item.regulators)) for book in books
        ) if one.department else ()  # fmt: skip
        fields.append(Field(one.region_prefix, one.department, held))
    return Scope(tuple(fields))
