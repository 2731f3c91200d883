"""Owners and experts as parties of cases, cases that begin with a tip, and the talk as a measure."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest
from litestar import Litestar

from market.catalogue.queries import rulebook
from market.cli.audit import audit_market
from market.demo import cases
from market.demo.agencies import credit_code
from market.demo.experts import admit_experts, some_expert
from market.demo.projects import open_owner, publish_project
from market.kernel.db import execute, fetch_value
from market.kernel.errors import NotFound, Refusal
from ratings.cases import actions, queries
from ratings.cases.actions import Minutes
from ratings.cases.letters import KINDS, letter
from ratings.cases.rules import Measure, Sanction, State, Violation
from ratings.credit.owner_routes import standing_of
from tests.cases.test_cases import Bench, bench
from tests.tips.test_tips import tell
from tests.visitor import Visitor

__all__ = ["bench"]
PAUSE, REPORT, TALK = Sanction(Measure.PAUSE, 3), Sanction(Measure.REPORT), Sanction(Measure.TALK)


async def _decided(bench: Bench, party: object, violation: Violation, sanction: Sanction) -> str:
    number = await cases.open_case(bench.world, party, bench.recorder, violation=violation)  # type: ignore[arg-type]
    await cases.notify(bench.world, number, bench.recorder, sanction)
    await cases.past_defence(bench.world, number)
    await cases.decide(bench.world, number, bench.judge, sanction)
    return number


async def test_an_owner_is_paused_from_posting_and_freed_by_its_appeal(bench: Bench) -> None:
    world = bench.world
    owner = await open_owner(world, name="青岛市市北区城市建设局", code=credit_code(8, kind="11"))
    number = await _decided(bench, owner.organisation_id, Violation.TAILORED_REQUIREMENTS, PAUSE)
    found = await cases.view(world, number)
    assert (found.is_published, found.firm_url) == (True, f"/owners/{owner.organisation_code}")
    with pytest.raises(Refusal, match="paused"):
        await publish_project(world, owner, title="市北区道路地形测量服务")
    organisation = await queries.access_party(bench.recorder, owner.organisation_code)
    assert [one.event.kind for one in (await standing_of(organisation, world.now)).breaches] == ["owner_tailored"]
    await cases.appeal(world, number, owner)
    await cases.decide_appeal(world, number, bench.third)
    await publish_project(world, owner, title="市北区道路地形测量服务")
    assert [one.counts for one in (await standing_of(organisation, world.now)).breaches] == [False]
    assert await audit_market() == []


async def test_what_an_owner_is_reported_for_goes_by_letter_and_stays_private(bench: Bench) -> None:
    owner = await open_owner(bench.world, name="青岛市市北区城市建设局", code=credit_code(8, kind="11"))
    number = await _decided(bench, owner.organisation_id, Violation.LATE_PAYMENT, REPORT)
    found = await cases.view(bench.world, number)
    assert not found.is_published
    book = await rulebook(found.rulebook_version)
    made = await letter(found, "report", 0, book)
    assert made.to == "青岛市市北区城市建设局上级主管部门"
    with pytest.raises(NotFound):
        await letter(found, "talk", 0, book)


async def test_an_expert_is_not_drawn_and_never_named(bench: Bench) -> None:
    world = bench.world
    [expert] = await admit_experts(world, [some_expert(3)])
    number = await _decided(bench, expert.organisation_id, Violation.HIDDEN_CONFLICT, PAUSE)
    found = await cases.view(world, number)
    suspended = "SELECT suspended_until FROM expert WHERE code = $1"
    assert await fetch_value(suspended, expert.code) == found.measure.until_at if found.measure else False
    assert not found.is_published
    assert found.decision_entry_id
    with pytest.raises(NotFound):
        await queries.published_case(number, world.now)
    assert (await queries.access_party(bench.recorder, expert.code)).id == expert.organisation_id
    await cases.appeal(world, number, expert.viewer)
    await cases.decide_appeal(world, number, bench.third)
    assert await fetch_value(suspended, expert.code) is None
    assert await audit_market() == []


async def test_nobody_is_accused_of_what_its_kind_cannot_do(bench: Bench) -> None:
    with pytest.raises(Refusal) as refused:
        await cases.open_case(bench.world, bench.firm.id, bench.recorder, violation=Violation.LATE_PAYMENT)
    assert refused.value.code == "case.not_accusable"


async def test_a_talk_is_set_held_and_told_in_minutes_that_stay(bench: Bench) -> None:
    world = bench.world
    number = await _decided(bench, bench.firm.id, Violation.POOR_PERFORMANCE, TALK)
    assert (await cases.view(world, number)).talk_ordered
    minutes = Minutes("局执法科二人，公司总经理一人", "指出两次逾期交付，对方承诺调整排期并按月报告进度。")
    later, files = world.now + timedelta(days=2), world.running.files
    with pytest.raises(Refusal, match="talk_past"):
        await actions.set_talk(number, world.now, "市政务中心 301 室", viewer=bench.recorder, now=world.now)
    with pytest.raises(Refusal, match="not_talked_yet"):
        await actions.write_talk(number, minutes, viewer=bench.recorder, files=files, now=world.now)
    for days in (1, 0):  # put off once
        at = later + timedelta(days=days)
        await actions.set_talk(number, at, "市政务中心 301 室", viewer=bench.recorder, now=world.now)
    found = await cases.view(world, number)
    invitation = await letter(found, "talk", 0, await rulebook(found.rulebook_version))
    assert "市政务中心 301 室" in str(invitation.sections)
    world.clock.set(later + timedelta(hours=1))
    await actions.write_talk(number, minutes, viewer=bench.recorder, files=files, now=world.now)
    found = await cases.view(world, number)
    assert found.talk is not None
    assert (found.talk_ordered, found.talk.present) == (False, minutes.present)
    with pytest.raises(Refusal):
        await actions.write_talk(number, minutes, viewer=bench.recorder, files=files, now=world.now)
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("UPDATE case_talk SET minutes = 'x'")
    assert await audit_market() == []


async def test_a_tip_begins_a_case_with_its_words_and_files(bench: Bench, site: Litestar, client: Visitor) -> None:
    told = await tell(client, about="firm", reference=bench.firm.code)
    assert told.status_code in (200, 303)
    tip_id = await fetch_value("SELECT id FROM tip")
    assert bench.recorder.person_id
    assert bench.recorder.organisation_id
    async with await Visitor(site).sign_in_as(bench.recorder.person_id, bench.recorder.organisation_id) as visitor:
        page = (await visitor.get(f"/cases/new?tip={tip_id}")).text
        for piece in (bench.firm.code, "我在场", "evidence.png", f'value="{tip_id}"'):
            assert piece in page
        file_id = await fetch_value("SELECT file_id FROM tip_file")
        stranger = "00000000-0000-4000-8000-000000000000"
        form = {
            "code": bench.firm.code, "violation": "collusion", "occurred_on": bench.world.now.date().isoformat(),
            "facts": "举报人陈述并提供照片，与现场核查一致。经办人已承认。", "legal_cause": "招标投标法第五十三条",
            "tip": str(tip_id), "tip_files": [str(file_id), stranger, "nonsense"],
        }  # fmt: skip
        assert (await visitor.send_form("/cases/new", {**form, "violation": "biased_marks"})).status_code == 422
        assert (await visitor.send_form("/cases/new", {**form, "tip": stranger})).status_code == 404
        opened = await visitor.send_form("/cases/new", form)
        assert opened.status_code == 303
        url = opened.headers["location"]
        assert "evidence.png" in (await visitor.get(url)).text
        assert (await visitor.get(f"{url}/files/{file_id}")).status_code == 200
        assert (await visitor.send_form("/cases/new", form)).status_code == 409
    found = await cases.view(bench.world, url.rsplit("/", 1)[-1])
    assert (found.origin, found.tip_id, found.state) == ("tip", tip_id, State.RECORDED)
    assert set(KINDS) >= {"talk", "report"}
