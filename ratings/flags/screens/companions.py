"""Who nearly always takes part together with whom: shared by the screens of pairs and of groups. Pure.

Memory stays within a few counters a firm, however many firms meet: who is with a firm in most of what it enters stands
out, and the rest may be forgotten on the way (Misra and Gries 1982).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from ratings.flags.screens.interface import WHOLE


class Companions:
    """`overlap`: basis points of what either of two enters that both enter, from which they count as companions."""

    def __init__(self, overlap: int) -> None:
        self.overlap = max(overlap, 1)
        self.entered: Counter[str] = Counter()
        self._with: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._forgotten: Counter[str] = Counter()
        self._largest = 2

    def meet(self, codes: Collection[str]) -> None:
        self._largest = max(self._largest, len(codes))
        # With so many counters, of those forgotten nobody was there in as much as half the overlap.
        most = 2 * (self._largest - 1) * WHOLE // self.overlap + 1
        for code in codes:
            self.entered[code] += 1
            seen = self._with[code]
            for other in codes:
                if other != code:
                    seen[other] += 1
            if len(seen) > most:
                self._forgotten[code] += _forget(seen, most)

    def suspected(self, least: int) -> Iterator[tuple[str, str]]:
        """Pairs, each in order, that may have met at least so often and hardly ever apart; none of these is left out."""
        for code, seen in self._with.items():
            for other in seen:
                if other <= code:
                    continue
                together = min(self._at_most(code, other), self._at_most(other, code))
                if together < least:
                    continue
                if overlap_of(together, self.entered[code], self.entered[other]) >= self.overlap:
                    yield code, other

    def _at_most(self, code: str, other: str) -> int:
        """How often these two can have met: what was counted and what was forgotten of it, and no more than either came."""
        counted = self._with[code][other] + self._forgotten[code]
        return min(counted, self.entered[code], self.entered[other])


def _forget(seen: Counter[str], most: int) -> int:
    """Takes the same off every counter, as often as it takes until few enough are left; returns how much that was."""
    taken = 0
    while len(seen) > most:
        step = min(seen.values())
        taken += step
        for code in list(seen):
            seen[code] -= step
            if not seen[code]:
                del seen[code]
    return taken


def overlap_of(together: int, first: int, second: int) -> int:
    """Of all that either entered, the share that both did (Jaccard), in basis points."""
    return together * WHOLE // (first + second - together)
