"""Which kinds of things are searched, and how a change of one reaches the engines.

Packages above register their kinds; this package knows none of them. `changed` stands in the actions that change what
is public, inside their transaction: PostgreSQL's documents are then part of the act, and what another engine needs to
know is noted with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from market.kernel.db import require_transaction
from market.search.interface import Document, IndexOp, Scope
from market.search.postgres import PgSearch

# Current rows, by id or (None) all of them; what nobody may find yields nothing.
Documents = Callable[[Sequence[str] | None], AsyncIterator[Document]]
# Ids -> rows as they are at this moment, for those that this scope may see. The order is the caller's.
Read = Callable[[Sequence[str], Scope], Awaitable[Mapping[str, Any]]]
# Takes note of changed things, in the open transaction.
Listener = Callable[[Sequence[IndexOp]], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    name: str
    documents: Documents
    read: Read


# The engine whose documents are part of each act.
DATABASE = PgSearch()
_KINDS: dict[str, Kind] = {}
_LISTENERS: dict[str, Listener] = {}


def register_kind(kind: Kind) -> Kind:
    """Called when a package is imported. Raises ValueError where another package took the name."""
    known = _KINDS.get(kind.name)
    if known is not None and known.documents is not kind.documents:
        raise ValueError(f"two kinds are called {kind.name}")
    _KINDS[kind.name] = kind
    return kind


def kind_called(name: str) -> Kind:
    """Raises KeyError for a kind that nobody registered."""
    return _KINDS[name]


def kinds() -> tuple[Kind, ...]:
    return tuple(_KINDS.values())


def on_change(name: str, listener: Listener) -> None:
    """Every change of a document is told to the listener, within the transaction of the change."""
    _LISTENERS[name] = listener


async def changed(kind: str, *ids: str) -> None:
    """Things were published, changed or taken back: their documents are made anew in the open transaction."""
    require_transaction()
    if not ids:
        return
    made = {document.id: document async for document in kind_called(kind).documents(ids)}
    ops = [IndexOp(kind, one, made.get(one)) for one in ids]
    await DATABASE.apply(ops)
    for listener in _LISTENERS.values():
        await listener(ops)


async def fill_missing() -> dict[str, int]:
    """Makes the documents of every kind that has none, as in a market that is older than its search. Returns how many."""
    known = (await DATABASE.health()).documents
    return {
        kind.name: count
        for kind in kinds()
        if not known.get(kind.name) and (count := await DATABASE.rebuild(kind.name, kind.documents(None)))
    }
