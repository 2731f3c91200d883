"""The stored stage always follows from the facts, whatever lawful history a project has."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from market.demo.projects import publish_project
from market.demo.world import World
from market.kernel.db import fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import ROOT
from market.web.viewer import Viewer
from projects.actions import close_project, move_project
from projects.queries import project_by_id
from projects.rules import (
    ENDED,
    FACT_OF,
    SELECTED,
    TAKEN_BACK,
    TRANSITIONS,
    Facts,
    Stage,
    may_move,
    project_number,
    stage_of,
)

START = datetime(2026, 6, 16, tzinfo=UTC)


class Lifecycle(RuleBasedStateMachine):
    """Moves a project at random through TRANSITIONS, setting and taking back facts as `move_project` does."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage.SIGN_UP
        self.facts: dict[str, datetime | None] = {one.name: None for one in fields(Facts)}
        self.now = START

    @precondition(lambda self: any(before is self.stage for before, _ in TRANSITIONS))
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        to = data.draw(st.sampled_from([after for before, after in TRANSITIONS if before is self.stage]))
        self.now += timedelta(hours=1)
        for name in TAKEN_BACK.get(to, ()):
            self.facts |= {name: None} if name in self.facts else {}
        if to in FACT_OF:
            fact = FACT_OF[to]
            self.facts[fact] = self.facts[fact] or self.now
        self.stage = to

    @precondition(lambda self: self.stage in ENDED)
    @rule()
    def begin_with_another_project(self) -> None:
        self.stage = Stage.SIGN_UP
        self.facts = dict.fromkeys(self.facts)

    @invariant()
    def the_stage_follows_from_the_facts(self) -> None:
        assert stage_of(Facts(**self.facts)) is self.stage

    @invariant()
    def an_end_is_an_end(self) -> None:
        onward = [after for before, after in TRANSITIONS if before is self.stage]
        assert bool(onward) == (self.stage not in ENDED)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


@given(st.builds(Facts, **{one.name: st.none() | st.just(START) for one in fields(Facts)}))
def test_every_combination_of_facts_has_one_stage(facts: Facts) -> None:
    assert stage_of(facts) in Stage


def test_no_transition_leads_nowhere_or_to_itself() -> None:
    reached = {Stage.SIGN_UP} | {after for _, after in TRANSITIONS}
    assert reached == set(Stage)
    assert all(before is not after for before, after in TRANSITIONS)
    assert all(not may_move(ended, after) for ended in ENDED for after in Stage)
    assert SELECTED.isdisjoint({Stage.SIGN_UP, Stage.FAILED, Stage.WITHDRAWN})


def test_the_project_number() -> None:
    assert project_number(2026, 123) == "MX-2026-000123"
    assert project_number(2026, 1_234_567) == "MX-2026-1234567"


async def test_a_move_compares_before_it_sets(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    async with transaction():
        await move_project(project.id, expect=Stage.SIGN_UP, to=Stage.DRAWING, due_at=None, frozen_at=world.now)
    with pytest.raises(Refusal) as refused:
        async with transaction():
            await move_project(project.id, expect=Stage.SIGN_UP, to=Stage.FAILED, due_at=None, failed_at=world.now)
    assert refused.value.code == "project.stage_moved"
    assert (await project_by_id(project.id)).stage is Stage.DRAWING


async def test_a_further_draw_takes_the_facts_of_the_annulled_one_back(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    async with transaction():
        await move_project(project.id, expect=Stage.SIGN_UP, to=Stage.DRAWING, due_at=None, frozen_at=world.now)
        await move_project(project.id, expect=Stage.DRAWING, to=Stage.RESULT_NOTICE, due_at=None, drawn_at=world.now,
                           winner_id=surveyors[0], result_notice_ends_at=world.now)  # fmt: skip
        await move_project(project.id, expect=Stage.RESULT_NOTICE, to=Stage.SIGN_UP, due_at=world.now)
    after = await project_by_id(project.id)
    assert (after.stage, after.frozen_at, after.drawn_at, after.winner_id) == (Stage.SIGN_UP, None, None, None)


@pytest.mark.parametrize(
    ("to", "facts"),
    [
        (Stage.ACCEPTED, {"accepted_at": START}),  # no such transition
        (Stage.DRAWING, {}),  # the fact is missing
        (Stage.DRAWING, {"frozen_at": START, "title": "x"}),  # not a fact of the lifecycle
    ],
)
async def test_a_move_that_is_none_is_a_mistake_of_the_code(
    world: World, owner: Viewer, surveyors: list[UUID], to: Stage, facts: dict[str, object]
) -> None:
    project = await publish_project(world, owner)
    with pytest.raises(ValueError, match="move"):
        async with transaction():
            await move_project(project.id, expect=Stage.SIGN_UP, to=to, due_at=None, **facts)
    assert (await project_by_id(project.id)).stage is Stage.SIGN_UP


async def test_a_move_belongs_to_a_transaction(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    with pytest.raises(RuntimeError):
        await move_project(project.id, expect=Stage.SIGN_UP, to=Stage.DRAWING, due_at=None, frozen_at=world.now)


async def test_closing_a_project_is_an_act(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner)
    steps: list[tuple[Stage, dict[str, object]]] = [
        (Stage.DRAWING, {"frozen_at": world.now}),
        (Stage.RESULT_NOTICE, {"drawn_at": world.now, "winner_id": surveyors[0]}),
        (Stage.CONTRACTING, {"result_final_at": world.now}),
        (Stage.FULFILMENT, {"signed_at": world.now}),
        (Stage.ACCEPTED, {"accepted_at": world.now}),
    ]
    before = Stage.SIGN_UP
    async with transaction():
        for to, facts in steps:
            await move_project(project.id, expect=before, to=to, due_at=None, **facts)
            before = to
        await close_project(project.id, now=world.now)
    after = await project_by_id(project.id)
    assert (after.stage, stage_of(after.facts)) == (Stage.CLOSED, Stage.CLOSED)
    assert (
        await fetch_value(
            "SELECT count(*) FROM register_entry WHERE kind = 'project.closed' AND subject = $1", project.number
        )
        == 1
    )


def test_the_diagram_in_the_documentation_is_the_table() -> None:
    page = (ROOT / "docs" / "projects.md").read_text("utf-8")
    shown = [line.strip() for line in page.split("```mermaid")[1].split("```")[0].splitlines() if "-->" in line]
    drawn = [f"{before} --> {after}: {why.replace(':', ',')}" for (before, after), why in TRANSITIONS.items()]
    ends = [f"{stage} --> [*]" for stage in sorted(ENDED)]
    assert shown == ["[*] --> sign_up: a draft is published", *drawn, *ends]
