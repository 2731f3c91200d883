"""Other authorities' lists: reading files, the diff, four eyes, what a match bars, and the pages."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from agencies.queries import facts_of, record_of
from agencies.rules import marks_of
from market.catalogue.queries import rulebook_in_force
from market.cli.audit.comparing import compare
from market.cli.audit.credit import COMPARERS, check_imported_lists
from market.demo.agencies import Agent, admit_agencies, credit_code, operator_of, review, some_agency, submit_agency
from market.demo.projects import open_owner, publish_project
from market.demo.selection import close_sign_up, sign_up, sign_up_all
from market.demo.world import World
from market.kernel.calendar import BEIJING, beijing_date
from market.kernel.db import execute, fetch, fetch_value, from_json, to_json
from market.kernel.errors import Refusal
from market.register.queries import history_of
from market.web.viewer import Viewer
from projects.eligibility import assess
from projects.queries import demand_of
from ratings.imported import actions, queries, reading, rules
from ratings.imported.actions import confirm_upload, discard_upload
from ratings.imported.queries import Diff
from ratings.imported.reading import text_of
from ratings.imported.rules import FileUnreadable, ListedLine, Problem, read_lines
from tests.api.conftest import Program, token_of
from tests.ratings.listing import HEAD, LIST, SOURCE, colleague_of, taken_over, uploaded
from tests.second_factor import confirm_sessions, give_second_factor
from tests.visitor import Visitor

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
ONE, TWO, THREE = credit_code(1), credit_code(2), credit_code(3)


def read(*lines: str, head: str = HEAD, encoding: str = "utf-8-sig") -> list[ListedLine | Problem]:
    return read_bytes("\r\n".join([head, *lines]).encode(encoding))


def read_bytes(content: bytes) -> list[ListedLine | Problem]:
    with text_of(io.BytesIO(content)) as text:
        return list(read_lines(text, list_code=LIST, source=SOURCE, today=NOW.date()))


def test_a_file_is_read_line_by_line() -> None:
    found = read(f"{ONE},甲公司,2026-05-01,", "", f' {TWO.lower()} ,"乙,公司",2026/05/02,2027-05-01')
    assert found == [
        ListedLine(2, ONE, "甲公司", date(2026, 5, 1), None),
        ListedLine(4, TWO, "乙,公司", date(2026, 5, 2), date(2027, 5, 1)),
    ]


def test_chinese_headings_and_encodings() -> None:
    head = "统一社会信用代码,名称,列入日期,有效期至,名单,来源,查询时间"
    line = f"{ONE},甲公司,2026-05-01,,{LIST},{SOURCE},2026-06-15"
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk"):
        assert read(line, head=head, encoding=encoding) == [ListedLine(2, ONE, "甲公司", date(2026, 5, 1), None)]


def test_a_long_file_is_read_in_pieces_whose_ends_cut_characters() -> None:
    lines = [f"{ONE},{'甲' * 100},2026-05-01,"] * 8000  # more than two pieces of a mebibyte, in either encoding
    for encoding in ("utf-8", "gbk"):
        found = read(*lines, encoding=encoding)
        assert len(found) == len(lines)
        assert all(isinstance(one, ListedLine) for one in found)


@pytest.mark.parametrize(
    "line",
    [
        "91370202000099999X,甲,2026-05-01,", ",甲,2026-05-01,", f"{ONE},,2026-05-01,", f"{ONE},{'长' * 201},2026-05-01,",
        f"{ONE},甲,,", f"{ONE},甲,gestern,", f"{ONE},甲,2026-06-17,", f"{ONE},甲,2026-05-01,2026-04-30",
        f"{ONE},甲,2026-05-01,bald", f"{ONE},甲\u202e乙,2026-05-01,", ONE,
    ],
)  # fmt: skip
def test_lines_that_cannot_be_used_are_named_by_number(line: str) -> None:
    good, bad = read(f"{TWO},乙,2026-05-01,", line)
    assert isinstance(good, ListedLine)
    assert isinstance(bad, Problem)
    assert (good.code, bad.line) == (TWO, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"code,name\r\n", HEAD.encode(), b"code,code,name,entered_on\r\nx,x,x,x", b"code,name,entered_on,colour\r\n",
        b"\xff\xfe\x00\x01\x80", HEAD.encode() + b'\r\n"open', HEAD.encode() + b"\r\n" + b"a" * 200_000,
    ],
)  # fmt: skip
def test_files_that_are_of_no_use(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        read_bytes(content)


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_LINES", 3)
    assert len(read("x", "x", "x")) == 3
    with pytest.raises(FileUnreadable):
        read("x", "x", "x", "x")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for file in (content, HEAD.encode() + b"\r\n" + content):
        try:
            found = read_bytes(file)
        except FileUnreadable:
            continue
        assert found


async def visit(site: Litestar, viewer: Viewer) -> Visitor:
    visitor = Visitor(site)
    assert viewer.person_id is not None
    assert viewer.organisation_id is not None
    return await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)


def form_at(world: World) -> dict[str, str]:
    return {"list": LIST, "source": SOURCE, "queried_at": world.now.strftime("%Y-%m-%dT00:01")}


async def sent_by_form(clerk: Visitor, world: World, *lines: str) -> str:
    """A GBK file through the page; returns the upload's path."""
    file = {"file": ("list.csv", "\n".join([HEAD, *lines]).encode("gbk"), "text/csv")}
    sent = await clerk.send_form("/operator/lists", form_at(world), files=file)
    assert sent.status_code == 303
    return str(sent.headers["location"])


@pytest.fixture
async def agents(world: World) -> list[Agent]:
    return await admit_agencies(world, [some_agency(number) for number in (1, 2, 3)])


@pytest.fixture
async def second(world: World, agents: list[Agent]) -> Viewer:
    return await colleague_of(world)


async def listings(agent: Agent) -> list[tuple[str, date, date | None]]:
    [facts] = await facts_of([agent.id])
    return [(one.list, one.entered_on, one.until_on) for one in facts.listings]


async def test_nothing_changes_before_a_second_person_confirms(
    world: World, agents: list[Agent], second: Viewer
) -> None:
    line = f"{agents[0].code},青岛第1测绘有限公司,2026-05-01,"
    upload_id = await uploaded(world, line, f"{ONE},别家,2026-05-01,")
    assert await listings(agents[0]) == []
    diff = await queries.diff_of(await queries.upload_view(upload_id))
    assert diff == Diff(added=2, changed=0, gone=0, kept=0, added_here=1, gone_here=0)
    assert [one.here is not None for one in await queries.changes_of(await queries.upload_view(upload_id))] == [
        True,
        False,
    ]
    with pytest.raises(Refusal) as refused:
        await confirm_upload(upload_id, diff, acting=await operator_of(world), now=world.now)
    assert refused.value.code == "imported.four_eyes"
    with pytest.raises(Refusal) as moved:
        await confirm_upload(upload_id, replace(diff, added=1), acting=second, now=world.now)
    assert moved.value.code == "imported.moved"
    await confirm_upload(upload_id, diff, acting=second, now=world.now)
    assert await listings(agents[0]) == [(LIST, date(2026, 5, 1), None)]
    [entry] = await history_of(LIST)
    assert (entry.kind, entry.data["added"], entry.data["lines"]) == ("list.imported", 2, 2)
    with pytest.raises(Refusal):
        await confirm_upload(upload_id, diff, acting=second, now=world.now)
    assert await fetch_value("SELECT count(*) FROM inbox_message WHERE cause = $1", f"imported:{upload_id}") == 1


async def test_repeated_codes_are_merged_over_their_longest_time(world: World, agents: list[Agent]) -> None:
    upload_id = await uploaded(
        world, f"{ONE},甲,2026-05-01,2026-12-31", f"{TWO},乙,2026-04-01,2026-09-30", f"{ONE},甲二,2026-04-01,2026-09-30",
        f"{TWO},乙,2026-04-02,",
    )  # fmt: skip
    found = await queries.upload_view(upload_id)
    assert (found.lines, found.merged, found.bad) == (4, 2, 0)
    assert [(one.name, one.entered_after, one.until_after) for one in await queries.changes_of(found)] == [
        ("甲", date(2026, 4, 1), date(2026, 12, 31)), ("乙", date(2026, 4, 1), None),
    ]  # fmt: skip


async def test_a_long_list_is_read_in_the_background_and_once(
    world: World, agents: list[Agent], second: Viewer, site: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "READ_AT_ONCE", 0)
    monkeypatch.setattr(reading, "BATCH", 700)
    codes = [credit_code(number) for number in range(1, 1001)]
    upload_id = await uploaded(
        world, *(f"{code},某公司,2026-05-01," for code in codes + codes[:5]), f"{agents[0].code},丙,2026-05-01,"
    )
    found = await queries.upload_view(upload_id)
    assert (found.reading, found.waits) == (True, False)
    with pytest.raises(Refusal) as unread:
        await confirm_upload(upload_id, Diff(0, 0, 0, 0, 0, 0), acting=second, now=world.now)
    assert unread.value.code == "imported.unread"
    async with await visit(site, second) as other:
        assert "<progress" in (await other.get(f"/operator/lists/{upload_id}")).text
    await _killed(reading.read_upload(upload_id, now=world.now))
    await asyncio.gather(*(reading.read_upload(upload_id, now=world.now) for _ in range(2)))
    await world.work()
    found = await queries.upload_view(upload_id)
    assert (found.waits, found.lines, found.merged, found.share_read) == (True, 1006, 5, 100)
    assert await fetch_value("SELECT count(*) FROM imported_list_staged") == 0
    assert found.foreseen == await queries.diff_of(found)
    assert await queries.foreseen_changes(upload_id) == await queries.changes_of(found)
    assert found.foreseen.added == 1001
    # The code counts; that the list names it otherwise is for people to see.
    async with await visit(site, second) as other:
        assert (await other.get(f"/operator/lists/{upload_id}")).text.count("与名单所载名称不一致") == 1
    monkeypatch.setattr(actions, "TAKEN_AT_ONCE", 1000)
    await _taken_by_a_job(world, upload_id, second, site)


async def _killed(work: Coroutine[Any, Any, None]) -> None:
    """Begins, and is broken off at some point, as a worker is that is killed."""
    task = asyncio.create_task(work)
    await asyncio.wait([task], timeout=0.02)
    task.cancel()
    await asyncio.wait([task])


async def _taken_by_a_job(world: World, upload_id: UUID, second: Viewer, site: Litestar) -> None:
    """Asked for twice it is done once; where something else is found than was shown, nothing is done."""
    diff = await queries.diff_of(await queries.upload_view(upload_id))
    assert not await confirm_upload(upload_id, replace(diff, gone=3), acting=second, now=world.now)
    await world.work()
    found = await queries.upload_view(upload_id)
    assert (found.taking, found.waits, found.taking_refused is not None) == (False, True, True)
    with pytest.raises(asyncpg.CheckViolationError, match="imported_list_upload_taking_four_eyes"):
        await execute(
            "UPDATE imported_list_upload SET taking_asked_by = uploaded_by, taking_asked_for = $2, taking_asked_at = now(),"
            " taking_seen = '{}' WHERE id = $1",
            upload_id, second.organisation_id,
        )  # fmt: skip
    for _ in range(2):
        assert not await confirm_upload(upload_id, diff, acting=second, now=world.now)
    async with await visit(site, second) as other:
        assert 'id="taking"' in (await other.get(f"/operator/lists/{upload_id}")).text
    with pytest.raises(Refusal, match=r"imported\.taking"):
        await discard_upload(upload_id, acting=second, now=world.now)
    assert await fetch_value("SELECT count(*) FROM imported_listing") == 0
    await _killed(actions.take_over_asked(upload_id, now=world.now))
    await world.work()
    await actions.take_over_asked(upload_id, now=world.now)
    found = await queries.upload_view(upload_id)
    assert (found.confirmed_at, found.added, found.taking) == (world.now, 1001, False)
    assert await fetch_value("SELECT count(*) FROM imported_listing WHERE ended_at IS NULL") == 1001
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'list.imported'") == 1


async def test_a_file_that_breaks_off_is_kept_with_the_reason(
    world: World, agents: list[Agent], second: Viewer
) -> None:
    upload_id = await uploaded(world, f"{ONE},甲,2026-05-01,", '"offen')
    found = await queries.upload_view(upload_id)
    assert found.unreadable is not None
    assert not found.waits
    with pytest.raises(Refusal):
        await confirm_upload(upload_id, await queries.diff_of(found), acting=second, now=world.now)
    await discard_upload(upload_id, acting=second, now=world.now)


async def test_the_database_itself_wants_four_eyes(world: World, agents: list[Agent]) -> None:
    upload_id = await uploaded(world, f"{ONE},甲,2026-05-01,")
    entry_id = await fetch_value("SELECT id FROM register_entry LIMIT 1")
    with pytest.raises(asyncpg.CheckViolationError, match="four_eyes"):
        await execute(
            "UPDATE imported_list_upload SET confirmed_by = uploaded_by, confirmed_at = $2, entry_id = $3, added = 0,"
            " changed = 0, gone = 0, kept = 0 WHERE id = $1",
            upload_id, world.now, entry_id,
        )  # fmt: skip


async def test_a_later_query_changes_ends_and_keeps(world: World, agents: list[Agent], second: Viewer) -> None:
    first, other, third = (agent.code for agent in agents)
    await taken_over(world, second, f"{first},甲,2026-05-01,", f"{other},乙,2026-05-01,", f"{third},丙,2026-05-01,")
    upload_id = await uploaded(world, f"{first},甲,2026-05-01,", f"{other},乙,2026-05-01,2026-12-31")
    diff = await queries.diff_of(await queries.upload_view(upload_id))
    assert diff == Diff(added=0, changed=1, gone=1, kept=1, added_here=0, gone_here=1)
    await confirm_upload(upload_id, diff, acting=second, now=world.now)
    assert [await listings(agent) for agent in agents] == [
        [(LIST, date(2026, 5, 1), None)], [(LIST, date(2026, 5, 1), date(2026, 12, 31))], [],
    ]  # fmt: skip
    assert len(await queries.history_of_code(other)) == 2
    assert (await queries.history_of_code(first))[0].queried_at == world.now
    assert await check_imported_lists() == []
    [comparer] = [one for one in COMPARERS if one.kind == "list.imported"]
    assert await compare(comparer) == []
    await execute("DELETE FROM imported_listing WHERE code = $1", first)
    await execute("UPDATE imported_list_upload SET gone = 7 WHERE id = $1", upload_id)
    assert [(one.kind, one.key) for one in await check_imported_lists()] == [("missing", f"{LIST} {first}")]
    assert [one.kind for one in await compare(comparer)] == ["altered"]


async def test_older_queries_second_uploads_and_bad_lines_are_refused(
    world: World, agents: list[Agent], second: Viewer
) -> None:
    await taken_over(world, second, f"{ONE},甲,2026-05-01,")
    with pytest.raises(Refusal) as older:
        await uploaded(world, f"{ONE},甲,2026-05-01,", queried=timedelta(days=2))
    assert older.value.code == "imported.older"
    bad = await uploaded(world, f"{ONE},甲,2026-05-01,", "x,乙,2026-05-01,")
    with pytest.raises(Refusal) as waits:
        await uploaded(world, f"{ONE},甲,2026-05-01,")
    assert waits.value.code == "imported.waits"
    diff = await queries.diff_of(await queries.upload_view(bad))
    with pytest.raises(Refusal) as flawed:
        await confirm_upload(bad, diff, acting=second, now=world.now)
    assert flawed.value.code == "imported.bad_lines"
    await discard_upload(bad, acting=second, now=world.now)
    await uploaded(world, f"{ONE},甲,2026-05-01,")


async def test_a_csv_import_bars_a_firm_in_the_middle_of_a_procedure(
    world: World, agents: list[Agent], second: Viewer, site: Litestar
) -> None:
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    project = await publish_project(world, owner)
    await sign_up_all(world, agents[:2], project)
    async with await visit(site, await operator_of(world)) as clerk, await visit(site, second) as other:
        path = await sent_by_form(clerk, world, f"{agents[0].code},甲,2026-05-01,", f"{agents[2].code},丙,2026-05-01,")
        seen = {"added": 2, "changed": 0, "gone": 0, "kept": 0, "added_here": 2, "gone_here": 0}
        assert (await other.send_form(f"{path}/confirm", seen)).status_code == 303
    async with await visit(site, agents[2].viewer) as barred:
        page = (await barred.get(f"/projects/{project.number}")).text
        assert "失信被执行人" in page
        assert "2026-05-01" in page
        refused = await barred.send_form(f"/projects/{project.number}/sign-up", {})
        assert refused.status_code in {409, 422}
    with pytest.raises(Refusal):
        await sign_up(world, agents[2], project)
    await close_sign_up(world, project)
    [excluded] = [from_json(row["excluded"]) for row in await fetch("SELECT excluded FROM selection_round")]
    [one] = excluded
    assert one["code"] == agents[0].code
    assert "listed" in to_json(one)
    [assessed] = [line for line in assess(await demand_of(project.id), (await facts_of([agents[0].id]))[0],
                                          catalogue=world.catalogue, at=world.now).lines if line.rule == "listed"]  # fmt: skip
    assert (assessed.passed, assessed.fact_date) == (False, date(2026, 5, 1))


async def test_a_match_on_an_owner_is_shown_and_only_warns(
    world: World, agents: list[Agent], second: Viewer, site: Litestar
) -> None:
    owner = await open_owner(world, name="青岛市市北区建设集团", code=credit_code(8), kind="enterprise")
    await taken_over(world, second, f"{owner.organisation_code},建设集团,2026-05-01,")
    assert [one.is_owner for one in await queries.listed_here(None, world.now.date())] == [True]
    assert await fetch_value("SELECT count(*) FROM inbox_message WHERE link LIKE '/owners/%#imported-lists'") == 1
    project = await publish_project(world, owner)
    async with Visitor(site) as anybody:
        for page in (f"/owners/{owner.organisation_code}", f"/projects/{project.number}", "/lists/imported"):
            assert SOURCE in (await anybody.get(page)).text
    await taken_over(world, second, f"{ONE},甲,2026-05-01,")
    async with Visitor(site) as anybody:
        assert SOURCE not in (await anybody.get(f"/projects/{project.number}")).text
        assert SOURCE in (await anybody.get(f"/owners/{owner.organisation_code}")).text  # what was, stays to be read


async def test_a_program_hands_in_a_list_and_a_person_confirms_it(
    world: World, agents: list[Agent], second: Viewer, site: Litestar
) -> None:
    content = base64.b64encode(f"{HEAD}\n{agents[0].code},甲,2026-05-01,\n".encode("gbk")).decode()
    body = {**form_at(world), "file": {"name": "list.csv", "content": content}}
    async with Program(site, await token_of(await operator_of(world))) as program:
        assert (await program.act("/lists/imported/uploads", {**body, "source": ""})).status_code == 422
        sent = await program.act("/lists/imported/uploads", body, key="one-query-of-today")
        assert sent.status_code == 200, sent.text
        assert (await program.act("/lists/imported/uploads", body, key="one-query-of-today")).json() == sent.json()
    [upload] = await queries.uploads()
    assert (upload.by_program, upload.waits, upload.lines) == (True, True, 1)
    assert await listings(agents[0]) == []
    await confirm_upload(upload.id, await queries.diff_of(upload), acting=second, now=world.now)
    assert len(await listings(agents[0])) == 1


async def test_who_was_listed_enters_only_after_the_years_of_the_rulebook(
    world: World, agents: list[Agent], second: Viewer
) -> None:
    agent = await submit_agency(world, some_agency(4))
    await taken_over(world, second, f"{agent.code},甲,2026-05-01,")
    with pytest.raises(Refusal) as listed:
        await review(world, agent)
    assert listed.value.rule == "entry.barred_lists"
    await taken_over(world, second, f"{agents[0].code},乙,2026-05-01,")
    book, record, last_day = (
        await rulebook_in_force("370203", world.now),
        await record_of(agent.id),
        beijing_date(world.now),
    )
    counts_until = last_day.replace(year=last_day.year + 3)

    def rules_on(day: date) -> list[str]:
        return [mark.rule for mark in marks_of(record, book, day)]

    assert rules_on(last_day + timedelta(days=1)) == rules_on(counts_until) == ["entry.clean_record_years"]
    assert rules_on(counts_until + timedelta(days=1)) == []


async def test_an_end_is_an_end(world: World, agents: list[Agent], second: Viewer) -> None:
    await taken_over(
        world, second, f"{agents[0].code},甲,2026-05-01,{(world.now.date() + timedelta(days=3)).isoformat()}"
    )
    today = world.now.date()
    assert [one.code for one in await queries.listed_here(None, today)] == [agents[0].code]
    assert [one.code for one in await queries.listed_here(LIST, today + timedelta(days=3))] == [agents[0].code]
    assert await queries.listed_here(LIST, today + timedelta(days=4)) == []
    assert await queries.listed_here("bribery", today) == []


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_from_the_file_to_the_public_page(
    world: World, agents: list[Agent], second: Viewer, site: Litestar, locale: str
) -> None:
    code = agents[0].code
    form = form_at(world)
    async with await visit(site, await operator_of(world)) as clerk, await visit(site, second) as other:
        for one in (clerk, other):
            one.cookies.set("mx_locale", locale)
        assert (await clerk.send_form("/operator/lists", {**form, "list": "red"})).status_code == 422
        bad = {"file": ("list.csv", b"code\n", "text/csv")}
        assert (await clerk.send_form("/operator/lists", form, files=bad)).status_code == 422
        path = await sent_by_form(clerk, world, f"{code},=HYPERLINK(1),2026-05-01,")
        own = (await clerk.get(path)).text
        assert "/confirm" not in own
        page = (await other.get(path)).text
        assert code in page
        assert "/operator/lists" in (await other.get("/operator/lists")).text
        seen: dict[str, Any] = {"added": 1, "changed": 0, "gone": 0, "kept": 0, "added_here": 1, "gone_here": 0}
        assert (await clerk.send_form(f"{path}/confirm", seen)).status_code == 409
        assert (await clerk.get(f"{path}/confirm")).status_code == 409
        await give_second_factor(second, world=world)
        assert code in (await other.get(path)).text
        assert (await other.get(f"{path}/confirm")).headers["location"] == f"/sign-in/code?back={path}/confirm"
        assert (await other.send_form(f"{path}/confirm", seen)).status_code == 401
        await confirm_sessions(second)
        assert 'name="added_here" value="1"' in (await other.get(f"{path}/confirm")).text
        assert (await other.send_form(f"{path}/confirm", seen)).status_code == 303
        assert (await other.get(path)).status_code == 200
    async with Visitor(site) as anybody:
        anybody.cookies.set("mx_locale", locale)
        public = (await anybody.get("/lists/imported")).text
        assert code in public
        assert SOURCE in public
        if locale == "zh_CN":
            assert "本平台不自行设列严重失信主体名单" in public
        assert "'=HYPERLINK(1)" in (await anybody.get(f"/lists/imported.csv?name={LIST}")).text
        [entry] = (await anybody.get("/lists/imported.json")).json()["entries"]
        assert (entry["organisation"], entry["since"], entry["source"]) == (code, "2026-05-01", SOURCE)
        assert (await anybody.get("/lists/imported.json?name=bribery")).json()["entries"] == []
        assert "imported-lists" in (await anybody.get(f"/agencies/{code}")).text
        directory = (await anybody.get("/agencies")).text
        assert directory.count("被列入其他部门名单" if locale == "zh_CN" else "on a list of another authority") == 1
