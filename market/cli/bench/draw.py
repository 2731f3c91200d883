"""The draw of a very large pool against a bare loop of the same HMACs, in processor time of one core."""

from __future__ import annotations

import hmac
import random
from time import process_time

from market.cli.bench.harness import Contest, Measurement, compare
from market.cli.bench.progress import Progress
from projects.selection.draw import DrawInput, Entrant, draw

ENTRANTS = 100_000
AIM = 0.7
CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
RANDOMNESS = bytes(range(32))


def pool(size: int) -> list[Entrant]:
    """Entrants with codes as long as real ones, in the order in which they might have signed up."""
    entrants = [Entrant(f"91370200MA{number:08d}") for number in range(size)]
    random.Random(size).shuffle(entrants)
    return entrants


def draw_once(entrants: list[Entrant]) -> float:
    """The whole draw: sort and check the pool, write its canonical bytes, all tickets, the order. Entrants a second."""
    started = process_time()
    given = DrawInput(CHAIN, tuple(entrants), "MX-2026-000001", "award", 1_000_000)
    draw(given, RANDOMNESS)
    return len(entrants) / (process_time() - started)


def bare_loop(entrants: list[Entrant]) -> float:
    """Nothing but the tickets, one call of the standard library's fastest HMAC each."""
    started = process_time()
    for code, _ in entrants:
        hmac.digest(RANDOMNESS, f"{code}/1".encode("ascii"), "sha256")
    return len(entrants) / (process_time() - started)


async def measure(runs: int, progress: Progress) -> Measurement:
    people = pool(ENTRANTS)

    async def product() -> float:
        return draw_once(people)

    async def floor() -> float:
        return bare_loop(people)

    with progress.counting("draw", runs + 1) as step:
        parts = await compare([Contest("draw", product, floor)], runs=runs, step=step)
    return Measurement("draw", "entrants/s", AIM, runs, parts)
