"""The market's own lists: the red list of the reliable and the restricted list. Pure.

The restricted list is the platform's, by a decision of its own, with reason, evidence and term. It is not the
statutory list of serious violators, which needs a basis in law (国办发〔2020〕49号), and is never called so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

RED = "red"
RESTRICTED = "restricted"
LISTS = (RED, RESTRICTED)
State = Literal["notice", "current", "over", "removed"]


What = Literal["proposed", "entered", "left"]


@dataclass(frozen=True)
class Change:
    """A dated change of a list. Who has left the restricted list is not named any more: what was annulled, repaired or
    served is not held against anybody."""

    what: What
    at: datetime
    list: str
    code: str
    name: str
    reason: str
    evidence_id: UUID | None
    evidence_no: int | None

    @property
    def named(self) -> bool:
        return self.code != ""


@dataclass(frozen=True)
class ListEntry:
    id: UUID
    list: str
    organisation_id: UUID
    code: str
    name: str
    region_code: str
    reason: str
    decided_at: datetime
    from_at: datetime
    until_at: datetime
    removed_at: datetime | None
    removal_reason: str
    evidence_id: UUID
    evidence_no: int

    def stands(self, at: datetime) -> bool:
        """On notice or in force."""
        return self.removed_at is None and at < self.until_at

    def state(self, at: datetime) -> State:
        """On public notice until `from_at`, then current until `until_at` or its removal."""
        if self.removed_at is not None and self.removed_at <= at:
            return "over" if self.removed_at >= self.until_at else "removed"
        if at >= self.until_at:
            return "over"
        return "current" if at >= self.from_at else "notice"
