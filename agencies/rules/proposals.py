"""What an agency says of itself, as plain values: the contents of the sections and rows of its application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

# A certificate without an end is stored with this day, so that dates compare without special cases.
LONG_TERM = date(2999, 12, 31)


@dataclass(frozen=True)
class FirmDetails:
    """`parent_code`: the organisation that controls it; `branch_of`: its head office, when it is a branch."""

    name: str
    legal_representative: str
    region_code: str
    address: str
    phone: str
    complaint_phone: str
    parent_code: str | None
    branch_of: str | None
    introduction: str
    established_on: date | None
    registered_capital_fen: int | None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "established_on": self.established_on and self.established_on.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> FirmDetails:
        founded = values["established_on"]
        return cls(**{**values, "established_on": date.fromisoformat(founded) if founded else None})

    def differing(self, other: FirmDetails) -> tuple[str, ...]:
        """The names of the fields in which the two differ."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name))


@dataclass(frozen=True)
class Certificate:
    qualification_type: str
    level: str
    specialities: tuple[str, ...]
    certificate_number: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True)
class PractitionerDetails:
    """`id_number`: as typed and checked; it is never stored in the clear."""

    name: str
    id_number: str
    profession: str
    certificate_number: str
    valid_until: date


@dataclass(frozen=True)
class AuthorisedDetails:
    name: str
    phone: str
