"""Flags as a file. Texts come from people, so no cell may be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import safe_cell
from market.register.queries import utc_text
from market.web.display import say
from ratings.flags.queries.desk import FlagView
from ratings.flags.screens import SCREENS

STATE_NAMES = {
    "open": N_("waits for review"), "taken": N_("under review"), "founded": N_("founded"), "unfounded": N_("unfounded"),
}  # fmt: skip
COLUMNS = (
    N_("Number"), N_("Screen"), N_("Version"), N_("Lead"), N_("Concerns"), N_("Projects"), N_("Evidence: register entries"),
    N_("Strength (of 100)"), N_("Opened"), N_("State"),
)  # fmt: skip


def as_csv(flags: Sequence[FlagView]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese; in the current locale."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([translate(column) for column in COLUMNS])
    for flag in flags:
        writer.writerow([safe_cell(cell) for cell in _cells(flag)])
    return ("\ufeff" + out.getvalue()).encode()


def _cells(flag: FlagView) -> tuple[str, ...]:
    return (
        flag.number, title_of(flag.screen), str(flag.version), say(flag.message), "; ".join(one.name for one in flag.parties),
        " ".join(flag.projects), " ".join(map(str, flag.evidence_numbers)), str(flag.score // 100), utc_text(flag.opened_at),
        translate(STATE_NAMES[flag.state]),
    )  # fmt: skip


def title_of(screen: str) -> str:
    """A screen that is gone keeps its code."""
    return translate(SCREENS[screen].title) if screen in SCREENS else screen
