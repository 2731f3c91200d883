"""Panels on the database: frozen with every reason, drawn in the published order, replaced in it, complete in one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from market.demo import experts as cast
from market.demo.agencies import operator_of
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound, Refusal
from market.register.queries import entries
from projects.experts import actions
from projects.experts.actions import Declared
from projects.experts.panel import End, order_of, panel_draw
from projects.experts.queries.panels import evidence_of, marks_of, marks_of_member, members_of
from projects.experts.queries.pool import find_own
from projects.experts.rules import Mark
from projects.queries import ProjectView, project_by_number
from tests.experts.conftest import Court, chance


async def acts(kind: str) -> list[dict[str, object]]:
    return [one.data for one in await entries(kind, limit=50)]


async def test_candidates_are_frozen_with_every_reason(court: Court) -> None:
    world, agency = court.world, court.agents[0]
    await cast.admit_experts(world, [
        cast.some_expert(11, employer_code=agency.code, employer_name="某单位"),
        cast.some_expert(12, employer_name=agency.name),
        cast.some_expert(13, conflicts=(Declared(court.owner.organisation_code, "曾在该单位任职"),)),
        cast.some_expert(14, region_code="370203"),
        cast.some_expert(15, name="韩立群"),
        cast.some_expert(16, specialities=("A",)),
        cast.some_expert(17, specialities=("C001",)),
    ])  # fmt: skip
    await cast.apply_expert(world, cast.some_expert(18))
    frozen = await court.freeze()
    panel = await cast.newest_panel(court.project)
    assert frozen.enough
    assert frozen.size == 3
    assert set(frozen.entrants) == {one.code for one in court.experts} | {"EX-000013"}
    reasons = {one["expert"]: one["reason"] for one in panel.excluded}
    assert list(reasons) == ["EX-000007", "EX-000008", "EX-000009", "EX-000010", "EX-000011"]
    assert agency.name in reasons["EX-000007"]
    assert "任职" in reasons["EX-000008"]
    assert court.owner.organisation_name in reasons["EX-000009"]
    assert "县" in reasons["EX-000010"]
    assert "法定代表人" in reasons["EX-000011"]
    assert await acts("panel.frozen") == [{"round_no": 1, "size": 3, "sha256": frozen.sha256}]


async def test_who_is_suspended_or_has_left_is_no_candidate(court: Court) -> None:
    world, (first, second, *_) = court.world, court.experts
    for person in (first, second):
        own = await find_own(person.organisation_id)
        assert own is not None
        if person is first:
            until = world.now + timedelta(days=30)
            await actions.suspend(person.code, until, "未按期参加培训", version=own.version)
        else:
            await actions.leave(
                person.code, "健康原因", by=person.viewer.organisation_code, own_wish=True, now=world.now
            )
    frozen = await court.freeze()
    assert set(frozen.entrants) == {one.code for one in court.experts[2:]}
    assert await acts("expert.exited") == [{"own_wish": True}]


async def test_nobody_becomes_a_professional_judge(court: Court) -> None:
    world, owner = court.world, court.owner
    from market.demo.projects import publish_project
    from tests.experts.conftest import MERIT

    for number in range(2):
        project = await publish_project(world, owner, working_days=7, **MERIT)
        await replace(court, project=project).drawn(number)
    drawn = [set(((await cast.newest_panel(project)).drawn or ())[:3]) for project in await _projects(court)]
    always = drawn[0] & drawn[1]
    frozen = await court.freeze()
    assert set(frozen.entrants) == {one.code for one in court.experts} - always


async def _projects(court: Court) -> list[ProjectView]:
    rows = await fetch("SELECT p.number FROM expert_panel x JOIN project p ON p.id = x.project_id")
    return [await project_by_number(row["number"]) for row in rows]


async def test_too_few_candidates_are_told_at_once(court: Court) -> None:
    for person in court.experts[:4]:
        await actions.leave(person.code, "退休", by="market", own_wish=True, now=court.world.now)
    frozen = await court.freeze()
    assert not frozen.enough
    assert len(frozen.entrants) == 2
    assert await acts("panel.frozen") == []


async def test_the_order_is_that_of_the_round_and_the_register_names_nobody(court: Court) -> None:
    await court.drawn()
    panel = await cast.newest_panel(court.project)
    given = panel_draw(court.project.number, 1, panel.beacon_chain, panel.beacon_round, panel.candidates, 3)
    assert list(panel.drawn or ()) == order_of(given, chance())
    members = await members_of(panel.id)
    assert [one.code for one in members] == order_of(given, chance())[:3]
    text = str(await acts("panel.drawn")) + str(await acts("panel.frozen"))
    assert not any(one.code in text or one.viewer.organisation_code in text for one in court.experts)
    told = await fetch("SELECT organisation_id FROM inbox_message WHERE link LIKE '/expert/panels/%'")
    assert {row["organisation_id"] for row in told} == {one.organisation_id for one in members}


async def test_who_declines_is_followed_by_the_next_of_the_order(court: Court) -> None:
    await court.drawn()
    panel, (first, *_) = await cast.newest_panel(court.project), await cast.seats(court.project)
    await actions.step_down(first.id, first.organisation_id, End.DECLINED, "出差", now=court.world.now)
    members = await members_of(panel.id)
    assert panel.drawn is not None
    assert [one.code for one in members] == list(panel.drawn[:4])
    assert [one.ended for one in members] == ["declined", None, None, None]
    assert await acts("panel.replaced") == [{"round_no": 1, "place": 1, "cause": "declined"}]
    with pytest.raises(Refusal):
        await actions.accept(first.id, first.organisation_id, now=court.world.now)


async def test_silence_and_lateness_lose_the_seat(court: Court) -> None:
    world = court.world
    await court.drawn()
    silent, late, good = await cast.seats(court.project)
    for member in (late, good):
        await cast.fill_in(world, member, court.project)
    await cast.sign(world, good)
    await world.run_until(silent.answer_due_at)
    assert [one.ended for one in await members_of(silent.panel_id)] == ["absent", None, None, None]
    fresh = (await cast.seats(court.project))[-1]
    await cast.fill_in(world, fresh, court.project)
    late = next(one for one in await cast.seats(court.project) if one.id == late.id)
    assert late.marks_due_at is not None
    world.clock.set(late.marks_due_at)
    with pytest.raises(Refusal):
        await cast.sign(world, late)
    await world.settle()
    ended = {one.code: one.ended for one in await members_of(silent.panel_id)}
    assert (ended[silent.code], ended[late.code], ended[good.code]) == ("absent", "absent", None)
    assert len(ended) == 5


async def test_when_the_order_is_used_up_the_panel_fails(court: Court) -> None:
    await court.drawn()
    for _ in range(4):
        member = (await cast.seats(court.project))[0]
        await actions.step_down(member.id, member.organisation_id, End.CONFLICT, "亲属任职", now=court.world.now)
    panel = await cast.newest_panel(court.project)
    assert panel.failed_at is not None
    assert await acts("panel.failed") == [{"round_no": 1}]
    jobs = await fetch(
        "SELECT args ->> 'round_id' AS id FROM procrastinate_jobs WHERE task_name = $1", actions.NO_PANEL_JOB
    )
    assert [row["id"] for row in jobs] == [str(panel.round_id)]
    left = (await cast.seats(court.project))[0]
    with pytest.raises(Refusal):
        await actions.accept(left.id, left.organisation_id, now=court.world.now)


async def test_nothing_of_the_marks_is_known_before_all_have_signed(court: Court) -> None:
    world = court.world
    await court.drawn()
    members, round_id = await cast.seats(court.project), await court.round_id()
    for place, member in enumerate(members):
        await cast.fill_in(world, member, court.project)
        assert await marks_of(round_id) == []
        with pytest.raises(NotFound):
            await evidence_of(round_id)
        assert await acts("marks.published") == []
        await cast.sign(world, member)
        signed = await acts("marks.signed")
        assert len(signed) == place + 1
        assert all(set(one) == {"round_no", "sha256"} for one in signed)
    assert len(await marks_of(round_id)) == 3 * 3 * 2
    published = (await acts("marks.published"))[0]
    assert published["marks"] == [[one.expert, one.agency, one.criterion, one.mark] for one in await marks_of(round_id)]
    assert {one["sha256"] for one in published["experts"]} == {one["sha256"] for one in await acts("marks.signed")}  # type: ignore[attr-defined]
    assert await fetch_value("SELECT count(*) FROM procrastinate_jobs WHERE task_name = $1", actions.DECIDE_JOB) == 1


async def test_the_published_hash_is_that_of_the_marks(court: Court) -> None:
    await court.drawn()
    await cast.score(court.world, court.project)
    panel = await cast.newest_panel(court.project)
    for member in await members_of(panel.id):
        assert member.marks_salt is not None
        assert actions.marks_hash(member.marks_salt, await marks_of_member(member.id)) == member.marks_sha256


async def test_a_signature_stands(court: Court) -> None:
    world = court.world
    await court.drawn()
    member = (await cast.seats(court.project))[0]
    await cast.fill_in(world, member, court.project)
    await cast.sign(world, member)
    for attempt in (
        cast.sign(world, member),
        actions.save_marks(member.id, member.organisation_id, [Mark(court.agents[0].code, 1, 1)], now=world.now),
        actions.step_down(member.id, member.organisation_id, End.DECLINED, "不想", now=world.now),
    ):
        with pytest.raises(Refusal) as found:
            await attempt
        assert found.value.code == "marks.signed"


async def test_a_sheet_is_signed_only_whole_with_reasons_and_as_seen(court: Court) -> None:
    world = court.world
    await court.drawn()
    member = (await cast.seats(court.project))[0]
    with pytest.raises(Refusal) as early:
        await actions.save_marks(member.id, member.organisation_id, [], now=world.now)
    assert early.value.code == "panel.not_accepted"
    await actions.accept(member.id, member.organisation_id, now=world.now)
    with pytest.raises(Refusal) as incomplete:
        await cast.sign(world, member)
    assert incomplete.value.code == "marks.incomplete"
    await cast.fill_in(world, member, court.project, lambda place, agency, no: (95, ""))
    with pytest.raises(Refusal) as bare:
        await cast.sign(world, member)
    assert bare.value.code == "marks.reason_missing"
    with pytest.raises(Refusal) as changed:
        await actions.sign(member.id, member.organisation_id, seen="0" * 64, now=world.now)
    assert changed.value.code == "marks.changed"
    await cast.fill_in(world, member, court.project, lambda place, agency, no: (95, "方案明显优于同类项目"))
    await cast.sign(world, member)


async def test_another_experts_seat_is_nobodys_business(court: Court) -> None:
    await court.drawn()
    first, second, _ = await cast.seats(court.project)
    with pytest.raises(NotFound):
        await actions.accept(first.id, second.organisation_id, now=court.world.now)
    with pytest.raises(NotFound):
        await actions.save_marks(first.id, second.organisation_id, [], now=court.world.now)


async def test_marks_for_strangers_are_refused(court: Court) -> None:
    await court.drawn()
    member = (await cast.seats(court.project))[0]
    await actions.accept(member.id, member.organisation_id, now=court.world.now)
    for mark in (Mark("91000000MA0DEM00AB", 1, 80), Mark(court.agents[0].code, 3, 80)):
        with pytest.raises(NotFound):
            await actions.save_marks(member.id, member.organisation_id, [mark], now=court.world.now)


async def test_who_leaves_the_pool_leaves_the_panel(court: Court) -> None:
    await court.drawn()
    first = (await cast.seats(court.project))[0]
    await actions.leave(first.code, "退休", by="market", own_wish=True, now=court.world.now)
    members = await members_of(first.panel_id)
    assert (members[0].ended, len(members)) == ("declined", 4)


async def test_places_are_asked_one_after_the_other(court: Court) -> None:
    await court.drawn()
    for end in (End.DECLINED, End.CONFLICT):
        member = (await cast.seats(court.project))[1]
        await actions.step_down(member.id, member.organisation_id, end, "原因", now=court.world.now)
    places = [one.place for one in await members_of((await cast.newest_panel(court.project)).id)]
    assert all(after == before + 1 for before, after in pairwise(places))


async def test_fees_and_service_are_recorded_for_who_signed(court: Court) -> None:
    await court.drawn()
    member = (await cast.seats(court.project))[0]
    with pytest.raises(NotFound):
        await actions.record_service(member.code, member.id, 50_000, "adequate", "")
    await cast.score(court.world, court.project)
    await actions.record_service(member.code, member.id, 50_000, "adequate", "按时完成")
    operator = await operator_of(court.world)
    assert operator.person_id is not None
    await actions.record_training(
        member.code, court.world.now.date(), "评审业务培训", 8, by=operator.person_id, now=court.world.now
    )
    for grade in ("adequate", "excellent"):
        await actions.record_assessment(member.code, 2026, grade, "", by=operator.person_id, now=court.world.now)
    assert await fetch_value("SELECT count(*) FROM expert_assessment") == 1
