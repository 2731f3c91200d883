"""What a regulator watches over: pure. `queries.py` says the same to PostgreSQL; a test holds the two together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Regions by code prefix, industries by department code; empty means all."""

    region_prefix: str = ""
    department: str = ""


def in_scope(
    scopes: Iterable[Scope], *, regions: Collection[str] | None = None, departments: Collection[str] | None = None
) -> bool:
    """Whether one of these scopes holds a matter: a region around it (codes) and the department of one of its services.
    None: it has no place, or no industry, and is everybody's in that respect. A matter whose services belong to no
    department is for those who watch over all industries; nobody without a scope watches over anything."""
    return any(
        (regions is None or any(region.startswith(scope.region_prefix) for region in regions))
        and (departments is None or not scope.department or scope.department in departments)
        for scope in scopes
    )
