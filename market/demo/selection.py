"""Builders of sign-ups, draws and objections, for tests and for the demonstration: they call the public actions only."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from agencies.queries import authorised_persons, facts_of
from market.demo.agencies import Agent, operator_of
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.web.viewer import Viewer
from projects.eligibility import fitting_practitioners
from projects.queries import ProjectView, demand_of, project_by_id, project_by_number
from projects.selection.objections import actions as objection_actions
from projects.selection.objections.actions import Answer
from projects.selection.objections.queries import objection_by_id
from projects.selection.objections.rules import Decision, Remedy
from projects.selection.sign_ups import actions as sign_up_actions
from projects.selection.sign_ups.actions import SignUpOffer
from projects.selection.sign_ups.queries import SignUpView

GROUNDS = "中选机构的负责人与项目业主的负责人为近亲属，按回避规定不应进入报名池，附工商登记信息。"
REASONS = "经核查登记信息，异议所述事实成立与否已逐项说明，依据规则手册作出本答复。"
STATEMENT = "我单位与中选机构及其负责人之间不存在回避情形，采购过程按公告执行，相关登记信息可供核查。"
LEGAL_CAUSE = "《中华人民共和国招标投标法实施条例》第五十四条；规则手册“业主说明后答复异议的时限”"


async def offer_of(world: World, agent: Agent, project: ProjectView) -> SignUpOffer:
    """The agency's first authorised person, and as many practitioners as the project asks for."""
    people = await authorised_persons(agent.id)
    demand = await demand_of(project.id)
    facts = (await facts_of([agent.id]))[0]
    fit = fitting_practitioners(demand, facts, beijing_date(world.now))[: demand.practitioners_needed]
    return SignUpOffer(people[0].id, tuple(one.id for one in fit))


async def sign_up(world: World, agent: Agent, project: ProjectView) -> SignUpView:
    offer = await offer_of(world, agent, project)
    assert agent.viewer.person_id is not None
    return await sign_up_actions.sign_up(project.id, agent.id, offer, by=agent.viewer.person_id, now=world.now)


async def sign_up_all(world: World, agents: Iterable[Agent], project: ProjectView) -> None:
    """One after the other, a minute apart."""
    for agent in agents:
        await sign_up(world, agent, project)
        world.clock.advance(minutes=1)


async def close_sign_up(world: World, project: ProjectView) -> ProjectView:
    """Past the close and past the beacon round: drawn, or failed."""
    current = await project_by_number(project.number)
    await world.run_past(current.sign_up_closes_at)
    return await project_by_number(project.number)


async def draw_project(world: World, agents: Iterable[Agent], project: ProjectView) -> ProjectView:
    """All sign up, the sign-up closes, the draw runs."""
    await sign_up_all(world, agents, project)
    return await close_sign_up(world, project)


async def object_to(world: World, viewer: Viewer, project: ProjectView, grounds: str = GROUNDS) -> UUID:
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    return await objection_actions.raise_objection(
        project.id, viewer.organisation_id, grounds=grounds, by=viewer.person_id, now=world.now
    )


async def reject(world: World, objection_id: UUID, reasons: str = REASONS) -> None:
    await _answer(world, objection_id, Answer(Decision.REJECTED, reasons, LEGAL_CAUSE))


async def uphold(world: World, objection_id: UUID, *, exclude: UUID | None = None, reasons: str = REASONS) -> None:
    """With `exclude` a further draw without that agency follows; without it sign-up is opened again."""
    remedy = Remedy.REDRAW if exclude else Remedy.REOPEN
    await _answer(world, objection_id, Answer(Decision.UPHELD, reasons, LEGAL_CAUSE, remedy, exclude))


async def state_view(world: World, objection_id: UUID, statement: str = STATEMENT) -> None:
    """The owner says how it sees the matter, by the person who published the notice."""
    found = await objection_by_id(objection_id)
    project = await project_by_id(found.project_id)
    await objection_actions.state_view(
        objection_id, project.owner_id, statement=statement, by=project.published_by, now=world.now
    )


async def _answer(world: World, objection_id: UUID, answer: Answer) -> None:
    """The operator answers; where the owner may still be heard, it is heard first."""
    if (await objection_by_id(objection_id)).awaits_statement(world.now):
        await state_view(world, objection_id)
    operator = await operator_of(world)
    assert operator.person_id is not None
    await objection_actions.answer_objection(objection_id, answer, by=operator.person_id, now=world.now)
