"""The market's clock. Legal times come from here and nowhere else; it can run faster, or stand still in tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...


def wall_now() -> datetime:
    """Real time, for security only (sessions, throttles): it never decides a legal deadline."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class MarketClock:
    """Market time = `market_anchor` + (real time - `real_anchor`) x speed. The anchors live in the database,
    so that all processes and restarts agree."""

    real_anchor: datetime
    market_anchor: datetime
    speed: int = 1

    def now(self) -> datetime:
        return self.market_anchor + (wall_now() - self.real_anchor) * self.speed


class RealClock:
    def now(self) -> datetime:
        return wall_now()


class FixedClock:
    """Stands still until told otherwise: for tests and for building the demo world."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> datetime:
        if moment < self._moment:
            raise ValueError("time does not run backwards")
        self._moment = moment
        return moment

    def advance(self, **delta: float) -> datetime:
        return self.set(self._moment + timedelta(**delta))
