"""Agencies as other packages see them. A fixed number of queries, however many agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agencies.rules import AgencyFacts, HeldPractitioner, HeldQualification, Standing
from market.kernel.db import fetch

_AGENCIES = """
SELECT a.organisation_id AS id, o.code, o.name, o.legal_representative, o.parent_code, a.branch_of, a.stage,
       a.admitted_at, a.service_items, s.suspended_until, coalesce(s.suspension_reason, '') AS suspension_reason,
       s.restricted_until, coalesce(s.restriction_reason, '') AS restriction_reason, s.score
FROM agency a
JOIN organisation o ON o.id = a.organisation_id
LEFT JOIN agency_standing s ON s.agency_id = a.organisation_id
WHERE CASE WHEN $1::uuid[] IS NULL THEN a.stage = 'admitted' ELSE a.organisation_id = ANY ($1) END
ORDER BY o.code
"""
_QUALIFICATIONS = """
SELECT q.agency_id, q.id, q.qualification_type, q.level, q.specialities, q.certificate_number, q.valid_from,
       q.valid_until
FROM agency_qualification q WHERE q.review = 'accepted' AND q.ended_at IS NULL AND q.agency_id = ANY ($1)
ORDER BY q.created_at, q.id
"""
_PRACTITIONERS = """
SELECT p.agency_id, p.id, p.name, p.profession, p.certificate_number, p.valid_until
FROM agency_practitioner p WHERE p.review = 'accepted' AND p.left_at IS NULL AND p.agency_id = ANY ($1)
ORDER BY p.since, p.id
"""


@dataclass(frozen=True)
class AuthorisedPerson:
    """Somebody who may act for the agency in a project: accepted and still there."""

    id: UUID
    name: str
    phone: str


async def facts_of(agency_ids: Sequence[UUID] | None) -> list[AgencyFacts]:
    """These agencies whatever their stage, or all admitted ones; unknown ids are left out. Ordered by code."""
    rows = await fetch(_AGENCIES, None if agency_ids is None else list(agency_ids))
    ids = [row["id"] for row in rows]
    qualifications = _by_agency(await fetch(_QUALIFICATIONS, ids))
    held = {agency: tuple(map(_qualification, found)) for agency, found in qualifications.items()}
    people = _by_agency(await fetch(_PRACTITIONERS, ids))
    bound = {agency: tuple(HeldPractitioner(**row) for row in found) for agency, found in people.items()}
    return [_facts(row, held.get(row["id"], ()), bound.get(row["id"], ())) for row in rows]


async def practitioners(agency_id: UUID) -> list[HeldPractitioner]:
    return [HeldPractitioner(**row) for row in _by_agency(await fetch(_PRACTITIONERS, [agency_id]))[agency_id]]


async def authorised_persons(agency_id: UUID) -> list[AuthorisedPerson]:
    rows = await fetch(
        "SELECT id, name, phone FROM agency_authorised_person"
        " WHERE agency_id = $1 AND review = 'accepted' AND left_at IS NULL ORDER BY since, id",
        agency_id,
    )
    return [AuthorisedPerson(**row) for row in rows]


def _by_agency(rows: list[dict[str, Any]]) -> defaultdict[UUID, list[dict[str, Any]]]:
    grouped: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.pop("agency_id")].append(row)
    return grouped


def _qualification(row: dict[str, Any]) -> HeldQualification:
    return HeldQualification(**{**row, "specialities": frozenset(row["specialities"])})


def _facts(
    row: dict[str, Any], held: tuple[HeldQualification, ...], bound: tuple[HeldPractitioner, ...]
) -> AgencyFacts:
    standing = Standing(
        row["suspended_until"], row["suspension_reason"], row["restricted_until"], row["restriction_reason"], row["score"]
    )
    return AgencyFacts(
        id=row["id"], code=row["code"], name=row["name"], legal_representative=row["legal_representative"],
        parent_code=row["parent_code"], branch_of=row["branch_of"], stage=row["stage"], admitted_at=row["admitted_at"],
        service_items=frozenset(row["service_items"]), qualifications=held, practitioners=bound, standing=standing,
    )  # fmt: skip
