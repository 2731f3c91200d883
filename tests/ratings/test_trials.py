"""A proposed rulebook tried in the browser: refused with all reasons, run in the background, nothing else written."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from market.demo.agencies import operator_of
from market.demo.contracts import refuse_contract
from market.kernel.db import fetch_value
from ratings.trials import actions, queries
from tests.access.trials import ALL, EXPECTATIONS
from tests.contracts.award import Award
from tests.ratings.test_pages import Scene, path_of, scene
from tests.visitor import Visitor

__all__ = ["scene"]
PAGE = "/operator/trials"


@pytest.fixture
async def operator(award: Award, site: Litestar) -> AsyncIterator[Visitor]:
    viewer = await operator_of(award.world)
    assert viewer.person_id
    assert viewer.organisation_id
    async with await Visitor(site).sign_in_as(viewer.person_id, viewer.organisation_id) as visitor:
        yield visitor


async def test_gaps_and_overlaps_are_refused_with_all_reasons(operator: Visitor) -> None:
    numbers = {"credit.bands": "95, 85, 85, 60", "tier.pause_below": "95", "credit.base": "130"}
    answer = await operator.send_form(PAGE, numbers)
    assert answer.status_code == 422
    for reason in ("各星级的最低分应当", "各档分数应当依次递增", "基础分应当介于"):
        assert reason in answer.text
    mistyped = await operator.send_form(PAGE, {"credit.base": "=1+1", "credit.bands": "95, 85"})
    assert mistyped.text.count("的形式填写数字") >= 2
    assert (await operator.send_form(PAGE, {"credit.base": "100"})).status_code == 422
    finer = await operator.send_form(PAGE, {"credit.deduct.late_delivery.step": "7.5", "credit.base": "1.5"})
    assert finer.text.count("的形式填写数字") == 2, "parts of a percent may be tried, parts of a point may not"
    shown = (await operator.get(PAGE)).text
    assert 'value="0.25, 0.5, 1, 1.5"' in shown
    file = {"file": ("rules.toml", b"\xff\xfe", "application/toml")}
    assert (await operator.send_form(PAGE, {}, files=file)).status_code == 422
    assert await fetch_value("SELECT count(*) FROM credit_trial") == 0


async def test_who_would_move_stands_side_by_side(award: Award, operator: Visitor) -> None:
    contract = await award.run_past_notice()
    await refuse_contract(award.world, contract, award.winner)
    await award.world.settle()
    before = await fetch_value(
        "SELECT (SELECT count(*) FROM register_entry) + (SELECT sum(points) FROM credit_account)"
    )
    asked = await operator.send_form(PAGE, {"credit.deduct.sign_refused.points": "35", "credit.base": "100"})
    assert asked.status_code == 303
    url = asked.headers["location"]
    assert "hx-trigger" in (await operator.get(url)).text
    await award.world.settle()
    found = await queries.trial((await queries.newest())[0].id)
    assert found.numbers == {"credit.deduct.sign_refused.points": 35}
    assert (found.done, found.agencies, found.share) == (3, 3, 100)
    assert [(one.code, one.before.points, one.after.points) for one in found.moves] == [
        (award.winner.organisation_code, 8_000, 6_500)
    ]
    page = (await operator.get(url)).text
    for piece in ("−15", "65", award.winner.organisation_code, "20 → 35"):
        assert piece in page
    table = await operator.get(f"{url}/moves.csv")
    assert award.winner.organisation_code in table.text
    await actions.run(found.id, now=award.world.now)
    after = await fetch_value("SELECT (SELECT count(*) FROM register_entry) + (SELECT sum(points) FROM credit_account)")
    assert before == after


async def test_everybody_gets_the_answer_that_is_written_down(scene: Scene) -> None:
    world, wrong = scene.award.world, []
    trial_id = await actions.ask({"credit.base": 90}, "2025-1", viewer=await operator_of(world), now=world.now)
    for name in ALL:
        async with scene.seen_by(name) as visitor:
            for (method, pattern), expected in EXPECTATIONS.items():
                path = path_of(pattern, {"trial_id": trial_id})
                answer = await (visitor.get(path) if method == "GET" else visitor.send_form(path))
                if answer.status_code != expected[name]:
                    wrong.append((method, path, name, answer.status_code, expected[name]))
    assert wrong == []
