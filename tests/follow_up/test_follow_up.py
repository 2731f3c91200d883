"""Chance names closed projects, and the operator's call is recorded once."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from market.cli.audit import audit_market
from market.demo.ratings import rate_both
from market.register.queries import Entry, history_of
from ratings.follow_up.actions import draw_lot
from ratings.follow_up.queries import to_call
from ratings.follow_up.rules import is_sampled
from tests.access.follow_up import EXPECTATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.test_access import cast
from tests.visitor import Visitor


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10_000))
def test_a_larger_share_names_no_fewer(hash_of_act: bytes, share: int) -> None:
    digest = hash_of_act.hex()
    assert is_sampled(digest, 10_000)
    assert not is_sampled(digest, 0)
    assert not is_sampled(digest, share) or all(is_sampled(digest, more) for more in (share, 10_000))


def test_a_tenth_is_named() -> None:
    """A binomial of 20,000 and a tenth: five deviations (42 each) either side."""
    named = sum(is_sampled(hashlib.sha256(str(number).encode()).hexdigest(), 1_000) for number in range(20_000))
    assert abs(named - 2_000) < 5 * 43


async def closing_act(award: Award, *, named: bool) -> Entry:
    """The act that closed the project, with facts that make its hash name it, or not."""
    await rate_both(award.world, award.number, award.owner, award.winner)
    act = next(one for one in await history_of(award.number) if one.kind == "project.closed")
    variants = (replace(act, data={"variant": number}) for number in itertools.count())
    return next(one for one in variants if is_sampled(one.sha256, 1_000) == named)


async def test_what_chance_does_not_name_is_not_called(award: Award) -> None:
    act = await closing_act(award, named=False)
    assert not await draw_lot(act, calendar=award.world.calendar)
    assert await to_call() == []


async def test_a_call_is_recorded_once_and_published_without_its_words(
    award: Award, sign_in: SignIn, client: Visitor
) -> None:
    act = await closing_act(award, named=True)
    assert await draw_lot(act, calendar=award.world.calendar)
    assert not await draw_lot(act, calendar=award.world.calendar)
    visitors = {name: await sign_in(viewer) for name, viewer in (await cast(award)).items()} | {"anonymous": client}
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        address = path.replace("{number:str}", award.number)
        for who, visitor in visitors.items():
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    assert wrong == {}

    operator, path = visitors["operator"], f"/operator/follow-up/{award.number}"
    odd = {"reached": "yes", "satisfaction": "2", "at_odds": "on"}
    unsaid = await operator.send_form(path, odd)
    assert unsaid.status_code == 422
    said = odd | {"remarks": "业主表示报告质量一般，当时碍于情面打了高分。"}
    assert (await operator.send_form(path, said)).status_code == 303
    twice = await operator.send_form(path, said)
    assert (twice.status_code, "碍于情面" in twice.text) == (409, True)
    assert "碍于情面" in (await operator.get("/operator/follow-up")).text
    told = [one for one in await history_of(award.number) if one.kind == "follow_up.called"]
    assert [one.data for one in told] == [{"reached": True, "satisfaction": 2, "at_odds": True}]
    assert await audit_market() == []
