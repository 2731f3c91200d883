"""What waits for the operator, and who may read which file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from agencies.queries.oversight import watches_agency
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.web.viewer import Viewer

_TO_REVIEW = """
SELECT o.code, o.name, o.region_code, 'application' AS kind, a.submitted_at AS since, a.due_at, a.corrections_used
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = 'submitted'
UNION ALL
SELECT o.code, o.name, o.region_code, 'changes', a.changes_since, a.changes_due_at, 0
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.changes_since IS NOT NULL
ORDER BY due_at, code LIMIT $1
"""
_WATCHED = """
SELECT o.code, o.name, o.region_code, a.stage AS kind, coalesce(a.returned_at, a.notice_started_at) AS since, a.due_at,
       a.corrections_used
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage IN ('returned', 'notice')
ORDER BY a.due_at, o.code LIMIT $1
"""
# A file belongs to an agency's papers only when one of these says so: the same organisation also stores deliverables.
_IS_PAPER = """
SELECT EXISTS (SELECT 1 FROM agency WHERE organisation_id = $2 AND $1 IN (licence_file_id, branch_file_id))
    OR EXISTS (SELECT 1 FROM agency_qualification WHERE agency_id = $2 AND file_id = $1)
    OR EXISTS (SELECT 1 FROM agency_practitioner WHERE agency_id = $2 AND insurance_file_id = $1)
    OR EXISTS (SELECT 1 FROM agency_authorised_person
               WHERE agency_id = $2 AND $1 IN (insurance_file_id, authority_file_id))
    OR EXISTS (SELECT 1 FROM agency_change WHERE agency_id = $2 AND file_id = $1)
"""
_EXPIRING = """
SELECT certificate_number, valid_until FROM agency_qualification
WHERE agency_id = $1 AND ended_at IS NULL AND review = 'accepted' AND valid_until <= $2
UNION ALL
SELECT certificate_number, valid_until FROM agency_practitioner
WHERE agency_id = $1 AND left_at IS NULL AND review = 'accepted' AND valid_until <= $2
ORDER BY valid_until
"""


@dataclass(frozen=True)
class QueueLine:
    """`kind`: application | changes (to review), returned | notice (waiting for others)."""

    code: str
    name: str
    region_code: str
    kind: str
    since: datetime
    due_at: datetime
    corrections_used: int


@dataclass(frozen=True)
class Expiring:
    certificate_number: str
    valid_until: date


async def review_queue(*, limit: int = 200) -> list[QueueLine]:
    """Applications and changes that wait for the operator; what is due first stands first."""
    return [QueueLine(**row) for row in await fetch(_TO_REVIEW, limit)]


async def watched(*, limit: int = 200) -> list[QueueLine]:
    """Applications on which the operator waits: returned ones, and those in their public notice."""
    return [QueueLine(**row) for row in await fetch(_WATCHED, limit)]


async def returned_changes(agency_id: UUID) -> int:
    """How many of an admitted agency's changes were returned and not corrected yet."""
    count: int = await fetch_value(
        "SELECT (SELECT count(*) FROM agency_change WHERE agency_id = $1 AND ended_at IS NULL AND review = 'returned')"
        " + (SELECT count(*) FROM agency_qualification WHERE agency_id = $1 AND ended_at IS NULL AND review = 'returned')"
        " + (SELECT count(*) FROM agency_practitioner WHERE agency_id = $1 AND left_at IS NULL AND review = 'returned')"
        " + (SELECT count(*) FROM agency_authorised_person WHERE agency_id = $1 AND left_at IS NULL AND review = 'returned')",
        agency_id,
    )
    return count


async def expiring(agency_id: UUID, *, today: date, within: int) -> list[Expiring]:
    """Certificates in force that expire within so many days, or have expired; a waiting successor does not hide them."""
    rows: list[dict[str, Any]] = await fetch(_EXPIRING, agency_id, today + timedelta(days=within))
    return [Expiring(**row) for row in rows]


async def access_file(viewer: Viewer, file_id: UUID) -> StoredFile:
    """A paper of an agency: for that agency, the operator and the regulators that watch over it. Everybody else learns
    nothing of it."""
    file = await stored(file_id)
    if not await fetch_value(_IS_PAPER, file_id, file.owner_organisation_id):
        raise NotFound
    if viewer.organisation_id != file.owner_organisation_id and not await watches_agency(
        viewer, file.owner_organisation_id
    ):
        raise NotFound
    return file
