"""The ordinary and the troubled course of a project of the demonstration, from its result to its ratings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from market.demo import selections
from market.demo.agencies import Agent
from market.demo.contracts import (
    accept_delivery,
    current_contract,
    deliver_results,
    file_contract,
    refuse_contract,
    return_results,
    sign_contract,
)
from market.demo.payments import pay_by_bank
from market.demo.selection import object_to, reject, uphold
from market.demo.story import MODEL, STORY_ENDS, TROUBLED, City, Plot
from market.web.viewer import Viewer
from projects.fulfilment.queries import fulfilment_of
from projects.fulfilment.rules import Turn
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.sign_ups import actions as selection
from projects.selection.sign_ups.queries import sign_up_of
from ratings.evaluations.actions import GiveRating, give_rating
from ratings.evaluations.rules import DIMENSIONS

LAST_DAYS, FORGOTTEN = timedelta(days=14), 3


def follow(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    """Looks again where a project went its own way (redrawn, reopened) until it has a result."""

    async def act() -> None:
        project = await project_by_number(number)
        if project.stage is Stage.RESULT_NOTICE:
            await _after_draw(city, number, owner, plot)()
        elif project.stage is Stage.CONTRACTING:
            await _contract(city, number, owner, plot)()
        elif project.stage is Stage.EVALUATION:
            await selections.score_soon(city.world, city.script, city.random, number)()
            city.script.at(city.world.now + timedelta(hours=15), follow(city, number, owner, plot))
        elif project.stage in {Stage.SIGN_UP, Stage.DRAWING}:
            city.script.at(
                max(project.due_at or city.world.now, city.world.now) + timedelta(hours=1),
                follow(city, number, owner, plot),
            )

    return act


async def _winner(city: City, project: ProjectView) -> Agent | None:
    return next((agent for agent in city.agents if agent.id == project.winner_id), None)


def _after_draw(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        if project.stage is not Stage.RESULT_NOTICE or project.result_notice_ends_at is None:
            return
        if plot.abandons:
            await _abandon_place(city, project)
        if plot.objection:
            await _object(city, project, owner, plot)
            return
        city.script.past(project.result_notice_ends_at, _contract(city, number, owner, plot))

    return act


async def _abandon_place(city: City, project: ProjectView) -> None:
    """Somebody in the pool who was not drawn gives up the place, and pays for it with credit."""
    for agent in city.agents:
        if agent.name != MODEL and agent.id != project.winner_id and await sign_up_of(project.id, agent.id) is not None:
            await selection.abandon(project.id, agent.id, now=city.world.now)
            return


async def _object(city: City, project: ProjectView, owner: Viewer, plot: Plot) -> None:
    objection = await object_to(city.world, owner, project)

    async def answer() -> None:
        if plot.objection == "rejected":
            await reject(city.world, objection)
        else:
            await uphold(city.world, objection, exclude=project.winner_id if plot.objection == "upheld" else None)
        again = await project_by_number(project.number)
        city.script.at(again.due_at or city.world.now, follow(city, project.number, owner, replace(plot, objection="")))

    city.script.at(city.world.now + timedelta(hours=20), answer)


def _contract(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        winner = await _winner(city, project)
        if project.stage is not Stage.CONTRACTING or winner is None:
            return
        course = Plot() if winner.name == MODEL else plot
        later = timedelta(hours=city.random.randint(5, 90))
        city.script.at(city.world.now + later, _sign(city, number, owner, winner, course))

    return act


def _sign(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        contract = await current_contract(number)
        if plot.refuses or winner.name == TROUBLED:
            await refuse_contract(city.world, contract, winner.viewer)
            again = await project_by_number(number)
            city.script.at(
                again.due_at or city.world.now + timedelta(hours=1),
                follow(city, number, owner, replace(plot, refuses=False)),
            )
            return
        if plot.lapses:
            await sign_contract(city.world, contract, owner)
            city.script.past(contract.sign_due_at, follow(city, number, owner, replace(plot, lapses=False)))
            return
        await sign_contract(city.world, contract, winner.viewer)

        async def owner_signs() -> None:
            await sign_contract(city.world, contract, owner)
            if not plot.forgets_filing:
                city.script.at(city.world.now + timedelta(days=2), partial(file_contract, city.world, contract, owner))
            lead = timedelta(days=-2 * plot.late) if plot.late else timedelta(days=city.random.randint(1, 4), hours=8)
            await _deliver_in_time(city, number, owner, winner, plot, lead)

        city.script.at(city.world.now + timedelta(hours=city.random.randint(2, 60)), owner_signs)

    return act


async def _deliver_in_time(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot, lead: timedelta) -> None:
    """So long before the limit of the milestone that runs, but not before tomorrow."""
    running = await fulfilment_of(number)
    assert running is not None
    moment = max(running.limit - lead, city.world.now + timedelta(days=1))
    city.script.at(moment, _deliver(city, number, owner, winner, plot))


def _deliver(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        if city.world.now > STORY_ENDS - LAST_DAYS and len(city.forgotten) < FORGOTTEN and winner.name != MODEL:
            city.forgotten.append(number)  # still not delivered when the story stops: somebody's lamp is red
            return
        running = await fulfilment_of(number)
        if running is None or running.turn is not Turn.DELIVERY:
            return
        if running.stop is not None:
            city.script.at(city.world.now + timedelta(days=1), _deliver(city, number, owner, winner, plot))
            return
        delivery = await deliver_results(city.world, number, winner.viewer, "成果报告", "附图")
        if plot.silent:
            city.script.past(delivery.answer_due_at + timedelta(hours=9), _go_on(city, number, owner, winner, plot))
            return
        city.script.at(
            city.world.now + timedelta(hours=city.random.randint(10, 80)), _answer(city, number, owner, winner, plot)
        )

    return act


def _go_on(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    """After silence accepted a milestone the next one is delivered."""

    async def act() -> None:
        running = await fulfilment_of(number)
        if running is not None and running.turn is Turn.DELIVERY:
            await _deliver_in_time(city, number, owner, winner, plot, timedelta(days=1, hours=8))

    return act


def _answer(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        running = await fulfilment_of(number)
        if running is None or running.turn is not Turn.ANSWER:
            return
        if plot.returned:
            await return_results(city.world, number, owner)
            again = replace(plot, returned=plot.marks <= 2, marks=plot.marks + (plot.marks <= 2))
            city.script.at(city.world.now + timedelta(days=3), _deliver(city, number, owner, winner, again))
            return
        accepted = await accept_delivery(city.world, number, owner)
        city.script.at(
            city.world.now + timedelta(days=12), partial(pay_by_bank, city.world, number, owner, winner.viewer)
        )
        if accepted.turn is Turn.DELIVERY:
            await _deliver_in_time(city, number, owner, winner, plot, timedelta(days=1, hours=8))
            return
        for hours, side, viewer in ((20, "owner", owner), (44, "agency", winner.viewer)):
            if plot.silent or (side == "agency" and plot.marks == 4):
                continue
            city.script.at(city.world.now + timedelta(hours=hours), _rate(city, number, side, viewer, plot))

    return act


def _rate(city: City, number: str, side: Any, viewer: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        names = city.world.rulebook.texts(DIMENSIONS[side])
        best = plot.marks if side == "owner" else 4
        marks = {name: max(1, min(5, best - (place == city.random.randint(0, 6)))) for place, name in enumerate(names)}
        low = min(marks.values()) <= 2
        reasons = "成果两次退回才合格，沟通多次无人响应，影响了后续审批。" if low else ""
        await give_rating(
            project, side, GiveRating(marks, reasons), acting=viewer, calendar=city.world.calendar, now=city.world.now
        )

    return act
