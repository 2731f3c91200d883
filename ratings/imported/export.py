"""Who of this market stands on other authorities' lists, as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agencies.rules import IMPORTED_LISTS
from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import safe_cell
from market.register.queries import utc_text
from ratings.imported.queries import Listed

COLUMNS = (N_("List"), N_("Credit code"), N_("Name"), N_("Listed since"), N_("Until"), N_("Source"), N_("Queried at"))


def as_csv(listed: Sequence[Listed]) -> bytes:
    """UTF-8 with a byte order mark; in the current locale."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([translate(column) for column in COLUMNS])
    for one in listed:
        cells = (
            translate(IMPORTED_LISTS[one.list]), one.code, one.name, one.entered_on.isoformat(),
            one.until_on.isoformat() if one.until_on else "", one.source, utc_text(one.queried_at),
        )  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def as_json(listed: Sequence[Listed], now: datetime, public_url: str) -> dict[str, Any]:
    return {"at": utc_text(now), "entries": [_json(one, public_url) for one in listed]}


def _json(one: Listed, public_url: str) -> dict[str, Any]:
    return {
        "list": one.list, "list_name": IMPORTED_LISTS[one.list], "organisation": one.code, "name": one.name,
        "since": one.entered_on.isoformat(), "until": one.until_on.isoformat() if one.until_on else None,
        "source": one.source, "queried_at": utc_text(one.queried_at),
        "taken_over": f"{public_url}/register/entries/{one.entry_id}",
    }  # fmt: skip
