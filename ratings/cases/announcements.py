"""Decisions, as they can be found by searching while they are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from market.search.announcements import announced
from ratings.announced import NAMED, Source
from ratings.cases.rules import GROUNDS, Violation

DECISION: Final = "decision"
_SELECT: Final = f"""
SELECT c.id, '{DECISION}' AS what, c.number, c.violation AS reason, c.reasons AS body, c.published_at AS at,
       c.publish_until AS until, o.code, o.name, o.region_code, a.name AS authority
FROM conduct_case c JOIN organisation o ON o.id = c.organisation_id JOIN organisation a ON a.id = c.authority_id
WHERE c.published_at IS NOT NULL AND c.unpublished_at IS NULL AND {NAMED}
"""


async def tell_of_decision(case_id: UUID) -> None:
    """In the transaction of every act that publishes a decision, changes it or takes it off the page."""
    await announced(DECISION, str(case_id))


def _breach(row: Mapping[str, Any]) -> str:
    return GROUNDS[Violation(row["reason"])].title


Source(
    DECISION, _SELECT, "c.id", "c.organisation_id", _breach, lambda row: f"/decisions/{row['number']}"
).register()  # fmt: skip
