"""What a bidder's page hears, over real HTTP: uvicorn, an httpx stream, notices of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from market.accounts.actions import open_session
from market.demo.agencies import Agent
from market.demo.live import begin_bidding, bid_live, bidding_of
from market.demo.projects import publish_project
from market.demo.selection import sign_up
from market.demo.world import World
from market.kernel.db import fetch_value
from market.kernel.listening import Listener
from market.web.security import SESSION_COOKIE
from market.web.server import MarketServer
from market.web.streams import OpenStream, end_streams, open_streams
from market.web.viewer import Viewer
from projects.queries import ProjectView
from projects.selection.live import events as live_events
from projects.selection.live.boards import Board, Boards, boards_of
from projects.selection.live.events import Watcher, events
from projects.selection.live.routes import MOST_STREAMS
from tests.serving import PATIENCE, served

YUAN = 100


@dataclass
class Told:
    """One event as it came."""

    name: str = "message"
    key: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Reader:
    """Reads events; beats are passed over unless asked for."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.aiter_lines()

    async def next(self, *, beats: bool = False) -> Told:
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await self._read()
                if told.name != "beat" or beats:
                    return told

    async def _read(self) -> Told:
        told = Told()
        async for line in self.lines:
            name, _, value = line.partition(": ")
            if name == "event":
                told.name = value
            elif name == "id":
                told.key = value
            elif name == "data":
                told.data = json.loads(value)
            elif not line and told.name != "message":
                return told
        raise EOFError

    async def ends(self) -> None:
        with suppress(EOFError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self._read()


@pytest.fixture
async def server(site: Litestar) -> AsyncIterator[tuple[MarketServer, str]]:
    async with served(site) as here:
        yield here


@pytest.fixture
async def bidding(world: World, agents: list[Agent], owner: Viewer) -> ProjectView:
    project = await publish_project(world, owner, method="multi_round")
    for agent in agents[:3]:
        await sign_up(world, agent, project)
    return await begin_bidding(world, project)


async def client_of(viewer: Viewer, address: str) -> httpx.AsyncClient:
    assert viewer.person_id is not None
    assert viewer.organisation_id is not None
    token = await open_session(
        viewer.person_id, viewer.organisation_id, hours=12, second_factor_passed=True, user_agent="t", address="t"
    )
    cookies = {SESSION_COOKIE: token, "mx_locale": "en"}
    return httpx.AsyncClient(base_url=address, cookies=cookies, timeout=PATIENCE)


@asynccontextmanager
async def listening(agent: Agent, project: ProjectView, address: str, **headers: str) -> AsyncIterator[Reader]:
    path = f"{project.url}/live/events"
    async with await client_of(agent.viewer, address) as client, client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        yield Reader(answer)


async def test_every_bid_is_told_to_those_whom_it_concerns(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    a, b, *_ = agents
    ends_at = (await bidding_of(bidding)).schedule.starts_at + timedelta(minutes=3)
    async with listening(a, bidding, server[1]) as reader:
        headers = reader.answer.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        first = await reader.next()
        assert (first.name, first.data["phase"], first.data["round"], first.data["rank"]) == ("state", "open", 1, None)
        assert first.data["until"] == int(ends_at.timestamp() * 1000)
        assert (first.data["now"], first.data["speed"]) == (int(world.now.timestamp() * 1000), 1)
        await bid_live(world, a, bidding, 150_000 * YUAN)
        told = await reader.next()
        assert (told.data["rank"], told.data["best_text"], told.data["lowest_text"]) == (
            1,
            "¥150,000.00",
            "¥150,000.00",
        )
        await bid_live(world, b, bidding, 149_000 * YUAN)
        told = await reader.next()
        assert (told.data["rank"], told.data["best"], told.data["lowest"]) == (2, 150_000 * YUAN, 149_000 * YUAN)


async def test_no_event_names_anybody_or_tells_how_many_bid(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    a, b, c, _ = agents
    async with listening(a, bidding, server[1]) as reader:
        await reader.next()
        await bid_live(world, b, bidding, 120_000 * YUAN)
        seen = [await reader.next()]
        await bid_live(world, c, bidding, 130_000 * YUAN)  # changes nothing that `a` may know
        await bid_live(world, c, bidding, 119_000 * YUAN)
        seen.append(await reader.next())
        assert [told.data["lowest"] for told in seen] == [120_000 * YUAN, 119_000 * YUAN]
        text = json.dumps([told.data for told in seen], ensure_ascii=False)
        assert not [one for one in agents if one.code in text or one.name in text or str(one.id) in text]
        assert {told.data["bidders"] for told in seen} == {None}


async def test_coming_back_gives_the_present_state_at_once(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    """Whatever happened during the break: with the last id, with none, and with one that is nonsense."""
    a, b, *_ = agents
    async with listening(a, bidding, server[1]) as reader:
        before = await reader.next()
    for yuan in range(140_000, 138_000, -200):
        await bid_live(world, b, bidding, yuan * YUAN)
    world.clock.advance(minutes=4)
    keys = []
    for header in ({"Last-Event-ID": before.key}, {}, {"Last-Event-ID": "nonsense"}):
        async with listening(a, bidding, server[1], **header) as reader:
            told = await reader.next()
            assert (told.name, told.data["lowest"], told.data["round"]) == ("state", 138_200 * YUAN, 2)
            keys.append(told.key)
    assert len(set(keys)) == 1
    assert before.key not in keys


async def test_rounds_begin_and_end_by_the_servers_clock(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    schedule = (await bidding_of(bidding)).schedule
    async with listening(agents[0], bidding, server[1]) as reader:
        assert (await reader.next()).data["round"] == 1
        world.clock.set(schedule.starts_at + timedelta(minutes=3))
        await bid_live(world, agents[1], bidding, 150_000 * YUAN)
        assert (await reader.next()).data["round"] == 2
        world.clock.set(schedule.ends_at - timedelta(milliseconds=1))
        await bid_live(world, agents[1], bidding, 140_000 * YUAN)
        told = await reader.next()
        assert (told.data["round"], told.data["phase"]) == (3, "open")
        world.clock.set(schedule.ends_at)
        told = await reader.next()  # nobody bid: the round's own end was waited for
        assert (told.data["phase"], told.data["until"]) == ("over", None)
        assert (await reader.next()).name == "end"
        await reader.ends()


async def test_who_comes_when_it_is_over_hears_that_and_no_more(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    world.clock.set((await bidding_of(bidding)).schedule.ends_at)
    async with listening(agents[0], bidding, server[1]) as reader:
        assert (await reader.next()).data["phase"] == "over"
        assert (await reader.next()).name == "end"
        await reader.ends()


async def test_beats_carry_the_servers_time(
    world: World,
    server: tuple[MarketServer, str],
    bidding: ProjectView,
    agents: list[Agent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_events, "BEAT_SECONDS", 0.05)
    async with listening(agents[0], bidding, server[1]) as reader:
        await reader.next()
        world.clock.advance(seconds=42)
        while (told := await reader.next(beats=True)).data["now"] != int(world.now.timestamp() * 1000):
            assert told.name == "beat"


async def test_not_for_everybody(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent], owner: Viewer
) -> None:
    path = f"{bidding.url}/live/events"
    for viewer, status in ((owner, 403), (agents[3].viewer, 404)):
        async with await client_of(viewer, server[1]) as client:
            assert (await client.get(path)).status_code == status
    async with httpx.AsyncClient(base_url=server[1]) as anonymous:
        assert (await anonymous.get(path)).status_code == 303


async def test_an_agency_has_a_limited_number_of_lines(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent]
) -> None:
    async with await client_of(agents[0].viewer, server[1]) as client:
        path = f"{bidding.url}/live/events"
        held = [await client.send(client.build_request("GET", path), stream=True) for _ in range(MOST_STREAMS)]
        assert {answer.status_code for answer in held} == {200}
        refused = await client.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
        async with listening(agents[1], bidding, server[1]) as other:
            assert (await other.next()).name == "state"
        await held.pop().aclose()
        await _until(lambda: open_streams((agents[0].id, bidding.id)) < MOST_STREAMS)
        async with listening(agents[0], bidding, server[1]) as reader:
            assert (await reader.next()).name == "state"
        for answer in held:
            await answer.aclose()


async def _until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await fetch_value("SELECT 1")  # lets the others run


async def test_a_line_ends_after_a_while_and_is_taken_up_again(
    world: World,
    server: tuple[MarketServer, str],
    bidding: ProjectView,
    agents: list[Agent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rights are checked again; the last id changes nothing."""
    monkeypatch.setattr(live_events, "LIFE_SECONDS", 0.1)
    monkeypatch.setattr(live_events, "BEAT_SECONDS", 0.05)
    async with listening(agents[0], bidding, server[1]) as reader:
        assert (await reader.next()).name == "state"
        await reader.ends()
    await _until(lambda: open_streams((agents[0].id, bidding.id)) == 0)


async def test_the_server_stops_at_once_with_lines_open(
    world: World, site: Litestar, bidding: ProjectView, agents: list[Agent]
) -> None:
    async with served(site) as (server, address), listening(agents[0], bidding, address) as reader:
        await reader.next()
        server.should_exit = True
        await reader.ends()


async def test_a_broken_listening_connection_is_replaced_and_nothing_is_missed(
    world: World, server: tuple[MarketServer, str], bidding: ProjectView, agents: list[Agent], dsn: str
) -> None:
    async with listening(agents[0], bidding, server[1]) as reader:
        await reader.next()
        link = await asyncpg.connect(dsn)
        await link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        await link.close()
        await bid_live(world, agents[1], bidding, 123_000 * YUAN)
        assert (await reader.next()).data["lowest"] == 123_000 * YUAN


# Without HTTP: what cannot be seen from outside.
def watcher_of(bidding: Any, agent: Agent, world: World) -> Watcher:
    return Watcher(bidding, agent.id, "en", world.clock)


async def test_a_slow_reader_gets_the_newest_state_and_none_in_between(
    world: World, bidding: ProjectView, agents: list[Agent], dsn: str
) -> None:
    stream = OpenStream("slow")
    told = events(watcher_of(await bidding_of(bidding), agents[0], world), boards_of(dsn), stream)
    assert b'"lowest":null' in await anext(told)
    for yuan in range(150_000, 140_000, -200):  # the reader takes nothing meanwhile
        await bid_live(world, agents[1], bidding, yuan * YUAN)
    async with asyncio.timeout(PATIENCE):
        assert f'"lowest":{140_200 * YUAN}'.encode() in await anext(told)
    stream.over.set()
    with pytest.raises(StopAsyncIteration):
        await anext(told)


async def test_many_who_watch_cause_one_reading_a_change() -> None:
    readings = 0

    async def read() -> dict[UUID, int]:
        nonlocal readings
        readings += 1
        return {}

    board = Board(read)
    await asyncio.gather(*(board.now() for _ in range(50)))
    assert readings == 1
    board.hear()
    board.hear()
    await asyncio.gather(*(board.now() for _ in range(50)))
    assert readings == 2


async def test_one_connection_listens_for_all_boards_and_goes_when_nobody_watches(dsn: str) -> None:
    async def read() -> dict[UUID, int]:
        return {}

    boards, link = Boards(dsn), await asyncpg.connect(dsn)
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    at = await link.fetchval("SELECT now()")
    async with boards.watched(UUID(int=1), at, read) as one, boards.watched(UUID(int=2), at, read) as two:
        async with boards.watched(UUID(int=1), at, read) as same:
            assert same is one
            assert await link.fetchval(count) == 1
        heard = one.heard, two.heard
        await link.execute("SELECT pg_notify('live_bid', $1)", str(UUID(int=2)))
        async with asyncio.timeout(PATIENCE):
            while two.heard == heard[1]:
                await link.execute("SELECT 1")
        assert one.heard == heard[0]
    assert await link.fetchval(count) == 0
    await link.close()


async def test_a_database_that_is_away_is_waited_for(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str | None] = []
    known = asyncpg.connect

    async def away(*args: object, **options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("market.kernel.listening.PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(asyncpg, "connect", away)
    listener = Listener(dsn, "live_bid", heard.append)
    async with listener.on():
        assert not listener.listening
        monkeypatch.setattr(asyncpg, "connect", known)
        async with asyncio.timeout(PATIENCE):
            link = await known(dsn)
            while not heard:
                await link.execute("SELECT 1")
            await link.close()
    assert heard == [None]


async def test_ending_all_streams_ends_each() -> None:
    assert open_streams("nobody") == 0
    end_streams()  # with none open there is nothing to do
