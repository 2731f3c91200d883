"""Two at once, each on a connection of its own: one wins, and the other is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from agencies import actions
from agencies.queries import practitioners
from agencies.queries.application import find_agency
from agencies.rules import Decision, Stage, Verdict
from market.demo import agencies as cast
from market.kernel.db import fetch_value
from market.kernel.errors import Refusal


async def outcomes(*contenders: Awaitable[Any]) -> tuple[list[Any], list[BaseException]]:
    done = await asyncio.gather(*contenders, return_exceptions=True)
    return [one for one in done if not isinstance(one, BaseException)], [
        one for one in done if isinstance(one, BaseException)
    ]


async def test_of_two_operators_one_decides(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    await cast.operator_of(world)
    won, lost = await outcomes(
        cast.review(world, agent),
        cast.review(world, agent, Decision.RETURN, returned={"licence": "不清晰"}),
        cast.review(world, agent, Decision.REFUSE, returned={"licence": "不清晰"}, reason="材料不实"),
    )
    assert (len(won), len(lost)) == (1, 2)
    for problem in lost:
        assert isinstance(problem, Refusal)
        assert problem.code in {"entry.already_decided", "agency.changed_meanwhile"}
    assert await fetch_value("SELECT count(*) FROM agency_review") == 1


async def test_a_review_of_changes_made_from_an_old_page_is_refused(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    await actions.save_services(
        agent.id, ["C001", "C004"], acting=agent.viewer, terms=cast.terms_of(world), now=world.now
    )
    dossier = await cast.dossier(agent)
    operator = await cast.operator_of(world)

    def review() -> Awaitable[None]:
        return actions.review_changes(
            agent.id, [Verdict(f"change:{dossier.changes[0].id}", accepted=True)], version=dossier.agency.version,
            acting=operator, terms=cast.terms_of(world), now=world.now,
        )  # fmt: skip

    won, lost = await outcomes(review(), review())
    assert (len(won), len(lost)) == (1, 1)
    assert isinstance(lost[0], Refusal)
    assert lost[0].code == "agency.changed_meanwhile"


async def test_one_person_cannot_be_bound_by_two_agencies_at_once(world) -> None:
    person = cast.Person("郑海峰", id_number=cast.id_number(7))
    agents = [await cast.submit_agency(world, cast.some_agency(number, practitioners=(person,))) for number in (1, 2)]
    await cast.operator_of(world)
    won, lost = await outcomes(*[cast.review(world, agent) for agent in agents])
    assert (len(won), len(lost)) == (1, 1)
    stages = [agency.stage for agency in [await find_agency(agent.id) for agent in agents] if agency]
    assert sorted(stages) == [Stage.NOTICE, Stage.SUBMITTED]
    assert sum([len(await practitioners(agent.id)) for agent in agents]) == 1
    late = agents[stages.index(Stage.SUBMITTED)]
    row = (await cast.dossier(late)).practitioners[0]
    await cast.review(world, late, returned={f"practitioner:{row.id}": "已在其他机构执业"})
    assert sum([len(await practitioners(agent.id)) for agent in agents]) == 1


async def test_two_sweeps_admit_once(world) -> None:
    agent = await cast.submit_agency(world, cast.some_agency(1))
    await cast.review(world, agent)
    ends_at = (await cast.dossier(agent)).agency.notice_ends_at
    assert ends_at is not None
    world.clock.set(ends_at)
    won, lost = await outcomes(*[actions.finish_one_due(world.now) for _ in range(4)])
    assert (won.count(True), lost) == (1, [])
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'agency.admitted'") == 1


async def test_an_agency_leaves_once(world) -> None:
    agent = await cast.admit_agency(world, cast.some_agency(1))
    version = (await cast.dossier(agent)).agency.version
    won, lost = await outcomes(
        *[actions.leave(agent.id, "业务调整", version=version, acting=agent.viewer, now=world.now) for _ in range(3)]
    )
    assert (len(won), len(lost)) == (1, 2)
    assert await fetch_value("SELECT count(*) FROM register_entry WHERE kind = 'agency.exited'") == 1
