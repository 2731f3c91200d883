"""Every page of ratings over HTTP: who may see it, what it says, and that forms come back with all their errors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, register_organisation
from market.demo.agencies import EVERY_ROLE, credit_code, operator_of
from market.demo.projects import open_owner
from market.demo.ratings import rate_both
from market.kernel.db import transaction
from market.web.viewer import ANONYMOUS, Viewer
from ratings.evaluations.queries import ratings_of_project
from ratings.lists.actions import NewEntry, enter
from ratings.periods import add_months
from tests.access.ratings import ALL, EXPECTATIONS, SITUATIONS
from tests.contracts.award import Award
from tests.ratings.people import open_regulator
from tests.ratings.test_credit_events import act
from tests.ratings.test_decisions import restrict
from tests.ratings.test_imported_lists import uploaded
from tests.visitor import Visitor


@dataclass
class Scene:
    """A project whose time to rate has begun, and everybody who might look at it."""

    award: Award
    site: Litestar
    viewers: dict[str, Viewer]

    @asynccontextmanager
    async def seen_by(self, name: str) -> AsyncIterator[Visitor]:
        viewer = self.viewers[name]
        async with Visitor(self.site) as visitor:
            if viewer.person_id is not None and viewer.organisation_id is not None:
                await visitor.sign_in_as(viewer.person_id, viewer.organisation_id)
            yield visitor

    @property
    def code(self) -> str:
        return self.award.winner.organisation_code


@pytest.fixture
async def scene(accepted: Award, site: Litestar) -> Scene:
    world, owner = accepted.world, accepted.owner
    assert owner.organisation_id is not None
    clerk = NewPerson(login="clerk", name="吴桐", phone="13700000000", password_hash="!")
    await add_colleague(owner.organisation_id, clerk, Roles(handler=True), now=world.now)
    expert = NewOrganisation(kind="expert", code="P0000000000000077", name="沈明远", legal_representative="沈明远",
                             region_code="370202", address="", phone="")  # fmt: skip
    judge = NewPerson(login="judge", name="沈明远", phone="13700000001", password_hash="!")
    await register_organisation(expert, judge, now=world.now)
    return Scene(accepted, site, {
        "owner": owner,
        "colleague": replace(owner, person_id=clerk.id, roles=frozenset({"handler"})),
        "other_owner": await open_owner(world, name="别家业主有限公司", code=credit_code(88), kind="enterprise"),
        "winning_agency": accepted.winner,
        "other_agency": accepted.losers[0],
        "expert": Viewer(judge.id, judge.name, expert.id, "expert", expert.name, expert.code, EVERY_ROLE),
        "regulator": await open_regulator(world, 1, "3702"),
        "regulator_out_of_scope": await open_regulator(world, 2, "11"),
        "operator": await operator_of(world),
        "anonymous": ANONYMOUS,
    })  # fmt: skip


async def prepare(scene: Scene, situation: str) -> dict[str, Any]:
    """Brings the scene into a situation of the access list; returns what stands in for the paths' placeholders."""
    award = scene.award
    ids: dict[str, Any] = {"number": award.number, "code": scene.code}
    if situation == "rated_low":
        await rate_both(award.world, award.number, award.owner, award.winner, 1)
        ids["rating_id"] = (await ratings_of_project((await award.project()).id))["owner"].id
    if situation == "restricted":
        agent = next(one for one in award.agents if one.viewer == award.winner)
        ids["entry_id"] = await restrict(award.world, agent)
    if situation == "red":
        ids["entry_id"] = await _red_entry(award)
    if situation == "uploaded":
        ids["upload_id"] = await uploaded(award.world, f"{scene.code},甲公司,2026-05-01,")
    return ids


async def _red_entry(award: Award) -> UUID:
    now, winner = award.world.now, award.winner
    assert winner.organisation_id is not None
    proof = await act(award.world)
    async with transaction():
        return await enter(
            NewEntry("red", winner.organisation_id, winner.organisation_code, "信用良好", "market", None, proof.id, now,
                     add_months(now, 12)), now=now,
        )  # fmt: skip


def path_of(pattern: str, ids: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+):\w+\}", lambda found: str(ids[found.group(1)]), pattern)


@pytest.mark.parametrize("situation", sorted(set(SITUATIONS.values())))
async def test_everybody_gets_the_answer_that_the_access_list_promises(scene: Scene, situation: str) -> None:
    ids = await prepare(scene, situation)
    wrong = []
    for name in ALL:
        async with scene.seen_by(name) as visitor:
            for (method, pattern), expected in EXPECTATIONS.items():
                if SITUATIONS[(method, pattern)] == situation:
                    path = path_of(pattern, ids)
                    answer = await (visitor.get(path) if method == "GET" else visitor.send_form(path))
                    if answer.status_code != expected[name]:
                        wrong.append((method, path, name, answer.status_code, expected[name]))
    assert wrong == []


async def test_rating_through_the_form(scene: Scene) -> None:
    path = f"/projects/{scene.award.number}/rating"
    async with scene.seen_by("owner") as visitor:
        page = await visitor.get(path)
        assert page.text.count('type="radio"') == 25
        bad = await visitor.send_form(path, {"mark-quality": "1", "mark-timeliness": "9"})
        assert bad.status_code == 422
        assert bad.text.count("field__errors") == 5  # the bad mark, three missing ones, the missing reasons
        assert re.search(r'name="mark-quality" value="1" checked', bad.text)
        marks = {f"mark-{name}": "5" for name in ("quality", "timeliness", "attitude", "charge", "conduct")}
        done = await visitor.send_form(path, marks)
        assert (done.status_code, done.headers["location"]) == (303, f"/projects/{scene.award.number}")
        again = await visitor.send_form(path, marks)
        assert again.status_code == 409


async def test_the_project_page_hides_and_then_shows_ratings(scene: Scene) -> None:
    award = scene.award
    page = f"/projects/{award.number}"
    async with scene.seen_by("winning_agency") as agency, scene.seen_by("anonymous") as anybody:
        assert f"{page}/rating" in (await agency.get(page)).text
        hidden = (await anybody.get(page)).text
        assert 'id="rating"' in hidden
        assert f"{page}/rating" not in hidden
        await rate_both(award.world, award.number, award.owner, award.winner, 2)
        shown = (await anybody.get(page)).text
        assert "成果两次未按约定提交" in shown
        assert "付款及时" not in shown  # the agency's marks for the owner
        assert "付款及时" in (await agency.get(page)).text


async def test_a_reply_stands_beside_the_rating(scene: Scene) -> None:
    ids = await prepare(scene, "rated_low")
    path = f"/ratings/{ids['rating_id']}/reply"
    async with scene.seen_by("winning_agency") as visitor:
        short = await visitor.send_form(path, {"reply": "不同意"})
        assert short.status_code == 422
        assert "不同意" in short.text
        done = await visitor.send_form(path, {"reply": "延误系场地未按约定移交，已于当日书面告知。"})
        assert done.status_code == 303
        assert "延误系场地未按约定移交" in (await visitor.get(f"/projects/{scene.award.number}")).text


async def test_the_statement_of_a_newcomer_says_unrated(scene: Scene) -> None:
    async with scene.seen_by("anonymous") as visitor:
        other = scene.viewers["other_agency"].organisation_code
        assert "未评定" in (await visitor.get(f"/agencies/{other}/credit")).text
        mine = await visitor.get(f"/agencies/{scene.code}/credit")
        assert "未评定" not in mine.text
        for what_is_no_day in ("2026-02-30", "9999-12-31", "yesterday"):
            asked = await visitor.get(f"/agencies/{scene.code}/credit?at={what_is_no_day}")
            assert (asked.status_code, "field__errors" in asked.text) == (422, True)
            data = await visitor.get(f"/agencies/{scene.code}/credit.json?at={what_is_no_day}")
            assert data.status_code == 422  # never the figures of another day


async def test_the_json_statement_can_be_computed_again(scene: Scene) -> None:
    award = scene.award
    await rate_both(award.world, award.number, award.owner, award.winner, 5)
    await award.world.settle()
    async with scene.seen_by("anonymous") as visitor:
        data = (await visitor.get(f"/agencies/{scene.code}/credit.json")).json()
    assert data["score"] == data["opening"] + sum(line["change"] for line in data["statement"]) == 10_100
    counting = [
        event["points"] for event in data["events"] if event["recorded_at"] <= data["at"] < event["valid_until"]
    ]
    assert data["rules"]["base"] + sum(counting) == data["score"]
    assert data["rated"] is True


async def test_any_day_can_be_asked_for(scene: Scene) -> None:
    award = scene.award
    await rate_both(award.world, award.number, award.owner, award.winner, 5)
    await award.world.settle()
    async with scene.seen_by("anonymous") as visitor:
        base = f"/agencies/{scene.code}/credit.json"
        scores = {at: (await visitor.get(base, params={"at": at})).json()["score"]
                  for at in ("2026-06-17", "2099-01-01", "")}  # fmt: skip
    assert scores == {"2026-06-17": 10_000, "2099-01-01": 10_100, "": 10_100}


async def test_owners_and_unknown_codes_have_no_statement(scene: Scene) -> None:
    async with scene.seen_by("anonymous") as visitor:
        for code in (scene.award.owner.organisation_code, "91370202000099999X"):
            assert (await visitor.get(f"/agencies/{code}/credit")).status_code == 404


async def test_the_agency_page_carries_credit_and_ratings(scene: Scene) -> None:
    await prepare(scene, "rated_low")
    async with scene.seen_by("anonymous") as visitor:
        page = await visitor.get(f"/agencies/{scene.code}")
        assert page.status_code == 200
        for anchor in ('id="credit"', 'id="ratings"'):
            assert anchor in page.text
        assert "加权均值，共 1 个已评价项目" in page.text


async def test_how_credit_is_computed_shows_a_real_computation(scene: Scene) -> None:
    async with scene.seen_by("anonymous") as visitor:
        page = (await visitor.get("/credit")).text
    for text in ("−6", "+1", "−2", "94", "98", "期满移出：逾期交付", "算例", "信用决定谁可以报名"):
        assert text in page


async def test_the_public_list_is_the_platforms_own(scene: Scene) -> None:
    await prepare(scene, "restricted")
    async with scene.seen_by("regulator") as visitor:
        public = await visitor.get("/lists?name=restricted")
        assert "虚假材料" in public.text
        assert "不是法定的严重失信主体名单" in public.text
        assert "失信黑名单" not in public.text
        assert scene.code in (await visitor.get("/lists.csv?name=restricted")).text
        assert (await visitor.get("/lists.json?name=red")).json()["entries"] == []


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_pages_speak_both_languages(scene: Scene, locale: str) -> None:
    await prepare(scene, "restricted")
    async with scene.seen_by("operator") as visitor:
        visitor.cookies.set("mx_locale", locale)
        for path in (f"/agencies/{scene.code}/credit", f"/agencies/{scene.code}", "/credit", "/lists", "/regulator/lists",
                     f"/regulator/lists/red/{scene.code}", f"/projects/{scene.award.number}"):  # fmt: skip
            assert (await visitor.get(path)).status_code == 200, path
