"""The journey of an owner through the pages, and what the pages refuse."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from market.demo.projects import closing_time, notice_values, publish_project
from market.demo.world import World
from market.kernel.db import fetch_value
from market.kernel.ids import new_id
from market.web.viewer import Viewer
from projects.posting import actions
from projects.posting.queries import access_draft, drafts_of
from projects.queries import project_by_number
from tests.visitor import Visitor


@pytest.fixture
async def desk(client: Visitor, owner: Viewer) -> Visitor:
    """The owner's browser."""
    assert owner.person_id is not None and owner.organisation_id is not None
    return await client.sign_in_as(owner.person_id, owner.organisation_id)


async def new_draft(desk: Visitor) -> str:
    answer = await desk.send_form("/owner/drafts")
    assert answer.status_code == 303
    return answer.headers["location"]


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)


async def test_an_owner_writes_checks_and_publishes_a_notice(
    desk: Visitor, world: World, surveyors: list[UUID]
) -> None:
    draft = await new_draft(desk)
    form = await desk.get(draft)
    assert form.status_code == 200
    assert (await desk.send_form(draft, notice_values(world) | {"then": "check"})).headers[
        "location"
    ] == f"{draft}/check"
    check = await desk.get(f"{draft}/check")
    assert check.status_code == 200
    done = await desk.send_form(f"{draft}/publish", {"seen": seen_in(check.text)})
    assert done.headers["location"] == "/projects/MX-2026-000001?receipt=1"
    project = await desk.get(done.headers["location"])
    assert project.status_code == 200
    assert "市北区老旧小区改造工程测量" in project.text
    assert 'class="receipt"' in project.text
    again = await desk.send_form(f"{draft}/publish", {"seen": seen_in(check.text)})
    assert (again.status_code, again.headers["location"]) == (303, "/projects/MX-2026-000001")
    assert (await desk.get(draft)).headers["location"] == "/projects/MX-2026-000001"


async def test_publishing_twice_at_once_makes_one_project(desk: Visitor, world: World, surveyors: list[UUID]) -> None:
    draft = await new_draft(desk)
    await desk.send_form(draft, notice_values(world))
    seen = seen_in((await desk.get(f"{draft}/check")).text)
    answers = await asyncio.gather(*(desk.send_form(f"{draft}/publish", {"seen": seen}) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert await fetch_value("SELECT count(*) FROM project") == 1


async def test_the_form_saves_whatever_was_typed(desk: Visitor, owner: Viewer) -> None:
    draft = await new_draft(desk)
    page = await desk.send_form(
        draft, {"title": "半个标题", "price": "十万", "service_items": ["C001", "bogus"], "unknown": "x"}
    )
    assert page.status_code == 303
    [saved] = await drafts_of(owner.organisation_id)  # type: ignore[arg-type]
    assert (saved.values["title"], saved.values["price"], saved.values["service_items"]) == (
        "半个标题",
        "十万",
        ["C001", "bogus"],
    )
    assert "unknown" not in saved.values
    assert "半个标题" in (await desk.get(draft)).text


async def test_automatic_saving_needs_no_page(desk: Visitor) -> None:
    draft = await new_draft(desk)
    answer = await desk.post(
        draft, data={"title": "自动保存", "csrf_token": await desk.token()}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204
    assert "自动保存" in (await desk.get(draft)).text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"price": "-100"}, "price"),
        ({"price": "0"}, "price"),
        ({"price": "99999999999999"}, "price"),
        ({"price": "1e5"}, "price"),
        ({"price": "190000"}, "price"),
        ({"budget": "abc"}, "budget"),
        ({"service_days": "0"}, "service_days"),
        ({"service_days": "10.5"}, "service_days"),
        ({"sign_up_closes_at": "2026-02-30T10:00"}, "sign_up_closes_at"),
        ({"sign_up_closes_at": "gestern"}, "sign_up_closes_at"),
        ({"region_code": "999999"}, "region_code"),
        ({"service_items": []}, "service_items"),
        ({"title": "短"}, "title"),
        ({"content": "太短"}, "content"),
        ({"funding": "part", "fiscal_percent": "101"}, "fiscal_percent"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"avoided_code": ["91370200MA3C1AAA1X"], "avoided_reason": [""]}, "avoided"),
        ({"avoided_code": ["NOSUCHCODE"], "avoided_reason": ["与本单位存在诉讼"]}, "avoided"),
        ({"not_excluded": ""}, "not_excluded"),
    ],
)
async def test_bad_input_comes_back_with_its_error(
    desk: Visitor, world: World, surveyors: list[UUID], changed: dict[str, Any], field: str
) -> None:
    draft = await new_draft(desk)
    await desk.send_form(draft, notice_values(world) | changed)
    page = await desk.get(f"{draft}/check")
    assert page.status_code == 422
    assert f'href="#f-{field}"' in page.text


async def test_the_check_page_names_every_refusal(desk: Visitor, world: World, surveyors: list[UUID]) -> None:
    draft = await new_draft(desk)
    await desk.send_form(
        draft, notice_values(world, budget="2000000", price="1900000", other_requirements="仅限本市企业报名")
    )
    page = await desk.get(f"{draft}/check")
    assert page.status_code == 200
    assert "/rulebook#posting.limit.must_tender" in page.text
    assert "仅限本市" in page.text
    assert 'name="seen"' not in page.text


async def test_the_count_of_matching_agencies_follows_the_form(
    desk: Visitor, world: World, surveyors: list[UUID]
) -> None:
    draft = await new_draft(desk)
    fits = await desk.send_form(f"{draft}/matching", notice_values(world))
    assert '<strong class="number">4</strong>' in fits.text
    asks_more = await desk.send_form(f"{draft}/matching", notice_values(world, practitioners_needed="2"))
    assert '<strong class="number">0</strong>' in asks_more.text
    assert "测绘公司" not in fits.text + asks_more.text


async def test_requirements_follow_the_service_items(desk: Visitor) -> None:
    draft = await new_draft(desk)
    answer = await desk.send_form(f"{draft}/requirements", {"service_items": ["C001"]})
    assert 'name="need:surveying-mapping:engineering"' in answer.text
    assert 'value="=a"' not in answer.text


async def test_documents_are_attached_published_and_downloaded(
    desk: Visitor, client: Visitor, world: World, surveyors: list[UUID], owner: Viewer
) -> None:
    draft = await new_draft(desk)
    await desk.send_form(draft, notice_values(world))
    content = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    attached = await desk.send_form(
        f"{draft}/files", {"label": "任务书"}, files={"document": ("任务书.pdf", content, "application/pdf")}
    )
    assert attached.status_code == 303
    wrong = await desk.send_form(f"{draft}/files", files={"document": ("x.pdf", b"MZ not a pdf", "application/pdf")})
    assert wrong.status_code == 422
    await desk.send_form(f"{draft}/publish", {"seen": seen_in((await desk.get(f"{draft}/check")).text)})
    project = await project_by_number("MX-2026-000001")
    page = await desk.get(project.url)
    link = re.search(rf'href="({project.url}/files/[0-9a-f-]+)"', page.text)
    assert link
    file = await desk.get(link.group(1))
    assert file.content == content
    assert file.headers["content-disposition"].startswith("attachment")
    assert (await desk.get(f"{project.url}/files/{uuid4()}")).status_code == 404


async def test_other_peoples_drafts_are_not_there(
    desk: Visitor, world: World, other_owner: Viewer, surveyors: list[UUID]
) -> None:
    theirs = await actions.start_draft(other_owner, notice_values(world), now=world.now)
    for path in ("", "/check", "/discard"):
        assert (await desk.get(f"/owner/drafts/{theirs}{path}")).status_code == 404
    for path in ("", "/matching", "/requirements", "/files", "/publish", "/discard", f"/files/{new_id()}/remove"):
        assert (await desk.send_form(f"/owner/drafts/{theirs}{path}")).status_code == 404
    assert (await access_draft(other_owner, theirs)).published_at is None


async def test_an_amendment_is_compared_before_it_is_published(
    desk: Visitor, owner: Viewer, world: World, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    form = await desk.get(f"{project.url}/amend")
    assert form.status_code == 200
    changed = notice_values(world, working_days=5, price="149000") | {"reason": "价格核减"}
    compared = await desk.send_form(f"{project.url}/amend", changed)
    assert compared.status_code == 200
    assert "¥152,000.00" in compared.text
    assert "¥149,000.00" in compared.text
    assert (await project_by_number(project.number)).price_fen == 15_200_000
    done = await desk.send_form(f"{project.url}/amend", changed | {"confirmed": "yes"})
    assert done.headers["location"] == f"{project.url}?receipt=1"
    page = await desk.get(project.url)
    assert "价格核减" in page.text
    assert (await project_by_number(project.number)).sign_up_closes_at == closing_time(world, 5)


async def test_an_amendment_without_a_reason_comes_back(
    desk: Visitor, owner: Viewer, world: World, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    answer = await desk.send_form(f"{project.url}/amend", notice_values(world, price="149000", working_days=5))
    assert answer.status_code == 422
    assert 'href="#f-reason"' in answer.text
    same = await desk.send_form(f"{project.url}/amend", {"reason": "核对公告内容"})
    assert same.status_code == 409
    assert "\n核对公告内容</textarea>" in same.text, "the form comes back with the refusal"


async def test_withdrawal_asks_for_a_reason(desk: Visitor, owner: Viewer, world: World, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    assert (await desk.get(f"{project.url}/withdraw")).status_code == 200
    short = await desk.send_form(f"{project.url}/withdraw", {"reason": "不要了"})
    assert short.status_code == 422
    assert "\n不要了</textarea>" in short.text
    done = await desk.send_form(f"{project.url}/withdraw", {"reason": "项目立项已经取消，不再采购。"})
    assert done.headers["location"] == f"{project.url}?receipt=1"
    assert "项目立项已经取消" in (await desk.get(project.url)).text


async def test_own_pages(desk: Visitor, owner: Viewer, world: World, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    await new_draft(desk)
    assert project.title in (await desk.get("/owner/projects")).text
    assert (await desk.get("/owner/drafts")).status_code == 200


async def test_an_agency_reads_why_it_may_or_may_not_take_part(
    client: Visitor, owner: Viewer, world: World, surveyors: list[UUID]
) -> None:
    from tests.posting.conftest import admitted_agency

    project = await publish_project(world, owner)
    outside = await admitted_agency(world, "91370200MA3C9ZZZ9X", level=None)
    for agency, word in ((surveyors[0], "is-pass"), (outside, "is-fail")):
        person = await fetch_value("SELECT person_id FROM membership WHERE organisation_id = $1", agency)
        await client.sign_in_as(person, agency)
        page = await client.get(f"{project.url}/eligibility")
        assert page.status_code == 200
        assert word in page.text
        assert (await client.get(project.url)).status_code == 200
