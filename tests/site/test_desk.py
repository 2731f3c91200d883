"""The regulator's desk: its scope in every table and behind every row, several rows at once, filters, files."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.accounts.queries import inbox
from market.cli.audit.comparing import compare
from market.cli.audit.desk import COMPARERS
from market.demo import cases
from market.demo.contracts import sign_both
from market.demo.world import World
from market.kernel.db import execute, fetch, fetch_value, transaction
from market.kernel.errors import Message, NotFound
from market.register.actions import record
from market.site.desk import queries
from market.site.desk.filters import filter_from, filter_of
from market.site.desk.routes import files
from market.site.desk.routes.reading import way_back
from market.site.desk.views import FLAGS, VIEWS, View
from market.web.viewer import Viewer
from ratings.flags.actions import open_flags
from ratings.flags.screens import SCREENS
from ratings.flags.screens.interface import Lead
from ratings.tips import actions as tips
from ratings.tips import queries as tip_queries
from ratings.tips.rules import About
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, SignIn, drawn
from tests.ratings.people import open_regulator
from tests.site.conftest import Somebody
from tests.visitor import Visitor

VIEW = st.sampled_from(list(VIEWS.values()))


@dataclass
class Desk:
    """A project whose delivery is overdue, with two flags, a case and two tips about it; `ids`: a row of each table."""

    award: Award
    regulator: Viewer
    ids: dict[str, str]
    links: tuple[str, ...]


async def flags_on(award: Award) -> None:
    leads = [
        (SCREENS[code], Lead(key=award.number, score=9000, text=Message("Some lead."), figures=(), rows=(), projects=(award.number,),
                             parties=(award.winner.organisation_code,), evidence=(1,)))
        for code in ("price_steps", "low_price")
    ]  # fmt: skip
    assert await open_flags(leads, award.world.rulebook, calendar=award.world.calendar, now=award.world.now) == 2


async def told(award: Award, about: About, reference: str, form: str) -> None:
    subject = await tip_queries.subject_of(about, reference)
    assert subject is not None
    new = tips.NewTip(subject, "经办人在办公室把两家报价告诉了另一家，我当时在场。", (), form)
    world = award.world
    await tips.tell_tip(new, viewer=award.owner, files=world.running.files, calendar=world.calendar, now=world.now)


async def overdue(world: World) -> Desk:
    award, regulator = await drawn(world), await open_regulator(world, 1, "3702")
    await award.run_past_notice()
    contract = await sign_both(world, award.number, award.owner, award.winner)
    assert contract.delivery_due_at is not None
    assert award.winner.organisation_id is not None
    await world.run_until(contract.delivery_due_at)
    await execute("DELETE FROM flag_party")
    await execute("DELETE FROM flag")
    await flags_on(award)
    case = await cases.open_case(world, award.winner.organisation_id, regulator)
    await told(award, About.PROJECT, award.number, "1" * 32)
    await told(award, About.FIRM, award.winner.organisation_code, "2" * 32)
    [flag, _] = await fetch("SELECT id FROM flag ORDER BY number")
    [tip, _] = await fetch("SELECT id FROM tip ORDER BY number")
    ids = {"firms": award.winner.organisation_code, "projects": award.number, "flags": str(flag["id"]), "cases": case,
           "complaints": str(tip["id"])}  # fmt: skip
    links = tuple(VIEWS[name].href({"id": row_id, "path": "tips"}) for name, row_id in ids.items())
    return Desk(award, regulator, ids, links)


beginning = begins_with({"desk": overdue})


@pytest.fixture
def desk(beginning: Beginning, world: World) -> Desk:
    found: Desk = beginning.memory
    return replace(found, award=replace(found.award, world=world))


async def total(view: View, viewer: Viewer, desk: Desk) -> int:
    return await queries.count(filter_of(view, {}), await queries.asking(viewer, desk.award.world.now))


async def test_the_scope_is_in_every_table_and_behind_every_row(
    desk: Desk, somebody: Somebody, sign_in: SignIn
) -> None:
    """The survey is in 370203 and belongs to the department of natural resources."""
    award = desk.award
    for scope in (("3702", ""), ("3702", "natural-resources")):
        inside = await somebody("regulator", scope=scope)
        for name, view in VIEWS.items():
            assert await total(view, inside, desk) >= 1, (scope, name)
        browser = await sign_in(inside)
        for path in ("/regulator", *(f"/regulator/desk/{name}" for name in VIEWS), *desk.links):
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            assert award.winner.organisation_name in answer.text or award.number in answer.text or "线索" in answer.text
    for outside in (("11", ""), ("370281", ""), ("3702", "water"), None):
        stranger = await somebody("regulator", scope=outside)
        assert [await total(view, stranger, desk) for view in VIEWS.values()] == [0, 0, 0, 0, 0], outside
        browser = await sign_in(stranger)
        assert [(await browser.get(link)).status_code for link in desk.links] == [404] * 5
        for name, row_id in desk.ids.items():
            who = await queries.asking(stranger, award.world.now)
            with pytest.raises(NotFound):
                await queries.row_of(VIEWS[name], row_id, who)
    page = (await browser.get("/regulator")).text
    assert award.number not in page
    assert award.winner.organisation_name not in page


async def test_a_firms_history_tells_nothing_of_flags_elsewhere(desk: Desk, sign_in: SignIn) -> None:
    number, browser = desk.award.number, await sign_in(desk.regulator)
    here, elsewhere = [row["number"] for row in await fetch("SELECT number FROM flag ORDER BY number")]
    page = (await browser.get(desk.links[0])).text
    assert elsewhere in page
    loser = next(one for one in desk.award.losers)
    assert "参加选取" in (await browser.get(f"/regulator/firms/{loser.organisation_code}")).text
    assert f'"/regulator/projects/{number}"' in page
    await execute("UPDATE flag SET regions = ARRAY['110105'] WHERE number = $1", elsewhere)
    await execute("UPDATE project SET region_code = '110105' WHERE number = $1", number)
    page = (await browser.get(desk.links[0])).text
    assert here in page
    assert elsewhere not in page
    assert f'"/regulator/projects/{number}"' not in page
    assert f'"/projects/{number}"' in page


async def test_a_firms_history_says_what_each_act_was(desk: Desk, sign_in: SignIn) -> None:
    now, code = desk.award.world.now, desk.award.winner.organisation_code
    barred = {"suspended_until": (now + timedelta(days=30)).isoformat(), "removed_until": now.isoformat()}
    async with transaction():
        await record("credit.event", subject=code, by="market", data={"event": "late_delivery", "points": "-5"}, at=now)
        await record("standing.changed", subject=code, by="market", data=barred, at=now)
    page = (await (await sign_in(desk.regulator)).get(desk.links[0])).text
    assert "逾期" in page.partition("(-5)")[0][-40:]
    assert page.count("暂停报名") == 1, "as the entry says, and not as the firm stands now"


async def test_a_name_with_commas_is_one_name(desk: Desk, sign_in: SignIn) -> None:
    name = "Qingdao Survey, Mapping, Geoinformatics Co., Ltd."
    await execute("UPDATE organisation SET name = $2 WHERE code = $1", desk.award.winner.organisation_code, name)
    assert name in (await (await sign_in(desk.regulator)).get("/regulator/desk/flags")).text


async def test_several_at_once_each_with_its_result(desk: Desk, somebody: Somebody, sign_in: SignIn) -> None:
    one, two = [str(row["id"]) for row in await fetch("SELECT id FROM flag ORDER BY number")]
    browser = await sign_in(desk.regulator)
    form: dict[str, Any] = {"do": "take", "row": [one, two, "nonsense"], "back": "/regulator/desk/flags?state=open"}
    asked = await browser.send_form("/regulator/desk/flags/bulk", form)
    assert "confirmed" in asked.text
    assert await fetch_value("SELECT count(*) FROM flag WHERE taken_at IS NOT NULL") == 0
    other = await sign_in(await somebody("regulator", scope=("3702", "")))
    assert (await other.send_form(f"/regulator/flags/{one}/taking")).status_code == 303
    done = (await browser.send_form("/regulator/desk/flags/bulk", {**form, "confirmed": "yes"})).text
    assert "3 件中已办理 1 件" in done
    assert "该线索已" in done or "已被" in done or "未办理的各件" in done
    assert await fetch_value("SELECT count(*) FROM flag WHERE authority_id = $1", desk.regulator.organisation_id) == 1
    assign = {"do": "assign", "row": [one, two], "person": str(desk.regulator.person_id), "confirmed": "yes"}
    given = (await browser.send_form("/regulator/desk/flags/bulk", assign)).text
    assert "2 件中已办理 1 件" in given
    assert "贵单位尚未承办该事项" in given
    assert "F-2026-000" in (await browser.get("/regulator/desk/flags?mine=1")).text
    await _to_a_colleague(desk, browser, two)
    stranger = {**assign, "person": str(desk.award.owner.person_id)}
    assert "2 件中已办理 0 件" in (await browser.send_form("/regulator/desk/flags/bulk", stranger)).text
    assert (await browser.send_form("/regulator/desk/flags/bulk", {"do": "take"})).status_code == 303
    assert (await browser.send_form("/regulator/desk/firms/bulk", {"do": "take", "row": ["x"]})).status_code == 422
    assert (await (await sign_in(desk.award.owner)).send_form("/regulator/desk/flags/bulk", form)).status_code == 403


async def _to_a_colleague(desk: Desk, browser: Visitor, flag_id: str) -> None:
    """Who is given something is told, alone; whoever takes it for himself is not."""
    assert desk.regulator.organisation_id is not None
    told = "assigned {number} to {name}"
    assert not [one for one in await inbox(desk.regulator.organisation_id) if told in one["text"]]
    colleague = await cases.colleague_of(desk.award.world, desk.regulator, "regulator-1c", "王芳")
    form = {"do": "assign", "row": [flag_id], "person": str(colleague.person_id), "confirmed": "yes"}
    assert "全部办理完毕" in (await browser.send_form("/regulator/desk/flags/bulk", form)).text
    [message] = [one for one in await inbox(desk.regulator.organisation_id) if told in one["text"]]
    assert (message["facts"]["name"], message["link"]) == ("王芳", f"/regulator/flags/{flag_id}")
    assert (
        await fetch_value("SELECT for_person_id FROM inbox_message WHERE id = $1", message["id"]) == colleague.person_id
    )


async def test_a_reminder_is_sent_once_and_recorded(desk: Desk, sign_in: SignIn) -> None:
    browser, award = await sign_in(desk.regulator), desk.award
    form = {"do": "remind", "row": award.number, "confirmed": "yes"}
    assert "全部办理完毕" in (await browser.send_form("/regulator/desk/projects/bulk", form)).text
    assert "贵单位已就该时限催办过" in (await browser.send_form("/regulator/desk/projects/bulk", form)).text
    assert award.winner.organisation_id is not None
    [message] = [one for one in await inbox(award.winner.organisation_id) if "reminds you" in one["text"]]
    assert message["facts"]["number"] == award.number
    assert "逾期催办" in (await browser.get(f"/regulator/projects/{award.number}")).text
    assert await compare(COMPARERS[0]) == []


async def test_filters_are_kept_by_name_and_shared_by_address(desk: Desk, somebody: Somebody, sign_in: SignIn) -> None:
    browser = await sign_in(desk.regulator)
    kept = await browser.send_form("/regulator/desk/projects/filters", {"name": "本周逾期", "query": "due=overdue&x=y"})
    assert kept.headers["location"] == "/regulator/desk/projects?due=overdue"
    assert "本周逾期" in (await browser.get("/regulator")).text
    await browser.send_form("/regulator/desk/projects/filters", {"name": "本周逾期", "query": "due=soon"})
    [saved] = await queries.saved_filters(desk.regulator.person_id)  # type: ignore[arg-type]
    assert saved.filter.href == "/regulator/desk/projects?due=soon"
    other = await sign_in(await somebody("regulator", scope=("11", "")))
    assert desk.award.number not in (await other.get("/regulator/desk/projects?due=overdue")).text
    assert (await other.send_form(f"/regulator/filters/{saved.id}/delete")).status_code == 404
    assert (await browser.send_form(f"/regulator/filters/{saved.id}/delete")).status_code == 303
    assert (await browser.send_form("/regulator/desk/projects/filters", {"name": "", "query": ""})).status_code == 422


async def test_tables_as_files_hold_no_formula(desk: Desk, sign_in: SignIn) -> None:
    await execute("UPDATE project SET title = '=cmd|A1' WHERE number = $1", desk.award.number)
    browser = await sign_in(desk.regulator)
    text = (await browser.send_form("/regulator/desk/projects/files", {"format": "csv", "query": ""})).content.decode(
        "utf-8-sig"
    )
    assert "'=cmd|A1" in text
    answer = await browser.send_form("/regulator/desk/projects/files", {"format": "xlsx", "query": ""})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head, row = list(sheet.iter_rows())
    assert (row[0].value, row[1].value, row[1].data_type) == (desk.award.number, "=cmd|A1", "s")
    assert head[0].value == "编号或代码"
    assert (await browser.send_form("/regulator/desk/projects/files", {"format": "exe"})).status_code == 422


async def test_a_long_file_is_written_beside_fetched_by_its_owner_and_forgotten(
    desk: Desk, somebody: Somebody, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 0)
    world, browser = desk.award.world, await sign_in(desk.regulator)
    ordered = await browser.send_form("/regulator/desk/firms/files", {"format": "csv", "query": ""})
    page = ordered.headers["location"]
    assert "<progress" in (await browser.get(page)).text
    assert (await browser.get(f"{page}/content")).status_code == 404
    await world.work()
    content = (await browser.get(f"{page}/content")).content.decode("utf-8-sig")
    assert content.count("\n") == 1 + await total(VIEWS["firms"], desk.regulator, desk)
    assert (await (await sign_in(await somebody("regulator", scope=("3702", "")))).get(page)).status_code == 404
    await world.run_until(world.now + timedelta(hours=25))
    assert await fetch_value("SELECT count(*) FROM desk_export WHERE deleted_at IS NOT NULL") == 1
    assert (await browser.get(f"{page}/content")).status_code == 404
    assert "已删除" in (await browser.get(page)).text


async def test_any_address_is_answered(desk: Desk, sign_in: SignIn) -> None:
    browser = await sign_in(desk.regulator)
    for question in (
        "q=%25%27%3B--&page=-1",
        "region=%00",
        "page=99999999999999999999",
        "state=nonsense&mine=2",
        "q=" + "长" * 300,
    ):
        for name in VIEWS:
            assert (await browser.get(f"/regulator/desk/{name}?{question}")).status_code in {200, 400}
    assert (await browser.get("/regulator/desk/nothing")).status_code == 404
    every = (await browser.get(f"/regulator/desk/projects?q={desk.award.number.lower()}")).text
    assert desk.award.number in every
    for concerned in (desk.award.winner.organisation_name, desk.award.winner.organisation_code):
        assert "共 2 条" in (await browser.get(f"/regulator/desk/flags?q={concerned}")).text
    assert desk.award.winner.organisation_name in (await browser.get("/regulator/desk/flags")).text


async def test_every_choice_of_every_table_is_a_query(desk: Desk) -> None:
    who = await queries.asking(desk.regulator, desk.award.world.now)
    for view in VIEWS.values():
        for choice in view.choices:
            assert set(choice.options) == set(choice.conditions)
            for value in choice.options:
                assert await queries.count(filter_of(view, {choice.name: value}), who) <= await queries.count(
                    filter_of(view, {}), who
                )


@given(
    VIEW,
    st.dictionaries(
        st.sampled_from(["q", "region", "mine", "state", "due", "stage", "moved", "x"]), st.text(max_size=20)
    ),
)
def test_a_filter_survives_its_address(view: View, asked: dict[str, str]) -> None:
    found = filter_of(view, asked)
    assert filter_from(view, found.query) == found
    for name, _ in found.pairs:
        assert name not in dict(found.without(name).pairs)


@given(st.text(max_size=60))
def test_the_way_back_leads_to_the_table_it_came_from(back: str) -> None:
    assert way_back(FLAGS, back) == "/regulator/desk/flags"
    assert way_back(FLAGS, f"/regulator/desk/flags?q={'x' if back else ''}").startswith("/regulator/desk/flags?q=")
    assert way_back(FLAGS, "/regulator/desk/flagship") == "/regulator/desk/flags"
    assert way_back(FLAGS, "//evil.example/regulator/desk/flags") == "/regulator/desk/flags"
