"""What the rest of the market knows of an agency: plain facts, no rules of other packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from market.catalogue.labels import TEXTS
from market.kernel.i18n import N_

# Whom to ask for removal from each of the lists of other authorities that this market can read. Which of them bar an
# agency is for the rulebook (`entry.barred_lists`).
LIST_KEEPERS: Final[Mapping[str, str]] = {
    "bribery": N_("the court whose judgment is recorded"),
    "judgment_defaulters": N_("the court that enforces the judgment"),
    "serious_violators": N_("the market regulation authority that entered it"),
    "abnormal_operations": N_("the market regulation authority that entered it"),
    "tax_offenders": N_("the tax authority that published the case"),
}
IMPORTED_LISTS: Final[Mapping[str, str]] = {code: TEXTS[code] for code in LIST_KEEPERS}


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
class Removal:
    """Taken out of the market by a decision (清退). `decision`: the number of its case."""

    since: datetime
    until: datetime
    decision: str

    @property
    def url(self) -> str:
        return f"/decisions/{self.decision}"


def removal_of(since: datetime | None, until: datetime | None, decision: str | None) -> Removal | None:
    return Removal(since, until, decision) if since and until and decision else None


@dataclass(frozen=True)
class Standing:
    """May the agency take new work? Suspended or restricted while now < the respective moment; reasons are public.
    `score`: credit points, None before the first computation. `removal`: the last one that was decided and stands; it
    suspends too."""

    suspended_until: datetime | None
    suspension_reason: str
    restricted_until: datetime | None
    restriction_reason: str
    score: int | None
    removal: Removal | None = None

    def removed_at(self, moment: datetime) -> Removal | None:
        return self.removal if self.removal and moment < self.removal.until else None

    def suspended_at(self, moment: datetime) -> bool:
        return self.suspended_until is not None and moment < self.suspended_until

    def restricted_at(self, moment: datetime) -> bool:
        return self.restricted_until is not None and moment < self.restricted_until


GOOD_STANDING = Standing(None, "", None, "", None)


@dataclass(frozen=True)
class Listing:
    """An entry of another authority's list (a key of IMPORTED_LISTS) as `source` showed it at `queried_at`. It bars up
    to and including `until_on`; without one until a later query no longer finds it."""

    list: str
    entered_on: date
    until_on: date | None
    source: str
    queried_at: datetime

    def bars_on(self, day: date) -> bool:
        return self.until_on is None or day <= self.until_on


@dataclass(frozen=True)
class AgencyFacts:
    """`qualifications` and `practitioners`: accepted and not ended; whether they are valid is for the reader's day.
    `parent_code`: who controls it; `branch_of`: its head office when it is a branch.
    `listings`: its own and its head office's on other authorities' lists, the oldest first."""

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
    listings: tuple[Listing, ...] = ()
