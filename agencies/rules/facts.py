"""What the rest of the market knows of an agency: plain facts, no rules of other packages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class HeldQualification:
    """An accepted certificate; it counts on the days from `valid_from` to `valid_until`, both included."""

    id: UUID
    qualification_type: str
    level: str
    specialities: frozenset[str]
    certificate_number: str
    valid_from: date
    valid_until: date

    def counts_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True)
class HeldPractitioner:
    """An accepted practitioner bound to the agency; counts up to and including `valid_until`."""

    id: UUID
    name: str
    profession: str
    certificate_number: str
    valid_until: date

    def counts_on(self, day: date) -> bool:
        return day <= self.valid_until


@dataclass(frozen=True)
class Standing:
    """May the agency take new work? Suspended or restricted while now < the respective moment; reasons are public.
    `score`: credit points, None before the first computation."""

    suspended_until: datetime | None
    suspension_reason: str
    restricted_until: datetime | None
    restriction_reason: str
    score: int | None

    def suspended_at(self, moment: datetime) -> bool:
        return self.suspended_until is not None and moment < self.suspended_until

    def restricted_at(self, moment: datetime) -> bool:
        return self.restricted_until is not None and moment < self.restricted_until


GOOD_STANDING = Standing(None, "", None, "", None)


@dataclass(frozen=True)
class AgencyFacts:
    """`qualifications` and `practitioners`: accepted and not ended; whether they are valid is for the reader's day.
    `parent_code`: who controls it; `branch_of`: its head office when it is a branch."""

    id: UUID
    code: str
    name: str
    legal_representative: str
    parent_code: str | None
    branch_of: str | None
    stage: str
    admitted_at: datetime | None
    service_items: frozenset[str]
    qualifications: tuple[HeldQualification, ...]
    practitioners: tuple[HeldPractitioner, ...]
    standing: Standing
