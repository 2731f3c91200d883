"""The last days of the story: single scenes that a visitor should find (an open objection, a draw about to happen, a
returned application, an amended notice …) and that half a year of ordinary business may not leave behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from agencies.rules import Decision
from market.accounts.queries import organisation
from market.demo.agencies import NewAgency, review, submit_agency
from market.demo.world import World
from market.kernel.db import fetch, fetch_one
from market.kernel.errors import Refusal
from market.web.viewer import Viewer
from projects.posting import actions as posting
from projects.posting.forms import need_values, values_of
from projects.posting.queries import published_notice
from projects.queries import project_by_number
from projects.selection.objections.actions import raise_objection
from projects.selection.sign_ups.actions import withdraw
from ratings.decisions.actions import put_on_red_list

Act = Callable[[], Awaitable[None]]


def apply_only(world: World, new: NewAgency, then: Decision | None = None) -> Act:
    """An application that is still on its way when the story stops: unread, returned once, or in its public notice."""

    async def act() -> None:
        agent = await submit_agency(world, new)
        if then is Decision.RETURN:
            wrong = {"licence": "扫描件不清晰，看不清经营范围和发证日期，请重新扫描上传。"}
            await review(world, agent, then, returned=wrong)
        elif then is not None:
            await review(world, agent, then)

    return act


async def _numbers(stage: str, *, limit: int = 10) -> list[str]:
    rows = await fetch("SELECT number FROM project WHERE stage = $1 ORDER BY number LIMIT $2", stage, limit)
    return [row["number"] for row in rows]


def withdraw_newest(world: World, owners: list[Viewer]) -> Act:
    """An owner takes a notice back with its public reason."""

    async def act() -> None:
        number = (await _numbers("sign_up"))[-1]
        project = await project_by_number(number)
        owner = next(one for one in owners if one.organisation_id == project.owner_id)
        await posting.withdraw(
            owner, number, reason="项目建设方案调整，本次采购内容不再需要，另行安排。", now=world.now
        )

    return act


def amend_newest(world: World, owners: list[Viewer]) -> Act:
    """A dated amendment that touches the price, so that the window starts again with a new beacon round."""

    async def act() -> None:
        number = (await _numbers("sign_up"))[-1]
        project = await project_by_number(number)
        owner = next(one for one in owners if one.organisation_id == project.owner_id)
        notice = await published_notice(project.id)
        later = replace(notice, service_days=notice.service_days + 5,
                        sign_up_closes_at=world.calendar.add_working_days(world.now, 5) - timedelta(hours=7))  # fmt: skip
        values = {**values_of(later), **need_values(later, world.catalogue), "not_excluded": "on"}
        await posting.amend(owner, number, values, reason="应报名机构询问，适当延长服务时限并顺延报名截止时间。",
                            calendar=world.calendar, beacon=world.beacon, now=world.now)  # fmt: skip

    return act


def change_ones_mind(world: World) -> Act:
    """An agency withdraws its sign-up in time: that costs nothing."""

    async def act() -> None:
        row = await fetch_one(
            "SELECT s.project_id, s.agency_id FROM sign_up s JOIN project p ON p.id = s.project_id"
            " WHERE p.stage = 'sign_up' AND s.withdrawn_at IS NULL ORDER BY s.signed_up_at DESC LIMIT 1"
        )
        if row is not None:
            await withdraw(row["project_id"], row["agency_id"], now=world.now)

    return act


def object_now(world: World) -> Act:
    """An agency that was not drawn objects; the operator has not answered yet when the story stops."""

    async def act() -> None:
        for number in await _numbers("result_notice"):
            project = await project_by_number(number)
            if project.result_notice_ends_at is None or project.result_notice_ends_at <= world.now:
                continue  # held by a complaint
            row = await fetch_one(
                "SELECT s.agency_id, s.signed_by FROM sign_up s WHERE s.project_id = $1 AND s.agency_id <> $2"
                " AND s.withdrawn_at IS NULL ORDER BY s.signed_up_at LIMIT 1",
                project.id, project.winner_id,
            )  # fmt: skip
            if row is not None:
                await raise_objection(
                    project.id, row["agency_id"], by=row["signed_by"], now=world.now,
                    grounds="中选机构公示的一名执业人员近期已在另一家机构注册，请核实其是否满足报名要求。",
                )  # fmt: skip
                return

    return act


def propose_red_list(world: World, regulator: Viewer) -> Act:
    """Whoever meets the conditions goes onto the red list."""

    async def act() -> None:
        for row in await fetch(
            "SELECT organisation_id AS id FROM agency WHERE stage = 'admitted' ORDER BY admitted_at, organisation_id"
        ):
            try:
                await put_on_red_list(
                    await organisation(row["id"]), acting=regulator, calendar=world.calendar, now=world.now
                )
            except Refusal:
                continue  # most do not meet the conditions

    return act
