"""The lists as files. Texts come from people, so no cell may be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import csv_bytes, safe_cell
from market.register.queries import utc_text
from ratings.lists.rules import RED, Change, ListEntry

LIST_NAMES = {RED: N_("Red list"), "restricted": N_("Restricted list of the platform")}
STATES = {"notice": N_("on public notice"), "current": N_("in force"), "over": N_("over"), "removed": N_("removed")}
CHANGES = {"proposed": N_("proposed, on public notice"), "entered": N_("came into force"), "left": N_("left the list")}
CHANGE_COLUMNS = (
    N_("At"), N_("List"), N_("What changed"), N_("Credit code"), N_("Name"), N_("Reason"), N_("Evidence: register entry"),
)  # fmt: skip
COLUMNS = (
    N_("List"), N_("Credit code"), N_("Name"), N_("State"), N_("Reason"), N_("In force from"), N_("Until"),
    N_("Evidence: register entry"),
)  # fmt: skip


def as_csv(entries: Sequence[ListEntry], now: datetime) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese; in the current locale."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([translate(column) for column in COLUMNS])
    for entry in entries:
        cells = (
            translate(LIST_NAMES[entry.list]), entry.code, entry.name, translate(STATES[entry.state(now)]),
            translate(entry.reason), utc_text(entry.from_at), utc_text(entry.until_at), str(entry.evidence_no),
        )  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def changes_csv(changes: Sequence[Change]) -> bytes:
    """In the current locale; a firm that has left the restricted list is not named."""
    rows = [[translate(column) for column in CHANGE_COLUMNS]]
    rows += [
        [utc_text(one.at), translate(LIST_NAMES[one.list]), translate(CHANGES[one.what]), one.code, one.name, translate(one.reason),
         str(one.evidence_no or "")]
        for one in changes
    ]  # fmt: skip
    return csv_bytes(rows)


def changes_json(changes: Sequence[Change], now: datetime, public_url: str) -> dict[str, Any]:
    return {"at": utc_text(now), "changes": [_change_json(one, public_url) for one in changes]}


def _change_json(one: Change, public_url: str) -> dict[str, Any]:
    return {
        "at": utc_text(one.at), "list": one.list, "change": one.what, "organisation": one.code or None, "name": one.name or None,
        "reason": one.reason, "evidence": f"{public_url}/register/entries/{one.evidence_id}" if one.evidence_id else None,
    }  # fmt: skip


def as_json(entries: Sequence[ListEntry], now: datetime, public_url: str) -> dict[str, Any]:
    return {"at": utc_text(now), "entries": [_json(entry, now, public_url) for entry in entries]}


def _json(entry: ListEntry, now: datetime, public_url: str) -> dict[str, Any]:
    return {
        "list": entry.list,
        "organisation": entry.code,
        "name": entry.name,
        "state": entry.state(now),
        "reason": entry.reason,
        "decided_at": utc_text(entry.decided_at),
        "from": utc_text(entry.from_at),
        "until": utc_text(entry.until_at),
        "evidence": f"{public_url}/register/entries/{entry.evidence_id}",
    }
