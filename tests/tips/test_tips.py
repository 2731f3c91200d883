"""Telling of a breach with and without a name, and what authorities do with it."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from dataclasses import replace

import httpx
import pytest

from market.accounts.queries import inbox
from market.cli.audit import audit_market
from market.demo.agencies import operator_of
from market.kernel.db import execute, fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from market.oversight.rules import Scope
from market.web.viewer import Viewer
from ratings.tips import actions, queries
from ratings.tips.rules import Outcome, follow_up_code
from tests.access.tips import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.test_access import cast
from tests.ratings.people import open_regulator
from tests.visitor import Visitor

GROUNDS = "评标前一天，业主经办人在办公室把两家报价告诉了另一家，我在场，时间是周二下午。"
_FORM = re.compile(r'name="form" value="([0-9a-f]{32})"')
_CODE = re.compile(r"\b([A-Z2-7]{5}(?:-[A-Z2-7]{5}){3})\b")


async def form_of(visitor: Visitor) -> str:
    found = _FORM.search((await visitor.get("/tips/new")).text)
    assert found
    return found.group(1)


async def tell(visitor: Visitor, **fields: str) -> httpx.Response:
    asked = {"about": "market", "reference": "", "grounds": GROUNDS, "form": await form_of(visitor), **fields}
    files = {"files": ("evidence.png", PNG, "image/png")}
    return await visitor.send_form("/tips/new", asked, files)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def told_by_name(award: Award, sign_in: SignIn, about: str = "firm", reference: str | None = None) -> str:
    owner = await sign_in(award.owner)
    code = reference or award.losers[0].organisation_code
    answer = await tell(owner, about=about, reference=code, **{"as": "named"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_an_anonymous_tip_is_followed_up_with_its_code(client: Visitor, sign_in: SignIn, award: Award) -> None:
    regulator = await open_regulator(award.world, 1, "3702")
    page = await tell(client, about="project", reference=award.number)
    (code,) = _CODE.findall(page.text)[:1]
    tip = await queries.tip_of_code(code)
    assert tip is not None
    assert (tip.told_by, tip.teller_name) == (None, None)

    desk = await sign_in(regulator)
    assert tip.number in (await desk.get("/tips/desk")).text
    assert (await desk.send_form(f"{tip.url}/taking")).status_code == 303
    assert (await desk.send_form(f"{tip.url}/messages", {"text": "请问当时还有谁在场？"})).status_code == 303

    followed = await client.send_form("/tips/follow-up", {"code": code.lower().replace("-", " ")})
    assert "请问当时还有谁在场？" in followed.text
    assert code not in str(followed.url)
    added = await client.send_form("/tips/follow-up/messages", {"code": code, "text": "还有监理单位的王工。"})
    assert "还有监理单位的王工。" in added.text
    assert "还有监理单位的王工。" in (await desk.get(tip.url)).text

    verdict = {"outcome": "founded", "answer": "经核实，情况属实，已另行立案处理，相关人员已调离。"}
    assert (await desk.send_form(f"{tip.url}/answer", verdict)).status_code == 303
    assert "相关人员已调离" in (await client.send_form("/tips/follow-up", {"code": code})).text
    again = await desk.send_form(f"{tip.url}/answer", verdict)
    assert again.status_code == 409
    assert await audit_market() == []


async def test_nothing_of_an_anonymous_teller_is_kept(award: Award, sign_in: SignIn) -> None:
    """Who is signed in and chooses to have no name leaves none anywhere."""
    owner = await sign_in(award.owner)
    before = {row["id"] for row in await fetch("SELECT id FROM stored_file")}
    page = await tell(owner, about="project", reference=award.number, **{"as": "anonymous"})
    assert page.status_code == 200
    (code,) = _CODE.findall(page.text)[:1]
    row = await fetch_one("SELECT * FROM tip")
    assert row is not None
    assert award.owner.person_id not in row.values()
    assert award.owner.organisation_id not in row.values()
    assert code not in str(row)
    secret = award.world.settings.secret_key.reveal().encode()
    assert follow_up_code(secret, row["form"]) != code  # nor can database and secret together work it out
    files = [one for one in await fetch("SELECT * FROM stored_file") if one["id"] not in before]
    assert {(one["owner_organisation_id"], one["uploaded_by"]) for one in files} == {(actions.NOBODY, actions.NOBODY)}
    act = await fetch_one("SELECT subject, by, data::text FROM register_entry WHERE kind = 'tip.told'")
    assert act is not None
    assert act["by"] == "teller"
    assert award.number not in act["data"]
    assert row["number"] not in (await owner.get("/tips")).text


async def test_one_form_sent_twice_at_once_is_one_tip(client: Visitor, award: Award) -> None:
    asked = {"about": "project", "reference": award.number, "grounds": GROUNDS, "form": await form_of(client)}
    token = await client.token()
    answers = await asyncio.gather(*(client.post("/tips/new", data={**asked, "csrf_token": token}) for _ in range(4)))
    assert await fetch_value("SELECT count(*) FROM tip") == 1
    assert len({_CODE.findall(answer.text)[0] for answer in answers}) == 1


async def test_mistakes_are_told_all_at_once_and_nothing_is_kept(client: Visitor, award: Award) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * 30_000_000)
    answer = await client.send_form(
        "/tips/new", {"about": "project", "reference": "MX-1", "grounds": "短", "form": await form_of(client)},
        {"files": ("bomb.zip", bomb.getvalue(), "application/zip")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert all(words in answer.text for words in ("没有此编号的项目", "bomb.zip"))
    nameless = await client.send_form("/tips/new", {"form": "weak", "about": "market", "grounds": GROUNDS})
    assert (nameless.status_code, GROUNDS in nameless.text) == (422, True)
    wrong = await client.send_form("/tips/follow-up", {"code": "AAAAA-AAAAA-AAAAA-AAAAA"})
    assert wrong.status_code == 422
    assert await fetch_value("SELECT count(*) FROM tip") == 0


async def test_the_accused_authority_never_sees_it(client: Visitor, award: Award) -> None:
    operator = await operator_of(award.world)
    await tell(client)  # about the market itself
    assert await queries.open_for(operator) == []
    regulator = await open_regulator(award.world, 1, "3702")
    (tip,) = await queries.open_for(regulator)
    with pytest.raises(NotFound):
        await actions.take_up(tip.id, viewer=operator, calendar=award.world.calendar, now=award.world.now)
    assert [row["id"] for row in await inbox(operator.organisation_id) if tip.number in str(row["facts"])] == []  # type: ignore[arg-type]


async def test_a_tip_is_taken_up_once_and_can_be_passed_on(client: Visitor, award: Award, sign_in: SignIn) -> None:
    one, other = await open_regulator(award.world, 1, "3702"), await open_regulator(award.world, 2, "37")
    await tell(client, about="project", reference=award.number)
    (tip,) = await queries.open_for(one)
    world = award.world

    async def take(viewer: Viewer) -> bool:
        try:
            await actions.take_up(tip.id, viewer=viewer, calendar=world.calendar, now=world.now)
        except NotFound:
            return False
        return True

    took = dict(zip((one, other), await asyncio.gather(take(one), take(other)), strict=True))
    assert sorted(took.values()) == [False, True]
    holder = one if took[one] else other
    next_one = other if took[one] else one
    assert next_one.organisation_id is not None
    await actions.hand_over(tip.id, next_one.organisation_id, "属于贵局职责", viewer=holder, now=world.now)
    assert await queries.open_for(holder) == []
    assert [found.number for found in await queries.open_for(next_one)] == [tip.number]
    assert await audit_market() == []
    # The message of then still leads somewhere: to who has it, and to nothing that it says.
    assert holder.organisation_id is not None
    message = await fetch_value(
        "SELECT id FROM inbox_message WHERE organisation_id = $1 AND link = $2", holder.organisation_id, tip.url
    )
    page = (await (await sign_in(holder)).get(f"/messages/{message}", follow_redirects=True)).text
    assert next_one.organisation_name in page
    assert GROUNDS not in page
    assert award.number not in page


async def test_the_third_upheld_complaint_calls_for_a_case(award: Award, sign_in: SignIn) -> None:
    regulator = await open_regulator(award.world, 1, "3702")
    accused, world = award.losers[0], award.world
    proposed = f"/cases/new?code={accused.organisation_code}&upheld=1"
    for number in range(1, 4):
        await told_by_name(award, sign_in)
        (tip,) = await queries.open_for(regulator)
        await actions.take_up(tip.id, viewer=regulator, calendar=world.calendar, now=world.now)
        await actions.answer(
            tip.id, Outcome.FOUNDED, "经查属实，理由如下：有书证两份。", viewer=regulator, now=world.now
        )
        messages = [row["link"] for row in await inbox(regulator.organisation_id)]  # type: ignore[arg-type]
        assert (proposed in messages) == (number == 3)
    form = (await (await sign_in(regulator)).get(proposed)).text
    for row in await fetch("SELECT number FROM tip"):
        assert f"{row['number']} (" in form
    assert re.search(r'<option value="repeated_complaints" selected', form)


async def test_the_audit_finds_changed_words(client: Visitor, award: Award) -> None:
    await tell(client, about="project", reference=award.number)
    await execute("UPDATE tip SET grounds = '什么也没有发生，一切正常，没有任何问题。'")
    assert [(one.kind, one.table) for one in await audit_market()] == [("altered", "tip")]


async def test_everybody_gets_the_answer_that_is_written_down(award: Award, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(award)
    where = await told_by_name(award, sign_in)
    tip_id = where.rpartition("/")[2]
    regulator = replace(people["regulator"], scopes=(Scope("3702", ""),))
    (tip,) = await queries.open_for(regulator)
    await actions.take_up(tip.id, viewer=regulator, calendar=award.world.calendar, now=award.world.now)
    (file,) = await queries.files_of(tip.id)
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": client}
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        address = path.replace("{tip_id:uuid}", tip_id).replace("{file_id:uuid}", str(file.id))
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    assert wrong == {}
