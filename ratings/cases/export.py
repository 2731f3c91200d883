"""Published decisions as files. What was annulled, repaired or has had its time is in neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from market.kernel.i18n import N_, translate
from market.kernel.spreadsheets import csv_bytes
from market.register.queries import utc_text
from market.web.display import say
from ratings.cases.queries import CaseView
from ratings.cases.words import measure_text

COLUMNS = (
    N_("Number"), N_("Credit code"), N_("Party"), N_("For"), N_("Measure taken"), N_("Authority"), N_("Decided on"),
    N_("Published until"), N_("Link"),
)  # fmt: skip


def as_csv(decisions: Sequence[CaseView], public_url: str) -> bytes:
    """In the current locale."""
    rows = [[translate(column) for column in COLUMNS]]
    for one in decisions:
        assert one.measure is not None
        rows.append([
            one.number, one.firm_code, one.firm_name, translate(one.ground.title), say(measure_text(one.measure.sanction, one.party)),
            one.authority_name, utc_text(one.decided_at) if one.decided_at else "",
            utc_text(one.publish_until) if one.publish_until else "", f"{public_url}/decisions/{one.number}",
        ])  # fmt: skip
    return csv_bytes(rows)


def as_json(decisions: Sequence[CaseView], now: datetime, public_url: str) -> dict[str, Any]:
    return {"at": utc_text(now), "decisions": [_json(one, public_url) for one in decisions]}


def _json(one: CaseView, public_url: str) -> dict[str, Any]:
    assert one.measure is not None
    sanction = one.measure.sanction
    return {
        "number": one.number, "organisation": one.firm_code, "name": one.firm_name, "party": str(one.party), "for": str(one.violation),
        "measure": str(sanction.measure), "months": sanction.months, "authority": one.authority_name,
        "decided_at": utc_text(one.decided_at) if one.decided_at else None,
        "published_until": utc_text(one.publish_until) if one.publish_until else None,
        "decision": f"{public_url}/register/entries/{one.decision_entry_id}", "page": f"{public_url}/decisions/{one.number}",
    }  # fmt: skip
