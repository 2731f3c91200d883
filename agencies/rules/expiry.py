"""Certificates run out by themselves; their holders are warned before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

EXPIRED = -1


def warning_level(valid_until: date, *, today: date, warn_days: Sequence[int]) -> int | None:
    """The narrowest warning that applies today: one of `warn_days`, EXPIRED after the last day, or None."""
    left = (valid_until - today).days
    if left < 0:
        return EXPIRED
    return min((days for days in warn_days if left <= days), default=None)


def warning_due(valid_until: date, warned: int | None, *, today: date, warn_days: Sequence[int]) -> int | None:
    """The warning to send now: each level once, and never a wider one after a narrower."""
    level = warning_level(valid_until, today=today, warn_days=warn_days)
    if level is None or (warned is not None and warned <= level):
        return None
    return level
