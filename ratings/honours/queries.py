"""Reading honours: an agency's own, those that count, and what waits for a regulator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from agencies.queries.oversight import WATCHED_AGENCY, watches
from market.accounts.queries import organisation
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from ratings.honours.rules import Level
from ratings.pages import Page, cut

SHOWN_DONE = 50


@dataclass(frozen=True)
class HonourView:
    """`outcome`: None while it waits; `code`, `name`: of the agency; `decided_by`: the person."""

    id: UUID
    organisation_id: UUID
    code: str
    name: str
    level: Level
    title: str
    issuer: str
    certificate: str
    awarded_on: date
    file_id: UUID
    file_name: str
    proposed_at: datetime
    due_at: datetime
    entry_id: UUID
    outcome: str | None
    reason: str
    authority_name: str | None
    decided_at: datetime | None
    decision_entry_id: UUID | None
    decided_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    withdrawal_entry_id: UUID | None

    @property
    def stands(self) -> bool:
        """Accepted, and not withdrawn since."""
        return self.outcome == "accepted" and self.withdrawn_at is None

    @property
    def url(self) -> str:
        return f"/regulator/honours/{self.id}"


_HONOUR = """
SELECT h.id, h.organisation_id, o.code, o.name, h.level, h.title, h.issuer, h.certificate, h.awarded_on, h.file_id,
       f.name AS file_name, h.proposed_at, h.due_at, h.entry_id, h.outcome, h.reason, a.name AS authority_name, h.decided_at,
       h.decision_entry_id, h.decided_by, h.withdrawn_at, h.withdrawn_reason, h.withdrawal_entry_id
FROM honour h JOIN organisation o ON o.id = h.organisation_id JOIN stored_file f ON f.id = h.file_id
LEFT JOIN organisation a ON a.id = h.authority_id
"""


def _views(rows: list[dict[str, Any]]) -> list[HonourView]:
    return [HonourView(**{**row, "level": Level(row["level"])}) for row in rows]


async def honour(honour_id: UUID) -> HonourView:
    row = await fetch_one(f"{_HONOUR} WHERE h.id = $1", honour_id)
    if row is None:
        raise NotFound
    return _views([row])[0]


async def honours_of(organisation_id: UUID | None) -> list[HonourView]:
    """All that an agency proposed, newest first."""
    return _views(
        await fetch(f"{_HONOUR} WHERE h.organisation_id = $1 ORDER BY h.proposed_at DESC, h.id", organisation_id)
    )


async def accepted_of(organisation_id: UUID) -> list[HonourView]:
    """What everybody may see of an agency's honours, newest first."""
    return [one for one in await honours_of(organisation_id) if one.stands]


# $1 … $5: the viewer's `Watch`; $6: whether it watches over everybody.
_SUPERVISED: Final = f"($6 OR EXISTS (SELECT FROM agency a WHERE a.organisation_id = o.id AND {WATCHED_AGENCY}))"


async def open_for(viewer: Viewer) -> list[HonourView]:
    """Waiting for those who supervise, soonest due first."""
    return await _supervised(viewer, "h.outcome IS NULL ORDER BY h.due_at, h.id")


async def decided_for(viewer: Viewer, page: int = 1) -> Page[HonourView]:
    """Of those that this viewer supervises, newest first."""
    watch = await watch_of(viewer)
    count = await fetch_value(
        f"SELECT count(*) FROM honour h JOIN organisation o ON o.id = h.organisation_id WHERE {_SUPERVISED} AND h.outcome IS NOT NULL",
        *watch.values, viewer.is_operator,
    )  # fmt: skip
    here = cut(page, count=count, size=SHOWN_DONE)
    newest = f"h.outcome IS NOT NULL ORDER BY h.decided_at DESC, h.id LIMIT {here.size} OFFSET {here.offset}"
    return Page(tuple(await _supervised(viewer, newest)), here.no, here.pages)


async def _supervised(viewer: Viewer, which: str) -> list[HonourView]:
    watch = await watch_of(viewer)
    return _views(await fetch(f"{_HONOUR} WHERE {_SUPERVISED} AND {which}", *watch.values, viewer.is_operator))


async def access_honour(viewer: Viewer, honour_id: UUID) -> HonourView:
    """For those who supervise the agency; else NotFound."""
    found = await honour(honour_id)
    if not await watches(viewer, await organisation(found.organisation_id)):
        raise NotFound
    return found


async def access_certificate(viewer: Viewer, honour_id: UUID) -> StoredFile:
    """For the agency and for those who supervise it."""
    found = await honour(honour_id)
    if viewer.organisation_id != found.organisation_id:
        await access_honour(viewer, honour_id)
    return await stored(found.file_id)
