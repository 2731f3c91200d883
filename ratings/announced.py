"""What decisions and lists have in common when they are searched: an organisation, a reason, a time for which it is public."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from market.catalogue.queries import newest_catalogue
from market.kernel.db import fetch
from market.kernel.errors import Message
from market.search.announcements import KIND, Announcement, Part, announced, register_part
from market.search.interface import Document, IndexOp, Scope
from market.search.kinds import on_change
from market.search.naming import in_both, place

# Natural persons and experts are named in no announcement.
NAMED: Final = "o.kind NOT IN ('natural_person', 'expert')"


@dataclass(frozen=True)
class Source:
    """`select`: what is public now, few rows, with id, what, number, reason (a message), body, at, until, code, name,
    region_code and authority; `own`, `of`: its columns for the id and for the organisation; `link`: where it is read."""

    name: str
    select: str
    own: str
    of: str
    reason: Callable[[Mapping[str, Any]], str]
    link: Callable[[Mapping[str, Any]], str]

    async def documents(self, ids: Sequence[str] | None) -> AsyncIterator[Document]:
        book = await newest_catalogue()
        for row in await self._rows(ids):
            regions, places = place(row["region_code"], book)
            body = (in_both(Message(self.reason(row))), row["body"], row["authority"], places)
            yield Document(
                KIND, str(row["id"]), title=row["name"], code=" ".join(filter(None, (row["number"], row["code"]))),
                body="\n".join(filter(None, body)), regions=regions, stage=row["what"], published_at=row["at"],
                deadline=row["until"],
            )  # fmt: skip

    async def read(self, ids: Sequence[str], scope: Scope) -> Mapping[str, Announcement]:
        return {
            str(row["id"]): Announcement(
                row["what"], row["name"], Message(self.reason(row)), self.link(row), row["at"], code=row["number"] or row["code"],
                who=row["authority"], region_code=row["region_code"], until=row["until"],
            )
            for row in await self._rows(ids)
        }  # fmt: skip

    async def _rows(self, ids: Sequence[str] | None) -> list[dict[str, Any]]:
        if ids is None:
            return await fetch(self.select)
        return await fetch(f"{self.select} AND {self.own} = ANY ($1::uuid[])", [UUID(one) for one in ids])

    async def renamed(self, ops: Sequence[IndexOp]) -> None:
        """An agency is found under its new name here as well."""
        agencies = [UUID(op.id) for op in ops if op.kind == "agencies" and op.document is not None]
        if agencies:
            rows = await fetch(f"{self.select} AND {self.of} = ANY ($1::uuid[])", agencies)
            await announced(self.name, *(str(row["id"]) for row in rows))

    def register(self) -> None:
        register_part(Part(self.name, self.documents, self.read))
        on_change(f"announcements.{self.name}", self.renamed)
