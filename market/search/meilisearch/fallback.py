"""The search server where it can be asked, PostgreSQL where it cannot: a search always has an answer, and the page says when it
is not the usual one."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from market.kernel.clock import wall_now
from market.kernel.db import fetch_one
from market.search.interface import (
    ApplyReceipt,
    Document,
    Health,
    IndexOp,
    Scope,
    SearchEngine,
    SearchPage,
    SearchQuery,
    Suggestion,
)
from market.search.meilisearch.client import KeyRefused, Refused, ServerProblem
from market.search.meilisearch.queries import suits
from market.search.meilisearch.tasks import INDEX_GONE
from market.search.meilisearch.upkeep import mark_broken

MOST_FAILURES: Final = 5
OPEN_SECONDS: Final = 10.0
KNOWN_SECONDS: Final = 2.0  # how long a process goes by what it knows of the outbox
LATE: Final = timedelta(seconds=60)
TOO_LATE: Final = timedelta(minutes=10)
log = logging.getLogger(__name__)


@dataclass
class Breaker:
    """After some failures in a row nobody is asked for a while; then one search is risked. `seconds`: a steady clock."""

    seconds: Callable[[], float] = time.monotonic
    failures: int = 0
    closed_again: float = 0.0

    def allows(self) -> bool:
        if self.failures < MOST_FAILURES:
            return True
        if self.seconds() < self.closed_again:
            return False
        self.closed_again = self.seconds() + OPEN_SECONDS  # for the others, while one is risked
        return True

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            self.closed_again = self.seconds() + OPEN_SECONDS

    def went_well(self) -> None:
        self.failures = 0

    @property
    def open(self) -> bool:
        return self.failures >= MOST_FAILURES and self.seconds() < self.closed_again


@dataclass(frozen=True)
class Standing:
    """Of a kind on the server. `usable`: built, not broken, and not too far behind."""

    usable: bool
    late: bool = False


@dataclass
class FallbackSearch:
    """`counts`: searches of this process, by what became of them."""

    primary: SearchEngine
    database: SearchEngine
    breaker: Breaker = field(default_factory=Breaker)
    counts: Counter[str] = field(default_factory=Counter)
    _standings: dict[str, tuple[float, Standing]] = field(default_factory=dict)

    async def search(self, query: SearchQuery, scope: Scope) -> SearchPage:
        if not suits(query):
            return await self._counted("postgresql", query, scope)
        standing = await self.standing(query.kind)
        if not standing.usable:
            return await self._instead("not usable", query, scope)
        if not self.breaker.allows():
            return await self._instead("not asked", query, scope)
        try:
            page = await self.primary.search(query, scope)
        except ServerProblem as problem:
            return await self._instead(await self._problem(query.kind, problem), query, scope)
        self.breaker.went_well()
        self.counts["meilisearch"] += 1
        return replace(page, degraded=standing.late)

    async def _problem(self, kind: str, problem: ServerProblem) -> str:
        """What to count it as. A question that the server does not understand is our mistake and no reason not to ask."""
        if isinstance(problem, Refused) and problem.code in INDEX_GONE:
            await mark_broken(kind, str(problem))
            self._standings.pop(kind, None)
            return "index gone"
        if isinstance(problem, Refused) and not isinstance(problem, KeyRefused):
            log.error("the search server refused a question of ours: %s", problem)
            return "refused"
        if not self.breaker.open:
            log.warning("the search server could not be asked: %s", problem)
        self.breaker.failed()
        return "failed"

    async def _instead(self, why: str, query: SearchQuery, scope: Scope) -> SearchPage:
        return replace(await self._counted(why, query, scope), degraded=True)

    async def _counted(self, what: str, query: SearchQuery, scope: Scope) -> SearchPage:
        self.counts[what] += 1
        return await self.database.search(query, scope)

    async def standing(self, kind: str) -> Standing:
        """As the database knows it; asked every few seconds, not with every search."""
        now = self.breaker.seconds()
        known = self._standings.get(kind)
        if known is None or now - known[0] > KNOWN_SECONDS:
            known = self._standings[kind] = (now, await _standing(kind))
        return known[1]

    async def suggest(self, prefix: str, kind: str, scope: Scope, limit: int) -> Sequence[Suggestion]:
        """PostgreSQL's: it knows what is half typed, and never names what was taken back."""
        return await self.database.suggest(prefix, kind, scope, limit)

    async def apply(self, ops: Sequence[IndexOp]) -> ApplyReceipt:
        """The database's documents; what the server needs to know is noted with them."""
        return await self.database.apply(ops)

    async def rebuild(self, kind: str, documents: AsyncIterator[Document]) -> int:
        return await self.database.rebuild(kind, documents)

    async def health(self) -> Health:
        """The server's; a market without it is still ready."""
        return await self.primary.health()


async def _standing(kind: str) -> Standing:
    row = await fetch_one(
        "SELECT built_at, broken, (SELECT min(noted_at) FROM search_outbox o WHERE o.kind = i.kind AND o.target = 'live') AS oldest"
        " FROM search_index i WHERE i.kind = $1",
        kind,
    )
    if row is None or row["built_at"] is None or row["broken"]:
        return Standing(False)
    lag = wall_now() - row["oldest"] if row["oldest"] else timedelta(0)
    return Standing(lag <= TOO_LATE, late=lag > LATE)
