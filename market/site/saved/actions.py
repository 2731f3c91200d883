"""Keeping a search, giving it up, and telling of what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.queries import catalogue_at
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.search.interface import ANYBODY, Filter, In, Range, SearchQuery
from market.search.kinds import DATABASE, kind_called
from market.search.naming import in_chinese
from market.site.rules.asked import Asked, may_be_kept, of_address
from market.web.viewer import Viewer

MOST: Final = 20  # searches of one person
BATCH: Final = 20  # searches looked at in one pass
NAMED: Final = 3  # hits that a message names
LONGEST_ACT: Final = timedelta(hours=1)  # from the moment that an act states to its commit, amply


async def keep_search(viewer: Viewer, name: str, asked: Asked, *, now: datetime) -> None:
    """From now on: what matches already is no news. Refusal for one that is kept already, or one too many."""
    if not may_be_kept(asked):
        raise Refusal(
            "search.not_kept", N_("Only searches among projects, results, announcements and agencies can be saved.")
        )
    async with transaction():
        # One search of a person at a time, so that the limit holds.
        await execute("SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE", viewer.person_id)
        count = await fetch_value("SELECT count(*) FROM saved_search WHERE person_id = $1", viewer.person_id)
        if count >= MOST:
            raise Refusal("search.too_many", N_("You have saved {most} searches; more would not be read."), most=MOST,
                          todo=N_("Give up one that you do not need any more."))  # fmt: skip
        kept = await execute(
            "INSERT INTO saved_search (id, person_id, organisation_id, name, asked, seen_until, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT ON CONSTRAINT saved_search_once DO NOTHING",
            new_id(), viewer.person_id, viewer.organisation_id, name, asked.address, now,
        )  # fmt: skip
        if not kept:
            raise Refusal(
                "search.kept_already", N_("You have saved this search already."), todo=N_("See your saved searches.")
            )


async def give_up_search(viewer: Viewer, search_id: UUID) -> None:
    """NotFound for one that is somebody else's."""
    async with transaction():
        mine = await fetch_value(
            "SELECT id FROM saved_search WHERE id = $1 AND person_id = $2 AND organisation_id = $3 FOR UPDATE",
            search_id, viewer.person_id, viewer.organisation_id,
        )  # fmt: skip
        if mine is None:
            raise NotFound
        await execute("DELETE FROM saved_search_hit WHERE search_id = $1", search_id)
        await execute("DELETE FROM saved_search WHERE id = $1", search_id)


async def tell_of_news(now: datetime) -> int:
    """One pass over the saved searches that something was published after. Returns how many messages went out."""
    async with transaction():
        newest: datetime | None = await fetch_value("SELECT max(published_at) FROM search_document")
        if newest is None:
            return 0
        due = await fetch(
            "SELECT id, organisation_id, name, asked, created_at, seen_until FROM saved_search WHERE seen_until < $1"
            f" ORDER BY seen_until LIMIT {BATCH} FOR UPDATE SKIP LOCKED",
            newest,
        )
        told = sum([await _tell(row, now) for row in due])
        await execute(
            "UPDATE saved_search SET seen_until = $2 WHERE id = ANY ($1::uuid[])", [row["id"] for row in due], newest
        )
    return told


async def _tell(row: dict[str, Any], now: datetime) -> bool:
    """Each thing once for each search, whatever becomes of it; several together in one message."""
    asked = of_address(row["asked"], await catalogue_at(now))
    kind = asked.index
    filters = (*asked.filters, await _since_saved(asked, row))
    page = await DATABASE.search(SearchQuery(kind, asked.text, now, filters=filters, sort="newest", size=50), ANYBODY)
    fresh = await _not_yet_told(row["id"], page.hits, now)
    rows = await kind_called(kind).read(fresh, ANYBODY)
    named = [_name(rows[one]) for one in fresh if one in rows]
    if not named:
        return False
    text = N_("New for your saved search “{name}”: {titles}")
    if len(named) > NAMED:
        text = N_("{count} new for your saved search “{name}”: {titles} and more")
    await tell(
        row["organisation_id"], text, link=f"/search?{row['asked']}", cause=f"search.matched:{row['id']}:{fresh[0]}", now=now,
        facts={"name": row["name"], "count": len(named), "titles": "；".join(named[:NAMED])},
    )  # fmt: skip
    return True


async def _since_saved(asked: Asked, row: dict[str, Any]) -> Filter:
    """What counts as news is what was published since the search was saved. A project became a result later than it was
    published: those that did lately, and were not told of."""
    if asked.kind != "results":
        return Range("published_at", low=row["created_at"])
    found = await fetch(
        "SELECT p.id::text FROM project p WHERE (p.drawn_at > $2 OR p.failed_at > $2)"
        " AND NOT EXISTS (SELECT 1 FROM saved_search_hit h WHERE h.search_id = $1 AND h.document_id = p.id::text)",
        row["id"], max(row["created_at"], row["seen_until"] - LONGEST_ACT),
    )  # fmt: skip
    return In("id", tuple(one["id"] for one in found))


def _name(hit: Any) -> str:
    return in_chinese(getattr(hit, "title", None) or hit.name)


async def _not_yet_told(search_id: UUID, ids: Sequence[str], now: datetime) -> list[str]:
    rows = await fetch(
        "INSERT INTO saved_search_hit (search_id, document_id, told_at) SELECT $1, one, $3 FROM unnest($2::text[]) AS one"
        " ON CONFLICT DO NOTHING RETURNING document_id",
        search_id, list(ids), now,
    )  # fmt: skip
    fresh = {row["document_id"] for row in rows}
    return [one for one in ids if one in fresh]
