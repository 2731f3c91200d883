"""Failures on demand: how often, at which method, of which kind."""

from __future__ import annotations

from collections import deque
from typing import Final

# Of an answer. The ones that begin with "commit" happen and then fail; the others fail before anything happened, except
# the spoilt answers, which spoil what truthfully happened.
ANSWERS: Final = frozenset({
    "hang", "commit_then_hang", "commit_then_system_error", "system_error", "busy", "limited", "http502", "html200",
    "bad_sign", "sign_first", "unsigned", "other_order", "drip", "huge",
})  # fmt: skip
NOTIFIES: Final = frozenset({
    "delay", "drop", "duplicate", "forged", "wrong_app", "wrong_seller", "altered_amount", "unknown_order",
})  # fmt: skip


class Faults:
    """A queue for each method, and one called "notify"."""

    def __init__(self) -> None:
        self._queued: dict[str, deque[str]] = {}

    def add(self, method: str, kind: str, times: int = 1) -> None:
        """Raises ValueError for a failure that does not exist."""
        if kind not in (NOTIFIES if method == "notify" else ANSWERS):
            raise ValueError(f"no such failure: {kind}")
        self._queued.setdefault(method, deque()).extend([kind] * times)

    def take(self, method: str) -> str | None:
        queued = self._queued.get(method)
        return queued.popleft() if queued else None

    def clear(self) -> None:
        self._queued.clear()
