"""What of an agency can be found by searching, and what a hit shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from agencies.rules import PUBLIC_STAGES, Stage
from market.catalogue.queries import newest_catalogue
from market.catalogue.rules import Catalogue, UnknownCode
from market.kernel.db import fetch
from market.search.announcements import Announcement, Part, announced, register_part
from market.search.interface import Document, Scope
from market.search.kinds import Kind, changed, register_kind
from market.search.naming import place, service_names

KIND: Final = "agencies"
ENTRY: Final = "entry"
_BATCH: Final = 500
_STAGES: Final = [str(stage) for stage in PUBLIC_STAGES]
_DOCUMENTS: Final = """
SELECT o.id, o.code, o.name, o.region_code, a.stage, a.introduction, a.service_items, a.notice_started_at, a.admitted_at
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = ANY ($1::text[])
"""
_HITS: Final = """
SELECT o.id, o.code, o.name, o.region_code, a.stage, a.service_items, a.notice_ends_at
FROM agency a JOIN organisation o ON o.id = a.organisation_id WHERE a.stage = ANY ($1::text[]) AND o.id = ANY ($2::uuid[])
"""


@dataclass(frozen=True)
class AgencyHit:
    """An agency as it is at this moment, whatever an index remembers of it."""

    code: str
    name: str
    stage: str
    region_code: str
    service_items: tuple[str, ...]
    notice_ends_at: datetime | None


async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
    """Agencies in a stage that everybody may see: from the notice of their entry on."""
    book = await newest_catalogue()
    if ids is not None:
        for row in await fetch(f"{_DOCUMENTS} AND o.id = ANY ($2::uuid[])", _STAGES, [UUID(one) for one in ids]):
            yield _document(row, book)
        return
    last = UUID(int=0)
    while rows := await fetch(f"{_DOCUMENTS} AND o.id > $2 ORDER BY o.id LIMIT {_BATCH}", _STAGES, last):
        for row in rows:
            yield _document(row, book)
        last = rows[-1]["id"]


def _document(row: Mapping[str, Any], book: Catalogue) -> Document:
    services, in_english = service_names(row["service_items"], book)
    regions, places = place(row["region_code"], book)
    return Document(
        KIND, str(row["id"]), title=row["name"], code=row["code"], service=services,
        body="\n".join(filter(None, (row["introduction"], places, in_english))), regions=regions,
        service_classes=tuple(dict.fromkeys(_classes(row["service_items"], book))), service_items=tuple(row["service_items"]),
        stage=row["stage"], published_at=row["admitted_at"] or row["notice_started_at"],
    )  # fmt: skip


def _classes(codes: Sequence[str], book: Catalogue) -> list[str]:
    found = []
    for code in codes:
        try:
            found.append(book.item(code).service_class)
        except UnknownCode:  # of a catalogue that the newest one has left behind
            continue
    return found


async def read(ids: Sequence[str], scope: Scope) -> Mapping[str, AgencyHit]:
    rows = await fetch(_HITS, _STAGES, [UUID(one) for one in ids])
    return {str(row.pop("id")): AgencyHit(**{**row, "service_items": tuple(row["service_items"])}) for row in rows}


async def tell_search(agency_id: UUID) -> None:
    """In the transaction of every act that changes what of an agency can be found."""
    await changed(KIND, str(agency_id))
    await announced(ENTRY, str(agency_id))


async def entries(ids: Sequence[str] | None) -> AsyncIterator[Document]:
    """The public notices of entry, as long as they last."""
    async for one in documents(ids):
        if one.stage == Stage.NOTICE:
            yield replace(one, stage=ENTRY)


async def read_entries(ids: Sequence[str], scope: Scope) -> Mapping[str, Announcement]:
    rows = await fetch(f"{_DOCUMENTS} AND o.id = ANY ($2::uuid[])", [str(Stage.NOTICE)], [UUID(one) for one in ids])
    return {
        str(row["id"]): Announcement(
            ENTRY, row["name"], row["introduction"], f"/agencies/{row['code']}", row["notice_started_at"], code=row["code"],
            region_code=row["region_code"],
        )
        for row in rows
    }  # fmt: skip


register_kind(Kind(KIND, documents, read))
register_part(Part(ENTRY, entries, read_entries))
