"""Agencies as other packages see them. One query, however many agencies: signing up waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies.rules import AgencyFacts, HeldPractitioner, HeldQualification, Listing, Standing, removal_of
from market.kernel.db import fetch, from_json

_AGENCIES = """
SELECT a.organisation_id AS id, o.code, o.name, o.legal_representative, o.parent_code, a.branch_of, a.stage,
       a.admitted_at, a.service_items, s.suspended_until, coalesce(s.suspension_reason, '') AS suspension_reason,
       s.restricted_until, coalesce(s.restriction_reason, '') AS restriction_reason, s.score,
       s.removed_since, s.removed_until, s.removal_decision,
       (SELECT json_agg(json_build_array(q.id, q.qualification_type, q.level, q.specialities, q.certificate_number,
                                         q.valid_from, q.valid_until) ORDER BY q.created_at, q.id)
        FROM agency_qualification q
        WHERE q.agency_id = a.organisation_id AND q.review = 'accepted' AND q.ended_at IS NULL) AS qualifications,
       (SELECT json_agg(json_build_array(p.id, p.name, p.profession, p.certificate_number, p.valid_until)
                        ORDER BY p.since, p.id)
        FROM agency_practitioner p
        WHERE p.agency_id = a.organisation_id AND p.review = 'accepted' AND p.left_at IS NULL) AS practitioners,
       (SELECT json_agg(json_build_array(l.list, l.entered_on, l.until_on, l.source, u.queried_at)
                        ORDER BY l.entered_on, l.list, l.source)
        FROM imported_listing l JOIN imported_list_upload u ON u.id = l.upload_id
        WHERE l.code IN (o.code, a.branch_of) AND l.ended_at IS NULL) AS listings
FROM agency a
JOIN organisation o ON o.id = a.organisation_id
LEFT JOIN agency_standing s ON s.agency_id = a.organisation_id
"""
_PRACTITIONERS = """
SELECT p.id, p.name, p.profession, p.certificate_number, p.valid_until
FROM agency_practitioner p WHERE p.review = 'accepted' AND p.left_at IS NULL AND p.agency_id = $1
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
    if agency_ids is None:
        rows = await fetch(f"{_AGENCIES} WHERE a.stage = 'admitted' ORDER BY o.code")
    elif len(agency_ids) == 1:  # by itself, because PostgreSQL plans a query with a list anew each time
        rows = await fetch(f"{_AGENCIES} WHERE a.organisation_id = $1", agency_ids[0])
    else:
        rows = await fetch(f"{_AGENCIES} WHERE a.organisation_id = ANY ($1) ORDER BY o.code", list(agency_ids))
    return [_facts(row) for row in rows]


async def listings_of(organisation_id: UUID) -> tuple[Listing, ...]:
    """What other authorities' lists say of any organisation, as they were last read; the oldest first."""
    rows = await fetch(
        "SELECT l.list, l.entered_on, l.until_on, l.source, u.queried_at FROM imported_listing l"
        " JOIN imported_list_upload u ON u.id = l.upload_id JOIN organisation o ON o.code = l.code"
        " WHERE o.id = $1 AND l.ended_at IS NULL ORDER BY l.entered_on, l.list, l.source",
        organisation_id,
    )
    return tuple(Listing(**row) for row in rows)


async def record_of(agency_id: UUID) -> tuple[Listing, ...]:
    """Every entry of other authorities' lists on the agency or its head office that this market ever read, each with
    the last day on which it was seen to stand; the oldest first."""
    rows = await fetch(
        "SELECT l.list, l.entered_on, least(l.until_on, (l.ended_at AT TIME ZONE 'Asia/Shanghai')::date) AS until_on, l.source,"
        " u.queried_at FROM agency a JOIN organisation o ON o.id = a.organisation_id JOIN imported_listing l"
        " ON l.code IN (o.code, a.branch_of) JOIN imported_list_upload u ON u.id = l.upload_id"
        " WHERE o.id = $1 ORDER BY l.entered_on, l.list, l.source",
        agency_id,
    )
    return tuple(Listing(**row) for row in rows)


async def practitioners(agency_id: UUID) -> list[HeldPractitioner]:
    return [HeldPractitioner(**row) for row in await fetch(_PRACTITIONERS, agency_id)]


async def authorised_persons(agency_id: UUID) -> list[AuthorisedPerson]:
    rows = await fetch(
        "SELECT id, name, phone FROM agency_authorised_person"
        " WHERE agency_id = $1 AND review = 'accepted' AND left_at IS NULL ORDER BY since, id",
        agency_id,
    )
    return [AuthorisedPerson(**row) for row in rows]


def _qualification(
    id_: str, kind: str, level: str, specialities: list[str], number: str, valid_from: str, valid_until: str
) -> HeldQualification:
    return HeldQualification(
        UUID(id_),
        kind,
        level,
        frozenset(specialities),
        number,
        date.fromisoformat(valid_from),
        date.fromisoformat(valid_until),
    )


def _practitioner(id_: str, name: str, profession: str, number: str, valid_until: str) -> HeldPractitioner:
    return HeldPractitioner(UUID(id_), name, profession, number, date.fromisoformat(valid_until))


def _listing(name: str, entered_on: str, until_on: str | None, source: str, queried_at: str) -> Listing:
    until = date.fromisoformat(until_on) if until_on else None
    return Listing(name, date.fromisoformat(entered_on), until, source, datetime.fromisoformat(queried_at))


def _facts(row: dict[str, Any]) -> AgencyFacts:
    standing = Standing(
        row["suspended_until"],
        row["suspension_reason"],
        row["restricted_until"],
        row["restriction_reason"],
        row["score"],
        removal_of(row["removed_since"], row["removed_until"], row["removal_decision"]),
    )
    return AgencyFacts(
        id=row["id"], code=row["code"], name=row["name"], legal_representative=row["legal_representative"],
        parent_code=row["parent_code"], branch_of=row["branch_of"], stage=row["stage"], admitted_at=row["admitted_at"],
        service_items=frozenset(row["service_items"]), standing=standing,
        qualifications=tuple(_qualification(*one) for one in from_json(row["qualifications"]) or ()),
        practitioners=tuple(_practitioner(*one) for one in from_json(row["practitioners"]) or ()),
        listings=tuple(_listing(*one) for one in from_json(row["listings"]) or ()),
    )  # fmt: skip
