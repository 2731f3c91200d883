"""The pages: what came, how one is told, and the end of e-mails by one click."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar

from market.demo.cases import colleague_of
from market.kernel.db import execute, fetch, fetch_value
from market.notices.signing import unsubscribe_token
from tests.notices.scene import EMAIL, Reader, code_in
from tests.visitor import Visitor


@pytest.fixture
async def visitor(someone: Reader, site: Litestar) -> AsyncIterator[Visitor]:
    viewer = someone.viewer
    assert viewer.person_id is not None
    assert viewer.organisation_id is not None
    async with Visitor(site) as made:
        yield await made.sign_in_as(viewer.person_id, viewer.organisation_id)


async def test_the_inbox(someone: Reader, visitor: Visitor) -> None:
    for number in range(23):
        await someone.told(f"contract.opened:{number}", facts={"project": f"<b>{number}</b>"})
    await someone.told("rating-open:1", text="Rate {project}", due_at=someone.world.now + timedelta(days=2))
    page = (await visitor.get("/messages")).text
    assert "24 条" in page
    assert page.count("inbox__message") == 20
    assert "<b>3</b>" not in page
    assert "2026-06-18 10:00" in page
    assert (await visitor.get("/messages?page=2")).text.count("inbox__message") == 4
    assert (await visitor.get("/messages?page=999999999999")).text.count("inbox__message") == 20
    assert (await visitor.get("/messages?kind=credit")).text.count("inbox__message") == 1
    address = re.search(r"/messages/[0-9a-f-]{36}", page)
    assert address
    opened = await visitor.get(address.group())
    assert (opened.status_code, opened.headers["location"]) == (303, "/contracts/1")
    assert "23</span>" in (await visitor.get("/messages?show=unread")).text.replace(" ", "")
    await visitor.send_form("/messages/read", {"until": someone.world.now.isoformat()})
    assert "没有未读消息" in (await visitor.get("/messages?show=unread")).text


async def test_what_came_after_the_page_stays_unread(someone: Reader, visitor: Visitor) -> None:
    seen = someone.world.now
    someone.world.clock.advance(minutes=1)
    await someone.told()
    await visitor.send_form("/messages/read", {"until": seen.isoformat()})
    assert await fetch_value("SELECT count(*) FROM inbox_unread WHERE person_id = $1", someone.viewer.person_id) == 1


async def test_what_one_colleague_read_is_unread_to_the_others(
    someone: Reader, visitor: Visitor, site: Litestar
) -> None:
    world, viewer = someone.world, someone.viewer
    assert viewer.organisation_id is not None
    colleague = await colleague_of(world, viewer, "second-reader", "李娜")
    assert colleague.person_id is not None
    await someone.told("contract.opened:1")
    await someone.told("contract.opened:2")
    latecomer = await colleague_of(world, viewer, "late-reader", "周敏")
    page = (await visitor.get("/messages?show=unread")).text
    address = re.search(r"/messages/[0-9a-f-]{36}", page)
    assert address
    await visitor.get(address.group())
    async with Visitor(site) as made:
        other = await made.sign_in_as(colleague.person_id, viewer.organisation_id)
        assert address.group() in (await other.get("/messages?show=unread")).text
        await other.send_form("/messages/read", {"until": world.now.isoformat()})
        assert "没有未读消息" in (await other.get("/messages?show=unread")).text
    left = await fetch("SELECT person_id FROM inbox_unread WHERE organisation_id = $1", viewer.organisation_id)
    assert [row["person_id"] for row in left] == [viewer.person_id]
    assert latecomer.person_id != viewer.person_id  # who came later is not met with what was before


async def test_choices(someone: Reader, visitor: Visitor) -> None:
    page = (await visitor.get("/account/messages")).text
    assert EMAIL in page
    assert "已确认" in page
    chosen = {"locale": "en", "digest": "daily", "digest_hour": "9", "quiet_from": "23", "quiet_until": "6",
              "wanted": ["tip|email", "contract|sms"]}  # fmt: skip
    assert (await visitor.send_form("/account/messages", chosen)).status_code == 303
    page = (await visitor.get("/account/messages")).text
    assert page.count('class="choice__control" type="checkbox" name="wanted"') > 60
    assert len(re.findall(r'name="wanted" value="[^"]+" [^>]* checked', page)) == 2
    wrong = await visitor.send_form("/account/messages", {**chosen, "quiet_from": "24", "wanted": "bids|email"})
    assert wrong.status_code == 422


async def test_an_address_is_confirmed_on_the_page(someone: Reader, visitor: Visitor) -> None:
    await execute("UPDATE person SET email = 'other@example.org'")
    await execute("UPDATE message_address SET asked_at = asked_at - interval '5 minutes'")
    assert (await visitor.send_form("/account/messages/email/code")).status_code == 303
    await someone.deliver()
    answer = await visitor.send_form("/account/messages/email/confirm", {"code_email": code_in(someone.mails)})
    assert answer.status_code == 303
    assert "已确认" in (await visitor.get("/account/messages")).text
    assert (await visitor.send_form("/account/messages/pigeon/code")).status_code == 404


async def test_one_click_ends_e_mails_without_signing_in(someone: Reader, site: Litestar) -> None:
    assert someone.viewer.person_id is not None
    await someone.told()
    await someone.deliver()
    [mail] = someone.mails
    link = re.sub(r"^<https?://[^/]+|>$", "", str(mail["List-Unsubscribe"]))
    async with Visitor(site) as stranger:
        assert (await stranger.get(link)).status_code == 200
        assert await fetch_value("SELECT count(*) FROM message_choice") == 0  # reading the page ends nothing
        assert (await stranger.post(link, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        assert (await stranger.post(link[:-2] + "xx")).status_code == 404
        other = unsubscribe_token(someone.post.key, someone.viewer.person_id, "nothing")
        assert (await stranger.get(f"/messages/stop/{other}")).status_code == 404
    await someone.told("contract.opened:2")
    await someone.told("contract.in_force:2")
    await someone.deliver()
    assert len(someone.mails) == 2  # another event still comes


async def test_webhooks_are_set_up_on_the_page(someone: Reader, visitor: Visitor) -> None:
    for bad in (
        "http://example.com/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://user:x@example.com/",
        "nonsense",
    ):
        assert (await visitor.send_form("/account/webhooks", {"url": bad, "which": "all"})).status_code == 422
    none = await visitor.send_form("/account/webhooks", {"url": "https://8.8.8.8/hooks", "which": "some"})
    assert none.status_code == 422
    made = await visitor.send_form("/account/webhooks", {"url": "https://8.8.8.8/hooks", "which": "all"})
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", made.text)
    assert secret
    page = re.search(r"/account/webhooks/[0-9a-f-]{36}", made.text)
    assert page
    assert (await visitor.send_form(f"{page.group()}/ping")).status_code == 303
    shown = (await visitor.get(page.group())).text
    assert "测试推送" in shown
    assert secret.group() not in shown
    assert await fetch_value("SELECT secret_sealed NOT LIKE '%whsec%' FROM webhook_endpoint")
    assert (await visitor.send_form(f"{page.group()}/switch", {"on": "0"})).status_code == 303
    assert (await visitor.send_form(f"{page.group()}/remove")).status_code == 303
    assert (await visitor.get(page.group())).status_code == 404
