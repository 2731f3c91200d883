"""Every page of cases over HTTP: who may see it, what it says, and the whole way through the forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from litestar import Litestar

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo import cases
from market.demo.agencies import EVERY_ROLE, admit_agency, credit_code, operator_of, some_agency
from market.demo.projects import open_owner
from market.demo.world import World
from market.web.viewer import ANONYMOUS, Viewer
from ratings.cases.rules import Measure, Sanction, Violation
from ratings.periods import add_months
from tests.access.cases import ALL, EXPECTATIONS, SITUATIONS
from tests.ratings.people import open_regulator
from tests.visitor import Visitor

PAUSE, WARNING, TALK = Sanction(Measure.PAUSE, 6), Sanction(Measure.WARNING), Sanction(Measure.TALK)
BAD_WORDS = ("严重失信", "黑名单")
DISCLAIMER = "不是法定的严重失信主体名单"


@dataclass
class Scene:
    """`numbers`: state -> the case that stands there."""

    world: World
    site: Litestar
    viewers: dict[str, Viewer]
    recorder: Viewer
    numbers: dict[str, str]
    code: str

    @asynccontextmanager
    async def seen_by(self, viewer: Viewer) -> AsyncIterator[Visitor]:
        async with Visitor(self.site) as visitor:
            if viewer.person_id is not None and viewer.organisation_id is not None:
                await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)
            yield visitor


async def _decided(
    world: World, firm: Viewer, recorder: Viewer, judge: Viewer, names: dict[str, Sanction]
) -> dict[str, str]:
    assert firm.organisation_id is not None
    made = {}
    for name, sanction in names.items():
        made[name] = await cases.open_case(world, firm.organisation_id, recorder, violation=Violation.OVERCHARGE)
        await cases.notify(world, made[name], recorder, sanction)
    for number in made.values():
        await cases.past_defence(world, number)
    for name, number in made.items():
        await cases.decide(world, number, judge, names[name])
    return made


async def _every_state(world: World, firm: Viewer, recorder: Viewer, judge: Viewer) -> dict[str, str]:
    assert firm.organisation_id is not None
    made = await _decided(world, firm, recorder, judge, {"repairable": PAUSE})
    world.clock.set(add_months(world.now, 3))
    made |= {"to_decide": await cases.open_case(world, firm.organisation_id, recorder, violation=Violation.OTHER)}
    await cases.notify(world, made["to_decide"], recorder, WARNING)
    made |= await _decided(world, firm, recorder, judge, {"decided": PAUSE, "appealed": PAUSE})
    made["talk"] = await cases.open_case(world, firm.organisation_id, recorder, violation=Violation.OTHER)
    await cases.notify(world, made["talk"], recorder, TALK)
    await cases.past_defence(world, made["talk"])
    await cases.decide(world, made["talk"], judge, TALK)
    await cases.appeal(world, made["appealed"], firm)
    made["repair_asked"] = made["repairable"]
    for name in ("recorded", "notified"):
        made[name] = await cases.open_case(world, firm.organisation_id, recorder)
    await cases.notify(world, made["notified"], recorder)
    await cases.state(world, made["notified"], firm, asks_hearing=True)
    return made


@pytest.fixture
async def scene(world: World, site: Litestar) -> Scene:
    operator = await operator_of(world)
    firm, other = [await admit_agency(world, some_agency(number)) for number in (1, 2)]
    owner = await open_owner(world, name="青岛市市北区住房和城乡建设局", code=credit_code(7, kind="11"))
    expert = NewOrganisation(kind="expert", code="P0000000000000077", name="沈明远", legal_representative="沈明远",
                             region_code="370202", address="", phone="")  # fmt: skip
    person = NewPerson(login="judge", name="沈明远", phone="13700000001", password_hash="!")
    await register_organisation(expert, person, now=world.now)
    recorder = await open_regulator(world, 1, "3702")
    judge = await cases.colleague_of(world, recorder, "regulator-1b", "孙敏")
    viewers = {
        "owner": owner, "colleague": owner, "other_owner": owner, "winning_agency": firm.viewer, "other_agency": other.viewer,
        "expert": Viewer(person.id, person.name, expert.id, "expert", expert.name, expert.code, EVERY_ROLE),
        "regulator": await cases.colleague_of(world, recorder, "regulator-1c", "林静"), "regulator_out_of_scope": await open_regulator(world, 2, "11"), "operator": operator,
        "anonymous": ANONYMOUS,
    }  # fmt: skip
    numbers = await _every_state(world, firm.viewer, recorder, judge)
    return Scene(world, site, viewers, recorder, numbers, firm.code)


async def path_of(scene: Scene, method: str, pattern: str) -> str:
    number = scene.numbers[SITUATIONS[(method, pattern)]]
    places = {
        "number": number,
        "kind": "decision",
        "file_id": str((await cases.view(scene.world, number)).files[0][1].id),
    }
    return re.sub(r"\{(\w+):\w+\}", lambda found: places[found.group(1)], pattern)


async def walk(scene: Scene, wanted: frozenset[str]) -> list[tuple[str, str, str, int, int]]:
    """Everything that is not answered as the list of these situations promises."""
    wrong = []
    for name in ALL:
        async with scene.seen_by(scene.viewers[name]) as visitor:
            for (method, pattern), expected in EXPECTATIONS.items():
                if SITUATIONS[(method, pattern)] in wanted:
                    path = await path_of(scene, method, pattern)
                    answer = await (visitor.get(path) if method == "GET" else visitor.send_form(path))
                    if answer.status_code != expected[name]:
                        wrong.append((method, path, name, answer.status_code, expected[name]))
    return wrong


async def test_everybody_gets_the_answer_that_the_access_list_promises(scene: Scene) -> None:
    asked = frozenset({"repair_asked"})
    assert await walk(scene, frozenset(SITUATIONS.values()) - asked) == []
    await cases.ask_repair(scene.world, scene.numbers["repairable"], scene.viewers["winning_agency"])
    assert await walk(scene, asked) == []


async def test_pages_speak_both_languages_and_never_of_a_statutory_list(scene: Scene) -> None:
    number = scene.numbers["decided"]
    for locale in ("zh_CN", "en"):
        async with scene.seen_by(scene.viewers["regulator"]) as visitor:
            visitor.cookies.set("mx_locale", locale)
            for path in ("/cases", "/decisions", f"/decisions/{number}", f"/cases/{number}/letters/notice",
                         f"/cases/{number}/letters/decision", f"/agencies/{scene.code}", "/workbench"):  # fmt: skip
                answer = await visitor.get(path)
                assert answer.status_code == 200, path
                said = answer.text.replace(DISCLAIMER, "")
                assert not any(word in said for word in BAD_WORDS), path
                if "letters" in path:
                    assert "credit.deduct." not in said, path
                    assert {"zh_CN": "规则手册 2025-1 版“扣分：", "en": "“Deduction: "}[locale] in said, path
            pdf = await visitor.get(f"/cases/{number}/letters/decision/pdf")
            assert pdf.content.startswith(b"%PDF")
            again = await visitor.get(f"/cases/{number}/letters/decision/pdf")
            assert again.content == pdf.content


async def test_from_facts_to_annulment_through_the_forms(scene: Scene) -> None:
    world = scene.world
    facts = {"code": scene.code, "violation": "illegal_subcontract", "occurred_on": world.now.date().isoformat(),
             "facts": "现场核查发现实际作业人员均为另一家公司员工，且未告知业主。", "legal_cause": "《中华人民共和国民法典》第七百九十一条"}  # fmt: skip
    async with scene.seen_by(scene.recorder) as visitor:
        for field, value in (
            ("code", "91370202000099999X"),
            ("violation", "murder"),
            ("facts", "短"),
            ("entries", "999999999"),
        ):
            assert (await visitor.send_form("/cases/new", {**facts, field: value})).status_code == 422, field
        tomorrow = (world.now.date() + timedelta(days=2)).isoformat()
        refused = await visitor.send_form("/cases/new", {**facts, "occurred_on": tomorrow})
        assert refused.status_code == 409
        assert 'href="#f-occurred_on"' in refused.text
        assert facts["facts"] in refused.text
        answer = await visitor.send_form(
            "/cases/new", facts, files={"files": ("核查记录.pdf", b"%PDF-1.4 x", "application/pdf")}
        )
        assert answer.status_code == 303
        url = answer.headers["location"]
        assert (await visitor.send_form(f"{url}/notice", {"sanction": "pause:3"})).status_code == 422
        assert (await visitor.send_form(f"{url}/notice", {"sanction": "pause:6"})).status_code == 303
        assert (await visitor.get(f"{url}/decision")).status_code == 409
    number = url.rsplit("/", 1)[-1]
    firm = scene.viewers["winning_agency"]
    async with scene.seen_by(firm) as visitor:
        page = await visitor.get(url)
        assert "核查记录.pdf" in page.text
        assert (
            await visitor.send_form(f"{url}/statement", {"text": "相关人员系我公司劳务派遣人员，合同附后，请予核实。"})
        ).status_code == 303
    await cases.past_defence(world, number)
    ruling = {
        "outcome": "founded",
        "sanction": "pause:6",
        "reasons": "社保记录与派遣合同不符，申辩不能成立，事实予以认定。",
    }
    async with scene.seen_by(scene.viewers["regulator"]) as visitor:
        check = await visitor.send_form(f"{url}/decision", ruling)
        assert check.status_code == 200
        assert 'name="confirmed" value="on"' in check.text
        assert (await visitor.send_form(f"{url}/decision", {**ruling, "sanction": "reminder"})).status_code == 422
        assert (await visitor.send_form(f"{url}/decision", {**ruling, "confirmed": "on"})).status_code == 303
        assert (await visitor.get(f"/decisions/{number}")).status_code == 200
    async with scene.seen_by(firm) as visitor:
        assert (
            await visitor.send_form(f"{url}/appeal", {"appeal": "派遣备案材料真实有效，请求撤销原决定并恢复信用。"})
        ).status_code == 303
    async with scene.seen_by(scene.viewers["operator"]) as visitor:
        outcome = {
            "outcome": "annulled",
            "reasons": "经复核派遣备案真实，原决定认定事实不清，予以撤销。",
            "confirmed": "on",
        }
        assert (await visitor.send_form(f"{url}/appeal-decision", outcome)).status_code == 303
        assert (await visitor.get(f"/decisions/{number}")).status_code == 404
        assert "annulled" not in (await visitor.get(f"/agencies/{scene.code}")).text
