"""Direct selections and their limit, amendments of what a method states, and how pages speak of each method."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue.files import read_all
from market.demo.projects import OF_METHOD, SURVEY, notice_values, publish_project
from market.demo.world import World
from market.kernel.calendar import BEIJING
from market.kernel.db import fetch
from market.kernel.errors import FormInvalid, Refusal
from market.kernel.money import Money
from market.web.viewer import Viewer
from projects.page.rules import stage_name, stations
from projects.posting import actions, rules
from projects.posting.answers.method import METHOD_LISTS
from projects.posting.forms import drafted, form_of, need_values, parse, values_of
from projects.posting.queries import access_draft, open_invitations, published_notice
from projects.posting.rules import EarlierJob
from projects.queries import ProjectView, project_by_number
from projects.rules import Stage
from projects.selection.methods import METHODS
from tests.posting.conftest import SURVEYORS
from tests.visitor import Visitor

FIRST, SECOND, THIRD, FOURTH = SURVEYORS
CATALOGUE, (RULEBOOK, *_) = read_all()


async def refused(world: World, owner: Viewer, **answers: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        await publish_project(world, owner, **answers)
    return found.value


async def test_direct_selections_of_the_same_service_are_added_up(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    await publish_project(world, owner, method="direct", invited_code=[FIRST], budget="60000", price="55000")
    second: dict[str, Any] = {"method": "direct", "invited_code": [SECOND], "budget": "40000", "price": "38000"}
    assert (await refused(world, owner, **second)).code == "posting.direct_limit"
    await publish_project(world, owner, **{**second, "budget": "39999.99"})
    private = await publish_project(
        world, owner, **{**second, "funding": "none", "budget": "900000", "price": "800000"}
    )
    assert private.price_fen == 80_000_000


async def test_after_two_failures_the_owner_may_pick_whatever_the_amount(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner)
    await world.run_past(project.sign_up_closes_at)
    assert await _picked_again(world, owner, project) == "posting.direct_limit"
    project = await _posted_again(world, owner, project, method="draw", access="open")
    await world.run_past(project.sign_up_closes_at)
    assert (await project_by_number(project.number)).stage is Stage.FAILED
    picked = await _posted_again(world, owner, project, method="direct", invited_code=[FIRST])
    assert (picked.method, picked.price_fen) == ("direct", 15_200_000)


async def _picked_again(world: World, owner: Viewer, project: ProjectView) -> str:
    with pytest.raises(Refusal) as found:
        await _posted_again(world, owner, project, method="direct", invited_code=[FIRST])
    return found.value.code


async def _posted_again(world: World, owner: Viewer, project: ProjectView, **changed: Any) -> ProjectView:
    draft_id = await actions.repost(owner, project.number, now=world.now)
    draft = await access_draft(owner, draft_id)
    fresh = {"sign_up_closes_at": notice_values(world)["sign_up_closes_at"], "not_excluded": "on"}
    reason = {"access_reason": "两次流标后，由具备条件的机构直接承担。"}
    await actions.save_draft(owner, draft_id, {**draft.values, **fresh, **reason, **changed}, now=world.now)
    seen = actions.fingerprint(await access_draft(owner, draft_id))
    number = await actions.publish(
        owner, draft_id, seen=seen, calendar=world.calendar, beacon=world.beacon, now=world.now
    )
    return await project_by_number(number)


_NOW = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)


def test_the_limit_of_direct_selection_knows_what_was_picked_before() -> None:
    notice = parse(
        {**SURVEY, **OF_METHOD["direct"], "method": "direct", "invited_code": [FIRST], "budget": "50000", "price": "50000",
         "sign_up_closes_at": "2026-06-17T17:00"}, CATALOGUE, now=_NOW,
    )  # fmt: skip
    before = [EarlierJob("MX-2026-000001", Money(5_000_000), "direct"), EarlierJob("MX-2026-000002", Money(9_000_000))]
    assert _outcome(rules.check_direct(notice, before, 0, RULEBOOK)) == "refused"
    assert _outcome(rules.check_direct(notice, before[1:], 0, RULEBOOK)) == "passed"
    assert _outcome(rules.check_direct(notice, before, 1, RULEBOOK)) == "refused"
    assert _outcome(rules.check_direct(notice, before, 2, RULEBOOK)) == "passed"


def _outcome(finding: rules.Finding | None) -> str:
    assert finding is not None
    return finding.outcome


@pytest.mark.parametrize("method", METHODS)
async def test_a_notice_of_every_method_survives_its_form_and_the_database(
    world: World, owner: Viewer, surveyors: list[UUID], method: str
) -> None:
    chosen: dict[str, Any] = {"invited_code": [FIRST]} if METHODS[method].alone else {}
    project = await publish_project(world, owner, method=method, **chosen)
    notice = await published_notice(project.id)
    values = {**values_of(notice), **need_values(notice, CATALOGUE), "files": [{"id": "x", "label": "x"}]}
    again = parse(values, CATALOGUE, now=notice.sign_up_closes_at)
    assert again == notice
    assert parse({**drafted(form_of(values)), "files": ["x"]}, CATALOGUE, now=notice.sign_up_closes_at) == notice


_NASTY = st.sampled_from([
    "", " ", "0", "1", "12.5", "100", "100.01", "-1", "1e5", "NaN", "∞", "１２", "1,0", "180000", "180000.01", "99999999999999",
    "2026-06-24T10:00", "2026-13-40T99:99", "0001-01-01T00:00", "invited", "discount", "merit", "\x00", "技术方案", FIRST,
])  # fmt: skip
_LISTS = {name: st.lists(_NASTY, max_size=4) for name in METHOD_LISTS}
_ONE = dict.fromkeys(("quote", "ceiling", "floor", "smallest_discount", "largest_discount", "access", "access_reason", "bidding_starts_at", "price_weight", "credit_weight", "tender_number", "price", "budget"), _NASTY)  # fmt: skip


@given(st.sampled_from(sorted(METHODS)), st.fixed_dictionaries({}, optional={**_LISTS, **_ONE}))
def test_whatever_is_answered_is_refused_or_makes_a_sound_notice(method: str, answers: dict[str, Any]) -> None:
    base = {**SURVEY, **OF_METHOD[method], "method": method, "sign_up_closes_at": "2026-06-23T17:00", "invited_code": [FIRST],
            "bidding_starts_at": "2026-06-24T10:00", "files": ["x"]}  # fmt: skip
    try:
        notice = parse({**base, **answers}, CATALOGUE, now=_NOW)
    except FormInvalid:
        return
    assert (notice.price_fen is None) is (notice.ceiling_fen is not None)
    most = notice.price_fen or notice.ceiling_fen or 0
    assert most > 0
    assert notice.budget_fen is None or most <= notice.budget_fen
    assert notice.floor_fen is None or 0 < notice.floor_fen < most
    assert (notice.quote == "discount") is (notice.largest_discount is not None)
    assert (method == "merit") is bool(notice.criteria)
    weights = [one.weight for one in notice.criteria]
    assert not weights or sum(weights) + (notice.price_weight or 0) + (notice.credit_weight or 0) == 10_000
    assert (notice.access == "open") is (not notice.invited)
    assert (notice.bidding_starts_at is not None) is (method == "multi_round")


AMENDMENTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("lowest_price", {"ceiling": "150000"}, {"ceiling_fen"}),
    ("lowest_price", {"floor": "80000"}, {"floor_fen"}),
    ("best_price", {"quote": "discount", "smallest_discount": "0", "largest_discount": "20"},
     {"quote", "floor_fen", "smallest_discount", "largest_discount"}),
    ("merit", {"criterion_weight": ["20", "30", "10"]}, {"criteria"}),
    ("merit", {"price_weight": "25", "credit_weight": "15"}, {"price_weight", "credit_weight"}),
    ("multi_round", {"bidding_starts_at": "2026-06-24T14:00"}, {"bidding_starts_at"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "changed", "names"), AMENDMENTS)
async def test_what_a_method_states_can_be_amended(
    world: World,
    owner: Viewer,
    surveyors: list[UUID],
    client: Visitor,
    method: str,
    changed: dict[str, Any],
    names: set[str],
) -> None:
    project = await publish_project(world, owner, method=method)
    values = notice_values(world, method=method, **changed)
    done = await actions.amend(
        owner,
        project.number,
        values,
        reason="按评审意见更正",
        calendar=world.calendar,
        beacon=world.beacon,
        now=world.now,
    )
    assert set(done.changes) == names
    assert done.restarts_window is (names != {"bidding_starts_at"})
    page = await client.get(project.url)
    assert page.status_code == 200


async def test_the_method_itself_is_another_job(world: World, owner: Viewer, surveyors: list[UUID]) -> None:
    project = await publish_project(world, owner, method="lowest_price")
    values = notice_values(world, method="best_price")
    with pytest.raises(Refusal) as found:
        await actions.amend(
            owner,
            project.number,
            values,
            reason="改为最优价",
            calendar=world.calendar,
            beacon=world.beacon,
            now=world.now,
        )
    assert found.value.code == "posting.other_job"


@pytest.mark.parametrize("method", [code for code, one in METHODS.items() if one.entry != "none"])
async def test_the_amendment_page_asks_for_what_the_method_states(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor, method: str
) -> None:
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    chosen = [FIRST] if METHODS[method].alone else [FIRST, SECOND, THIRD]
    project = await publish_project(world, owner, method=method, invited_code=chosen)
    desk = await client.sign_in_as(owner.person_id, owner.organisation_id)
    form = (await desk.get(f"{project.url}/amend")).text
    asked = {
        name: f'name="{name}"' in form
        for name in ("price", "ceiling", "price_weight", "bidding_starts_at", "invited_code")
    }
    assert asked == {
        "price": project.price_fen is not None, "ceiling": project.ceiling_fen is not None,
        "price_weight": method == "merit", "bidding_starts_at": method == "multi_round", "invited_code": True,
    }  # fmt: skip
    assert 'name="method"' not in form
    sent = notice_values(world, method=method, invited_code=[*chosen[:-1], FOURTH], reason="更换受邀机构")
    compared = await desk.send_form(f"{project.url}/amend", sent)
    assert (compared.status_code, FOURTH in compared.text) == (200, True)


def test_stages_are_called_by_what_is_waited_for() -> None:
    assert {code: stage_name(Stage.DRAWING, code) for code in ("draw", "best_price", "multi_round")} == {
        "draw": "Waiting for the draw", "best_price": "Waiting for the opening", "multi_round": "Live bidding",
    }  # fmt: skip
    for code in METHODS:
        assert stations(code)[0] == (None, "Posted", "")
    assert Stage.EVALUATION in {stage for stage, _, _ in stations("merit")}
    assert Stage.SIGN_UP not in {stage for stage, _, _ in stations("outside_tender")}
    assert Stage.DRAWING not in {stage for stage, _, _ in stations("direct")}


async def test_the_list_knows_methods_and_tells_ceilings_from_prices(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor
) -> None:
    drawn = await publish_project(world, owner)
    sealed = await publish_project(world, owner, method="lowest_price")
    everything, by_price = (
        (await client.get("/projects")).text,
        (await client.get("/projects?method=lowest_price")).text,
    )
    assert drawn.number in everything
    assert sealed.number in everything
    assert drawn.number not in by_price
    assert sealed.number in by_price
    assert by_price.count("最高限价") == 1
    assert (await client.get("/projects?method=%27%3B--")).status_code == 200


async def test_the_page_says_who_is_invited_and_what_is_weighed(
    world: World, owner: Viewer, surveyors: list[UUID], client: Visitor
) -> None:
    project = await publish_project(world, owner, method="merit", invited_code=[FIRST, SECOND, THIRD])
    for path in (project.url, f"{project.url}/notice"):
        text = (await client.get(path)).text
        assert "择优选取" in text
        for said in ("技术方案", "测绘公司 AA1X", "该区域涉密管线资料", "30 %", "密封"):
            assert said in text, (path, said)
    stated = (await client.get(f"{project.url}/notice.json")).json()
    assert stated["invited"] == sorted([FIRST, SECOND, THIRD])
    assert stated["criteria"][0] == ["技术方案", "测量方法、精度控制和成果形式是否满足需求", 3000]
    drawn = await publish_project(world, owner)
    assert "method" not in (await client.get(f"{drawn.url}/notice.json")).json()


async def test_every_method_is_explained_with_its_own_example(client: Visitor) -> None:
    for language in ("zh_CN", "en"):
        client.cookies.set("mx_locale", language)
        page = await client.get("/methods")
        assert page.status_code == 200
        for code in METHODS:
            assert f'id="{code}"' in page.text
        assert (
            "¥85,200.00" in page.text
            or "¥84,310.00" in page.text
            or "¥86,090.00" in page.text
            or "¥86,980.00" in page.text
        )


async def test_whoever_is_invited_is_told_and_finds_it_on_the_bench(
    world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    project = await publish_project(world, owner, method="best_price", invited_code=[FIRST, SECOND, THIRD])
    ids = dict(zip(SURVEYORS, surveyors, strict=True))
    assert await _told(project) == {ids[FIRST], ids[SECOND], ids[THIRD]}
    values = notice_values(world, method="best_price", invited_code=[FIRST, SECOND, FOURTH])
    await actions.amend(
        owner,
        project.number,
        values,
        reason="更换受邀机构",
        calendar=world.calendar,
        beacon=world.beacon,
        now=world.now,
    )
    assert await _told(project) == set(surveyors)
    assert [row["number"] for row in await open_invitations(ids[FOURTH], world.now)] == [project.number]
    assert await open_invitations(ids[THIRD], world.now) == []
    assert await open_invitations(ids[FIRST], project.sign_up_closes_at) == []


async def _told(project: ProjectView) -> set[UUID]:
    rows = await fetch("SELECT organisation_id FROM inbox_message WHERE cause = $1", f"invited:{project.number}")
    return {row["organisation_id"] for row in rows}
