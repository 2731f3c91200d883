"""Speed as a ratio: the product and the least work anybody could do instead, measured by turns in one run.

A figure of one machine says little on another; a ratio to a floor from the same run travels. Runs are interleaved, so
that a machine that slows down slows both, and the medians are compared.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Better = Literal["higher", "lower"]
Rate = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Part:
    """One comparison. `value` and `floor` are medians in the same unit; what does not `count` is told beside the rest,
    and may have a `limit` of its own that `value` has to stay below, and a `unit` other than the measurement's."""

    name: str
    value: float
    floor: float
    better: Better = "higher"
    counts: bool = True
    limit: float | None = None
    unit: str | None = None

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value < self.limit

    @property
    def ratio(self) -> float:
        """Share of the floor's speed that the product reaches: 1 is the floor itself, whichever way is better."""
        above, below = (self.value, self.floor) if self.better == "higher" else (self.floor, self.value)
        return above / below


@dataclass(frozen=True)
class Measurement:
    """What one bench found. Of several parts the worst one that counts stands for the whole."""

    name: str
    unit: str
    aim: float
    runs: int
    parts: tuple[Part, ...]

    @property
    def worst(self) -> Part:
        return min((part for part in self.parts if part.counts), key=lambda part: part.ratio)

    @property
    def met(self) -> bool:
        return self.worst.ratio >= self.aim and all(part.kept for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints; `parts` only where there are several."""
        worst = self.worst
        told = {
            "name": self.name, "unit": self.unit, "value": _short(worst.value), "floor": _short(worst.floor),
            "ratio": _short(worst.ratio), "aim": self.aim, "better": worst.better, "runs": self.runs,
        }  # fmt: skip
        if len(self.parts) > 1:
            told["parts"] = [
                {name: _short(value) for name, value in (asdict(part) | {"ratio": part.ratio}).items()}
                for part in self.parts
            ]
        return told


def _short(value: Any) -> Any:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


@dataclass(frozen=True)
class Contest:
    """The product against its floor: each call does the work once and answers with its rate."""

    name: str
    product: Rate
    floor: Rate
    counts: bool = True


async def compare(
    contests: Sequence[Contest], *, runs: int, step: Callable[[], None] = lambda: None
) -> tuple[Part, ...]:  # fmt: skip
    """Medians of `runs` interleaved rounds after one that warms caches and is thrown away; `step` after each contest
    of each round."""
    found: dict[str, tuple[list[float], list[float]]] = {contest.name: ([], []) for contest in contests}
    for turn in range(runs + 1):
        for contest in contests:
            rates = (await contest.product(), await contest.floor())
            if turn:
                for kept, rate in zip(found[contest.name], rates, strict=True):
                    kept.append(rate)
            step()
    return tuple(_part(contest, *found[contest.name]) for contest in contests)


def _part(contest: Contest, product: Sequence[float], floor: Sequence[float]) -> Part:
    return Part(contest.name, median(product), median(floor), counts=contest.counts)


def steps(contests: int, runs: int) -> int:
    """How often `compare` calls its `step`."""
    return contests * (runs + 1)
