"""Clocks that stand, run again, or are asked to: what the last weeks of the story left of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from market.demo.story import STORY_ENDS, City
from market.kernel.db import fetch
from market.web.viewer import Viewer
from projects.contracts.rules import Side
from projects.fulfilment.clock import actions as clock_actions
from projects.fulfilment.clock.actions import NewChange
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.queries import Fulfilment, fulfilment_of
from projects.fulfilment.rules import Turn

Act = Callable[[], Awaitable[None]]
SAMPLING = NewChange(Kind.SUSPENSION, "sampling", None, "现场取样已送检，检测报告预计一周后出具，期间无法继续编制。")
NOT_READY = NewChange(
    Kind.SUSPENSION, "site-not-ready", None, "拆迁尚未完成，测区内仍有两处无法进入，待场地移交后继续。"
)
MORE_TIME = NewChange(Kind.EXTENSION, "", 3, "业主补充提供的地下管线资料需要重新核对，申请顺延三个工作日。")


def plan_clocks(city: City) -> None:
    """One that stood and runs again, one that stands, one revoked, a stop and an extension that wait for their answer."""
    for days, asked, then in (
        (27, SAMPLING, (_agree, _resume)), (20, NOT_READY, (_agree, _revoke)), (6, SAMPLING, (_agree,)),
        (1, MORE_TIME, ()), (1, NOT_READY, ()),
    ):  # fmt: skip
        city.script.at(STORY_ENDS - timedelta(days=days, hours=4), _ask(city, asked, then))


Then = Callable[[City, str, int], Awaitable[None]]


def _ask(city: City, new: NewChange, then: tuple[Then, ...]) -> Act:
    """In the first contract whose clock runs and in which nothing was asked yet; what follows comes day by day."""

    async def act() -> None:
        for row in await fetch("SELECT number FROM project WHERE stage = 'fulfilment' ORDER BY number"):
            found = await fulfilment_of(row["number"])
            if found is None or found.changes or found.turn is not Turn.DELIVERY:
                continue
            if found.limit > city.world.now + timedelta(days=2):
                await _request(city, found, new)
                for day, one in enumerate(then, 1):
                    city.script.at(city.world.now + timedelta(days=day), _later(city, one, row["number"]))
                return

    return act


def _later(city: City, one: Then, number: str) -> Act:
    async def act() -> None:
        await one(city, number, 1)

    return act


def _viewer(city: City, found: Fulfilment, side: Side) -> Viewer:
    organisation_id = found.contract.organisation_of(side)
    everybody = [*city.owners, *(agent.viewer for agent in city.agents)]
    return next(one for one in everybody if one.organisation_id == organisation_id)


async def _request(city: City, found: Fulfilment, new: NewChange) -> None:
    await clock_actions.ask(
        found.contract.project_number, new, viewer=_viewer(city, found, Side.AGENCY), calendar=city.world.calendar,
        now=city.world.now,
    )  # fmt: skip


async def _side(city: City, number: str, side: Side) -> Viewer:
    found = await fulfilment_of(number)
    assert found is not None
    return _viewer(city, found, side)


async def _agree(city: City, number: str, no: int) -> None:
    await clock_actions.answer(
        number, no=no, agrees=True, reason="", viewer=await _side(city, number, Side.OWNER), calendar=city.world.calendar,
        now=city.world.now,
    )  # fmt: skip


async def _resume(city: City, number: str, no: int) -> None:
    await clock_actions.resume(
        number, viewer=await _side(city, number, Side.AGENCY), calendar=city.world.calendar, now=city.world.now
    )


async def _revoke(city: City, number: str, no: int) -> None:
    await clock_actions.revoke(
        number,
        no=no,
        reason="经现场核查，测区已具备作业条件，中止理由不成立，予以撤销。",
        viewer=city.regulator,
        now=city.world.now,
    )
