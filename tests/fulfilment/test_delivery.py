"""Delivery, acceptance and return on a real database, with the sweeps that remind and accept."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from market.demo.contracts import accept_delivery, deliver_results, return_results
from market.kernel.db import fetch
from market.kernel.errors import NotFound, Refusal
from market.register.queries import history_of
from projects.fulfilment import actions
from projects.fulfilment.panels import to_do
from projects.fulfilment.queries import Fulfilment, Reason, access_file, fulfilment_of
from projects.fulfilment.rules import Decision, Turn
from projects.rules import Stage
from tests.contracts.award import Award, acts_of
from tests.ratings.people import open_regulator


async def fulfilment(award: Award) -> Fulfilment:
    found = await fulfilment_of(award.number)
    assert found is not None
    return found


async def reminders(award: Award) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT at, text FROM inbox_message WHERE organisation_id = $1 AND cause LIKE 'delivery.reminded:%' ORDER BY at",
        award.owner.organisation_id,
    )


async def test_a_delivery_in_time_is_recorded_with_its_fingerprints_and_waits_for_the_owner(award: Award) -> None:
    award.world.clock.advance(days=3)
    delivery = await deliver_results(award.world, award.number, award.winner, "报告", "附图")
    assert (delivery.no, delivery.late_days, len(delivery.files)) == (1, 0, 2)
    [made] = [entry for entry in await history_of(award.number) if entry.kind == "delivery.made"]
    assert sorted(made.data["files"]) == sorted(file.sha256 for file in delivery.files)
    assert (made.data["late_days"], made.data["limit_days"]) == (0, 15)
    found = await fulfilment(award)
    assert found.turn is Turn.ANSWER
    assert (await award.project()).due_at == delivery.answer_due_at
    assert [one.link for one in await to_do(award.owner, award.world.now)] == [f"/projects/{award.number}/acceptance"]
    assert await to_do(award.winner, award.world.now) == []


async def test_the_accepted_service_moves_the_project_on(award: Award) -> None:
    await deliver_results(award.world, award.number, award.winner)
    accepted = await accept_delivery(award.world, award.number, award.owner)
    assert accepted.deliveries[-1].decision is Decision.ACCEPTED
    project = await award.project()
    assert (project.stage, project.accepted_at, project.due_at) == (Stage.ACCEPTED, award.world.now, None)
    await accept_delivery(award.world, award.number, award.owner)
    assert await acts_of(award.number, "delivery.accepted") == 1
    [entry] = [entry for entry in await history_of(award.number) if entry.kind == "delivery.accepted"]
    assert entry.data["by_silence"] is False


async def test_a_late_delivery_says_how_many_working_days(award: Award) -> None:
    limit = (await fulfilment(award)).limit
    await award.world.run_until(award.world.calendar.add_working_days(limit, 2) - timedelta(hours=9))
    delivery = await deliver_results(award.world, award.number, award.winner)
    assert delivery.late_days == award.world.calendar.working_days_between(
        limit - timedelta(seconds=1), award.world.now
    )
    assert delivery.late_days > 0


async def test_a_return_names_each_item_and_gives_time_to_correct(award: Award) -> None:
    limit = (await fulfilment(award)).limit
    await award.world.run_until(limit - timedelta(hours=1))
    await deliver_results(award.world, award.number, award.winner)
    returned = await return_results(
        award.world,
        award.number,
        award.owner,
        Reason("第三章", "成果表与附图不一致，请改正。"),
        Reason("附图2", "缺少比例尺，请补充。"),
    )
    last = returned.deliveries[-1]
    assert (last.decision, len(last.reasons)) == (Decision.RETURNED, 2)
    assert last.correction_due_at == award.world.calendar.add_working_days(award.world.now, 5)
    assert returned.limit == last.correction_due_at
    assert [one.link for one in await to_do(award.winner, award.world.now)] == [f"/projects/{award.number}/delivery"]
    [entry] = [entry for entry in await history_of(award.number) if entry.kind == "delivery.returned"]
    assert (entry.data["times"], [one["where"] for one in entry.data["reasons"]]) == (1, ["第三章", "附图2"])
    award.world.clock.advance(hours=20)
    second = await deliver_results(award.world, award.number, award.winner)
    assert (second.no, second.due_at, second.late_days) == (2, last.correction_due_at, 0)


async def test_an_early_delivery_that_is_returned_keeps_what_is_left_of_its_time(award: Award) -> None:
    limit = (await fulfilment(award)).limit
    await deliver_results(award.world, award.number, award.winner)
    assert (await return_results(award.world, award.number, award.owner)).limit == limit


async def test_returns_are_limited_by_the_contract(award: Award) -> None:
    for _ in range(2):
        await deliver_results(award.world, award.number, award.winner)
        await return_results(award.world, award.number, award.owner)
    await deliver_results(award.world, award.number, award.winner)
    with pytest.raises(Refusal) as refused:
        await return_results(award.world, award.number, award.owner)
    assert refused.value.rule == "acceptance.returns_max"
    assert await acts_of(award.number, "delivery.returned") == 2
    await accept_delivery(award.world, award.number, award.owner)
    assert (await award.project()).stage is Stage.ACCEPTED


async def test_silence_accepts_after_two_reminders_on_working_days(award: Award) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner)
    calendar = award.world.calendar
    await award.world.run_until(delivery.answer_due_at - timedelta(minutes=1))
    sent = await reminders(award)
    assert [calendar.working_days_between(delivery.delivered_at, one["at"]) for one in sent] == [5, 9]
    assert all(calendar.is_working(one["at"].astimezone(award.world.now.tzinfo).date()) for one in sent)
    assert (await award.project()).stage is Stage.FULFILMENT
    await award.world.run_until(delivery.answer_due_at)
    last = (await fulfilment(award)).last
    assert last is not None
    assert (last.decision, last.decided_at) == (Decision.BY_SILENCE, delivery.answer_due_at)
    assert (await award.project()).stage is Stage.ACCEPTED
    [entry] = [entry for entry in await history_of(award.number) if entry.kind == "delivery.accepted"]
    assert (entry.data["by_silence"], entry.by) == (True, "market")


async def test_after_an_outage_the_owner_still_gets_both_reminders_and_a_working_day(award: Award) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner)
    award.world.clock.set(delivery.answer_due_at + timedelta(days=3))  # nothing ran in between
    await award.world.settle()
    assert len(await reminders(award)) == 2
    last = (await fulfilment(award)).last
    assert last is not None
    assert last.decision is None
    assert last.answer_due_at == award.world.calendar.add_working_days(award.world.now, 1)
    await award.world.run_until(last.answer_due_at)
    assert (await award.project()).stage is Stage.ACCEPTED


async def test_an_answered_delivery_is_not_reminded_of(award: Award) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner)
    await accept_delivery(award.world, award.number, award.owner)
    await award.world.run_until(delivery.answer_due_at)
    assert await reminders(award) == []
    assert await acts_of(award.number, "delivery.accepted") == 1


async def test_accept_and_return_at_once_one_of_them_counts(award: Award) -> None:
    await deliver_results(award.world, award.number, award.winner)
    results = await asyncio.gather(
        accept_delivery(award.world, award.number, award.owner), return_results(award.world, award.number, award.owner),
        accept_delivery(award.world, award.number, award.owner), return_results(award.world, award.number, award.owner),
        return_exceptions=True,
    )  # fmt: skip
    assert all(isinstance(result, Fulfilment | Refusal) for result in results), results
    accepted, returned = [await acts_of(award.number, f"delivery.{kind}") for kind in ("accepted", "returned")]
    assert (accepted, returned) in {(1, 0), (0, 1)}
    assert (await award.project()).stage is (Stage.ACCEPTED if accepted else Stage.FULFILMENT)


async def test_two_deliveries_at_once_one_is_with_the_owner(award: Award) -> None:
    results = await asyncio.gather(
        *(deliver_results(award.world, award.number, award.winner) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, Refusal) for result in results) == 3, results
    assert await acts_of(award.number, "delivery.made") == 1
    assert len((await fulfilment(award)).deliveries) == 1


async def test_silence_and_a_late_return_at_once_never_both(award: Award) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner)
    just_before = delivery.answer_due_at - timedelta(seconds=1)
    await award.world.run_until(just_before)
    project = await award.project()
    results = await asyncio.gather(
        return_results(award.world, award.number, award.owner),
        *(
            actions.accept_by_silence(
                project.id, delivery.id, calendar=award.world.calendar, now=delivery.answer_due_at
            )
            for _ in range(3)
        ),
        return_exceptions=True,
    )
    assert all(isinstance(result, Fulfilment | Refusal | bool) for result in results), results
    counts = [await acts_of(award.number, f"delivery.{kind}") for kind in ("accepted", "returned")]
    assert sorted(counts) == [0, 1]


async def test_files_are_for_the_parties_only(award: Award) -> None:
    delivery = await deliver_results(award.world, award.number, award.winner)
    file = delivery.files[0]
    for party in (award.owner, award.winner):
        assert (await access_file(party, delivery.id, file.id)).sha256 == file.sha256
    for stranger in award.losers:
        with pytest.raises(NotFound):
            await access_file(stranger, delivery.id, file.id)


async def test_only_the_agency_delivers_and_only_the_owner_answers(award: Award) -> None:
    for stranger in (award.owner, *award.losers):
        with pytest.raises(NotFound):
            await deliver_results(award.world, award.number, stranger)
    await deliver_results(award.world, award.number, award.winner)
    for stranger in (award.winner, *award.losers):
        with pytest.raises(NotFound):
            await accept_delivery(award.world, award.number, stranger)
        with pytest.raises(NotFound):
            await return_results(award.world, award.number, stranger)


async def told(award: Award, cause: str) -> list[tuple[Any, datetime]]:
    rows = await fetch(
        "SELECT organisation_id, at FROM inbox_message WHERE cause LIKE $1 || '%' ORDER BY at, organisation_id", cause
    )
    return [(row["organisation_id"], row["at"]) for row in rows]


async def test_the_agency_is_told_before_its_time_is_over_and_everybody_when_it_is(award: Award) -> None:
    world, limit = award.world, (await fulfilment(award)).limit
    watching = (await open_regulator(world, 1, "3702")).organisation_id
    await world.run_until(limit - timedelta(days=4, hours=1))
    assert await told(award, "delivery.due:") == []
    await world.run_until(limit + timedelta(days=3))
    [(agency, at)] = await told(award, "delivery.due:")
    assert agency == award.winner.organisation_id
    assert world.calendar.working_days_between(at, limit - timedelta(seconds=1)) <= 2
    over = await told(award, "delivery.overdue:")
    assert {who for who, _ in over} == {award.owner.organisation_id, award.winner.organisation_id, watching}
    assert {at for _, at in over} == {limit}
