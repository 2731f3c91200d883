"""A regulator's scope in PostgreSQL, and the departments that services belong to. Each package says with these conditions
what of its own lies in a scope: `WATCHED_PROJECT`, `WATCHED_AGENCY`, `WATCHED_PARTY`, `WATCHED_FLAG`. Whoever has no scope
finds nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from market.catalogue.queries import catalogue, catalogue_versions
from market.catalogue.rules import Catalogue
from market.kernel.db import fetch
from market.web.viewer import Viewer


@dataclass(frozen=True)
class Watch:
    """The viewer's scopes as the first five parameters of a statement: rows of (region prefix, department), and which
    service item belongs to which department in which catalogue."""

    prefixes: list[str]
    departments: list[str]
    versions: list[str]
    item_departments: list[str]
    items: list[str]

    @property
    def values(self) -> tuple[list[str], ...]:
        return self.prefixes, self.departments, self.versions, self.item_departments, self.items


async def watch_of(viewer: Viewer) -> Watch:
    """Empty for everybody but regulators."""
    scopes = viewer.scopes if viewer.is_regulator else ()
    books = await _books() if any(scope.department for scope in scopes) else []
    rows = [
        (book.version, department, item.code) for book in books for item in book.items for department in item.regulators
    ]
    return Watch(
        [scope.region_prefix for scope in scopes], [scope.department for scope in scopes],
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows],
    )  # fmt: skip


_SCOPES: Final = "unnest($1::text[], $2::text[]) AS s (prefix, department)"
_SERVICES: Final = "unnest($3::text[], $4::text[], $5::text[]) AS d (version, department, item)"
_APPOINTED: Final = "(SELECT organisation_id, region_prefix AS prefix, department FROM regulator_scope) AS s"
# Conditions on one scope `s`. What they are given is SQL as well: a column, or a parameter.
ALL_INDUSTRIES: Final = "s.department = ''"


def within(region: str) -> str:
    return f"starts_with({region}, s.prefix)"


def within_any(regions: str) -> str:
    return f"EXISTS (SELECT 1 FROM unnest({regions}) AS r (code) WHERE starts_with(r.code, s.prefix))"


def of_departments(departments: str) -> str:
    return f"({ALL_INDUSTRIES} OR s.department = ANY ({departments}))"


def of_services(items: str, version: str | None = None) -> str:
    """By the departments of these items, in this catalogue; who keeps none is measured by all of them."""
    return f"({ALL_INDUSTRIES} OR EXISTS (SELECT 1 FROM {_SERVICES} WHERE d.department = s.department AND {_among(items, version)}))"


def of_services_if_any(items: str, version: str | None = None) -> str:
    """The same; what belongs to no department has no industry, and is everybody's."""
    nobodys = f"NOT EXISTS (SELECT 1 FROM {_SERVICES} WHERE {_among(items, version)})"
    return f"({of_services(items, version)} OR {nobodys})"


def _among(items: str, version: str | None) -> str:
    return f"d.item = ANY ({items})" + (f" AND d.version = {version}" if version else "")


def watched(*conditions: str) -> str:
    """Whether one scope of the `Watch` meets all of these."""
    return f"EXISTS (SELECT 1 FROM {_SCOPES} WHERE {' AND '.join(conditions) or 'true'})"


def watched_by(authority: str, *conditions: str) -> str:
    """The same with the scopes of an authority, in a statement without a `Watch`."""
    return f"EXISTS (SELECT 1 FROM {_APPOINTED} WHERE s.organisation_id = {authority} AND {' AND '.join(conditions)})"


async def regulators_of(region: str, departments: Collection[str]) -> list[UUID]:
    """The regulators in whose scope this lies."""
    rows = await fetch(
        f"SELECT DISTINCT s.organisation_id FROM {_APPOINTED} WHERE {within('$1')} AND {of_departments('$2::text[]')}",
        region, sorted(departments),
    )  # fmt: skip
    return [row["organisation_id"] for row in rows]


async def departments_of(items: Iterable[str], version: str | None = None) -> frozenset[str]:
    """The departments of these items in the catalogue of this version; None: in all, for what keeps none. Items that a
    catalogue does not know have none there."""
    wanted = frozenset(items)
    books = [await catalogue(version)] if version else await _books()
    return frozenset(code for book in books for item in book.items if item.code in wanted for code in item.regulators)


async def _books() -> list[Catalogue]:
    return [await catalogue(one.version) for one in await catalogue_versions()]
