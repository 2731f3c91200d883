"""Answers that took long to count are kept for some minutes, for everybody who asks the same (docs/adr/0075)."""

from __future__ import annotations

import asyncio
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


@dataclass
class KeptAnswers:
    """The answers of one application. Only what took `worth` seconds is kept, for `seconds`: in a small market everything
    is counted at this moment. At most AT_ONCE counts run, so that figures never take the whole pool."""

    seconds: float = 300
    worth: float = 0.2
    answers: OrderedDict[Key, tuple[float, Answer]] = field(default_factory=OrderedDict)
    running: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def answer(self, figure: Figure, asked: Asked, scope: Scope | None, count: Count) -> Answer:
        key = (figure.id, asked, scope)
        if found := self._find(key):
            return found
        async with self.running:
            if found := self._find(key):  # counted for somebody else meanwhile
                return found
            started = monotonic()
            answer = await count()
            if monotonic() - started >= self.worth:
                self._keep(key, answer)
            return answer

    def _find(self, key: Key) -> Answer | None:
        kept = self.answers.get(key)
        if kept is None or kept[0] <= monotonic():
            self.answers.pop(key, None)
            return None
        return kept[1]

    def _keep(self, key: Key, answer: Answer) -> None:
        self.answers[key] = (monotonic() + self.seconds, answer)
        self.answers.move_to_end(key)
        while len(self.answers) > MOST_KEPT:
            self.answers.popitem(last=False)
