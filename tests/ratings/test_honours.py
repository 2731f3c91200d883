"""Honours: proposed with a certificate, accepted, counted exactly in quarters of a point; and ratings struck by decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from market.cli.audit import audit_market
from market.demo import cases
from market.demo.agencies import operator_of, paper
from market.demo.ratings import rate_both
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.db import execute
from market.kernel.errors import FormInvalid, Refusal
from market.web.viewer import Viewer
from ratings.cases.rules import Measure, Sanction, Violation
from ratings.credit.queries import agency_account
from ratings.credit.rules import points_text
from ratings.credit.trial import tried
from ratings.evaluations import striking
from ratings.evaluations.queries import affiliated, agency_summary, rating_by_id, ratings_of_project, together
from ratings.evaluations.striking import Strike
from ratings.honours import actions, queries
from ratings.honours.actions import NewHonour
from ratings.honours.rules import Level, charge
from ratings.periods import add_months
from tests.access.honours import ALL, EXPECTATIONS
from tests.contracts.award import Award
from tests.ratings.people import open_regulator
from tests.ratings.test_pages import Scene, path_of, scene

__all__ = ["scene"]
REASON = "经案件认定，该评价系串通作出，依规作废。"


async def propose(
    award: Award, level: Level = Level.COUNTY, *, days_ago: int = 30, certificate: str = "青建字12号"
) -> UUID:
    new = NewHonour(level, "优秀测绘工程一等奖", "青岛市自然资源和规划局", certificate,
                    beijing_date(award.world.now - timedelta(days=days_ago)), paper("获奖证书"))  # fmt: skip
    world = award.world
    return await actions.propose(
        new, viewer=award.winner, files=world.running.files, calendar=world.calendar, now=world.now
    )


async def accept(award: Award, honour_id: UUID, official: Viewer, outcome: str = "accepted") -> None:
    reason = "" if outcome == "accepted" else "证书上的单位与申报机构不一致。"
    await actions.decide(await queries.honour(honour_id), outcome, reason, viewer=official, now=award.world.now)


async def points(award: Award) -> str:
    return points_text((await agency_account(award.winner.organisation_code, award.world.now)).score.points)


@pytest.mark.parametrize(
    ("level", "text"), [("county", "+0.25"), ("city", "+0.5"), ("province", "+1"), ("nation", "+1.5")]
)
def test_a_quarter_of_a_point_is_exact(level: str, text: str) -> None:
    assert points_text(charge("X", Level(level), (25, 50, 100, 150)).points, signed=True) == text


async def test_an_honour_counts_from_its_day_for_a_year_once_it_is_accepted(award: Award) -> None:
    world, regulator = award.world, await open_regulator(award.world, 1, "3702")
    first = await propose(award)
    with pytest.raises(Refusal, match="known"):
        await propose(award)
    assert await points(award) == "100"
    await accept(award, first, regulator)
    await accept(award, await propose(award, Level.NATION, certificate="国2号"), regulator)
    assert await points(award) == "101.75"
    with pytest.raises(Refusal, match="decided"):
        await accept(award, first, regulator, "refused")
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("UPDATE honour SET level = 'nation'")
    assert all(not move.moved for move in await tried({"credit.base": 100}, world.now))
    await _withdrawn(award, first, regulator)
    assert await audit_market() == []
    for months, text in ((10, "101.5"), (12, "100")):  # from the day on the certificate, thirty days ago
        account = await agency_account(award.winner.organisation_code, add_months(world.now, months))
        assert points_text(account.score.points) == text


async def _withdrawn(award: Award, honour_id: UUID, regulator: Viewer) -> None:
    """The first of the two: by another person than who accepted it, once, and with its reason on the statement."""
    reason = "经向发证单位核实，证书编号不存在。"
    with pytest.raises(Refusal, match="own_decision"):
        await actions.withdraw(await queries.honour(honour_id), reason, viewer=regulator, now=award.world.now)
    with pytest.raises(asyncpg.CheckViolationError, match="honour_withdrawn_by_another"):
        await execute(
            "UPDATE honour SET withdrawn_at = decided_at, withdrawn_by = decided_by, withdrawing_authority_id = authority_id,"
            " withdrawn_reason = '…', withdrawal_entry_id = entry_id WHERE id = $1",
            honour_id,
        )
    operator = await operator_of(award.world)
    await actions.withdraw(await queries.honour(honour_id), reason, viewer=operator, now=award.world.now)
    found = await queries.honour(honour_id)
    assert (found.stands, found.withdrawn_reason) == (False, reason)
    assert honour_id not in [one.id for one in await queries.accepted_of(found.organisation_id)]
    *_, line = (await agency_account(award.winner.organisation_code, award.world.now)).score.lines
    assert (line.why, line.change, line.proof.evidence_id) == ("cancelled", -25, found.withdrawal_entry_id)
    with pytest.raises(Refusal, match="not_standing"):
        await actions.withdraw(found, reason, viewer=operator, now=award.world.now)


@pytest.mark.parametrize(("days", "code"), [(-2, "honour.future"), (400, "honour.over")])
async def test_honours_of_long_ago_or_of_tomorrow_are_not_taken(award: Award, days: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await propose(award, days_ago=days)
    assert refused.value.code == code


async def test_a_refused_honour_adds_nothing_and_may_come_again(award: Award) -> None:
    regulator = await open_regulator(award.world, 1, "3702")
    await accept(award, await propose(award), regulator, "refused")
    assert await points(award) == "100"
    await accept(award, await propose(award), regulator)
    assert await points(award) == "100.25"


async def test_a_decision_strikes_a_rating_and_what_it_brought(accepted: Award) -> None:
    world, winner = accepted.world, accepted.winner
    assert winner.organisation_id
    await rate_both(world, accepted.number, accepted.owner, winner, 5)
    await world.settle()
    rating = (await ratings_of_project((await accepted.project()).id))["owner"]
    regulator, operator = await open_regulator(world, 1, "3702"), await operator_of(world)
    assert await points(accepted) == "101"
    with pytest.raises(FormInvalid):
        await striking.strike(rating, Strike("C-2026-000001", REASON), viewer=operator, now=world.now)
    number = await cases.open_case(world, winner.organisation_id, regulator, violation=Violation.OTHER)
    await cases.notify(world, number, regulator, Sanction(Measure.WARNING))
    await cases.past_defence(world, number)
    await cases.decide(world, number, operator, Sanction(Measure.WARNING))
    await striking.strike(rating, Strike(number, REASON), viewer=operator, now=world.now)
    assert await points(accepted) == "100"
    assert (await agency_summary(winner.organisation_id, world.rulebook)).count == 0
    found = await rating_by_id(rating.id)
    assert found is not None
    assert found.struck_reason == REASON
    assert together({"owner": found}, world.rulebook) is None
    with pytest.raises(Refusal):
        await striking.strike(rating, Strike(number, REASON), viewer=operator, now=world.now)
    assert await audit_market() == []
    await _annul(world, number, winner)
    assert await points(accepted) == "101"
    found = await rating_by_id(rating.id)
    assert found is not None
    assert (found.struck_at, together({"owner": found}, world.rulebook)) == (None, 500)
    assert (await agency_summary(winner.organisation_id, world.rulebook)).count == 1
    *_, line = (await agency_account(winner.organisation_code, world.now)).score.lines
    assert (line.why, line.change, line.proof.evidence_id) == ("restored", 100, found.restored_entry_id)
    with pytest.raises(FormInvalid):
        await striking.strike(rating, Strike(number, REASON), viewer=operator, now=world.now)
    assert await audit_market() == []


async def _annul(world: World, number: str, firm: Viewer) -> None:
    """The appeal of the firm is granted, by a third person."""
    third = await cases.colleague_of(world, await operator_of(world), "operator-third", "周明")
    await cases.appeal(world, number, firm)
    await cases.decide_appeal(world, number, third)


@pytest.mark.parametrize("column", ["phone", "legal_representative"])
async def test_who_shares_telephone_or_representative_rates_without_effect(accepted: Award, column: str) -> None:
    project = await accepted.project()
    assert not await affiliated(project, now=accepted.world.now)
    await execute(
        f"UPDATE organisation SET {column} = (SELECT {column} FROM organisation WHERE id = $1) WHERE id = $2",
        project.owner_id, project.winner_id,
    )  # fmt: skip
    assert await affiliated(project, now=accepted.world.now)


async def test_everybody_gets_the_answer_that_is_written_down(scene: Scene) -> None:
    award, wrong = scene.award, []
    ids: dict[str, Any] = {"honour_id": await propose(award)}
    await rate_both(award.world, award.number, award.owner, award.winner, 3)
    ids["rating_id"] = (await ratings_of_project((await award.project()).id))["owner"].id
    for name in ALL:
        async with scene.seen_by(name) as visitor:
            for (method, pattern), expected in EXPECTATIONS.items():
                path = path_of(pattern, ids)
                answer = await (visitor.get(path) if method == "GET" else visitor.send_form(path))
                if answer.status_code != expected[name]:
                    wrong.append((method, path, name, answer.status_code, expected[name]))
    assert wrong == []
