"""The engine that answers: PostgreSQL, unless the composition root put another one in front of it."""

from __future__ import annotations

from market.search.interface import SearchEngine
from market.search.kinds import DATABASE

_IN_USE: list[SearchEngine] = [DATABASE]


def engine() -> SearchEngine:
    return _IN_USE[-1]


def put_in_use(other: SearchEngine | None) -> None:
    """Until the next call; None: the market's own database."""
    _IN_USE[:] = [other or DATABASE]
