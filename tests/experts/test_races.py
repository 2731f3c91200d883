"""Two at once, each on a connection of its own: every seat is filled once, every signature counts once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from market.demo import experts as cast
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import Refusal
from projects.experts import actions
from projects.experts.panel import End
from projects.experts.queries.panels import members_of
from tests.experts.conftest import Court


async def outcomes(*contenders: Awaitable[Any]) -> tuple[list[Any], list[BaseException]]:
    done = await asyncio.gather(*contenders, return_exceptions=True)
    return [one for one in done if not isinstance(one, BaseException)], [
        one for one in done if isinstance(one, BaseException)
    ]


async def test_of_the_last_signatures_one_completes_the_panel(court: Court) -> None:
    await court.drawn()
    members = await cast.seats(court.project)
    for member in members:
        await cast.fill_in(court.world, member, court.project)
    won, lost = await outcomes(*[cast.sign(court.world, member) for member in members])
    assert (len(won), lost) == (3, [])
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'marks.published'") == 1
    assert await fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = $1", actions.DECIDE_JOB) == 1


async def test_one_expert_signs_once(court: Court) -> None:
    await court.drawn()
    member = (await cast.seats(court.project))[0]
    await cast.fill_in(court.world, member, court.project)
    won, lost = await outcomes(*[cast.sign(court.world, member) for _ in range(5)])
    assert (len(won), len(lost)) == (1, 4)
    assert all(isinstance(one, Refusal) for one in lost)
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'marks.signed'") == 1


async def test_a_late_signature_and_the_sweep_never_both_count(court: Court) -> None:
    """At the deadline the sweep takes the seat, a moment before it the signature does; together they agree."""
    await court.drawn()
    for member in await cast.seats(court.project):
        await cast.fill_in(court.world, member, court.project)
    late = (await cast.seats(court.project))[0]
    assert late.marks_due_at is not None
    court.world.clock.set(late.marks_due_at)
    before = late.marks_due_at.replace(microsecond=0) - (late.marks_due_at - late.accepted_at) / 2  # type: ignore[operator]
    await outcomes(
        cast.sign(court.world, late, now=before), actions.replace_absent(late.marks_due_at), actions.replace_absent(late.marks_due_at)
    )  # fmt: skip
    for row in await fetch("SELECT signed_at, ended, due_at FROM panel_member"):
        assert not (row["signed_at"] and row["ended"])
        assert (row["due_at"] is None) == bool(row["signed_at"] or row["ended"])
    members = await members_of(late.panel_id)
    assert len({one.place for one in members}) == len(members)


async def test_sweeps_replace_each_absent_expert_once(court: Court) -> None:
    await court.drawn()
    due = (await cast.seats(court.project))[0].answer_due_at
    for _ in range(3):
        await outcomes(*[actions.replace_absent(due) for _ in range(4)])
    members = await members_of((await cast.newest_panel(court.project)).id)
    assert [one.ended for one in members] == ["absent"] * 3 + [None] * 3
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'panel.replaced'") == 3


async def test_two_who_decline_at_once_are_both_replaced(court: Court) -> None:
    await court.drawn()
    first, second, _ = await cast.seats(court.project)
    won, lost = await outcomes(
        *[
            actions.step_down(one.id, one.organisation_id, End.DECLINED, "出差", now=court.world.now)
            for one in (first, second)
        ]
    )
    assert (len(won), lost) == (2, [])
    panel = await cast.newest_panel(court.project)
    assert panel.drawn is not None
    members = await members_of(panel.id)
    assert [one.code for one in members] == list(panel.drawn[:5])
    assert len([one for one in members if one.ended is None]) == 3
