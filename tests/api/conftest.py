"""An owner, agencies and a project that takes sign-ups, with a token for each side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from market.accounts.tokens.actions import NewToken, make_token
from market.accounts.tokens.rules import Scope, scopes_for
from market.demo.agencies import Agent, admit_agencies, credit_code, some_agency
from market.demo.projects import notice_values, open_owner, publish_values
from market.demo.world import World
from market.kernel.db import fetch
from market.web.viewer import Viewer
from projects.queries import ProjectView
from tests.api.described import faults_of
from tests.beginnings import begins_with
from tests.visitor import Visitor


class Program(Visitor):
    """What comes with a token: `await owner.act("/drafts", {...})` posts JSON under a key of its own."""

    def __init__(self, site: Litestar | None, token: str | None, **more: Any) -> None:
        super().__init__(site, **more)
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
    """Whatever was done under a key says so in its own transaction."""
    assert await fetch("SELECT act, status FROM api_request WHERE status < 300 AND acted_at IS NULL") == []


@pytest.fixture
async def anybody(site: Litestar, cast: Cast) -> AsyncIterator[Program]:
    async with Program(site, None) as program:
        yield program
