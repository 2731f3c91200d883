"""Changes and supplements: proposed, accepted, signed by both, with their effect on milestones, time and money."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as some

from market.cli.audit import audit_market
from market.demo.contracts import accept_delivery, deliver_results, return_results
from market.kernel.db import execute, fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.kernel.money import BASIS_POINTS
from market.web.viewer import Viewer
from projects.contracts.changes import actions, queries, rules
from projects.contracts.changes.actions import NewChange, NewMilestone
from projects.contracts.changes.queries import ChangeView
from projects.contracts.changes.rules import Frame, Progress, State
from projects.contracts.changes.terms import ChangeTerms, Content, Limit
from projects.contracts.changes.wording import change_pdf
from projects.contracts.panels import to_sign
from projects.contracts.queries import milestones_of
from projects.contracts.rules import Side
from projects.contracts.signing import certificates
from projects.contracts.signing.signatures import find_signatures
from projects.contracts.terms import Milestone
from projects.fulfilment.queries import fulfilment_of
from tests.beginnings import begins_with
from tests.contracts.award import Award, SignIn, acts_of, in_force
from tests.contracts.proposing import REASON, change, propose, sign, stands

beginning = begins_with({"award": in_force})


async def agreed(award: Award, new: NewChange | None = None) -> ChangeView:
    made = await propose(award, award.owner, new)
    await sign(award, made, award.winner)
    return await sign(award, made, award.owner)


async def owed(award: Award) -> list[tuple[str, int]]:
    rows = await fetch("SELECT reference, amount_fen FROM payable WHERE subject = $1 ORDER BY reference", award.number)
    return [(row["reference"].rpartition("-")[2], row["amount_fen"]) for row in rows]


async def test_a_supplement_is_proposed_accepted_signed_and_takes_effect(award: Award) -> None:
    await award.world.settle()
    contract, before = await stands(award)
    new = await change(award)
    made = await propose(award, award.owner, new)
    waits = f"{contract.url}/changes/1"
    assert [one.link for one in await to_sign(award.winner, award.world.now)] == [waits]
    assert await owed(award) == [("M1", before.price_fen)]
    accepted = await sign(award, made, award.winner)
    assert (accepted.facts.state, accepted.facts.turn) == (State.TO_SIGN, Side.OWNER)
    assert waits in [one.link for one in await to_sign(award.owner, award.world.now)]
    done = await sign(award, made, award.owner)
    assert await sign(award, made, award.owner) == done  # sent twice, recorded once
    assert done.in_force_at == award.world.now
    _, after = await stands(award)
    assert (after.price_fen, after.days) == (sum(one.price_fen for one in new.milestones), before.days + 5)
    rows = await milestones_of([contract.id])
    assert [(one.no, one.price_fen, one.days, one.runs) for one in rows] == [
        (1, before.price_fen, before.days, True), (2, contract.price_fen // 20, 5, False),
    ]  # fmt: skip
    assert await owed(award) == [("M1", before.price_fen), ("M2", contract.price_fen // 20)]
    assert (await award.contract()).terms_sha256 == contract.terms_sha256
    assert [await acts_of(award.number, f"change.{kind}") for kind in ("proposed", "signed", "in_force")] == [1, 2, 1]
    await award.world.settle()
    terms = await fetch("SELECT DISTINCT days FROM payment_term WHERE milestone IN (1, 2)")
    assert (len(terms), await fetch_value("SELECT count(*) FROM payment_term")) == (1, 2)
    # Lived through: the further milestone follows the first.
    await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    found = await fulfilment_of(award.number)
    assert found is not None
    assert found.milestone.no == 2
    assert found.limit == award.world.calendar.add_working_days(award.world.now, 5)


async def test_the_supplement_becomes_a_document_that_both_signed(award: Award) -> None:
    made = await agreed(award)
    await award.world.settle()
    contract, document = await award.contract(), await queries.document_of(made.id)
    assert document is not None
    file = await award.world.running.files.get_async(str(document.file_id))
    pdf = bytes(await file.bytes_async())
    found = await find_signatures(pdf, await certificates.roots())
    assert {one.side for one in found if one.holds and one.stamped_at == award.world.now} == set(Side)
    address = f"{award.world.settings.public_url}{contract.url}/changes/1"
    text = await change_pdf(made.terms, issuer=award.world.settings.site_name, address=address)
    again = ChangeTerms.from_json(made.terms.to_json())
    assert await change_pdf(again, issuer=award.world.settings.site_name, address=address) == text
    assert pdf.startswith(text)
    assert again.sha256 == made.terms_sha256
    words = "".join(one.zh + one.en for article in made.terms.articles for one in article.paragraphs)
    assert "{" not in words
    assert REASON in words
    assert await audit_market() == []


async def test_who_may_do_what_and_when(award: Award) -> None:
    made = await propose(award, award.winner)
    contract, world = await award.contract(), award.world
    loser, now = award.losers[0], world.now

    async def refuse(by: Viewer) -> ChangeView:
        return await actions.refuse(contract.number, 1, reason="新增工作量缺乏依据。", viewer=by, now=now)

    async def withdraw(by: Viewer) -> ChangeView:
        return await actions.withdraw(contract.number, 1, viewer=by, now=now)

    for act in (refuse, withdraw):
        with pytest.raises(NotFound):
            await act(loser)
    await expect(r"change\.own", refuse(award.winner))
    await expect(r"change\.own", sign(award, made, award.winner))
    await expect(r"change\.not_yours", withdraw(award.owner))
    await expect(r"change\.waits", propose(award, award.owner))
    await expect(r"change\.other_terms", sign(award, replace(made, terms_sha256="0" * 64), award.owner))
    assert (await refuse(award.owner)).ended == "refused"
    await expect(r"change\.elsewhere", sign(award, made, award.owner))
    second = await propose(award, award.owner)
    assert (await actions.withdraw(contract.number, second.no, viewer=award.owner, now=now)).ended == "withdrawn"
    third = await propose(award, award.owner)
    await world.run_until(third.answer_due_at)
    assert (await queries.change_of(contract.id, third.no)).ended == "lapsed"
    assert await audit_market() == []


async def expect(code: str, act: Awaitable[Any]) -> None:
    with pytest.raises(Refusal, match=code):
        await act


async def test_supplements_stay_within_a_tenth_of_the_price_in_all(award: Award) -> None:
    contract, now = await stands(award)
    tenth, first = contract.price_fen // 10, now.milestones[0]
    kept = NewMilestone(first.title, first.price_fen, first.days)
    much = await change(award, milestones=(kept, NewMilestone("补充测区", tenth + 1, 5)))
    with pytest.raises(Refusal, match=r"change\.not_allowed") as refused:
        await propose(award, award.owner, much)
    assert refused.value.rule == "contract.supplement_share_max"
    await agreed(award, await change(award, milestones=(kept, NewMilestone("补充测区", tenth - 1, 5))))
    further = (kept, NewMilestone("补充测区", tenth + 1, 5))
    with pytest.raises(Refusal, match=r"change\.not_allowed"):
        await propose(award, award.owner, await change(award, milestones=further))
    with pytest.raises(asyncpg.CheckViolationError) as struck:
        await execute("UPDATE contract_change SET added_fen = added_fen * 2")
    assert struck.value.constraint_name == "contract_change_is_fixed"


async def test_what_was_paid_or_accepted_meanwhile_is_not_changed(award: Award) -> None:
    await award.world.settle()
    _, now = await stands(award)
    first = now.milestones[0]
    cheaper = await change(award, milestones=(NewMilestone(first.title, first.price_fen - 100, first.days),))
    made = await propose(award, award.winner, cheaper)
    await deliver_results(award.world, award.number, award.winner)
    with pytest.raises(Refusal, match=r"change\.not_allowed") as refused:
        await sign(award, made, award.owner)
    assert "delivered" in refused.value.message.text


async def test_a_lower_price_and_more_time_reach_money_and_clock(award: Award) -> None:
    """After a return it is the time to correct that gets longer; the register still tells it all."""
    await award.world.settle()
    contract, now = await stands(award)
    first = now.milestones[0]
    award.world.clock.advance(days=14)
    await deliver_results(award.world, award.number, award.winner)
    await return_results(award.world, award.number, award.owner)
    found = await fulfilment_of(award.number)
    assert found is not None
    cheaper = (NewMilestone("全部成果（缩减）", first.price_fen - 5_000, first.days + 3),)
    made = await agreed(award, await change(award, milestones=cheaper, content="服务范围缩减。"))
    after = await fulfilment_of(award.number)
    assert after is not None
    last_day = found.limit - timedelta(microseconds=1)
    assert after.limit == award.world.calendar.add_working_days(last_day, 3)
    assert (made.due_before, made.due_after) == (found.limit, after.limit)
    assert (await award.project()).due_at == after.limit
    assert await owed(award) == [("M1", first.price_fen - 5_000)]
    await award.world.settle()
    assert await audit_market() == []
    assert await fetch_value("SELECT price_fen FROM contract WHERE id = $1", contract.id) == first.price_fen


async def test_it_is_done_by_the_pages(award: Award, sign_in: SignIn) -> None:
    contract, now = await stands(award)
    owner, agency = await sign_in(award.owner), await sign_in(award.winner)
    page = await owner.get(f"{contract.url}/changes/new")
    assert now.milestones[0].title in page.text
    first = now.milestones[0]
    form = {
        "reason": REASON, "title_1": first.title, "amount_1": f"{first.price_fen / 100:.2f}", "days_1": str(first.days),
        "title_2": "补充测区成果", "amount_2": "1000", "days_2": "5", "content": now.content + "增加补充测区。", "scale": now.scale,
        "other_requirements": now.other_requirements, "special": "",
    }  # fmt: skip
    wrong = await owner.send_form(f"{contract.url}/changes", {**form, "amount_2": "999999"})
    assert wrong.status_code == 422
    assert "补充协议累计" in wrong.text
    preview = await owner.send_form(f"{contract.url}/changes", form)
    assert "<ins>增加补充测区。</ins>" in preview.text
    sent = await owner.send_form(f"{contract.url}/changes", {**form, "confirmed": "1"})
    assert sent.headers["location"].endswith("/changes/1")
    asked = await agency.get(f"{contract.url}/changes/1")
    made = await queries.change_of(contract.id, 1)
    assert made.terms_sha256 in asked.text
    answer = {"answer": "accept", "terms_sha256": made.terms_sha256}
    assert (await agency.send_form(f"{contract.url}/changes/1/answer", answer)).status_code == 422
    assert (await agency.send_form(f"{contract.url}/changes/1/answer", {**answer, "agree": "1"})).status_code == 303
    signature = {"terms_sha256": made.terms_sha256, "agree": "1"}
    assert (await owner.send_form(f"{contract.url}/changes/1/sign", signature)).status_code == 303
    for address in (contract.url, contract.project_url, f"{contract.url}/changes"):
        assert "补充协议第 1 号" in (await owner.get(address)).text
    pdf = await owner.get(f"{contract.url}/changes/1/text.pdf")
    assert pdf.content.startswith(b"%PDF-1.7")


HUNDRED = Content((Milestone(1, "一", 4000, 40_000, 4), Milestone(2, "二", 6000, 60_000, 6)), "范围", "", "", ())
FRAME = Frame((Progress(1, accepted=True), Progress(2, running=True, paid=True)), Limit(10_000, 4_000), 20)
NUMBERS = {"contract.milestones_max": 3, "contract.special_terms_max": 1}


def with_second(**other: Any) -> Content:
    return replace(HUNDRED, milestones=(HUNDRED.milestones[0], replace(HUNDRED.milestones[1], **other)))


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (HUNDRED, "already"),
        (replace(HUNDRED, milestones=HUNDRED.milestones[:1]), "left out"),
        (replace(HUNDRED, milestones=(replace(HUNDRED.milestones[0], title="别的"), HUNDRED.milestones[1])), "is accepted"),
        (with_second(price_fen=50_000), "is paid"),
        (with_second(days=5), "lengthened, not shortened"),
        (with_second(days=17), "at most {most}"),
        (replace(HUNDRED, milestones=(*HUNDRED.milestones, Milestone(3, "三", 1, 6_001, 1))), "Supplements may add"),
        (replace(HUNDRED, special=("一", "二")), "special terms"),
        (replace(HUNDRED, special=("另付加班费 5000 元。",)), "sums or shares"),
    ],
)  # fmt: skip
def test_what_goes_too_far_is_named(after: Content, says: str) -> None:
    found = rules.mistakes(HUNDRED, after, FRAME, NUMBERS.__getitem__)
    assert [one for one, _ in found if says in one.text]


def test_a_higher_price_needs_more_service() -> None:
    free = Frame((Progress(1), Progress(2)), Limit(10_000, 0), 20)
    judge: Callable[[Content], list[Any]] = lambda after: rules.mistakes(HUNDRED, after, free, NUMBERS.__getitem__)  # noqa: E731
    assert "more service" in judge(with_second(price_fen=61_000))[0][0].text
    assert judge(replace(with_second(price_fen=61_000), content="范围，另加一处")) == []


@given(some.lists(some.integers(min_value=1, max_value=10**11), min_size=1, max_size=6))
def test_shares_come_to_the_whole(amounts: list[int]) -> None:
    shares = rules.shares(amounts)
    assert sum(shares) == BASIS_POINTS
    assert min(shares) >= 1


@given(some.text(max_size=60), some.text(max_size=60))
def test_both_sides_of_a_difference_are_whole(before: str, after: str) -> None:
    old, new = rules.compared(before, after)
    assert ("".join(text for _, text in old), "".join(text for _, text in new)) == (before, after)
    assert [text for kept, text in old if kept] == [text for kept, text in new if kept]
