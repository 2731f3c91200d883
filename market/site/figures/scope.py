"""What of the market a viewer's figures speak of: all of it for the public, their field for regulators. A figure reads every
project there is, so its statement spells out each field instead of asking `market.oversight.queries.watched` row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from market.catalogue.queries import catalogue, catalogue_versions
from market.site.figures.model import Source
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


def watched_rows(source: Source, scope: Scope, add: Callable[[Any], str]) -> str:
    """SQL: which rows of `p` lie in the scope. `add`: keeps a value of the statement and answers with its place."""
    parts = [_in_field(source, one, add) for one in scope.fields]
    return f"({' OR '.join(parts)})" if parts else "false"


def _in_field(source: Source, one: Field, add: Callable[[Any], str]) -> str:
    place = source.in_region.format(value=add(one.prefix))
    if not one.department:
        return f"({place})"
    if source.names_departments:
        return f"({place} AND {add(one.department)} = ANY (p.departments))"
    held = [
        f"(p.catalogue_version = {add(version)} AND p.service_items && {add(list(items))}::text[])"
        for version, items in one.items
    ]
    # An agency keeps no catalogue: all of them measure it.
    every = sorted({item for _, items in one.items for item in items})
    held.append(f"(p.catalogue_version IS NULL AND p.service_items && {add(every)}::text[])")
    return f"({place} AND ({' OR '.join(held)}))"
