"""The pages of a contract over HTTP: who sees what, signing and refusing by form, bad input."""

from __future__ import annotations

import pytest

from market.accounts.actions import NewPerson, Roles, add_colleague
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView
from projects.contracts.rules import State
from projects.rules import Stage
from tests.contracts.award import Award, SignIn, acts_of
from tests.visitor import Visitor


@pytest.fixture
async def contract(award: Award) -> ContractView:
    return await award.run_past_notice()


async def test_everybody_reads_the_key_terms_and_only_the_parties_the_text(
    award: Award, contract: ContractView, client: Visitor, sign_in: SignIn
) -> None:
    public = await client.get(contract.url)
    assert public.status_code == 200
    for fact in (contract.owner_name, contract.agency_name, "¥152,000.00", contract.terms_sha256[:8]):
        assert fact in public.text
    assert "地形测量" not in public.text, "the content of the service is part of the full text"
    assert (await client.get(f"{contract.url}/print")).status_code == 303
    for party in (award.owner, award.winner):
        visitor = await sign_in(party)
        assert "地形测量" in (await visitor.get(contract.url)).text
        printed = await visitor.get(f"{contract.url}/print")
        assert printed.status_code == 200
        assert "<svg" in printed.text
    stranger = await sign_in(award.losers[0])
    assert "地形测量" not in (await stranger.get(contract.url)).text
    assert (await stranger.get(f"{contract.url}/print")).status_code == 404


async def test_an_unknown_contract_is_not_found(award: Award, client: Visitor) -> None:
    assert (await client.get("/contracts/MX-2026-999999-C1")).status_code == 404


async def test_both_sides_sign_by_form(award: Award, contract: ContractView, sign_in: SignIn) -> None:
    for signer in (award.winner, award.owner):
        visitor = await sign_in(signer)
        page = await visitor.get(f"{contract.url}/sign")
        assert contract.terms_sha256 in page.text
        answer = await visitor.send_form(f"{contract.url}/sign", {"terms_sha256": contract.terms_sha256, "agree": "on"})
        assert (answer.status_code, answer.headers["location"]) == (303, contract.url)
        after = await visitor.get(contract.url)
        assert "签署已登记" in after.text
        again = await visitor.get(f"{contract.url}/sign")
        assert again.status_code in {303, 409}, "there is nothing left to sign"
    assert (await award.contract()).state is State.IN_FORCE


async def test_a_signature_needs_the_confirmation_and_the_fingerprint(
    award: Award, contract: ContractView, sign_in: SignIn
) -> None:
    visitor = await sign_in(award.owner)
    empty = await visitor.send_form(f"{contract.url}/sign")
    assert empty.status_code == 422
    assert "请确认您已阅读条款" in empty.text
    wrong = await visitor.send_form(f"{contract.url}/sign", {"terms_sha256": "f" * 64, "agree": "on"})
    assert wrong.status_code == 409
    assert (await award.contract()).owner_signed_at is None


async def test_refusing_shows_what_it_costs_and_asks_again(
    award: Award, contract: ContractView, sign_in: SignIn
) -> None:
    visitor = await sign_in(award.winner)
    page = await visitor.get(f"{contract.url}/refuse")
    assert "/rulebook#credit.deduct.sign_refused.points" in page.text
    assert "20" in page.text
    reason = "项目负责人因病，无法按期履约，特此说明。"
    check = await visitor.send_form(f"{contract.url}/refuse", {"reason": reason})
    assert (check.status_code, reason in check.text) == (200, True)
    assert (await award.contract()).state is State.SIGNING, "nothing happened yet"
    done = await visitor.send_form(f"{contract.url}/refuse", {"reason": reason, "confirmed": "yes"})
    assert done.status_code == 303
    assert (await award.project()).stage is Stage.DRAWING
    assert reason in (await visitor.get(contract.url)).text
    twice = await visitor.send_form(f"{contract.url}/refuse", {"reason": reason, "confirmed": "yes"})
    assert twice.status_code == 409
    assert await acts_of(award.number, "contract.refused") == 1


@pytest.mark.parametrize("reason", ["", "   ", "太短", "很长" * 501, "含有控制字符\x07的理由，无法显示。"])
async def test_a_refusal_without_a_readable_reason_is_not_taken(
    award: Award, contract: ContractView, sign_in: SignIn, reason: str
) -> None:
    visitor = await sign_in(award.owner)
    answer = await visitor.send_form(f"{contract.url}/refuse", {"reason": reason, "confirmed": "yes"})
    assert answer.status_code == 422
    assert (await award.contract()).state is State.SIGNING


async def test_strangers_and_colleagues_without_the_role_cannot_sign_or_refuse(
    award: Award, contract: ContractView, client: Visitor, sign_in: SignIn
) -> None:
    assert award.owner.organisation_id is not None
    person = NewPerson(login="handler", name="陈芳", phone="13800000009", password_hash="!")
    await add_colleague(award.owner.organisation_id, person, Roles(handler=True), now=award.world.now)
    handler = Viewer(person.id, person.name, award.owner.organisation_id, award.owner.organisation_kind)
    for who, expected in ((award.losers[0], 404), (handler, 403)):
        visitor = await sign_in(who)
        for page in ("sign", "refuse"):
            assert (await visitor.get(f"{contract.url}/{page}")).status_code == expected
            form = {
                "terms_sha256": contract.terms_sha256,
                "agree": "on",
                "reason": "不应被接受的理由文字",
                "confirmed": "yes",
            }
            assert (await visitor.send_form(f"{contract.url}/{page}", form)).status_code == expected
    assert (await client.get(f"{contract.url}/sign")).status_code == 303
    assert (await client.send_form(f"{contract.url}/sign")).status_code == 401
    assert (await award.contract()).state is State.SIGNING


async def test_after_the_time_the_form_gets_a_dated_refusal_with_its_rule(
    award: Award, contract: ContractView, sign_in: SignIn
) -> None:
    award.world.clock.set(contract.sign_due_at)
    visitor = await sign_in(award.owner)
    late = await visitor.send_form(f"{contract.url}/sign", {"terms_sha256": contract.terms_sha256, "agree": "on"})
    assert late.status_code == 409
    assert "contract.sign_days" in late.text


async def test_the_page_in_english(award: Award, contract: ContractView, client: Visitor) -> None:
    client.cookies.set("mx_locale", "en")
    page = await client.get(contract.url)
    assert "working days left" in page.text
