"""What a bidder's open page hears: at once how things stand, then every change that it may see, and a beat in between."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.i18n import speaking
from market.web.display import show
from market.web.streams import OpenStream, event
from projects.selection.live.boards import Bests, Board, Boards
from projects.selection.live.queries import Bidding, bests_of
from projects.selection.live.rules import Phase, Standing, quoted_text, standing_of

BEAT_SECONDS: Final = 10  # a page that hears nothing for longer than two beats has lost the line
LIFE_SECONDS: Final = 300  # then the page comes back, and its right to watch is checked again
PACE_SECONDS: Final = 1 / 5  # in a rush of bids a page gets five states a second, the newest each time


@dataclass(frozen=True)
class Watcher:
    """Who watches what, in which language."""

    bidding: Bidding
    agency_id: UUID
    locale: str
    clock: Clock
    speed: int = 1


def state_of(watcher: Watcher, bests: Bests, now: datetime) -> dict[str, Any]:
    """All that this bidder may know at this moment, and nothing that moves by itself."""
    bidding, schedule = watcher.bidding, watcher.bidding.schedule
    standing = standing_of(bests, watcher.agency_id, bidding.quote, show_count=bidding.show_count)
    return {
        "phase": str(schedule.phase(now)),
        "round": schedule.no(now),
        "rounds": schedule.terms.rounds,
        "until": _ms(schedule.next_change(now)),
        "rank": standing.rank,
        "best": standing.best,
        "lowest": standing.lowest,
        "bidders": standing.bidders,
        **_texts(watcher, standing),
    }


def _texts(watcher: Watcher, standing: Standing) -> dict[str, str | None]:
    quote = watcher.bidding.quote
    with speaking(watcher.locale):
        return {
            f"{name}_text": None if quoted is None else show(quoted_text(quote, quoted))
            for name, quoted in (("best", standing.best), ("lowest", standing.lowest))
        }


def key_of(state: dict[str, Any]) -> str:
    """The same for the same state: says nothing that the state does not say."""
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def clock_of(watcher: Watcher) -> dict[str, int]:
    """The server's time, by which every page counts; `speed`: market seconds in a real one."""
    return {"now": _ms(watcher.clock.now()) or 0, "speed": watcher.speed}


async def events(watcher: Watcher, boards: Boards, stream: OpenStream) -> AsyncGenerator[bytes, None]:
    """Ends when bidding is over, when the stream has to end, and after LIFE_SECONDS."""
    bidding = watcher.bidding
    project_id, starts_at = bidding.project.id, bidding.schedule.starts_at
    loop = asyncio.get_running_loop()
    ends = loop.time() + LIFE_SECONDS

    async def read() -> Bests:
        return await bests_of(project_id, starts_at, bidding.quote)

    async with boards.watched(project_id, starts_at, read) as board:
        told: str | None = None
        beat = loop.time()
        while not stream.over.is_set() and loop.time() < ends:
            seen = board.heard
            state = state_of(watcher, await board.now(), watcher.clock.now())
            if told != (key := key_of(state)):
                yield event("state", {**state, **clock_of(watcher)}, key=key)
                told, beat = key, loop.time()
                await _pause(stream, PACE_SECONDS)
            elif loop.time() - beat >= BEAT_SECONDS:
                yield event("beat", clock_of(watcher))
                beat = loop.time()
            if state["phase"] == Phase.OVER:
                yield event("end", {})
                return
            await _next(watcher, board, seen, stream)


async def _pause(stream: OpenStream, seconds: float) -> None:
    try:
        await asyncio.wait_for(stream.over.wait(), seconds)
    except TimeoutError:
        return


async def _next(watcher: Watcher, board: Board, seen: int, stream: OpenStream) -> None:
    """Until something was bid, the next round begins, or it is time for a beat."""
    now = watcher.clock.now()
    until = watcher.bidding.schedule.next_change(now)
    left = BEAT_SECONDS if until is None else (until - now).total_seconds() / watcher.speed
    await board.wait(seen, seconds=min(BEAT_SECONDS, max(left, PACE_SECONDS / 4)), over=stream.over)
