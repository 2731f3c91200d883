"""Filing: due for public bodies, recorded once, with a day that can be right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.demo.contracts import sign_both
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound, Refusal
from projects.contracts.filing import actions as filing
from projects.contracts.filing.actions import NewFiling
from projects.contracts.filing.queries import filing_of
from projects.contracts.panels import to_sign
from projects.contracts.queries import ContractView
from tests.contracts.award import Award, SignIn, acts_of


async def in_force(award: Award) -> ContractView:
    await award.run_past_notice()
    return await sign_both(award.world, award.number, award.owner, award.winner)


async def test_a_public_body_files_within_the_days_of_the_rulebook(award: Award) -> None:
    contract, world = await in_force(award), award.world
    due = await filing_of(contract.id)
    assert due is not None
    assert due.due_at == world.calendar.add_working_days(world.now, 7)
    assert [one.link for one in await to_sign(award.owner, world.now)] == [f"{contract.url}/filing"]
    assert await to_sign(award.winner, world.now) == []
    today = beijing_date(world.now)
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(Refusal, match=r"contract\.filed_when"):
            await filing.record_filing(
                contract.number, NewFiling("市财政局", "备2026-12", day), viewer=award.owner, now=world.now
            )
    new = NewFiling("市财政局", "备2026-12", today)
    with pytest.raises(NotFound):
        await filing.record_filing(contract.number, new, viewer=award.winner, now=world.now)
    await filing.record_filing(contract.number, new, viewer=award.owner, now=world.now)
    with pytest.raises(Refusal, match=r"contract\.filed"):
        await filing.record_filing(contract.number, new, viewer=award.owner, now=world.now)
    assert await acts_of(award.number, "contract.filed") == 1
    assert await to_sign(award.owner, world.now) == []


async def test_the_page_records_it_and_everybody_sees_it(award: Award, sign_in: SignIn) -> None:
    contract = await in_force(award)
    owner = await sign_in(award.owner)
    page = await owner.get(f"{contract.url}/filing")
    assert page.status_code == 200
    assert (await owner.send_form(f"{contract.url}/filing", {"authority": "市财政局"})).status_code == 422
    day = beijing_date(award.world.now).isoformat()
    sent = await owner.send_form(
        f"{contract.url}/filing", {"authority": "市财政局", "reference": "备2026-12", "filed_on": day}
    )
    assert sent.status_code == 303
    assert "备2026-12" in (await (await sign_in(award.losers[0])).get(contract.url)).text
    assert "市财政局" in (await owner.get(f"{contract.url}/filing")).text
