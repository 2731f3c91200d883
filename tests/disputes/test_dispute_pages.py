"""The pages of a dispute, walked through as both sides, the operator and the regulator see them."""

from __future__ import annotations

from market.demo import payment_disputes as acts
from market.demo.agencies import paper
from market.payments.rules import Standing
from market.web.agendas import events_of
from market.web.panels import waiting_for
from market.web.viewer import Viewer
from projects.disputes.queries import dispute_by_number
from projects.disputes.rules import State
from tests.contracts.award import SignIn
from tests.disputes.case import Case
from tests.visitor import Visitor

PART = {"division": "part", "refund": "1,000.50", "legal_cause": acts.LEGAL_CAUSE, "reasons": acts.REASONS}


async def links(case: Case, viewer: Viewer) -> list[str]:
    return [one.link for one in await waiting_for(viewer, case.world.now) if "/disputes/" in one.link]


async def test_from_the_project_page_to_the_money(case: Case, sign_in: SignIn, client: Visitor) -> None:
    await case.pay()
    owner, agency = await sign_in(case.owner), await sign_in(case.agency)
    operator, regulator = await sign_in(case.operator), await sign_in(case.regulator)
    contract = await case.contract()
    page = (await owner.get(contract.project_url)).text
    form = f"{contract.url}/milestones/1/dispute"
    assert form in page
    assert form not in (await client.get(contract.project_url)).text
    wrong = await owner.send_form(
        form, {"kind": "quality", "division": "part", "refund": "99999999", "statement": "短"}
    )
    assert wrong.status_code == 422
    assert "99999999" in wrong.text
    piece = paper("检验记录")
    sent = await owner.send_form(
        form, {"kind": "quality", "division": "part", "refund": "2000", "statement": acts.STATEMENT},
        files=[("files", (piece.name, piece.content, piece.media_type))],
    )  # fmt: skip
    url = sent.headers["location"]
    number = url.rpartition("/")[2]
    assert (await owner.get(form)).headers["location"] == url
    assert url in (await agency.get(contract.url)).text
    public = (await client.get(contract.project_url)).text + (await client.get(contract.url)).text
    assert number in public
    assert acts.STATEMENT not in public
    assert url not in public
    assert "MX" in (await owner.get(f"/payments/{contract.number}-M1")).text
    await _mediated(case, url, agency, operator)
    await _ruled(case, url, owner, agency, regulator)
    assert (await case.finish(await dispute_by_number(number))).state is State.EXECUTED
    money = await case.money()
    assert (money.standing, money.refunded_fen) == (Standing.RELEASED, 100_050)
    for visitor in (owner, agency, operator, regulator):
        assert (await visitor.get(url)).status_code == 200
        assert (await visitor.get(f"{url}/letter")).status_code == 200
        assert number in (await visitor.get("/disputes")).text
    assert (await client.get(contract.project_url)).status_code == 200


async def _mediated(case: Case, url: str, agency: Visitor, operator: Visitor) -> None:
    """Answered, taken up, proposed, refused: the regulator is on turn."""
    assert await links(case, case.agency) == [f"{url}/answer"]
    assert (await agency.send_form(f"{url}/answer", {"answer": acts.ANSWER})).status_code == 303
    assert await links(case, case.operator) == [url]
    assert (await operator.send_form(f"{url}/taking")).status_code == 303
    proposal = {"division": "release", "reasons": acts.PROPOSAL}
    assert (await operator.send_form(f"{url}/proposal", proposal)).status_code == 303
    assert await links(case, case.owner) == await links(case, case.agency) == [f"{url}/reply"]
    assert (await agency.send_form(f"{url}/reply", {"reply": "refused"})).status_code == 303
    assert await links(case, case.regulator) == [url]


async def _ruled(case: Case, url: str, owner: Visitor, agency: Visitor, regulator: Visitor) -> None:
    """Heard and ruled; only after the page that says what follows."""
    assert (await regulator.get(f"{url}/hearing")).status_code == 200
    assert (await regulator.send_form(f"{url}/hearing")).status_code == 303
    assert await links(case, case.agency) == [f"{url}/last-word"]
    for side in (owner, agency):
        assert (await side.send_form(f"{url}/last-word", {"word": acts.LAST_WORD})).status_code == 303
    assert await links(case, case.regulator) == [f"{url}/ruling"]
    follows = await regulator.send_form(f"{url}/ruling", PART)
    assert follows.status_code == 200
    assert "1,000.50" in follows.text
    assert (await owner.get(f"{url}/letter")).status_code == 404
    assert (await regulator.send_form(f"{url}/ruling", {**PART, "confirmed": "1"})).status_code == 303


async def test_deadlines_of_both_sides(case: Case) -> None:
    dispute = await case.open()
    await acts.propose(case.world, dispute, case.agency, 0)
    for viewer, own in ((case.owner, {"proposal-1"}), (case.agency, {"answer"})):
        assert viewer.organisation_id is not None
        events = [
            one for one in await events_of(viewer.organisation_id, case.world.now) if one.number == dispute.number
        ]
        named = {one.uid.removeprefix(f"{dispute.number}-"): one.own for one in events}
        assert named == {"answer": "answer" in own, "proposal-1": "proposal-1" in own}


async def test_a_debt_is_stated_and_confirmed_on_the_page_of_the_case(case: Case, sign_in: SignIn) -> None:
    """What the agency has already is not refunded, and nobody pretends that it was."""
    from market.demo.payments import pay_by_bank

    await pay_by_bank(case.world, case.award.number, case.owner, case.agency)
    dispute = await case.finish(await case.ruled(5_000_00))
    url = f"/disputes/{dispute.number}"
    owner, agency = await sign_in(case.owner), await sign_in(case.agency)
    assert await links(case, case.agency) == [f"{url}#execution"]
    late = await agency.send_form(f"{url}/transfer", {"paid_on": "2030-01-01", "bank_reference": "ICBC-7"})
    assert late.status_code == 422
    day = case.world.now.date().isoformat()
    assert (await agency.send_form(f"{url}/transfer", {"paid_on": day, "bank_reference": "ICBC-7"})).status_code == 303
    assert await links(case, case.owner) == [f"{url}#execution"]
    page = (await owner.get(url)).text
    assert "ICBC-7" in page
    assert "5,000.00" in page
    assert (await owner.send_form(f"{url}/transfer-answer", {"received": "confirmed"})).status_code == 303
    assert (await case.finish(dispute)).state is State.EXECUTED
