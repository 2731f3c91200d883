"""Experts' pages as people use them, and what nobody may read on them too early."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from market.cli.audit.experts import check_proposals
from market.demo import experts as cast
from market.demo.agencies import operator_of, paper
from market.demo.experts import some_expert
from market.kernel.db import fetch_value, transaction
from market.register.queries import history_of
from projects.experts import actions
from projects.experts.proposals import Proposal, encrypt_proposal
from projects.experts.queries.panels import members_of
from projects.experts.queries.pool import find_own
from projects.experts.rules import Facts, Stage, stage_of
from tests.experts.conftest import Court
from tests.register.forging import by_force
from tests.visitor import Visitor

APPLICATION = {
    "specialities": ["C", "D005"], "profession": "注册测绘师", "title": "教授级高工", "employer_name": "青岛理工大学",
    "employer_code": "", "id_number": "370202196506170010", "phone": "13800000066", "bank_name": "青岛银行",
    "account": "6222020000000000066", "conflict_code": ["91370202MA3C000017", ""], "conflict_reason": ["曾任顾问", ""],
}  # fmt: skip


def valid_id(number: int) -> str:
    return some_expert(number).id_number


async def test_an_expert_applies_is_returned_and_is_admitted(world, client, sign_in) -> None:
    viewer = await cast.open_expert(world, some_expert(1))
    visitor = await sign_in(viewer)
    bench = await visitor.get("/workbench")
    assert "申请进入评审专家库" in bench.text
    wrong = await visitor.get("/expert/application")
    assert wrong.status_code == 200
    answer = await visitor.send_form("/expert/application", {**APPLICATION, "id_number": "370202196506170011"})
    assert answer.status_code == 422
    assert "身份证号码无效" in answer.text
    assert "曾任顾问" in answer.text
    assert not any(APPLICATION[name] in answer.text for name in ("phone", "account")), "shown masked only"
    code = some_code()
    sent = {**APPLICATION, "id_number": valid_id(5), "conflict_code": [code, ""], "then": "hand_in"}
    assert (await visitor.send_form("/expert/application", sent)).status_code == 303
    assert viewer.organisation_id is not None
    own = await find_own(viewer.organisation_id)
    assert own is not None
    assert own.stage is Stage.SUBMITTED
    page = (await visitor.get("/expert/application")).text
    assert valid_id(5) not in page
    operator = await sign_in(await operator_of(world))
    assert own.code in (await operator.get("/operator/experts")).text
    file = (await operator.get(own.url)).text
    assert "6222020000000000066" not in file
    assert "0066" in file
    returned = await operator.send_form(
        own.url, {"decision": "return", "version": str(own.version), "reason": "职称证明不清"}
    )
    assert returned.status_code == 303
    assert "职称证明不清" in (await visitor.get("/expert/application")).text
    sent |= {"id_number": "", "phone": "", "account": ""}
    assert (await visitor.send_form("/expert/application", sent)).status_code == 303
    own = await find_own(viewer.organisation_id)
    assert own is not None
    stale = await operator.send_form(own.url, {"decision": "admit", "version": str(own.version - 1)})
    assert stale.status_code == 409
    assert (await operator.send_form(own.url, {"decision": "admit", "version": str(own.version)})).status_code == 303
    public = (await client.get("/experts")).text
    assert own.code in public
    assert own.name not in public


def some_code() -> str:
    from market.demo.agencies import credit_code

    return credit_code(424_242)


async def test_one_person_is_one_expert(world, sign_in) -> None:
    await cast.apply_expert(world, some_expert(1))
    second = await sign_in(await cast.open_expert(world, some_expert(2)))
    await second.get("/expert/application")
    answer = await second.send_form(
        "/expert/application", {**APPLICATION, "id_number": valid_id(1), "conflict_code": []}
    )
    assert answer.status_code == 422
    assert "已是本超市的评审专家" in answer.text


async def test_the_stage_follows_from_the_facts(world) -> None:
    person = await cast.admit_expert(world, some_expert(1))
    await actions.leave(person.code, "退休", by="market", own_wish=True, now=world.now)
    own = await find_own(person.organisation_id)
    assert own is not None
    assert stage_of(own.facts) is own.stage is Stage.EXITED
    assert stage_of(Facts()) is Stage.DRAFT
    await actions.submit(person.organisation_id, rulebook=world.rulebook, calendar=world.calendar, now=world.now)
    again = await find_own(person.organisation_id)
    assert again is not None
    assert stage_of(again.facts) is again.stage is Stage.SUBMITTED


async def attach_proposal(court: Court, place: int, content: bytes) -> None:
    """As the opening of the bids does it."""
    agent, world = court.agents[place], court.world
    file, seal = encrypt_proposal(Proposal("技术方案.pdf", content))
    assert agent.viewer.person_id is not None
    stored = await actions.keep_encrypted(
        world.running.files, file, owner=agent.id, by=agent.viewer.person_id, now=world.now
    )
    read = await actions.read_proposals([actions.HandedProposal(agent.id, agent.code, stored.id, seal)])
    async with transaction():
        await actions.open_proposals(court.project.id, court.project.number, 1, read, world.now)


async def comes_back(visitor: Visitor, address: str, form: dict[str, str]) -> str:
    """The page on which a reason that is too short stands again, in its own field alone."""
    answer = await visitor.send_form(address, form)
    assert answer.status_code == 422
    [typed] = form.values()
    assert answer.text.count(f"\n{typed}</textarea>") == 1
    return answer.text


async def test_an_expert_accepts_reads_scores_and_signs(court: Court, client, sign_in) -> None:
    world = court.world
    await court.drawn()
    await attach_proposal(court, 0, paper("方案").content)
    seats = await cast.seats(court.project)
    seat = seats[0]
    visitor = await sign_in(next(one for one in court.experts if one.code == seat.code).viewer)
    here = f"/expert/panels/{seat.id}"
    assert here in (await visitor.get("/workbench")).text
    invitation = (await visitor.get(here)).text
    assert court.agents[0].name in invitation
    assert "/proposals/" not in invitation
    await comes_back(visitor, f"{here}/decline", {"decline_reason": "病"})
    assert (await visitor.send_form(f"{here}/accept", {"no_conflict": "on"})).status_code == 303
    sheet = (await visitor.get(here)).text
    assert f"{here}/proposals/{court.agents[0].code}" in sheet
    proposal = await visitor.get(f"{here}/proposals/{court.agents[0].code}")
    assert proposal.content == paper("方案").content
    assert "%E6%8A%80%E6%9C%AF" in proposal.headers["content-disposition"]
    assert proposal.headers["content-type"] == "application/octet-stream"
    assert (await visitor.get(f"{here}/proposals/{court.agents[1].code}")).status_code == 404
    codes = [agent.code for agent in court.agents]
    marks = {f"mark-{code}-{no}": "80" for code in codes for no in (1, 2)}
    saved = await visitor.post(
        f"{here}/marks", data={**marks, f"mark-{codes[0]}-1": "8x", "csrf_token": await visitor.token()},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert saved.status_code == 204
    assert await fetch_value("SELECT count(*) FROM expert_mark WHERE mark = 80") == 5
    sheet = await comes_back(visitor, f"{here}/conflict", {"conflict_reason": "甲"})
    assert sheet.count('value="80"') == 5, "marks that are kept stay in it"
    bad = await visitor.send_form(f"{here}/marks", {**marks, f"mark-{codes[0]}-1": "101"})
    assert bad.status_code == 422
    assert "101" in bad.text
    marks[f"mark-{codes[0]}-1"] = "95"
    assert (await visitor.send_form(f"{here}/marks", marks)).headers["location"] == f"{here}/sign"
    page = (await visitor.get(f"{here}/sign")).text
    assert "须说明理由" in page
    assert 'name="seen"' not in page
    assert (await visitor.send_form(f"{here}/sign", {"seen": "0" * 64})).status_code == 409
    marks[f"reason-{codes[0]}-1"] = "方案完整，针对性强"
    await visitor.send_form(f"{here}/marks", marks)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', (await visitor.get(f"{here}/sign")).text)
    assert seen
    assert (await visitor.send_form(f"{here}/sign", {"seen": seen[1]})).status_code == 303
    signed = (await visitor.get(here)).text
    assert "评分已签署" in signed
    assert "方案完整" in signed
    secret = [signed_by.name for signed_by in await members_of(seat.panel_id)]
    for address in (court.project.url, "/experts", "/register"):
        text = (await client.get(address)).text
        assert "方案完整" not in text
        assert not any(name in text for name in secret)
    register = (await client.get(f"/register?subject={court.project.number}")).text
    assert court.project.owner_name in register
    assert court.project.owner_code in register
    await cast.score(world, court.project)
    far = await client.get("/experts")
    assert "/ 6" in far.text


async def test_a_proposal_that_nobody_can_read_is_told_with_the_opening(court: Court, sign_in) -> None:
    """The bid's key does not open it, or the bid names another file, or none was handed in."""
    await court.drawn()
    file, right = encrypt_proposal(Proposal("技术方案.pdf", b"%PDF-1.4"))
    _, other = encrypt_proposal(Proposal("乙.pdf", b"%PDF-1.4"))
    wrong_key = replace(right, key="00" * 32)
    world, project = court.world, court.project
    handed = []
    for agent, seal in zip(court.agents[:2], (wrong_key, other), strict=True):
        assert agent.viewer.person_id is not None
        stored = await actions.keep_encrypted(
            world.running.files, file, owner=agent.id, by=agent.viewer.person_id, now=world.now
        )
        handed.append(actions.HandedProposal(agent.id, agent.code, stored.id, seal))
    last = court.agents[2]
    handed.append(actions.HandedProposal(last.id, last.code, None, other))
    read = await actions.read_proposals(handed)
    assert [one.fault for one in read] == ["unreadable", "other_file", "missing"]
    async with transaction():
        await actions.open_proposals(project.id, project.number, 1, read, world.now)
    act = next(one for one in await history_of(project.number) if one.kind == "proposals.opened")
    assert [one["fault"] for one in act.data["proposals"]] == ["unreadable", "other_file", "missing"]
    assert right.key not in json.dumps(act.data)
    seat = (await cast.seats(project))[0]
    await actions.accept(seat.id, seat.organisation_id, now=world.now)
    visitor = await sign_in(next(one for one in court.experts if one.code == seat.code).viewer)
    sheet = (await visitor.get(f"/expert/panels/{seat.id}")).text
    for text in ("报价中的密钥无法打开文件", "报价所列文件与提交的文件不一致", "未提交文件"):
        assert text in sheet
    assert (await visitor.get(f"/expert/panels/{seat.id}/proposals/{court.agents[0].code}")).status_code == 404
    assert await check_proposals() == []
    for forgery in ("fault = NULL WHERE fault = 'unreadable'", "key = repeat('1', 64) WHERE fault = 'missing'"):
        await by_force(f"UPDATE opened_proposal SET {forgery}")
    await by_force("DELETE FROM opened_proposal WHERE fault = 'other_file'")
    assert [one.kind for one in await check_proposals()] == ["missing", "altered", "altered"]


async def test_the_operator_keeps_the_records(court: Court, sign_in) -> None:
    await court.drawn()
    await cast.score(court.world, court.project)
    seat = (await members_of((await cast.newest_panel(court.project)).id))[0]
    operator = await sign_in(await operator_of(court.world))
    here = f"/operator/experts/{seat.code}"
    for path, form, said in (
        ("training", {"held_on": "2026-06-01", "subject": "评审业务培训", "hours": "8"}, "评审业务培训"),
        ("assessment", {"year": "2025", "grade": "excellent", "note": "公正尽责"}, "公正尽责"),
        (f"panels/{seat.id}", {"fee": "500", "grade": "adequate", "note": "按时完成"}, "¥500.00"),
    ):
        assert (await operator.send_form(f"{here}/{path}", form)).status_code == 303
        assert said in (await operator.get(here)).text
    assert (
        await operator.send_form(f"{here}/training", {"held_on": "2027-01-01", "subject": "x", "hours": "8"})
    ).status_code == 422
    assert (await operator.send_form(f"{here}/exit", {"reason": "弄虚作假"})).status_code == 303
    own = await find_own(seat.organisation_id)
    assert own is not None
    assert own.stage is Stage.EXITED
