"""A job whose selection fails, fails again, and goes to an agency that the owner names."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.projects import closing_time, open_owner, publish_project
from market.demo.selection import close_sign_up, sign_up
from market.demo.world import World
from market.kernel.db import fetch
from market.kernel.errors import Refusal
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.failed import actions, queries
from projects.posting import actions as posting
from projects.posting.queries import access_draft
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from tests.access.failed import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.test_access import cast
from tests.visitor import Visitor

REASON = "两次公开选取报名机构不足，该机构已报名且符合全部条件。"


@pytest.fixture
async def owner(world: World) -> Viewer:
    return await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))


@pytest.fixture
async def agents(world: World) -> list[Agent]:
    return await admit_agencies(world, [some_agency(number) for number in range(1, 5)])


async def fail(world: World, agents: list[Agent], project: ProjectView) -> ProjectView:
    """Two sign up where three are needed."""
    for agent in agents[:2]:
        await sign_up(world, agent, project)
    failed = await close_sign_up(world, project)
    assert failed.stage is Stage.FAILED
    return failed


async def publish_draft(world: World, owner: Viewer, draft_id: UUID, **changes: object) -> ProjectView:
    draft = await access_draft(owner, draft_id)
    values = {**draft.values, "sign_up_closes_at": local_input(closing_time(world, 4)), "not_excluded": "on", **changes}
    await posting.save_draft(owner, draft_id, values, now=world.now)
    seen = posting.fingerprint(await access_draft(owner, draft_id))
    number = await posting.publish(
        owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return await project_by_number(number)


@pytest.fixture
async def failed_once(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    return await fail(world, agents, await publish_project(world, owner))


@pytest.fixture
async def failed_twice(world: World, agents: list[Agent], owner: Viewer, failed_once: ProjectView) -> ProjectView:
    again = await posting.repost(owner, failed_once.number, now=world.now)
    return await fail(world, agents, await publish_draft(world, owner, again))


async def test_after_the_first_failure_the_job_is_posted_again(
    world: World, owner: Viewer, failed_once: ProjectView, sign_in: SignIn, client: Visitor
) -> None:
    page = (await (await sign_in(owner)).get(failed_once.url)).text
    assert f'action="{failed_once.url}/repost"' in page
    assert f"{failed_once.url}/pick" not in page
    assert f"{failed_once.url}/repost" not in (await client.get(failed_once.url)).text
    with pytest.raises(Refusal) as early:
        await actions.pick(owner, failed_once.number, codes=(), reason=REASON, now=world.now)
    assert early.value.code == "failed.too_early"
    assert early.value.rule == "selection.failed.direct_after"


async def test_both_postings_show_the_whole_chain(
    failed_once: ProjectView, failed_twice: ProjectView, client: Visitor
) -> None:
    for here, other in ((failed_once, failed_twice), (failed_twice, failed_once)):
        assert f'href="{other.url}"' in (await client.get(here.url)).text
    chain = await queries.chain_of(failed_twice.id)
    assert [(one.number, one.reason) for one in chain] == [
        (failed_once.number, "too_few"),
        (failed_twice.number, "too_few"),
    ]


async def test_after_the_second_the_owner_chooses_among_those_who_signed_up(
    world: World, owner: Viewer, agents: list[Agent], regulator: Viewer, failed_twice: ProjectView, sign_in: SignIn
) -> None:
    visitor, page = await sign_in(owner), f"{failed_twice.url}/pick"
    form = (await visitor.get(page)).text
    assert [agent.name in form for agent in agents] == [True, True, False, False]
    answer = await visitor.send_form(page, {"agency": agents[1].code, "reason": REASON})
    draft_id = UUID(answer.headers["location"].rpartition("/")[2])
    values = (await access_draft(owner, draft_id)).values
    assert (values["method"], values["invited_code"], values["access_reason"]) == ("direct", [agents[1].code], REASON)
    project = await publish_draft(world, owner, draft_id)
    assert (project.method, project.repost_of) == ("direct", failed_twice.id)
    await world.settle()
    notes = await fetch("SELECT facts FROM inbox_message WHERE organisation_id = $1", regulator.organisation_id)
    assert any(REASON in str(one["facts"]) for one in notes)
    with pytest.raises(Refusal) as again:
        await actions.pick(owner, failed_twice.number, codes=(), reason=REASON, now=world.now)
    assert again.value.code == "failed.followed"


async def test_another_agency_is_named_in_the_draft(
    world: World, owner: Viewer, failed_twice: ProjectView, sign_in: SignIn
) -> None:
    visitor = await sign_in(owner)
    answer = await visitor.send_form(f"{failed_twice.url}/pick", {"agency": "other", "reason": REASON})
    draft = await visitor.get(answer.headers["location"])
    assert draft.status_code == 200
    assert REASON in draft.text


async def test_access(
    world: World, owner: Viewer, agents: list[Agent], failed_twice: ProjectView, sign_in: SignIn, client: Visitor
) -> None:
    award = Award(world, owner, agents, failed_twice.number, agents[0].viewer)
    people = await cast(award)
    people["colleague"] = replace(people["colleague"], roles=frozenset({"handler"}))
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        address = path.replace("{number:str}", failed_twice.number)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    assert wrong == {}
