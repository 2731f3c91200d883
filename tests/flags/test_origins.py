"""Marks of where entries came from: comparable within one project and nowhere else, kept for a term, shown to nobody."""

from __future__ import annotations

from uuid import UUID

import pytest

from agencies.queries import authorised_persons
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.projects import open_owner, publish_project
from market.demo.world import World
from market.kernel.db import fetch
from market.kernel.settings import Secret
from market.web.security import CSRF_COOKIE
from projects.queries import ProjectView
from projects.selection.sign_ups.origins import marks_of
from ratings.flags.jobs import forget_marks
from ratings.flags.queries.cases import case_of
from ratings.flags.queries.desk import Filters, access_flag, flags
from tests.contracts.award import SignIn
from tests.ratings.people import open_regulator

KEY, OTHER = Secret("k" * 40), Secret("o" * 40)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_a_mark_compares_within_one_project_only() -> None:
    def seen(key: Secret = KEY, project: UUID = FIRST, device: str = "cookie") -> str:
        return marks_of(key, project, device=device, address="")[0].mark

    assert seen() == seen()
    assert len({seen(), seen(project=SECOND), seen(key=OTHER), seen(device="another")}) == 4
    assert "cookie" not in seen()


@pytest.mark.parametrize(
    ("address", "same_as"),
    [
        ("1.2.4.8", "1.2.4.8"), ("::ffff:1.2.4.8", "1.2.4.8"), ("2400:3200:1:2::5", "2400:3200:1:2:ffff::9"),
        ("127.0.0.1", None), ("10.1.2.3", None), ("fe80::1", None), ("nonsense", None), ("", None),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_network_leave_a_mark(address: str, same_as: str | None) -> None:
    found = marks_of(KEY, FIRST, device=None, address=address)
    assert found == (() if same_as is None else marks_of(KEY, FIRST, device=None, address=same_as))
    assert bool(found) == (same_as is not None)


async def _sign_up(sign_in: SignIn, agent: Agent, project: ProjectView, cookie: str) -> None:
    visitor = await sign_in(agent.viewer)
    visitor.cookies.set(CSRF_COOKIE, cookie)
    people = await authorised_persons(agent.id)
    sent = await visitor.send_form(f"{project.url}/sign-up", {"authorised_person": str(people[0].id), "agreed": "on"})
    assert sent.status_code == 303


async def test_two_entries_from_one_browser_open_a_flag(world: World, sign_in: SignIn) -> None:
    agents = await admit_agencies(world, [some_agency(number) for number in (1, 2, 3)])
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, owner)
    for agent, cookie in zip(agents, ("a" * 43, "a" * 43, "b" * 43), strict=True):
        await _sign_up(sign_in, agent, project, cookie)
    case = await case_of(project.number, world.calendar)
    assert case is not None
    assert case.pool == ()  # nothing is told before the result
    await world.run_past(project.sign_up_closes_at)
    regulator = await open_regulator(world, 1, "3702")
    (flag,) = await flags(regulator, Filters(screen="same_origin"))
    assert {party.code for party in flag.parties} == {agents[0].code, agents[1].code}
    marks = {row["mark"] for row in await fetch("SELECT mark FROM entry_mark")}
    page = await (await sign_in(regulator)).get(flag.url)
    assert len(marks) == 2
    assert not any(mark in page.text for mark in marks)
    assert (await access_flag(regulator, flag.id)).evidence
    # After the term the marks are gone; the flag stays.
    world.clock.advance(days=80)
    await forget_marks(world.clock)
    assert len(await fetch("SELECT 1 FROM entry_mark")) == 3
    world.clock.advance(days=11)
    await forget_marks(world.clock)
    assert await fetch("SELECT 1 FROM entry_mark") == []
    assert await flags(regulator, Filters(screen="same_origin")) != []
