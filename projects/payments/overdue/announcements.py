"""The yearly lists of overdue payments, as they can be found by searching: by the owners that they name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from market.kernel.db import fetch, from_json
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.search.announcements import KIND, Announcement, Part, register_part
from market.search.interface import Document, Scope
from market.search.naming import in_both

YEAR_LIST: Final = "overdue"
HEADING: Final = N_("Overdue payments of {year}")
ABOUT: Final = N_("Payments: {count}. Due and unpaid at the end of 31 December {year}.")
_SELECT: Final = "SELECT year, published_at, rows FROM overdue_list"


async def documents(ids: Sequence[str] | None) -> AsyncIterator[Document]:
    """Natural persons are counted in a list, never named."""
    for row in await _lists(ids):
        listed = from_json(row["rows"])
        named = dict.fromkeys(name for one in listed if (name := one["owner_name"]))
        body = [in_both(_about(row)), *(f"{one['project']} {one['title']}" for one in listed if one["owner_name"])]
        yield Document(
            KIND, str(row["year"]), title=in_both(_heading(row)).replace("\n", " / "), company="、".join(named), stage=YEAR_LIST,
            body="\n".join(body), published_at=row["published_at"],
        )  # fmt: skip


async def read(ids: Sequence[str], scope: Scope) -> Mapping[str, Announcement]:
    return {
        str(row["year"]): Announcement(
            YEAR_LIST, _heading(row), _about(row), f"/overdue/{row['year']}", row["published_at"]
        )
        for row in await _lists(ids)
    }


async def _lists(ids: Sequence[str] | None) -> list[dict[str, Any]]:
    if ids is None:
        return await fetch(f"{_SELECT} ORDER BY year")
    return await fetch(f"{_SELECT} WHERE year = ANY ($1::integer[])", [int(one) for one in ids])


def _heading(row: Mapping[str, Any]) -> Message:
    return Message(HEADING, {"year": row["year"]})


def _about(row: Mapping[str, Any]) -> Message:
    return Message(ABOUT, {"count": len(from_json(row["rows"])), "year": row["year"]})


register_part(Part(YEAR_LIST, documents, read))
