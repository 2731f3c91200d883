"""Reading: nothing is missed, nothing is sent twice, and nobody takes more than their share."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from market.api.acts import ACTS
from market.api.cursors import cursor, position_of
from market.api.pages import REMEDIES
from market.api.reads import READS
from market.demo.world import World
from market.kernel import db
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, transaction
from market.kernel.settings import Secret
from market.register.actions import record
from market.register.sequencing import sequence
from market.web.problems import MEDIA_TYPE, TITLES, Unprocessed, type_of
from tests.api.conftest import Cast, Program
from tests.api.described import DESCRIBED
from tests.architecture.sources import ROOT

KEY = Secret("a key of these tests")


@given(st.integers(min_value=0, max_value=2**63 - 1), st.sampled_from(["projects", "entries"]))
def test_cursors_come_back_as_they_went(position: int, listing: str) -> None:
    assert position_of(KEY, listing, cursor(KEY, listing, position)) == position


@given(st.text(max_size=60))
def test_nothing_else_is_a_cursor(text: str) -> None:
    if text:
        with pytest.raises(Unprocessed):
            position_of(KEY, "projects", text)


def test_a_cursor_of_another_list_is_none() -> None:
    with pytest.raises(Unprocessed):
        position_of(KEY, "results", cursor(KEY, "projects", 7))


async def test_every_public_reading_answers_as_described(anybody: Program, cast: Cast) -> None:
    """`Program` compares each answer with its schema; here it is enough that there is one."""
    entry = (await anybody.read("/register/entries?limit=1")).json()["items"][0]["id"]
    places = {"number": cast.project.number, "code": cast.agents[0].viewer.organisation_code, "entry_id": entry}
    for read in READS:
        if read.own or read.name in {"readDecision", "readItem"}:
            continue
        path = re.sub(r"\{(\w+):\w+\}", lambda found: places[found[1]], read.path)
        answer = await anybody.read(path)
        assert answer.status_code == 200, (read.name, answer.text)


async def read_on(reader: Program, after: str | None, path: str = "/register/entries") -> tuple[list[Any], str | None]:
    found: list[Any] = []
    while True:
        page = (await reader.read(f"{path}?limit=7" + (f"&after={after}" if after else ""))).json()
        found, after = found + page["items"], page["next"] or after
        if not page["more"]:
            return found, after


async def test_a_poller_misses_nothing_that_parallel_writers_commit_in_any_order(
    anybody: Program, world: World
) -> None:
    """Six writers at a time hold their entries uncommitted; they commit in any order, and the reader polls in between."""
    before, place = await read_on(anybody, None)
    dice, seen = random.Random(7), list[str]()

    async def write(no: int, recorded: asyncio.Event, may_commit: asyncio.Event) -> None:
        async with transaction():
            await record("calendar.corrected", subject=f"parallel-{no}", by="operator", data={"no": no}, at=world.now)
            recorded.set()
            await may_commit.wait()

    async def poll() -> None:
        nonlocal place
        await sequence(now=world.now)
        found, place = await read_on(anybody, place)
        seen.extend(one["subject"] for one in found)

    for crowd in range(4):
        gates = [(asyncio.Event(), asyncio.Event()) for _ in range(6)]
        writers = [asyncio.create_task(write(crowd * 6 + no, *gate)) for no, gate in enumerate(gates)]
        for recorded, _ in gates:
            await recorded.wait()
        for no in dice.sample(range(6), 6):
            gates[no][1].set()
            await writers[no]
            await poll()
    assert sorted(seen) == sorted(f"parallel-{no}" for no in range(24))
    assert seen != sorted(seen, key=lambda one: int(one.split("-")[1]))  # they did commit in another order
    assert len({one["id"] for one in before}) == len(before)


async def test_lists_follow_the_log_and_filter(anybody: Program, cast: Cast) -> None:
    page = (await anybody.read("/projects")).json()
    assert [one["number"] for one in page["items"]] == [cast.project.number]
    assert (await anybody.read(f"/projects?after={page['next']}")).json() == {
        "items": [],
        "next": page["next"],
        "more": False,
    }
    assert (await anybody.read("/projects?stage=closed")).json()["items"] == []
    assert (await anybody.read("/projects?region=3702&method=draw&item=C001&stage=sign_up")).json()["items"]
    agencies, _ = await read_on(anybody, None, "/agencies")
    assert sorted(one["code"] for one in agencies) == sorted(agent.viewer.organisation_code for agent in cast.agents)
    wrong = [
        await anybody.read(f"/projects?{query}")
        for query in ("stage=x", "limit=0", "limit=201", "nonsense=1", "after=x", "limit=1&limit=2")
    ]
    assert [one.status_code for one in wrong] == [400] * 6
    assert (await anybody.read("/results?after=" + page["next"])).json()["code"] == "cursor.invalid"


async def test_a_list_takes_no_query_for_each_line(
    owner: Program, agency: Program, anybody: Program, cast: Cast, database: str
) -> None:
    """Four agencies cost as many queries as one; the whole of a list costs a few."""
    await db.disconnect()
    await db.connect(database, pool_size=1)  # so that every query passes the one that is watched
    made: list[str] = []
    async with db.connection() as link:
        link.add_query_logger(lambda query: made.append(query.query))

    async def queries(program: Program, path: str) -> int:
        made.clear()
        answer = await program.read(path)
        assert answer.json()["items"], path
        return len(made)

    for path in ("/agencies", "/register/entries"):
        _, few, many = [
            await queries(anybody, f"{path}?limit={limit}") for limit in (1, 1, 4)
        ]  # the first reads the books
        assert 2 <= few == many <= 6, (path, made)
    await owner.act("/drafts", {"title": "市北区老旧小区改造工程测量"})
    for program, path in (
        (anybody, "/projects"), (anybody, f"/projects/{cast.project.number}/history"), (owner, "/own/projects"), (owner, "/drafts"),
    ):  # fmt: skip
        assert 2 <= await queries(program, path) <= 8, (path, made)


PUBLIC = (
    "/catalogue", "/catalogue/items", "/catalogue/items/C001", "/regions", "/rulebook", "/lists", "/lists/imported", "/decisions",
    "/statistics?region=370200", "/overdue", "/register/checkpoint", "/results", "/openapi.json",
)  # fmt: skip


async def test_what_is_public_is_read_without_a_token_and_only_once(anybody: Program, cast: Cast) -> None:
    entry = (await anybody.read(f"/projects/{cast.project.number}/history")).json()["items"][0]["id"]
    own = (f"/projects/{cast.project.number}/notice", f"/register/entries/{entry}", f"/register/entries/{entry}/proof",
           f"/agencies/{cast.agents[0].viewer.organisation_code}")  # fmt: skip
    for path in (*PUBLIC, *own):
        first = await anybody.read(path)
        assert first.status_code == 200, path
        assert isinstance(first.json(), dict), path
        again = await anybody.read(path, **{"if-none-match": f'"x", W/{first.headers["etag"]}'})
        if path not in {"/lists", "/lists/imported", "/overdue"}:  # these tell the moment of asking
            assert (again.status_code, again.content) == (304, b""), path
    assert (await anybody.read("/me")).status_code == 401
    for path in (
        "/projects/NONE",
        "/agencies/NONE",
        "/catalogue/items/NONE",
        "/decisions/NONE",
        "/register/entries/not-a-uuid",
    ):
        assert (await anybody.read(path)).status_code == 404, path


async def test_own_readings_are_own(owner: Program, agency: Program, cast: Cast) -> None:
    assert (await owner.read("/me")).json()["organisation"] == cast.owner.organisation_code
    assert (await owner.read("/own/projects")).json()["items"][0]["number"] == cast.project.number
    assert (await agency.read("/own/projects")).json()["items"] == []
    for path in ("/drafts", "/own/sign-ups", "/payments"):
        answer = await agency.read(path)
        assert answer.json() == {"items": []}, path
        assert answer.headers["cache-control"].startswith("private")


async def asked_too_often(site: Litestar, cast: Cast) -> tuple[list[int], list[int], httpx.Response]:
    """Three times within a minute are allowed to a token, twice to an address; what there is not counts as well."""
    async with Program(site, cast.tokens["owner"]) as program, Program(site, None) as nobody:
        codes = [(await program.read(path)).status_code for path in ("/me", "/nothing", "/me", "/me")]
        over = await program.read("/me")
        return codes, [(await nobody.read("/regions")).status_code for _ in range(3)], over


async def test_whoever_asks_too_often_waits(site: Litestar, world: World, cast: Cast) -> None:
    site.state.running = replace(
        world.running, settings=replace(world.settings, api_token_limit=3, api_address_limit=2)
    )
    began = wall_now().minute
    codes, without, over = await asked_too_often(site, cast)
    if wall_now().minute != began:  # the count began anew in between
        await execute("DELETE FROM api_allowance")
        codes, without, over = await asked_too_often(site, cast)
    assert codes == [200, 404, 200, 429]
    assert without == [200, 200, 429]
    assert 1 <= int(over.headers["retry-after"]) <= 60
    assert over.headers["ratelimit-policy"] == '"minute";q=3;w=60'
    assert over.headers["ratelimit"].startswith('"minute";r=0;t=')
    assert (over.headers["content-type"], over.json()["type"].partition("#")[2]) == (MEDIA_TYPE, "problem-429")
    rows = await fetch("SELECT subject FROM api_allowance ORDER BY subject")
    assert [row["subject"].split(":")[0] for row in rows] == ["address", "token"]


async def test_every_answer_tells_what_is_left(site: Litestar, owner: Program, agency: Program, cast: Cast) -> None:
    """Refusals too, of tokens and of addresses that there are not: each request counts."""
    number = cast.project.number
    async with Program(site, "mx_wrong") as stranger:
        answers = {
            200: await owner.read("/me"),
            304: await owner.read("/regions", **{"if-none-match": "*"}),
            400: await owner.read("/projects?limit=0"),
            401: await stranger.read("/me"),
            403: await agency.act(f"/projects/{number}/withdrawal", {"reason": "不是我们的项目也来撤回"}),
            404: await owner.read("/nothing"),
            405: await owner.put("/api/v1/me"),
            409: await owner.act(f"/projects/{number}/reposts"),
            415: await owner.post("/api/v1/drafts", content=b"x", headers={"idempotency-key": "one-key-of-many"}),
            422: await owner.act("/drafts", {"title": 1}),
        }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        most = int(re.fullmatch(r'"minute";q=(\d+);w=60', answer.headers["ratelimit-policy"])[1])  # type: ignore[index]
        left = int(re.fullmatch(r'"minute";r=(\d+);t=\d+', answer.headers["ratelimit"])[1])  # type: ignore[index]
        assert 0 <= left < most == (120 if status == 401 else 600), status


def test_every_type_of_problem_is_explained() -> None:
    """In the interface, on its page and in the document."""
    document = (ROOT / "docs" / "api.md").read_text(encoding="utf8").partition("## When something goes wrong")[2]
    told = {
        int(number) for row in re.findall(r"^\| ([\d, ]+) \|", document, re.MULTILINE) for number in row.split(", ")
    }
    statuses = {int(code) for path in DESCRIBED["paths"].values() for one in path.values() for code in one["responses"]}
    problems = {code for code in statuses if code >= 400} | {405, 500}
    assert problems == set(TITLES) == set(REMEDIES) == told
    assert type_of(409, "https://market") == "https://market/api#problem-409"
    assert type_of(418, "https://market") == "about:blank"


async def test_the_reference_is_readable_in_both_languages(anybody: Program, world: World) -> None:
    for language, word in (("en", "Hand in or replace a sealed bid"), ("zh_CN", "递交或更换密封报价")):
        page = await anybody.get("/api", headers={"cookie": f"mx_locale={language}"})
        assert page.status_code == 200
        assert word in page.text
        assert 'id="SealedBid"' in page.text
        assert [status for status in TITLES if f'id="problem-{status}"' not in page.text] == []
        assert '<nav class="contents"' in page.text
        assert page.text.count('<details class="operation">') > len(READS) + len(ACTS)
