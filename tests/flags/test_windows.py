"""A very short time to sign up: found when the notice appears, weighed again by what came of it, and the same however late
and however often somebody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from market.demo.agencies import admit_agencies, credit_code, some_agency
from market.demo.projects import closing_time, open_owner, publish_project
from market.demo.world import World
from market.kernel.db import execute, fetch, from_json
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.posting import actions as posting
from projects.posting.forms import need_values, values_of
from projects.posting.queries import published_notice
from projects.posting.rules.window import earliest_close
from projects.queries import ProjectView
from ratings.flags import actions
from tests.flags.rows import copy_project

EARLIER = timedelta(days=35)
SAID = "screen, key, version, score, text, facts, figures, projects, evidence"


async def flags_found() -> list[dict[str, Any]]:
    return await fetch(f"SELECT {SAID} FROM flag WHERE screen = 'short_window' ORDER BY key")


async def once_more(world: World) -> list[dict[str, Any]]:
    """What is found where nobody has looked yet."""
    await execute("DELETE FROM flag_party")
    await execute("DELETE FROM flag")
    await actions.recompute(
        datetime(2026, 1, 1, tzinfo=UTC), calendar=world.calendar, now=world.now, progress=lambda *_: None
    )
    return await flags_found()


async def lengthen(world: World, owner: Viewer, project: ProjectView) -> None:
    notice = replace(await published_notice(project.id), sign_up_closes_at=closing_time(world, 9))
    values = {**values_of(notice), **need_values(notice, world.catalogue), "not_excluded": "on"}
    await posting.amend(owner, project.number, values, reason="应报名机构要求顺延报名截止时间。", calendar=world.calendar,
                        beacon=world.beacon, now=world.now)  # fmt: skip


async def test_looking_at_one_notice_and_at_all_of_them_gives_the_same(world: World) -> None:
    await admit_agencies(world, [some_agency(1)])
    ordinary, hasty, owner = [
        await open_owner(world, name=f"青岛市第{place}建设服务中心", code=credit_code(place, kind="12"))
        for place in (1, 2, 3)
    ]
    usual = await publish_project(world, ordinary, working_days=5)
    await posting.withdraw(ordinary, usual.number, reason="项目暂缓实施，另行公告。", now=world.now)
    moved = {name: getattr(usual, name) - EARLIER for name in ("published_at", "sign_up_opens_at", "sign_up_closes_at")}
    for place in range(9):
        await copy_project(usual.id, f"MX-2026-9{place:05d}", **moved)
    shortest = local_input(earliest_close(world.now, world.rulebook, world.calendar))
    early = await publish_project(world, hasty, sign_up_closes_at=shortest)
    await world.settle()
    assert await flags_found() == [], "nine earlier notices tell of nothing usual"
    await copy_project(usual.id, "MX-2026-900009", **moved)
    short = await publish_project(world, owner, sign_up_closes_at=shortest)
    await world.settle()
    (found,) = at_once = await flags_found()
    facts = from_json(found["facts"])
    assert (found["key"], facts["days"], facts["usual"]) == (short.number, 3, 5)
    await lengthen(world, owner, short)
    whole = await once_more(world)
    assert [one["key"] for one in whole] == [early.number, short.number], "ten are enough, for whoever looks"
    assert [one for one in whole if one["key"] == short.number] == at_once, (
        "what was published counts, not what it became"
    )
    await world.run_past(closing_time(world, 9))
    (first, second) = incremental = await flags_found()
    assert first["score"] == second["score"] == found["score"] + 3_000, "nobody came"
    assert await once_more(world) == incremental
