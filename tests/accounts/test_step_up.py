"""A fresh code before a decision that binds: asked for, burnt by its use, grown old."""

from __future__ import annotations

from dataclasses import replace

import pyotp
from litestar import Litestar

from market.accounts.actions import NewPerson, Roles, add_colleague
from market.accounts.step_up import FRESH
from market.demo import cases
from market.demo.agencies import Agent, admit_agency, operator_of, paper, some_agency
from market.demo.world import World
from market.kernel.calendar import beijing_date
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch_value
from market.web.viewer import Viewer
from ratings.cases.rules import Measure, Sanction, Violation
from ratings.honours import actions as honours
from ratings.honours.actions import NewHonour
from ratings.honours.rules import Level
from ratings.tips import actions as tips
from ratings.tips import queries as tip_queries
from ratings.tips.rules import About
from tests.second_factor import give_second_factor
from tests.visitor import Visitor


async def honour_and_tip(world: World, agent: Agent, judge: Viewer) -> tuple[str, str]:
    """Where an honour is decided, and where a tip is answered."""
    files, calendar, now = world.running.files, world.calendar, world.now
    new = NewHonour(Level.CITY, "优秀咨询成果奖", "青岛市发展和改革委员会", "青12号", beijing_date(now), paper("证书"))
    honour_id = await honours.propose(new, viewer=agent.viewer, files=files, calendar=calendar, now=now)
    subject = await tip_queries.subject_of(About.FIRM, agent.code)
    assert subject is not None
    tip = tips.NewTip(subject, "该单位的检测报告没有到现场检测就出具了。", (), "1" * 32)
    tip_id = await tips.tell_tip(tip, viewer=agent.viewer, files=files, calendar=calendar, now=now)
    await tips.take_up(tip_id, viewer=judge, calendar=calendar, now=now)
    return f"/regulator/honours/{honour_id}", f"/tips/{tip_id}/answer"


async def case_to_decide(world: World) -> tuple[str, Viewer, Agent]:
    """A case's number, a second signatory who has an authenticator app, and the firm."""
    firm = await admit_agency(world, some_agency(1))
    recorder = await operator_of(world)
    assert recorder.organisation_id is not None
    number = await cases.open_case(world, firm.id, recorder, violation=Violation.OTHER)
    await cases.notify(world, number, recorder, Sanction(Measure.WARNING))
    await cases.past_defence(world, number)
    person = NewPerson(login="judge", name="何平", phone="13800000001", password_hash="!")
    await add_colleague(recorder.organisation_id, person, Roles(handler=True, signatory=True), now=world.now)
    return number, replace(recorder, person_id=person.id, person_name=person.name), firm


async def test_a_decision_wants_a_fresh_code(world: World, site: Litestar) -> None:
    number, judge, agent = await case_to_decide(world)
    assert judge.person_id is not None
    assert judge.organisation_id is not None
    page = f"/cases/{number}/decision"
    async with await Visitor(site).sign_in_as(judge.person_id, judge.organisation_id) as visitor:
        assert (await visitor.get(page)).status_code == 200  # nobody is asked for a code who has no second factor
        secret = await give_second_factor(judge, world=world)
        asked = await visitor.get(page)
        assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in/code?back={page}")
        refused = await visitor.send_form(page, {"outcome": "unfounded", "reasons": "陈述属实，证据不足。"})
        assert refused.status_code == 401
        assert "陈述属实，证据不足。" in refused.text, "to be copied into the form"
        assert page in refused.text
        visitor.headers["referer"] = f"{visitor.base_url}/cases/{number}"
        assert f'/sign-in/code?back=/cases/{number}"' in (await visitor.send_form(page, {})).text, "its form"
        del visitor.headers["referer"]
        assert (await visitor.send_form("/sign-in/code", {"back": page, "code": "000000"})).status_code == 422
        form = {"back": page, "code": pyotp.TOTP(secret).now()}
        accepted = await visitor.send_form("/sign-in/code", form)
        assert (accepted.status_code, accepted.headers["location"]) == (303, page)
        assert (await visitor.get(page)).status_code == 200
        assert (await visitor.send_form("/sign-in/code", form)).status_code == 422  # used before
        away = await visitor.send_form("/sign-in/code", {**form, "back": "//evil.example"})
        assert "evil" not in away.text
        await execute("UPDATE session SET confirmed_at = $2 WHERE person_id = $1", judge.person_id, wall_now() - FRESH)
        assert (await visitor.get(page)).status_code == 303
        firm = await fetch_value("SELECT code FROM organisation WHERE kind = 'agency'")
        red = f"/regulator/lists/red/{firm}"
        assert (await visitor.get(red)).headers["location"] == f"/sign-in/code?back={red}"
        assert (await visitor.send_form(red, {})).status_code == 401
        for page in await honour_and_tip(world, agent, judge):
            assert (await visitor.get(page)).headers["location"] == f"/sign-in/code?back={page}"
            assert (await visitor.send_form(page, {})).status_code == 401
