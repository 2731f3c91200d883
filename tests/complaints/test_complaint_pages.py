"""Complaints over HTTP: from the statement of the owner to the printed decision, and what the public sees of it."""

from __future__ import annotations

import pytest

from market.demo import complaints as demo
from market.demo.complaints import accept, complain, dismiss, give_back, uphold
from market.demo.selection import GROUNDS, STATEMENT
from market.web.panels import waiting_for
from projects.complaints.rules import Remedy
from projects.selection.objections.queries import objection_by_id
from tests.complaints.dispute import Dispute
from tests.contracts.award import SignIn
from tests.visitor import Visitor

PDF = ("证据.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n", "application/pdf")  # fmt: skip


async def test_the_owner_is_heard_before_the_operator_answers(
    dispute: Dispute, sign_in: SignIn, client: Visitor
) -> None:
    owner, page = await sign_in(dispute.award.owner), f"/objections/{dispute.objection}"
    assert f"{page}/statement" in (await owner.get(page)).text
    (todo,) = [
        one for one in await waiting_for(dispute.award.owner, dispute.world.now) if one.link.endswith("/statement")
    ]
    assert todo.due_at is not None
    assert (await owner.send_form(f"{page}/statement", {"statement": "太短"})).status_code == 422
    answer = await owner.send_form(f"{page}/statement", {"statement": STATEMENT})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert STATEMENT in (await owner.get(page)).text
    assert (await owner.send_form(f"{page}/statement", {"statement": STATEMENT})).status_code == 409
    found = await objection_by_id(dispute.objection)
    assert found.stated_at == dispute.world.now
    for visitor in (client, await sign_in(dispute.award.losers[1])):
        text = (await visitor.get(f"/projects/{dispute.award.number}")).text
        assert STATEMENT not in text
        assert GROUNDS not in text


async def test_the_answer_as_a_letter(dispute: Dispute, sign_in: SignIn) -> None:
    await dispute.reject()
    objector = await sign_in(dispute.objector)
    letter = await objector.get(f"/objections/{dispute.objection}/letter")
    assert letter.status_code == 200
    assert "第五十四条" in letter.text
    assert "<svg" in letter.text


async def test_filed_examined_decided_printed(dispute: Dispute, sign_in: SignIn, client: Visitor) -> None:
    await dispute.reject()
    objector, regulator = await sign_in(dispute.objector), await sign_in(dispute.regulator)
    form = f"/objections/{dispute.objection}/complaint"
    assert (await objector.get(form)).status_code == 200
    filed = await objector.send_form(form, {"grounds": demo.GROUNDS, "request": demo.REQUEST}, files={"files": PDF})
    page = filed.headers["location"]
    assert demo.GROUNDS in (await objector.get(page)).text
    assert (await objector.get(form)).headers["location"] == page
    waiting = await waiting_for(dispute.regulator, dispute.world.now)
    (todo,) = [one for one in waiting if not one.link.startswith("/regulator/desk/flags")]
    assert todo.link == f"{page}/examination"
    assert (await regulator.get("/regulator/complaints")).text.count(page) == 1
    assert (await regulator.send_form(f"{page}/examination", {"outcome": "refuse"})).status_code == 422
    assert (await regulator.send_form(f"{page}/examination", {"outcome": "accept"})).status_code == 303
    ruling = {
        "decision": "upheld", "remedy": "annul", "legal_cause": demo.LEGAL_CAUSE, "rule": demo.RULE, "reasons": demo.REASONS,
    }  # fmt: skip
    assert (await regulator.send_form(f"{page}/decision", {**ruling, "remedy": "finding"})).status_code == 422
    check = await regulator.send_form(f"{page}/decision", ruling)
    assert check.status_code == 200
    assert 'name="confirmed" value="1"' in check.text
    assert (await dispute.complaint()).decided_at is None
    assert (await regulator.send_form(f"{page}/decision", {**ruling, "confirmed": "1"})).status_code == 303
    for reader in (objector, regulator, await sign_in(dispute.award.owner), await sign_in(dispute.award.winner)):
        letter = (await reader.get(f"{page}/letter")).text
        assert demo.REASONS in letter
        assert ruling["rule"] not in letter
        assert dispute.world.rulebook.rule(ruling["rule"]).title.zh in letter
    public = (await client.get(f"/projects/{dispute.award.number}")).text
    assert demo.REASONS in public
    assert demo.LEGAL_CAUSE in public
    assert demo.GROUNDS not in public
    assert demo.REQUEST not in public
    assert dispute.objector.organisation_name not in public.split('id="complaints"')[1].split("</section>")[0]


async def test_returned_and_corrected_on_pages(dispute: Dispute, sign_in: SignIn) -> None:
    await dispute.reject()
    complaint = await give_back(dispute.world, await dispute.complain(), dispute.regulator)
    objector = await sign_in(dispute.objector)
    (todo,) = await waiting_for(dispute.objector, dispute.world.now)
    assert todo.link == f"{complaint.url}/correction"
    assert demo.RETURNED in (await objector.get(todo.link)).text
    assert (await objector.send_form(todo.link, {"correction": ""})).status_code == 422
    assert (
        await objector.send_form(todo.link, {"correction": demo.CORRECTION}, files={"files": PDF})
    ).status_code == 303
    regulator = await sign_in(dispute.regulator)
    examination = (await regulator.get(f"{complaint.url}/examination")).text
    assert demo.CORRECTION in examination
    assert 'value="return"' not in examination  # only once


async def test_the_suspension_shows_on_the_contract(dispute: Dispute, sign_in: SignIn, client: Visitor) -> None:
    await dispute.reject()
    contract = await dispute.award.run_past_notice()
    owner = await sign_in(dispute.award.owner)
    assert [one.number for one in await waiting_for(dispute.award.owner, dispute.world.now)] == [contract.number]
    await dispute.complain()
    assert (await owner.get(f"{contract.url}/sign")).status_code == 409
    assert "complaints" in (await client.get(contract.url)).text
    assert await waiting_for(dispute.award.owner, dispute.world.now) == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_every_page_in_both_languages(dispute: Dispute, sign_in: SignIn, language: str) -> None:
    await dispute.reject()
    complaint = await complain(dispute.world, dispute.objection, dispute.objector, "证据")
    people = {"regulator": dispute.regulator, "objector": dispute.objector, "owner": dispute.award.owner}
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()}
    for visitor in visitors.values():
        visitor.cookies.set("locale", language)
    assert (await visitors["regulator"].get(f"{complaint.url}/examination")).status_code == 200
    complaint = await accept(dispute.world, complaint, dispute.regulator)
    for page in ("decision", "extension"):
        assert (await visitors["regulator"].get(f"{complaint.url}/{page}")).status_code == 200
    await uphold(dispute.world, complaint, dispute.regulator, Remedy.REDRAW, leave_out_winner=True)
    for visitor in visitors.values():
        for page in (complaint.url, f"{complaint.url}/letter", f"/projects/{dispute.award.number}", "/workbench"):
            assert (await visitor.get(page)).status_code == 200


async def test_a_regulator_sees_what_it_decided(dispute: Dispute, sign_in: SignIn) -> None:
    await dispute.reject()
    complaint = await accept(dispute.world, await dispute.complain(), dispute.regulator)
    await dismiss(dispute.world, complaint, dispute.regulator)
    desk = (await (await sign_in(dispute.regulator)).get("/regulator/complaints")).text
    assert complaint.number in desk
