"""Programs do what pages do: the same rules, the same messages, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar

from market.accounts.tokens.rules import Scope
from market.api.examples import NOTICE
from market.api.gate import _TURNED_AWAY, _told
from market.demo.projects import notice_values
from market.demo.world import World
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import Throttled
from tests.api.conftest import Cast, Program, token_of


def notice(world: World, **changed: object) -> dict[str, object]:
    return {**NOTICE, "sign_up_closes_at": notice_values(world)["sign_up_closes_at"], **changed}


async def published(owner: Program, body: object, *, key: str | None = None):
    draft = (await owner.act("/drafts", body)).json()
    return await owner.act(f"/drafts/{draft['id']}/publication", {"seen": draft["fingerprint"]}, key=key)


async def test_an_owner_posts_and_an_agency_signs_up(owner: Program, agency: Program, world: World, cast: Cast) -> None:
    done = await published(owner, notice(world))
    assert done.status_code == 200, done.text
    told = done.json()
    assert told["act"] == "publishDraft"
    assert told["entries"]
    project = (await agency.get(told["href"])).json()
    assert project["stage"] == "sign_up"
    assert project["price"] == 152_000_00
    may = (await agency.read(f"/projects/{project['number']}/eligibility")).json()
    assert may["eligible"]
    person = await fetch_value("SELECT id FROM agency_authorised_person WHERE agency_id = $1", cast.agents[0].id)
    signed = await agency.act(
        f"/projects/{project['number']}/sign-ups", {"authorised_person": str(person), "agreed": True}
    )
    assert signed.status_code == 200, signed.text
    listed = (await agency.read("/own/sign-ups")).json()["items"]
    assert [line["project"] for line in listed] == [project["number"]]
    back = await agency.act(f"/projects/{project['number']}/sign-ups/withdrawal")
    assert back.status_code == 200
    assert (await agency.read("/own/sign-ups")).json()["items"][0]["withdrawn_at"]


async def test_mistakes_are_told_as_on_the_page_all_at_once_in_both_languages(owner: Program, world: World) -> None:
    draft = (await owner.act("/drafts", notice(world, title="短", price="0", service_days="0"))).json()
    told = {}
    for language in ("en", "zh-CN"):
        answer = await owner.read(f"/drafts/{draft['id']}/check", **{"accept-language": language})
        assert answer.status_code == 422
        told[language] = {one["field"]: one["messages"][0] for one in answer.json()["errors"]}
    assert {"title", "price", "service_days"} <= told["en"].keys()
    assert told["en"]["title"].startswith("Project name needs at least 6")
    assert told["zh-CN"]["title"] != told["en"]["title"]


async def test_a_refusal_names_rule_and_remedy(agency: Program, world: World, cast: Cast) -> None:
    world.clock.set(cast.project.sign_up_closes_at)
    person = await fetch_value("SELECT id FROM agency_authorised_person WHERE agency_id = $1", cast.agents[0].id)
    late = await agency.act(
        f"/projects/{cast.project.number}/sign-ups", {"authorised_person": str(person), "agreed": True}
    )
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    told = late.json()
    assert told["code"].startswith("sign_up.")
    assert told["detail"]
    assert told["instance"].endswith("/sign-ups")


async def test_what_a_scope_or_a_role_does_not_cover_is_refused(
    site: Litestar, owner: Program, agency: Program, cast: Cast
) -> None:
    async with Program(site, await token_of(cast.owner, Scope.READ_OWN)) as reader:
        lacking = await reader.act(
            f"/projects/{cast.project.number}/withdrawal", {"reason": "项目资金计划调整，暂缓实施。"}
        )
    assert lacking.status_code == 403
    assert lacking.json()["scope"] == "projects:write"
    assert (await agency.act("/drafts", NOTICE)).status_code == 403
    assert (
        await agency.act(f"/projects/{cast.project.number}/withdrawal", {"reason": "不是我们的项目也来撤回"})
    ).status_code == 403
    assert (await owner.read("/contracts/HT-NONE")).status_code == 404
    assert (await owner.act("/projects/NOTHING/withdrawal", {"reason": "没有这样的项目也来撤回"})).status_code == 404


async def test_the_same_key_acts_once_and_answers_the_same(owner: Program, world: World) -> None:
    first = await owner.act("/drafts", notice(world), key="key-number-one")
    again = await owner.act("/drafts", notice(world), key="key-number-one")
    other = await owner.act("/drafts", notice(world, title="市北区另一个项目的测量"), key="key-number-one")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.other_request")
    assert await fetch_value("SELECT count(*) FROM project_draft WHERE published_at IS NULL") == 1
    assert (await owner.post("/api/v1/drafts", json={})).json()["code"] == "idempotency.key_missing"


async def test_five_at_once_with_one_key_publish_one_project(owner: Program, world: World) -> None:
    draft = (await owner.act("/drafts", notice(world))).json()
    body = {"seen": draft["fingerprint"]}
    answers = await asyncio.gather(
        *(owner.act(f"/drafts/{draft['id']}/publication", body, key="one-publication") for _ in range(5))
    )
    codes = sorted(one.status_code for one in answers)
    assert set(codes) <= {200, 409}
    assert 200 in codes
    assert {one.json()["code"] for one in answers if one.status_code == 409} <= {"idempotency.at_work"}
    assert (
        await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'project.published'") == 2
    )  # one stood before


@asynccontextmanager
async def cut_before_the_answer() -> AsyncIterator[None]:
    """Within the block the process dies between an act's commit and its answer: the database refuses to store the answer.
    Afterwards nobody holds the keys any more."""
    await execute(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid());"
        " RETURN NEW; END $$"
    )
    await execute("CREATE TRIGGER die BEFORE UPDATE OF status ON api_request FOR EACH ROW EXECUTE FUNCTION die()")
    yield
    await execute("DROP FUNCTION die() CASCADE")
    await execute("UPDATE api_request SET held_until = claimed_at WHERE status IS NULL")


async def test_an_answer_that_got_lost_is_found_again_and_the_job_is_one(owner: Program, world: World) -> None:
    draft = (await owner.act("/drafts", notice(world))).json()
    publication, body = f"/drafts/{draft['id']}/publication", {"seen": draft["fingerprint"]}
    plan = {"label": "平面图", "document": {"name": "plan.pdf", "content": "JVBERi0xLjQKJSVFT0YK"}}
    async with cut_before_the_answer():
        assert (await owner.act("/drafts", notice(world), key="lost-draft")).status_code == 500
        assert (await owner.act(publication, body, key="lost-answer")).status_code == 500
        busy = await owner.act(publication, body, key="lost-answer")
        assert busy.json()["code"] == "idempotency.at_work"
    found = await owner.act(publication, body, key="lost-answer")
    assert found.status_code == 200
    assert found.json()["answer_lost"] is True
    entry = (await owner.read(f"/register/entries/{found.json()['entries'][0]}")).json()
    assert entry["kind"] == "project.published"
    assert await fetch_value("SELECT count(*) FROM project WHERE draft_id = $1::uuid", draft["id"]) == 1
    begun = await owner.act("/drafts", notice(world), key="lost-draft")
    assert (begun.status_code, begun.json()["title"]) == (201, NOTICE["title"])
    files = f"/drafts/{begun.json()['id']}/documents"
    async with cut_before_the_answer():
        assert (await owner.act(files, plan, key="lost-document")).status_code == 500
    assert (await owner.act(files, plan, key="lost-document")).json()["answer_lost"] is True
    assert len((await owner.read(f"/drafts/{begun.json()['id']}")).json()["values"]["files"]) == 1


async def test_those_who_sign_up_together_each_find_their_lost_answer(
    site: Litestar, agency: Program, world: World, cast: Cast
) -> None:
    """Even though their sign-ups shared a transaction, and one was taken back before its program asked again."""
    number, sent = cast.project.number, []
    async with AsyncExitStack() as stack:
        programs = [agency] + [
            await stack.enter_async_context(Program(site, await token_of(one.viewer))) for one in cast.agents[1:]
        ]
        for one in cast.agents:
            person = await fetch_value("SELECT id FROM agency_authorised_person WHERE agency_id = $1", one.id)
            sent.append({"authorised_person": str(person), "agreed": True})
        there = f"/projects/{number}/sign-ups"

        async def ask() -> list[httpx.Response]:
            given = zip(programs, sent, strict=True)
            return await asyncio.gather(*(one.act(there, body, key="lost-sign-up") for one, body in given))

        async with cut_before_the_answer():
            assert {one.status_code for one in await ask()} == {500}
        assert (await agency.act(f"{there}/withdrawal")).status_code == 200
        answers = [one.json() for one in await ask()]
    signed = await fetch("SELECT entry_id, withdrawn_at FROM sign_up ORDER BY agency_id")
    assert all(one["answer_lost"] for one in answers)
    assert sorted(one["entries"] for one in answers) == sorted([str(row["entry_id"])] for row in signed)
    assert sum(row["withdrawn_at"] is not None for row in signed) == 1


async def test_what_was_refused_before_it_acted_leaves_the_key_free(owner: Program, world: World) -> None:
    """A form with mistakes is an answer and is kept; a request that nobody could read is none."""
    bad = await owner.act("/drafts", {"nonsense": 1}, key="a-key-to-reuse")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "nonsense")
    assert (await owner.act("/drafts", notice(world), key="a-key-to-reuse")).status_code == 201


async def test_a_draft_is_changed_only_as_it_was_read(owner: Program, world: World) -> None:
    begun = (await owner.act("/drafts", notice(world))).json()
    here = f"/api/v1/drafts/{begun['id']}"
    tag = (await owner.get(here)).headers["etag"]
    assert (await owner.get(here, headers={"if-none-match": tag})).status_code == 304
    assert (await owner.put(here, json=notice(world))).status_code == 428
    changed = await owner.put(here, json=notice(world, title="市北区老旧小区改造测量二期"), headers={"if-match": tag})
    assert changed.status_code == 200
    assert changed.json()["title"] == "市北区老旧小区改造测量二期"
    stale = await owner.put(here, json=notice(world), headers={"if-match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "draft.changed")
    assert (await owner.request("DELETE", here, headers={"if-match": changed.headers["etag"]})).status_code == 204
    assert (await owner.get(here)).status_code == 404


async def test_two_who_change_at_once_do_not_overwrite_each_other(owner: Program, world: World) -> None:
    begun = (await owner.act("/drafts", notice(world))).json()
    here, tag = f"/api/v1/drafts/{begun['id']}", (await owner.read(f"/drafts/{begun['id']}")).headers["etag"]
    titles = [f"市北区老旧小区改造测量第 {no} 稿" for no in range(5)]
    answers = await asyncio.gather(
        *(owner.put(here, json=notice(world, title=title), headers={"if-match": tag}) for title in titles)
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412]


async def test_files_travel_as_base64(owner: Program, world: World) -> None:
    begun = (await owner.act("/drafts", notice(world))).json()
    there = f"/drafts/{begun['id']}/documents"
    good = await owner.act(
        there, {"label": "平面图", "document": {"name": "plan.pdf", "content": "JVBERi0xLjQKJSVFT0YK"}}
    )
    bad = await owner.act(there, {"document": {"name": "plan.pdf", "content": "???"}})
    assert good.status_code == 200, good.text
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "document")
    assert (await owner.read(f"/drafts/{begun['id']}")).json()["values"]["files"][0]["label"] == "平面图"


async def test_an_agency_replaces_its_sealed_bid(agency: Program, owner: Program, world: World, cast: Cast) -> None:
    body = notice(world, method="lowest_price", ceiling="152000", floor="80000", price=None)
    number = (
        (await published(owner, {name: value for name, value in body.items() if value is not None}))
        .json()["href"]
        .rsplit("/", 1)[1]
    )
    person = await fetch_value("SELECT id FROM agency_authorised_person WHERE agency_id = $1", cast.agents[0].id)
    bid = {"authorised_person": str(person), "agreed": True, "nonce": "0" * 32, "amount": "100000"}
    first = await agency.act(f"/projects/{number}/bids", bid)
    assert first.status_code == 200, first.text
    mine = (await agency.read(f"/projects/{number}/bids")).json()["items"]
    second = await agency.act(
        f"/projects/{number}/bids", {**bid, "nonce": "1" * 32, "amount": "99000", "replaces": mine[0]["id"]}
    )
    assert second.status_code == 200, second.text
    found = (await agency.read(f"/projects/{number}/bids")).json()["items"]
    assert sorted(one["stands"] for one in found) == [False, True]
    assert "99000" not in str(found) and "100000" not in str(found)
    assert (await owner.read(f"/projects/{number}/bids")).status_code == 404


async def test_old_keys_are_forgotten_and_the_use_stays_known(owner: Program, world: World) -> None:
    from market.api.idempotency import forget_old

    await owner.act("/drafts", notice(world), key="of-yesterday")
    await execute("UPDATE api_request SET claimed_at = claimed_at - interval '25 hours'")
    assert await forget_old() == 1
    rows = await fetch("SELECT act, key, answer FROM api_request")
    assert [tuple(row.values()) for row in rows] == [("beginDraft", None, None)]
    assert (await owner.act("/drafts", notice(world), key="of-yesterday")).status_code == 201


async def test_a_pause_after_too_many_tries_is_no_answer_to_keep_under_a_key() -> None:
    async def too_often(claimed: Any, entries: Any) -> tuple[int, bytes]:
        raise Throttled("too_often", "Too often.", until=wall_now())

    nobody: Any = None
    with pytest.raises(_TURNED_AWAY) as turned:
        await _told(nobody, too_often, nobody, [])
    assert isinstance(turned.value, Throttled)
