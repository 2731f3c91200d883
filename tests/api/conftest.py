"""An owner, agencies and a project that takes sign-ups, with a token for each side."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from market.accounts.tokens.actions import NewToken, make_token
from market.accounts.tokens.rules import Scope, scopes_for
from market.api.acts import ACTS
from market.api.facts import by_kind
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.projects import notice_values, open_owner, publish_values
from market.demo.world import World
from market.kernel.db import fetch, fetch_value, from_json
from market.web.viewer import Viewer
from projects.queries import ProjectView
from tests.api.described import faults_of, judge
from tests.beginnings import begins_with
from tests.visitor import Visitor

PATHS = {act.name: act.path for act in ACTS}


async def acts_recorded() -> int:
    count: int = await fetch_value("SELECT count(*) FROM register_entry")
    return count


class Program(Visitor):
    """What comes with a token: `await owner.act("/drafts", {...})` posts JSON under a key of its own. `does` and `is_refused`
    take an act by its name; `strangers` are programs of others, whose try goes before each success of this one."""

    def __init__(self, site: Litestar | None, token: str | None, **more: Any) -> None:
        super().__init__(site, **more)
        self.strangers: Sequence[Program] = ()
        if token:
            self.headers["authorization"] = f"Bearer {token}"
        self.headers["accept-language"] = "en"

    async def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """Every answer below /api/v1/ that reaches a test is as the description says."""
        answer = await super().request(method, url, **more)
        if answer.status_code < 500 and answer.content and str(url).startswith("/api/v1/"):
            assert faults_of(method, str(url), answer.status_code, answer.json()) == []
        return answer

    async def act(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> httpx.Response:
        sent = {"idempotency-key": key or uuid4().hex, **headers}
        return await self.post(f"/api/v1{path}", json={} if body is None else body, headers=sent)

    async def read(self, path: str, **headers: str) -> httpx.Response:
        return await self.get(f"/api/v1{path}", headers=headers)

    async def does(self, name: str, body: Any = None, **places: Any) -> dict[str, Any]:
        """The act succeeds, and only for this program: strangers learn no more than that it is none of their business. Its
        key repeated gives the same answer and does nothing; with another body it is refused."""
        path, sent, key = path_of(name, places), body or {}, uuid4().hex
        for stranger in self.strangers:
            turned = await stranger.act(path, sent)
            assert turned.status_code in {403, 404}, (name, turned.text)
        first = await self.act(path, sent, key=key)
        assert first.status_code == 200, (name, first.text)
        recorded = await acts_recorded()
        again = await self.act(path, sent, key=key)
        assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true"), name
        other = await self.act(path, dict(list(sent.items())[1:]) if sent else {"other": 1}, key=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency.other_request"), (name, other.text)
        assert await acts_recorded() == recorded, name
        told: dict[str, Any] = first.json()
        assert told["act"] == name
        return told

    async def is_refused(self, name: str, code: str, body: Any = None, **places: Any) -> dict[str, Any]:
        """A problem of this code, in words: 409 by the rules, 422 (`invalid`) naming the members."""
        recorded = await acts_recorded()
        answer = await self.act(path_of(name, places), body)
        told: dict[str, Any] = answer.json()
        assert (answer.status_code, told.get("code")) == (422 if code == "invalid" else 409, code), (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["detail"]
        assert told.get("errors") or code != "invalid", name
        assert await acts_recorded() == recorded, name
        return told


def path_of(name: str, places: dict[str, Any]) -> str:
    """The address of an act: {number:str} and the like are filled in by name."""
    return re.sub(r"\{(\w+):\w+\}", lambda found: str(places[found[1]]), PATHS[name])


@dataclass
class Cast:
    owner: Viewer
    agents: list[Agent]
    project: ProjectView
    tokens: dict[str, str] = field(default_factory=dict)


async def token_of(viewer: Viewer, *scopes: Scope) -> str:
    chosen = list(scopes) or list(scopes_for(viewer.organisation_kind))
    return (await make_token(viewer, NewToken("程序", chosen, 90)))[1]


async def built_cast(world: World) -> Cast:
    agents = await admit_agencies(world, [some_agency(number) for number in range(1, 5)])
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_values(world, owner, notice_values(world))
    await world.settle()
    tokens = {"owner": await token_of(owner), "agency": await token_of(agents[0].viewer)}
    return Cast(owner, agents, project, tokens)


beginning = begins_with({"cast": built_cast})


@pytest.fixture
def cast(beginning: Any, world: World) -> Cast:
    found: Cast = beginning.memory
    return found


@pytest.fixture
async def owner(site: Litestar, cast: Cast) -> AsyncIterator[Program]:
    async with Program(site, cast.tokens["owner"]) as program:
        yield program
    await every_act_marked_its_key()


@pytest.fixture
async def agency(site: Litestar, cast: Cast) -> AsyncIterator[Program]:
    async with Program(site, cast.tokens["agency"]) as program:
        yield program
    await every_act_marked_its_key()


async def every_act_marked_its_key() -> None:
    """Whatever was done under a key says so in its own transaction; and every entry says what is described of its kind."""
    assert await fetch("SELECT act, status FROM api_request WHERE status < 300 AND acted_at IS NULL") == []
    for row in await fetch("SELECT DISTINCT ON (kind, data) kind, data FROM register_entry"):
        entry = {"kind": row["kind"], "data": from_json(row["data"])}
        assert [fault.message for fault in judge_of_entries().iter_errors(entry)] == [], entry


@cache
def judge_of_entries() -> Any:
    return judge({"allOf": by_kind()})


Enter = Callable[..., Awaitable[Program]]


@pytest.fixture
async def enter(site: Litestar) -> AsyncIterator[Enter]:
    """`await enter(viewer, *scopes)` gives a program of this viewer, with every scope unless some are named."""
    async with AsyncExitStack() as stack:

        async def come(viewer: Viewer, *scopes: Scope) -> Program:
            return await stack.enter_async_context(Program(site, await token_of(viewer, *scopes)))

        yield come
    await every_act_marked_its_key()


@pytest.fixture
async def anybody(site: Litestar, cast: Cast) -> AsyncIterator[Program]:
    async with Program(site, None) as program:
        yield program
