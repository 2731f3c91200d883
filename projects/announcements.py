"""What is announced of a project after its notice, as it can be found by searching."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from market.catalogue.queries import catalogue
from market.kernel.db import fetch
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.search.announcements import KIND, Announcement, Part, announced, register_part
from market.search.interface import Document, Scope
from market.search.naming import in_both, place, service_names
from projects.rules import Stage

_BATCH: Final = 500
_PROJECT: Final = """p.number, p.title, p.service_items, p.region_code, p.method, p.catalogue_version, o.code AS owner_code,
 o.name AS owner_name, w.name AS winner_name
FROM project p JOIN organisation o ON o.id = p.owner_id LEFT JOIN organisation w ON w.id = p.winner_id"""
AMENDMENT: Final = "amendment"
SELECTED: Final = N_("Selected: {agency}. Objections are possible until the notice ends.")


@dataclass(frozen=True)
class _Source:
    """`columns`: SQL of id, at, reason and what; `where`: which rows are public; `place`: on the project's page."""

    columns: str
    where: str
    join: str = ""
    place: str = ""

    @property
    def select(self) -> str:
        return f"SELECT {self.columns}, {_PROJECT} {self.join} WHERE {self.where}"

    @property
    def key(self) -> str:
        return self.columns.partition(" ")[0]


PROJECT: Final = "project"
# What a project announces at its stage.
_STAGES: Final[Mapping[Stage, str]] = {
    Stage.RESULT_NOTICE: "result", Stage.FAILED: "failure", Stage.WITHDRAWN: "withdrawal",
}  # fmt: skip
_SOURCES: Final = {
    PROJECT: _Source(
        "p.id AS id, coalesce(p.withdrawn_at, p.failed_at, p.drawn_at) AS at, p.stage AS what,"
        " CASE p.stage WHEN 'withdrawn' THEN p.withdrawal_reason ELSE p.failure_reason END AS reason",
        f"p.stage IN ({', '.join(repr(str(stage)) for stage in _STAGES)})",
    ),
    AMENDMENT: _Source(
        f"a.id AS id, a.made_at AS at, a.reason AS reason, '{AMENDMENT}' AS what", "true",
        join="JOIN project_amendment a ON a.project_id = p.id", place="#amendments",
    ),
}  # fmt: skip


async def _documents(source: _Source, ids: Sequence[str] | None) -> AsyncIterator[Document]:
    async for row in _rows(source, ids):
        yield await _document(row)


async def _rows(source: _Source, ids: Sequence[str] | None) -> AsyncIterator[Mapping[str, Any]]:
    if ids is not None:
        for row in await _read_rows(source, ids):
            yield row
        return
    last = UUID(int=0)
    while rows := await fetch(f"{source.select} AND {source.key} > $1 ORDER BY {source.key} LIMIT {_BATCH}", last):
        for row in rows:
            yield row
        last = rows[-1]["id"]


async def _read_rows(source: _Source, ids: Sequence[str]) -> list[dict[str, Any]]:
    return await fetch(f"{source.select} AND {source.key} = ANY ($1::uuid[])", [UUID(one) for one in ids])


async def _document(row: Mapping[str, Any]) -> Document:
    book = await catalogue(row["catalogue_version"])
    services, in_english = service_names(row["service_items"], book)
    regions, places = place(row["region_code"], book)
    return Document(
        KIND, str(row["id"]), title=row["title"], code=f"{row['number']} {row['owner_code']}", service=services, company=_who(row),
        body="\n".join((in_both(_said(row)), places, in_english)), regions=regions, stage=_what(row), method=row["method"],
        service_classes=tuple(dict.fromkeys(book.item(code).service_class for code in row["service_items"])),
        service_items=tuple(row["service_items"]), published_at=row["at"],
    )  # fmt: skip


def _what(row: Mapping[str, Any]) -> str:
    return AMENDMENT if row["what"] == AMENDMENT else _STAGES[Stage(row["what"])]


def _said(row: Mapping[str, Any]) -> str | Message:
    """An owner's reasons are its own words, the market's are messages."""
    match _what(row):
        case "result":
            return Message(SELECTED, {"agency": row["winner_name"]})
        case "failure":
            return Message(row["reason"] or N_("Too few agencies could take part."))
    return str(row["reason"])


def _who(row: Mapping[str, Any]) -> str:
    return "、".join(name for name in (row["owner_name"], row["winner_name"]) if name)


async def _read(source: _Source, ids: Sequence[str], scope: Scope) -> Mapping[str, Announcement]:
    return {
        str(row["id"]): Announcement(
            _what(row), row["title"], _said(row), f"/projects/{row['number']}{source.place}", row["at"], code=row["number"],
            who=row["owner_name"], region_code=row["region_code"],
        )
        for row in await _read_rows(source, ids)
    }  # fmt: skip


async def tell_of_move(project_id: UUID, *stages: Stage) -> None:
    """In the transaction of every act that moves a project between these stages."""
    if _STAGES.keys() & set(stages):
        await announced(PROJECT, str(project_id))


async def tell_of_amendments(project_id: UUID) -> None:
    """After an amendment, within its transaction: earlier ones carry the project's title and place as well."""
    rows = await fetch("SELECT id FROM project_amendment WHERE project_id = $1", project_id)
    await announced(AMENDMENT, *(str(row["id"]) for row in rows))


for _name, _source in _SOURCES.items():
    register_part(Part(_name, partial(_documents, _source), partial(_read, _source)))
