"""Delivering, answering and downloading over HTTP: who may, bad input, protected files."""

from __future__ import annotations

from typing import Any

import pytest

from market.accounts.actions import (
    NewOrganisation,
    NewPerson,
    Roles,
    add_colleague,
    give_scope,
    register_organisation,
)
from market.demo.agencies import credit_code, operator_of, paper
from market.demo.contracts import deliver_results
from market.demo.world import World
from market.web.viewer import Viewer
from projects.fulfilment.panels import to_do
from projects.fulfilment.queries import fulfilment_of
from projects.fulfilment.rules import Decision
from projects.rules import Stage
from tests.contracts.award import Award, SignIn, acts_of
from tests.visitor import Visitor

STATEMENT = "已完成全部外业测量与内业整理，成果质量合格。"


def pdf(name: str = "测量报告") -> tuple[str, tuple[str, bytes, str]]:
    upload = paper(name)
    return ("files", (upload.name, upload.content, upload.media_type))


async def regulator(world: World, number: int, region: str) -> Viewer:
    person = NewPerson(login=f"regulator{number}", name="高洁", phone="13800000008", password_hash="!")
    organisation = NewOrganisation(
        kind="regulator", code=credit_code(900 + number, kind="11"), name=f"第{number}监管局", legal_representative="高洁",
        region_code=region, address="", phone="",
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now)
    await give_scope(organisation.id, region[:4], "")
    return Viewer(person.id, person.name, organisation.id, "regulator", organisation.name, organisation.code)


async def last_decision(award: Award) -> Decision | None:
    found = await fulfilment_of(award.number)
    assert found is not None
    assert found.last is not None
    return found.last.decision


async def test_the_agency_delivers_by_form_and_the_owner_accepts_by_form(award: Award, sign_in: SignIn) -> None:
    agency, owner = await sign_in(award.winner), await sign_in(award.owner)
    page, answers = f"/projects/{award.number}/delivery", f"/projects/{award.number}/acceptance"
    assert (await agency.get(page)).status_code == 200
    sent = await agency.send_form(page, {"statement": STATEMENT}, files=[pdf("报告"), pdf("附图")])
    assert sent.status_code == 303, sent.text
    shown = await owner.get(answers)
    assert STATEMENT in shown.text
    assert "报告.pdf" in shown.text
    check = await owner.send_form(answers, {"decision": "accept"})
    assert check.status_code == 200
    assert await last_decision(award) is None, "nothing happened yet"
    done = await owner.send_form(answers, {"decision": "accept", "confirmed": "yes"})
    assert done.status_code == 303
    assert (await award.project()).stage is Stage.ACCEPTED
    again = await owner.send_form(answers, {"decision": "accept", "confirmed": "yes"})
    assert again.status_code == 303
    assert await acts_of(award.number, "delivery.accepted") == 1


async def test_the_owner_returns_with_items_after_a_confirmation(award: Award, sign_in: SignIn) -> None:
    await deliver_results(award.world, award.number, award.winner)
    owner, answers = await sign_in(award.owner), f"/projects/{award.number}/acceptance"
    form = {"decision": "return", "where_1": "第三章", "what_1": "成果表与附图编号不一致，请改正。",
            "where_3": "附图2", "what_3": "缺少比例尺和图例，请补充完整。"}  # fmt: skip
    check = await owner.send_form(answers, form)
    assert check.status_code == 200
    assert "缺少比例尺" in check.text
    assert await last_decision(award) is None
    done = await owner.send_form(answers, {**form, "confirmed": "yes"})
    assert done.status_code == 303
    assert await last_decision(award) is Decision.RETURNED
    agency = await sign_in(award.winner)
    assert "缺少比例尺" in (await agency.get(f"/projects/{award.number}/delivery")).text


@pytest.mark.parametrize(
    ("form", "files"),
    [
        ({}, []),
        ({"statement": STATEMENT}, []),
        ({"statement": "太短"}, [pdf()]),
        ({"statement": "很" * 4001}, [pdf()]),
        ({"statement": STATEMENT, "practitioner": "not-an-id"}, [pdf()]),
        ({"statement": STATEMENT, "practitioner": "018f0000-0000-7000-8000-000000000000"}, [pdf()]),
        ({"statement": STATEMENT}, [("files", ("病毒.pdf", b"MZ\x90\x00 not a pdf", "application/pdf"))]),
        ({"statement": STATEMENT}, [("files", ("空.pdf", b"", "application/pdf"))]),
        ({"statement": STATEMENT}, [pdf(str(number)) for number in range(11)]),
    ],
)
async def test_an_incomplete_delivery_is_not_taken(
    award: Award, sign_in: SignIn, form: dict[str, str], files: list[Any]
) -> None:
    agency = await sign_in(award.winner)
    answer = await agency.send_form(f"/projects/{award.number}/delivery", form, files=files or None)
    assert answer.status_code == 422
    assert await acts_of(award.number, "delivery.made") == 0


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "perhaps"},
        {"decision": "return"},
        {"decision": "return", "where_1": "第三章"},
        {"decision": "return", "what_1": "没有写明在哪里的问题描述。"},
        {"decision": "return", "where_1": "第三章", "what_1": "太短"},
        {"decision": "return", "where_1": "第三章", "what_1": "长" * 501},
        {"decision": "return", "where_1": "章" * 101, "what_1": "成果表与附图编号不一致，请改正。"},
    ],
)
async def test_an_answer_without_reasons_is_not_taken(award: Award, sign_in: SignIn, form: dict[str, str]) -> None:
    await deliver_results(award.world, award.number, award.winner)
    owner = await sign_in(award.owner)
    answer = await owner.send_form(f"/projects/{award.number}/acceptance", {**form, "confirmed": "yes"})
    assert answer.status_code == 422
    assert await last_decision(award) is None


async def test_delivered_files_open_for_those_concerned_only(award: Award, sign_in: SignIn, client: Visitor) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner, "成果")
    file = delivery.files[0]
    url = f"/deliveries/{delivery.id}/files/{file.id}"
    inside, outside = await regulator(award.world, 1, "370203"), await regulator(award.world, 2, "440100")
    for viewer in (award.owner, award.winner, inside, await operator_of(award.world)):
        answer = await (await sign_in(viewer)).get(url)
        assert answer.status_code == 200
        assert answer.content == paper("成果").content
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
    for viewer in (*award.losers, outside):
        assert (await (await sign_in(viewer)).get(url)).status_code == 404
    assert (await client.get(url)).status_code == 303


async def test_strangers_find_no_page_to_deliver_or_answer(award: Award, sign_in: SignIn) -> None:
    await deliver_results(award.world, award.number, award.winner)
    loser = await sign_in(award.losers[0])
    assert (await loser.get(f"/projects/{award.number}/delivery")).status_code == 404
    assert (await loser.send_form(f"/projects/{award.number}/delivery", {"statement": STATEMENT})).status_code == 404
    assert (await loser.get(f"/projects/{award.number}/acceptance")).status_code == 403
    agency = await sign_in(award.winner)
    assert (await agency.get(f"/projects/{award.number}/delivery")).status_code == 409, "one delivery at a time"
    assert (await agency.send_form(f"/projects/{award.number}/acceptance", {"decision": "accept"})).status_code == 403


async def test_accepting_takes_a_signatory_and_returning_a_handler(award: Award, sign_in: SignIn) -> None:
    await deliver_results(award.world, award.number, award.winner)
    assert award.owner.organisation_id is not None
    answers = f"/projects/{award.number}/acceptance"
    reasons = {"decision": "return", "where_1": "第三章", "what_1": "成果表与附图编号不一致，请改正。"}
    for login, roles, accept, give_back in (
        ("handler", Roles(handler=True), 403, 200), ("signatory", Roles(signatory=True), 200, 403),
    ):  # fmt: skip
        person = NewPerson(login=login, name="陈芳", phone="13800000009", password_hash="!")
        await add_colleague(award.owner.organisation_id, person, roles, now=award.world.now)
        visitor = await sign_in(Viewer(person.id, person.name, award.owner.organisation_id))
        assert (await visitor.get(answers)).status_code == 200
        assert (await visitor.send_form(answers, {"decision": "accept"})).status_code == accept
        assert (await visitor.send_form(answers, reasons)).status_code == give_back


async def test_a_regulator_sees_overdue_deliveries_of_its_own_region(award: Award) -> None:
    inside, outside = await regulator(award.world, 1, "370203"), await regulator(award.world, 2, "440100")
    from dataclasses import replace

    from market.oversight.rules import Scope

    inside, outside = replace(inside, scopes=(Scope("3702"),)), replace(outside, scopes=(Scope("4401"),))
    found = await fulfilment_of(award.number)
    assert found is not None
    await award.world.run_until(found.limit)
    assert [one.due_at for one in await to_do(inside, award.world.now)] == [found.limit]
    assert await to_do(outside, award.world.now) == []
    assert await to_do(Viewer(), award.world.now) == []
