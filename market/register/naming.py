"""Who acted, by name: the register keeps codes, and whoever keeps the names says here which of them are public."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Final

NameFinder = Callable[[Collection[str]], Awaitable[dict[str, str]]]
_FINDERS: Final[dict[str, NameFinder]] = {}


def names_actors(find: NameFinder) -> NameFinder:
    """Registers a function from codes to the names that everybody may read. It leaves natural persons out."""
    _FINDERS[f"{find.__module__}.{find.__qualname__}"] = find
    return find


async def names_of(codes: Collection[str]) -> dict[str, str]:
    """code -> public name, of those that have one."""
    found: dict[str, str] = {}
    for find in _FINDERS.values():
        found |= await find(codes)
    return found
