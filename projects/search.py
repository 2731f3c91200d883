"""What of a project can be found by searching, and what a hit shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from market.catalogue.queries import catalogue
from market.catalogue.rules import Catalogue
from market.kernel.db import fetch
from market.search.announcements import announced
from market.search.interface import Document, IndexOp, Scope
from market.search.kinds import Kind, changed, on_change, register_kind
from market.search.naming import place, service_names
from projects.announcements import PROJECT
from projects.rules import FACT_OF, Stage, band_of, stage_group

KIND: Final = "projects"
SELECTED: Final = "selected"
FAILED: Final = "failed"
_BATCH: Final = 500
_DOCUMENTS: Final = """
SELECT p.id, p.number, p.title, p.content, p.scale, p.investment_name, p.investment_code, p.approval_matter, p.service_items,
       p.region_code, p.method, p.stage, p.amount_fen, p.published_at, p.sign_up_closes_at, p.drawn_at, p.failed_at,
       p.catalogue_version, o.code AS owner_code, o.name AS owner_name, w.code AS winner_code, w.name AS winner_name
FROM project p JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation w ON w.id = p.winner_id
"""
_HITS: Final = """
SELECT p.id, p.number, p.title, p.content, p.stage, p.method, p.region_code, p.service_items, p.price_fen, p.amount_fen,
       p.published_at, p.sign_up_closes_at, o.name AS owner_name, w.name AS winner_name
FROM project p JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation w ON w.id = p.winner_id
WHERE p.id = ANY ($1::uuid[])
"""


@dataclass(frozen=True)
class ProjectHit:
    """A project as it is at this moment, whatever an index remembers of it."""

    number: str
    title: str
    content: str
    stage: Stage
    method: str
    region_code: str
    service_items: tuple[str, ...]
    price_fen: int | None
    amount_fen: int
    published_at: datetime
    sign_up_closes_at: datetime
    owner_name: str
    winner_name: str | None


async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
    """Every project is public from its publication on; drafts are no projects."""
    books: dict[str, Catalogue] = {}
    async for row in _rows(ids):
        version = row["catalogue_version"]
        if version not in books:
            books[version] = await catalogue(version)
        yield _document(row, books[version])


async def _rows(ids: Sequence[str] | None) -> AsyncIterator[Mapping[str, Any]]:
    if ids is not None:
        for row in await fetch(f"{_DOCUMENTS} WHERE p.id = ANY ($1::uuid[])", [UUID(one) for one in ids]):
            yield row
        return
    last = UUID(int=0)
    while rows := await fetch(f"{_DOCUMENTS} WHERE p.id > $1 ORDER BY p.id LIMIT {_BATCH}", last):
        for row in rows:
            yield row
        last = rows[-1]["id"]


def _document(row: Mapping[str, Any], book: Catalogue) -> Document:
    services, in_english = service_names(row["service_items"], book)
    regions, places = place(row["region_code"], book)
    stage = Stage(row["stage"])
    codes = (row["number"], row["investment_code"], row["owner_code"], row["winner_code"])
    body = (row["content"], row["scale"], row["investment_name"], row["approval_matter"], places, in_english)
    return Document(
        KIND, str(row["id"]), title=row["title"], code=" ".join(code for code in codes if code), service=services,
        company="、".join(name for name in (row["owner_name"], row["winner_name"]) if name), body="\n".join(filter(None, body)),
        regions=regions, service_classes=tuple(dict.fromkeys(book.item(code).service_class for code in row["service_items"])),
        service_items=tuple(row["service_items"]), method=row["method"], stage=stage_group(stage), outcome=_outcome(row),
        band=band_of(row["amount_fen"]), amount_fen=row["amount_fen"], published_at=row["published_at"],
        deadline=row["sign_up_closes_at"] if stage is Stage.SIGN_UP else None,
    )  # fmt: skip


def _outcome(row: Mapping[str, Any]) -> str:
    if row[FACT_OF[Stage.FAILED]]:
        return FAILED
    return SELECTED if row[FACT_OF[Stage.RESULT_NOTICE]] else ""


async def read(ids: Sequence[str], scope: Scope) -> Mapping[str, ProjectHit]:
    rows = await fetch(_HITS, [UUID(one) for one in ids])
    return {str(row.pop("id")): _hit(row) for row in rows}


def _hit(row: dict[str, Any]) -> ProjectHit:
    return ProjectHit(**{**row, "stage": Stage(row["stage"]), "service_items": tuple(row["service_items"])})


async def tell_search(project_id: UUID) -> None:
    """In the transaction of every act that changes what of a project can be found."""
    await changed(KIND, str(project_id))


async def _renamed(ops: Sequence[IndexOp]) -> None:
    """An agency's new name is found in the projects that it was selected for, and in what is announced of them."""
    names = {op.id: op.document.title for op in ops if op.kind == "agencies" and op.document is not None}
    if names:
        rows = await fetch(
            "SELECT p.id FROM unnest($1::uuid[], $2::text[]) AS one (id, name) JOIN project p ON p.winner_id = one.id"
            " JOIN search_document d ON d.kind = $3 AND d.id = p.id::text WHERE position(lower(one.name) IN d.company) = 0",
            [UUID(one) for one in names], list(names.values()), KIND,
        )  # fmt: skip
        renamed = [str(row["id"]) for row in rows]
        await changed(KIND, *renamed)
        await announced(PROJECT, *renamed)


register_kind(Kind(KIND, documents, read))
on_change("projects.of_agencies", _renamed)
