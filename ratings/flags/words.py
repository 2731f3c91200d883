"""What the states of a flag are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from market.kernel.i18n import N_

STATE_NAMES: Final[Mapping[str, str]] = {
    "open": N_("waits for review"), "taken": N_("under review"), "founded": N_("founded"), "unfounded": N_("unfounded"),
}  # fmt: skip
