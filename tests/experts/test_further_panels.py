"""A further order of experts where the first is used up: drawn from new candidates under a round after the cause."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from market.beacon.rules import round_time
from market.cli.audit import audit_market
from market.demo import experts as cast
from market.kernel.db import fetch, fetch_value
from market.register.queries import history_of
from projects.experts import actions
from projects.experts.panel import Drawing, End, PanelInvalid, scoring_experts
from projects.experts.queries.panels import further_draws
from projects.queries import project_by_number
from projects.rules import Stage
from projects.selection.dossiers.selection_checks import verify
from tests.experts.conftest import Court
from tests.experts.test_whole_selection import dossier_of, opened
from tests.register.forging import by_force
from tests.selection.conftest import CHAIN, DEADLINE
from tests.selection.selections import NUMBER, ROUND, merit_evidence, merit_terms, terms


def panel() -> dict[str, Any]:
    """With a further order: the random evidence of other tests has one now and then."""
    given, chance = merit_terms(terms(), [6000], 3000), random.Random(1)
    while True:
        made = merit_evidence(chance, given, {"a": 9000, "b": 8000, "c": 7000})
        assert made is not None
        if "further" in made["panel"]:
            found: dict[str, Any] = made["panel"]
            return found


DRAWING = Drawing(
    "DEMO-0001", 1, CHAIN.hash, NUMBER, ROUND.randomness, CHAIN, round_time(CHAIN, NUMBER) + timedelta(seconds=30)
)


def bent(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(members: Any) -> None:
        for step in path[:-1]:
            members = members[step]
        members[path[-1]] = to

    return change


@pytest.mark.parametrize("change", [
    bent("further", 0, "cause", to="tired"), bent("further", 0, "no", to=3), bent("further", 0, "round", to=NUMBER + 3),
    bent("further", 0, "frozen_at", to=DEADLINE.isoformat()), bent("further", 0, "signature", to="00" * 48),
    bent("further", 0, "signature", to=ROUND.signature.hex()), bent("further", 0, "size", to=5),
    bent("further", 0, "hash", to="00" * 32), bent("further", 0, "order", 0, to="EX-000001"),
    bent("further", 0, "input", "purpose", to="experts"), bent("further", to=[]), bent("further", 0, to={}),
    bent("further", 0, "frozen_at", to="9999-12-31T23:59:59+00:00"), bent("members", -1, "expert", to="EX-000099"),
])  # fmt: skip
def test_a_further_order_follows_from_its_time_and_its_round(change: Callable[[Any], None]) -> None:
    right = panel()
    assert len(scoring_experts(right, DRAWING, 3)) == 3
    wrong = deepcopy(right)
    change(wrong)
    with pytest.raises(PanelInvalid):
        scoring_experts(wrong, DRAWING, 3)


def test_it_is_not_drawn_after_the_decision() -> None:
    early = Drawing("DEMO-0001", 1, CHAIN.hash, NUMBER, ROUND.randomness, CHAIN, round_time(CHAIN, NUMBER))
    with pytest.raises(PanelInvalid):
        scoring_experts(panel(), early, 3)


async def test_new_experts_are_drawn_where_the_order_is_used_up(court: Court, client) -> None:
    world, project = court.world, await opened(court)
    newer = await cast.admit_experts(world, [cast.some_expert(number) for number in (31, 32, 33)])
    for _ in range(4):
        member = (await cast.seats(project))[0]
        await actions.step_down(member.id, member.organisation_id, End.DECLINED, "出差", now=world.now)
    (waiting,) = await further_draws((await cast.newest_panel(project)).id)
    assert (waiting.no, waiting.seats, waiting.drawn) == (2, 1, None)
    assert set(waiting.candidates) == {one.code for one in newer}
    assert {one["expert"] for one in waiting.excluded} >= {one.code for one in court.experts}
    assert round_time(world.beacon.chain, waiting.beacon_round) > waiting.frozen_at
    assert "等待" in (await client.get(project.url)).text
    another = (await cast.seats(project))[0]  # a second seat falls empty before the round is out
    await actions.step_down(another.id, another.organisation_id, End.CONFLICT, "亲属任职", now=world.now)
    await world.run_until(world.now + timedelta(minutes=1))
    assert (await project_by_number(project.number)).stage is Stage.EVALUATION
    assert len({one.code for one in await cast.seats(project)} & {one.code for one in newer}) == 2
    scoring = (await client.get(project.url)).text
    assert not any(one.code in scoring for one in newer)
    await cast.score(world, project)
    await world.settle()
    decided = await project_by_number(project.number)
    assert decided.stage is Stage.RESULT_NOTICE
    data = await dossier_of(decided)
    report = verify(data)
    assert report.ok, report.failures
    assert [one["cause"] for one in json.loads(data)["evidence"]["panel"]["further"]] == ["order_used_up"]
    kinds = [one.kind for one in await history_of(project.number)]
    assert (kinds.count("panel.further"), kinds.count("panel.drawn_again")) == (1, 1)
    page = (await client.get(project.url)).text
    assert all(one.code in page for one in newer)
    assert await audit_market() == []
    await by_force("UPDATE panel_draw SET drawn = drawn[2:] || drawn[:1]")
    assert {one.table for one in await audit_market()} >= {"expert_panel", "panel_member"}
    await by_force("UPDATE panel_draw SET candidates = candidates[2:]")
    assert ("altered", "panel_draw") in {(one.kind, one.table) for one in await audit_market()}


async def test_where_really_nobody_is_left_the_selection_fails(court: Court) -> None:
    """Too few are new for the seats that are empty when the round is out."""
    world, project = court.world, await opened(court)
    await cast.admit_experts(world, [cast.some_expert(31)])
    for _ in range(5):
        member = (await cast.seats(project))[0]
        await actions.step_down(member.id, member.organisation_id, End.DECLINED, "出差", now=world.now)
    assert await fetch_value("SELECT count(*) FROM panel_draw") == 1
    await world.run_until(world.now + timedelta(minutes=1))
    failed = await project_by_number(project.number)
    assert (failed.stage, await fetch("SELECT 1 FROM panel_draw WHERE due_at IS NOT NULL")) == (Stage.FAILED, [])
    assert await audit_market() == []
