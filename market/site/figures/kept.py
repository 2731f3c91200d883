"""Answers that took long to count are kept for some minutes, for everybody who asks the same (docs/adr/0075)."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from market.site.figures.model import Answer, Asked, Figure
from market.site.figures.scope import Scope

Key = tuple[str, Asked, Scope | None]
Count = Callable[[], Awaitable[Answer]]
MOST_KEPT = 500
AT_ONCE = 2
log = logging.getLogger(__name__)


@dataclass
class KeptAnswers:
    """The answers of one application. Only what took `worth` seconds is kept: in a small market everything is counted at
    this moment. For `fresh` seconds it is simply given out; until `old` it is given out once more while it is counted anew,
    so that nobody waits for what many ask. At most AT_ONCE counts run, so that figures never take the whole pool."""

    fresh: float = 300
    old: float = 1800
    worth: float = 0.2
    answers: OrderedDict[Key, tuple[float, Answer]] = field(default_factory=OrderedDict)
    renewing: dict[Key, asyncio.Task[None]] = field(default_factory=dict)
    running: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def answer(self, figure: Figure, asked: Asked, scope: Scope | None, count: Count) -> Answer:
        key = (figure.id, asked, scope)
        kept = self._kept(key, self.old)
        if kept is None:
            return await self._count(key, count)
        if self._kept(key, self.fresh) is None and key not in self.renewing:
            self.renewing[key] = asyncio.create_task(self._renew(key, count))
        return kept

    def _kept(self, key: Key, seconds: float) -> Answer | None:
        since, answer = self.answers.get(key, (None, None))
        return answer if since is not None and monotonic() - since < seconds else None

    async def _count(self, key: Key, count: Count) -> Answer:
        async with self.running:
            if found := self._kept(key, self.fresh):  # counted for somebody else meanwhile
                return found
            started = monotonic()
            answer = await count()
            if monotonic() - started >= self.worth:
                self._keep(key, answer)
            return answer

    async def _renew(self, key: Key, count: Count) -> None:
        try:
            await self._count(key, count)
        except Exception:
            log.exception("the figure %s could not be counted anew; the last answer stays until it is too old", key[0])
        finally:
            del self.renewing[key]

    def _keep(self, key: Key, answer: Answer) -> None:
        self.answers[key] = (monotonic(), answer)
        self.answers.move_to_end(key)
        while len(self.answers) > MOST_KEPT:
            self.answers.popitem(last=False)
