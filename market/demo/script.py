"""What happens in the demonstration city, in order of time: acts are put on a calendar and each may put further ones."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from market.demo.world import BEACON_PAUSE, FREEZE_PAUSE, World
from market.kernel.calendar import beijing_date

Act = Callable[[], Awaitable[None]]
HOUR = timedelta(hours=1)


class Script:
    def __init__(self, world: World, until: datetime) -> None:
        self.world = world
        self.until = until
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()
        self._swept_at = world.now

    def at(self, moment: datetime, act: Act) -> None:
        """Puts an act on the calendar; what lies after the end of the story does not happen (yet)."""
        if moment < self.until:
            heapq.heappush(self._acts, (max(moment, self.world.now), next(self._order), act))

    def sweep_at(self, moment: datetime) -> None:
        """A deadline that lies within a day: whatever is due then happens then."""
        self.at(moment, self._sweep)

    def past(self, deadline: datetime, act: Act) -> None:
        """Just after a deadline and the beacon round committed to it."""
        self.sweep_at(deadline + FREEZE_PAUSE)
        self.sweep_at(deadline + BEACON_PAUSE)
        self.at(deadline + BEACON_PAUSE, act)

    async def play(self, progress: Callable[[datetime], None]) -> None:
        while self._acts:
            moment, _, act = heapq.heappop(self._acts)
            await self._go_to(max(moment, self.world.now))
            await act()
            progress(moment)
        await self.world.run_until(self.until)

    async def _go_to(self, moment: datetime) -> None:
        """Every midnight and at least once an hour all deadlines are looked at; between them only what acts set off."""
        if moment - self._swept_at >= HOUR or beijing_date(moment) != beijing_date(self._swept_at):
            await self._sweep_until(moment)
        else:
            self.world.clock.set(moment)
            await self.world.work()

    async def _sweep(self) -> None:
        await self._sweep_until(self.world.now)

    async def _sweep_until(self, moment: datetime) -> None:
        await self.world.run_until(moment)
        self._swept_at = moment
