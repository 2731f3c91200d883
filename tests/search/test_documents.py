"""What acts leave behind for search: documents as if they were made anew, and nothing of what nobody may see."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from market.demo.projects import publish_project
from market.demo.scenes import amend_newest, withdraw_newest
from market.demo.world import World
from market.kernel.db import execute, fetch, transaction
from market.search.announcements import _PARTS
from market.search.interface import ANYBODY, SearchQuery
from market.search.kinds import DATABASE, fill_missing, kind_called, kinds
from market.search.postgres import row_of
from tests.contracts.award import Award

COMPARED = (
    "title", "service", "company", "all_text", "syllables", "stage", "outcome", "band", "regions", "service_classes", "visibility"
)  # fmt: skip


async def stored() -> dict[tuple[str, str], dict[str, object]]:
    return {(row["kind"], row["id"]): row for row in await fetch("SELECT * FROM search_document")}


async def made_anew() -> dict[tuple[str, str], dict[str, object]]:
    return {(kind.name, one.id): row_of(one) for kind in kinds() for one in [one async for one in kind.documents(None)]}


async def test_after_every_act_the_documents_are_as_made_anew(world: World, award: Award) -> None:
    """A project's whole life, another one's notice, agencies that entered: who forgets search in an act fails here."""
    await publish_project(world, award.owner, title="崂山区排水管网地形测绘")
    await amend_newest(world, [award.owner])()
    await publish_project(world, award.owner, title="唐岛湾岸线监测")
    await withdraw_newest(world, [award.owner])()
    kept, made = await stored(), await made_anew()
    assert kept.keys() == made.keys()
    assert {kind for kind, _ in kept} == {"projects", "agencies", "announcements"}
    for key, row in made.items():
        assert {name: kept[key][name] for name in COMPARED} == {name: row[name] for name in COMPARED}
    found = await DATABASE.search(SearchQuery("projects", "lsqpsgw", world.now, facets=("stage", "outcome")), ANYBODY)
    assert (found.total, found.facets["stage"]) == (1, {"sign_up": 1})
    everything = SearchQuery("announcements", "", world.now, facets=("stage",))
    announced = await DATABASE.search(everything, ANYBODY)
    assert announced.facets["stage"] == {"amendment": 1, "withdrawal": 1}
    for text, stage in (("顺延", "amendment"), ("唐岛湾 不再需要", "withdrawal")):
        [hit] = (await DATABASE.search(replace(everything, text=text), ANYBODY)).hits
        assert (await kind_called("announcements").read([hit], ANYBODY))[hit].what == stage


async def test_an_older_market_gets_its_documents(world: World, award: Award) -> None:
    before = await stored()
    await execute("DELETE FROM search_document")
    assert sum((await fill_missing()).values()) == len(before)
    assert (await stored()).keys() == before.keys()
    assert await fill_missing() == {}


def test_what_brings_a_market_up_to_date_knows_all_that_is_searched() -> None:
    """In a process of its own: here everything was imported by other tests. What is missing would be found by nobody."""
    asked = "import market.cli.preparation, market.search.announcements as a; print(*sorted(a._PARTS))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120).stdout
    assert set(told.split()) == {"amendment", "decision", "entry", "listing", "overdue", "project"} == set(_PARTS)


async def test_a_stale_document_shows_nothing(world: World, award: Award) -> None:
    """An engine that still names what is gone: the hit is read again, and there is nothing to read."""
    some = (await DATABASE.search(SearchQuery("agencies", "", world.now), ANYBODY)).hits
    async with transaction():
        await execute("UPDATE agency SET stage = 'refused' WHERE organisation_id::text = $1", some[0])
    read = await kind_called("agencies").read(some, ANYBODY)
    assert some[0] not in read
    assert len(read) == len(some) - 1
