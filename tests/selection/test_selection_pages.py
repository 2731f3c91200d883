"""The pages of selection over HTTP: forms, receipts, refusals, and what the public sees."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar

from agencies.actions import set_standing
from agencies.queries import authorised_persons
from agencies.rules import Standing
from market.demo.agencies import Agent, admit_agency, operator_of, some_agency
from market.demo.selection import (
    GROUNDS,
    LEGAL_CAUSE,
    REASONS,
    draw_project,
    object_to,
    sign_up,
    sign_up_all,
    state_view,
    uphold,
)
from market.demo.world import FREEZE_PAUSE, World
from market.kernel.db import transaction
from market.register.queries import history_of
from market.web.panels import waiting_for
from market.web.viewer import Viewer
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.dossiers.draw_checks import verify
from projects.selection.rounds.queries import dossier_of
from projects.selection.sign_ups.queries import sign_up_count, sign_up_of
from tests.access.selection import EXPECTATIONS
from tests.visitor import Visitor


class Doors:
    """Visitors signed in as whoever is named."""

    def __init__(self, site: Litestar) -> None:
        self.site = site
        self.opened: list[Visitor] = []

    async def as_viewer(self, viewer: Viewer | None) -> Visitor:
        visitor = Visitor(self.site)
        self.opened.append(visitor)
        if viewer is not None:
            assert viewer.person_id is not None
            assert viewer.organisation_id is not None
            await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)
        return visitor


@pytest.fixture
async def doors(site: Litestar) -> AsyncIterator[Doors]:
    made = Doors(site)
    yield made
    for visitor in made.opened:
        await visitor.aclose()


async def offer_form(agent: Agent) -> dict[str, str]:
    return {"authorised_person": str((await authorised_persons(agent.id))[0].id), "agreed": "on"}


async def test_an_agency_signs_up_through_the_pages(doors: Doors, project: ProjectView, agents: list[Agent]) -> None:
    visitor = await doors.as_viewer(agents[0].viewer)
    assert f'href="{project.url}/sign-up"' in (await visitor.get(project.url)).text
    form = await visitor.get(f"{project.url}/sign-up")
    assert form.status_code == 200
    assert "孙晓梅" in form.text
    sent = await visitor.send_form(f"{project.url}/sign-up", await offer_form(agents[0]))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{project.url}/sign-up/receipt")
    receipt = await visitor.get(f"{project.url}/sign-up/receipt")
    entry = next(one for one in await history_of(project.number) if one.kind == "sign_up.made")
    assert str(entry.id) in receipt.text
    assert entry.sha256 in receipt.text.replace("</span><span>", "")
    assert (await visitor.get(f"{project.url}/sign-up")).headers["location"] == f"{project.url}/sign-up/receipt"
    again = await visitor.send_form(f"{project.url}/sign-up", await offer_form(agents[0]))
    assert (again.status_code, again.headers["location"]) == (303, f"{project.url}/sign-up/receipt")
    listed = await visitor.get("/agency/sign-ups")
    assert project.title in listed.text


async def test_an_incomplete_form_comes_back_with_all_its_errors(
    doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    visitor = await doors.as_viewer(agents[0].viewer)
    sent = await visitor.send_form(f"{project.url}/sign-up", {"authorised_person": ""})
    assert sent.status_code == 422
    assert 'href="#f-authorised_person"' in sent.text
    assert 'href="#f-agreed"' in sent.text
    assert await sign_up_count(project.id) == 0


async def test_whoever_may_not_sees_why_and_no_button(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    async with transaction():
        await set_standing(
            agents[0].id, Standing(world.now + timedelta(days=40), "三次弃权", None, "", 60), now=world.now
        )
    visitor = await doors.as_viewer(agents[0].viewer)
    for page in (project.url, f"{project.url}/sign-up"):
        shown = await visitor.get(page)
        assert shown.status_code == 200
        assert "三次弃权" in shown.text
    assert f'href="{project.url}/sign-up"' not in (await visitor.get(project.url)).text
    assert f'action="{project.url}/sign-up"' not in (await visitor.get(f"{project.url}/sign-up")).text
    refused = await visitor.send_form(f"{project.url}/sign-up", await offer_form(agents[0]))
    assert refused.status_code == 409
    assert "三次弃权" in refused.text


async def test_a_late_form_gets_a_dated_refusal(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    visitor = await doors.as_viewer(agents[0].viewer)
    form = await offer_form(agents[0])
    world.clock.set(project.sign_up_closes_at + timedelta(minutes=3, seconds=5))
    for refused in (
        await visitor.send_form(f"{project.url}/sign-up", form),
        await visitor.get(f"{project.url}/sign-up"),
    ):
        assert refused.status_code == 409
        assert "17:03:05" in refused.text
        assert "3 分钟" in refused.text


async def test_withdrawing_and_giving_up_are_confirmed_first(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents, project)
    visitor = await doors.as_viewer(agents[0].viewer)
    page = await visitor.get(f"{project.url}/sign-up/withdraw")
    assert f'action="{project.url}/sign-up/withdraw"' in page.text
    assert (await visitor.send_form(f"{project.url}/sign-up/withdraw")).status_code == 303
    assert "报名已撤回" in (await visitor.get(f"{project.url}/sign-up/receipt")).text
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    late = await doors.as_viewer(agents[1].viewer)
    assert (await late.get(f"{project.url}/sign-up/withdraw")).headers["location"] == f"{project.url}/sign-up/abandon"
    cost = await late.get(f"{project.url}/sign-up/abandon")
    assert "扣除信用分 2 分" in cost.text
    assert (await late.send_form(f"{project.url}/sign-up/abandon")).status_code == 303
    mine = await sign_up_of(project.id, agents[1].id)
    assert mine is not None
    assert mine.withdrawn_after_close


async def test_the_public_sees_counts_before_the_close_and_names_after(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    public = await doors.as_viewer(None)
    await sign_up_all(world, agents, project)
    for page in (project.url, f"{project.url}/rounds/1", "/register?kind=sign_up.made"):
        shown = (await public.get(page)).text
        assert not any(agent.name in shown or agent.code in shown for agent in agents), page
    assert ">4<" in (await public.get(project.url)).text
    await world.run_until(project.sign_up_closes_at + FREEZE_PAUSE)
    frozen = (await public.get(f"{project.url}/rounds/1")).text
    assert all(agent.name in frozen and agent.code in frozen for agent in agents)
    assert (await public.get(f"{project.url}/rounds/1/dossier.json")).status_code == 404


async def test_the_draw_page_and_the_dossier_of_a_drawn_project(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    drawn = await draw_project(world, agents, project)
    public = await doors.as_viewer(None)
    page = await public.get(f"{project.url}/rounds/1")
    assert page.status_code == 200
    assert f'src="{project.url}/rounds/1/dossier.json"' in page.text
    assert drawn.winner_name is not None
    assert drawn.winner_name in page.text
    file = await public.get(f"{project.url}/rounds/1/dossier.json")
    assert file.content == await dossier_of(project.id, 1)
    assert verify(file.content).ok
    assert file.headers["content-type"].startswith("application/json")
    assert hashlib.sha256(file.content).hexdigest() not in ("", None)
    assert (await public.get(f"{project.url}/rounds/9")).status_code == 404
    assert drawn.winner_name in (await public.get(project.url)).text


async def test_a_failed_selection_shows_who_was_left_out_and_why(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    await sign_up_all(world, agents[:3], project)
    async with transaction():
        await set_standing(
            agents[0].id, Standing(world.now + timedelta(days=40), "三次弃权", None, "", 60), now=world.now
        )
    await world.run_past(project.sign_up_closes_at)
    public = await doors.as_viewer(None)
    assert (await project_by_number(project.number)).stage is Stage.FAILED
    page = (await public.get(f"{project.url}/rounds/1")).text
    assert "三次弃权" in page
    assert "draw-check" not in page
    assert (await public.get(project.url)).status_code == 200


async def test_an_objection_from_form_to_further_draw(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    drawn = await draw_project(world, agents, project)
    loser = next(one for one in agents if one.id != drawn.winner_id)
    visitor = await doors.as_viewer(loser.viewer)
    assert (await visitor.get(f"{project.url}/objections/new")).status_code == 200
    short = await visitor.send_form(f"{project.url}/objections", {"grounds": "不公平"})
    assert short.status_code == 422
    assert "不公平" in short.text
    raised = await visitor.send_form(f"{project.url}/objections", {"grounds": GROUNDS})
    place = raised.headers["location"]
    assert GROUNDS in (await visitor.get(place)).text
    public = await doors.as_viewer(None)
    assert GROUNDS not in (await public.get(f"{project.url}/rounds/1")).text
    operator = await operator_of(world)
    assert await waiting_for(operator, world.now) == []  # the owner is heard first
    await state_view(world, UUID(place.rpartition("/")[2]))
    due = [one for one in await waiting_for(operator, world.now) if one.link == f"{place}/answer"]
    assert len(due) == 1
    assert due[0].due_at is not None
    desk = await doors.as_viewer(operator)
    assert (await desk.get(f"{place}/answer")).status_code == 200
    half = await desk.send_form(f"{place}/answer", {"decision": "upheld", "remedy": "redraw", "answer": REASONS})
    assert half.status_code == 422
    assert drawn.winner_code is not None
    full = {"decision": "upheld", "remedy": "redraw", "exclude": drawn.winner_code, "answer": REASONS,
            "legal_cause": LEGAL_CAUSE}  # fmt: skip
    assert (await desk.send_form(f"{place}/answer", full)).status_code == 303
    assert (await project_by_number(project.number)).stage is Stage.DRAWING
    assert (await desk.send_form(f"{place}/answer", full)).status_code == 409
    await world.run_past(world.now)
    page = (await public.get(f"{project.url}/rounds/2")).text
    assert drawn.winner_code in page
    assert "依据异议处理决定予以排除" in page
    assert REASONS in (await public.get(f"{project.url}/rounds/1")).text
    assert (await public.get(project.url)).status_code == 200


async def test_work_benches_say_who_won_and_that_the_notice_runs(
    world: World, project: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    drawn = await draw_project(world, agents, project)
    winner = next(one for one in agents if one.id == drawn.winner_id)
    for viewer in (owner, winner.viewer):
        found = [one for one in await waiting_for(viewer, world.now) if one.number == project.number]
        assert [one.due_at for one in found] == [drawn.result_notice_ends_at]
    loser = next(one for one in agents if one.id != drawn.winner_id)
    assert not [one for one in await waiting_for(loser.viewer, world.now) if one.number == project.number]


async def test_every_page_renders_in_english_too(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    drawn = await draw_project(world, agents, project)
    objection = await object_to(world, owner, drawn)
    await uphold(world, objection, exclude=drawn.winner_id)
    visitor = await doors.as_viewer(agents[0].viewer)
    visitor.cookies.set("mx_locale", "en")
    for page in (
        project.url,
        f"{project.url}/rounds/1",
        f"{project.url}/rounds/2",
        "/agency/sign-ups",
        f"{project.url}/sign-up/receipt",
    ):
        shown = await visitor.get(page)
        assert shown.status_code == 200, page
        assert "The order is the proof" in shown.text or "/rounds/" not in page


@pytest.fixture
async def cast(world: World, project: ProjectView, agents: list[Agent], owner: Viewer) -> dict[str, Viewer | None]:
    """The viewers whom this area knows; the rest of the cast is walked in tests/access."""
    drawn = await draw_project(world, agents, project)
    winner = next(one for one in agents if one.id == drawn.winner_id)
    loser = next(one for one in agents if one.id != drawn.winner_id)
    return {
        "owner": owner, "winning_agency": winner.viewer, "other_agency": loser.viewer,
        "operator": await operator_of(world), "anonymous": None,
    }  # fmt: skip


async def test_access_is_as_listed(
    world: World, doors: Doors, project: ProjectView, cast: dict[str, Viewer | None]
) -> None:
    loser = cast["other_agency"]
    assert loser is not None
    objection = await object_to(world, loser, await project_by_number(project.number))
    visitors = {name: await doors.as_viewer(viewer) for name, viewer in cast.items()}
    acts = sorted(
        EXPECTATIONS.items(), key=lambda item: (item[0][0] == "POST", "abandon" in item[0][1], "withdraw" in item[0][1])
    )
    for (method, route), expected in acts:
        path = (
            route.replace("{number:str}", project.number)
            .replace("{no:int}", "1")
            .replace("{objection_id:uuid}", str(objection))
        )
        for name, visitor in visitors.items():
            answer = await (visitor.get(path) if method == "GET" else visitor.send_form(path))
            assert answer.status_code == expected[name], (method, path, name)


async def test_an_agency_that_never_signed_up_sees_no_receipt(world: World, doors: Doors, project: ProjectView) -> None:
    stranger = await admit_agency(world, some_agency(61))
    visitor = await doors.as_viewer(stranger.viewer)
    for page in ("receipt", "withdraw", "abandon"):
        assert (await visitor.get(f"{project.url}/sign-up/{page}")).status_code == 404


async def test_a_form_sent_twice_by_double_click_signs_up_once(
    world: World, doors: Doors, project: ProjectView, agents: list[Agent]
) -> None:
    first = await sign_up(world, agents[0], project)
    visitor = await doors.as_viewer(agents[0].viewer)
    sent = await visitor.send_form(f"{project.url}/sign-up", await offer_form(agents[0]))
    assert sent.status_code == 303
    mine = await sign_up_of(project.id, agents[0].id)
    assert mine is not None
    assert mine.id == first.id
