"""What happens in the demonstration city, in order of time: acts are put on a calendar and each may put further ones."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime

from market.demo.world import BEACON_PAUSE, FREEZE_PAUSE, World

Act = Callable[[], Awaitable[None]]


class Script:
    def __init__(self, world: World, until: datetime) -> None:
        self.world = world
        self.until = until
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()

    def at(self, moment: datetime, act: Act) -> None:
        """Puts an act on the calendar; what lies after the end of the story does not happen (yet)."""
        if moment < self.until:
            heapq.heappush(self._acts, (max(moment, self.world.now), next(self._order), act))

    def past(self, deadline: datetime, act: Act) -> None:
        """Just after a deadline and the beacon round committed to it."""
        self.at(deadline + FREEZE_PAUSE, _nothing)
        self.at(deadline + BEACON_PAUSE, act)

    async def play(self, progress: Callable[[datetime], None]) -> None:
        while self._acts:
            moment, _, act = heapq.heappop(self._acts)
            await self.world.run_until(max(moment, self.world.now))
            await act()
            progress(moment)
        await self.world.run_until(self.until)


async def _nothing() -> None:
    """The world settles whatever is due at this moment."""
