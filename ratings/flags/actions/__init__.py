"""What is done with flags: screens find leads, leads are opened as flags, people review them."""

from __future__ import annotations

from ratings.flags.actions.opening import open_flags
from ratings.flags.actions.rates import report_rates
from ratings.flags.actions.reviewing import Closing, answer, ask, close, take_up
from ratings.flags.actions.screening import (
    AFTER,
    count_all,
    day_swept,
    found_in,
    look_around,
    look_at,
    look_back,
    numbers_of,
    recompute,
    sweep_day,
)

__all__ = [
    "AFTER", "Closing", "answer", "ask", "close", "count_all", "day_swept", "found_in", "look_around", "look_at", "look_back",
    "numbers_of", "open_flags", "recompute", "report_rates", "sweep_day", "take_up",
]  # fmt: skip
