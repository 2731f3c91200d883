"""Group commit: what arrives while a transaction is being written shares the next one (docs/adr/0012-group-commit.md).

    enter = Together(act)              # async def act(wishes) -> one answer or exception for each, in a transaction
    answer = await enter(wish)         # returns once the transaction that holds it is committed

Alone, a wish is written at once and waits for nobody. In a crowd many wishes pay for one transaction. Nobody is told
anything before the commit that makes it true. What a request wants written with its act (`before_each_commit`) is written
in the transaction that fulfils its wish.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import asyncpg

from market.kernel.db import last_before_commit, transaction

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")
MOST: Final = 64
TRIES: Final = 4
log = logging.getLogger(__name__)


class Again(Exception):
    """Somebody else's transaction got in between what was read and what is written: judge anew, on what is there now."""


@dataclass(frozen=True)
class _Waiting(Generic[Wish, Answer]):
    """A wish with whoever waits for it. `last`: what its request wants written with its act, in its own `context`."""

    wish: Wish
    answer: asyncio.Future[Answer]
    context: Context
    last: Callable[[], Awaitable[None]] | None


class _Line(Generic[Wish, Answer]):
    """Who waits in one event loop, and whether somebody is writing."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting[Wish, Answer]] = deque()
        self.writer: asyncio.Task[None] | None = None


class Together(Generic[Wish, Answer]):
    """Collects wishes and has `act` fulfil them, at most `most` in a transaction.

    `act` answers each wish with a result or with an exception that concerns this one alone (a refusal; Again: try it in a
    transaction of its own), in their order. If it raises, or the commit fails, nothing was written, and each wish is tried in a transaction of its own, so that
    one that cannot be written spoils no other. `key`: of several wishes with the same key a transaction takes one.
    `note`: told of each fulfilled wish before the commit, in the context of who wished.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Wish]], Awaitable[Sequence[Answer | Exception]]],
        *,
        key: Callable[[Wish], Hashable],
        note: Callable[[Answer], None] = lambda _: None,
        most: int = MOST,
    ) -> None:
        self._act, self._key, self._note, self._most = act, key, note, most
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line[Wish, Answer]] = WeakKeyDictionary()

    async def __call__(self, wish: Wish) -> Answer:
        loop = asyncio.get_running_loop()
        line = self._lines.setdefault(loop, _Line())
        answer: asyncio.Future[Answer] = loop.create_future()
        line.waiting.append(_Waiting(wish, answer, copy_context(), last_before_commit()))
        if line.writer is None or line.writer.done():
            # A context of its own: nothing of the request that happens to come first belongs to the others.
            line.writer = loop.create_task(self._write_all(line), context=Context())
        # Whoever goes away leaves its wish behind: it may be in a transaction already.
        return await asyncio.shield(answer)

    async def _write_all(self, line: _Line[Wish, Answer]) -> None:
        while line.waiting:
            taken = self._take(line)
            try:
                await self._write(taken)
            except BaseException as problem:
                for one in taken:
                    _tell(
                        one.answer, problem if isinstance(problem, Exception) else Again("the market is being stopped")
                    )
                if not isinstance(problem, Exception):
                    raise

    def _take(self, line: _Line[Wish, Answer]) -> list[_Waiting[Wish, Answer]]:
        taken: list[_Waiting[Wish, Answer]] = []
        left: list[_Waiting[Wish, Answer]] = []
        keys = set()
        while line.waiting and len(taken) < self._most:
            one = line.waiting.popleft()
            key = self._key(one.wish)
            (left if key in keys else taken).append(one)
            keys.add(key)
        line.waiting.extendleft(reversed(left))
        return taken

    async def _write(self, taken: Sequence[_Waiting[Wish, Answer]]) -> None:
        alone = taken
        if len(taken) > 1:
            answers = await self._in_company(taken)
            alone = [one for one, given in zip(taken, answers, strict=True) if isinstance(given, Again)]
            for one, given in zip(taken, answers, strict=True):
                if not isinstance(given, Again):
                    _tell(one.answer, given)
        for one in alone:
            _tell(one.answer, await self._alone(one))

    async def _in_company(self, taken: Sequence[_Waiting[Wish, Answer]]) -> Sequence[Answer | Exception]:
        """Again for each that has to be tried alone."""
        try:
            return await self._committed(taken)
        except Exception as problem:
            level = logging.DEBUG if isinstance(problem, Again) else logging.WARNING
            log.log(level, "%d acts are written one by one after %s", len(taken), type(problem).__name__)
            return [Again()] * len(taken)

    async def _alone(self, one: _Waiting[Wish, Answer]) -> Answer | Exception:
        given: Answer | Exception = Again()
        for _ in range(TRIES):
            try:
                given = (await self._committed([one]))[0]
            except (Again, asyncpg.DeadlockDetectedError) as problem:
                given = problem
            except Exception as problem:
                return problem
            if not isinstance(given, Again | asyncpg.DeadlockDetectedError):
                break
        return given

    async def _committed(self, taken: Sequence[_Waiting[Wish, Answer]]) -> Sequence[Answer | Exception]:
        async with transaction():
            answers = await self._act([one.wish for one in taken])
            for one, given in zip(taken, answers, strict=True):
                if not isinstance(given, Exception):
                    one.context.run(self._note, given)
                    if one.last is not None:
                        await one.last()
        return answers


def _tell(answer: asyncio.Future[Answer], given: Answer | Exception) -> None:
    if answer.done():  # nobody waits any more
        return
    if isinstance(given, Exception):
        answer.set_exception(given)
        answer.exception()  # read once here, so that one whose visitor left is not reported as forgotten
    else:
        answer.set_result(given)
