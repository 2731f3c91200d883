"""Every bad answer about the method of selection, as a browser would send it: refused with its reason beside the field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from market.demo.projects import notice_values
from market.demo.world import World
from market.kernel.db import fetch_value
from market.web.viewer import Viewer
from projects.posting.queries import drafts_of
from projects.selection.methods import METHODS
from tests.posting.conftest import SURVEYORS, admitted_agency
from tests.visitor import Visitor

FIRST, SECOND, THIRD, _ = SURVEYORS
UNFIT = "91370200MA3C9ZZZ9X"
BY_PRICE = ("lowest_price", "best_price", "average_price", "price_then_draw")


@pytest.fixture
async def desk(client: Visitor, owner: Viewer) -> Visitor:
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    return await client.sign_in_as(owner.person_id, owner.organisation_id)


async def checked(desk: Visitor, world: World, **answers: Any) -> tuple[int, str, str]:
    """Saves a draft with these answers and asks for its check page: status, text, address of the draft."""
    draft = (await desk.send_form("/owner/drafts")).headers["location"]
    await desk.send_form(draft, notice_values(world, **answers))
    answer = await desk.get(f"{draft}/check")
    return answer.status_code, answer.text, draft


BAD: list[tuple[dict[str, Any], str]] = [
    # What agencies quote, and the limits.
    ({"method": "fastest"}, "f-method"),
    ({"method": "lowest_price", "ceiling": "180000.01"}, "f-ceiling"),
    ({"method": "lowest_price", "ceiling": "1e5"}, "f-ceiling"),
    ({"method": "lowest_price", "ceiling": "NaN"}, "f-ceiling"),
    ({"method": "lowest_price", "ceiling": "-1"}, "f-ceiling"),
    ({"method": "lowest_price", "ceiling": "0"}, "f-ceiling"),
    ({"method": "lowest_price", "ceiling": "", "estimate": "no"}, "f-ceiling"),
    ({"method": "lowest_price", "floor": ""}, "f-floor"),
    ({"method": "lowest_price", "floor": "152000"}, "f-floor"),
    ({"method": "lowest_price", "floor": "1,52,000"}, "f-floor"),
    ({"method": "average_price", "quote": "barter"}, "f-quote"),
    ({"method": "best_price", "quote": "discount"}, "f-smallest_discount"),
    ({"method": "best_price", "quote": "discount", "smallest_discount": "5", "largest_discount": "5"}, "f-largest_discount"),
    ({"method": "best_price", "quote": "discount", "smallest_discount": "5", "largest_discount": "100"}, "f-largest_discount"),
    ({"method": "best_price", "quote": "discount", "smallest_discount": "1.234", "largest_discount": "9"}, "f-smallest_discount"),
    ({"method": "best_price", "quote": "discount", "smallest_discount": "-1", "largest_discount": "9"}, "f-smallest_discount"),
    # Criteria and weights.
    ({"method": "merit", "criterion_name": [], "criterion_weight": []}, "f-criteria"),
    ({"method": "merit", "criterion_weight": ["30", "20", "9"]}, "f-criteria"),
    ({"method": "merit", "criterion_weight": ["30", "20", "x"]}, "f-criteria"),
    ({"method": "merit", "criterion_weight": ["60", "0", "0"]}, "f-criteria"),
    ({"method": "merit", "criterion_name": ["技术方案", "技术方案", "类似业绩"]}, "f-criteria"),
    ({"method": "merit", "criterion_description": ["", "", ""]}, "f-criteria"),
    ({"method": "merit", "price_weight": ""}, "f-price_weight"),
    ({"method": "merit", "credit_weight": "101"}, "f-credit_weight"),
    # Live bidding.
    ({"method": "multi_round", "bidding_starts_at": ""}, "f-bidding_starts_at"),
    ({"method": "multi_round", "bidding_starts_at": "tomorrow"}, "f-bidding_starts_at"),
    ({"method": "multi_round", "bidding_starts_at": "2026-06-16T11:00"}, "f-bidding_starts_at"),
    # Who may enter.
    ({"method": "draw", "access": "invited"}, "f-invited"),
    ({"method": "draw", "invited_code": [FIRST, FIRST, SECOND]}, "f-invited"),
    ({"method": "draw", "invited_code": [FIRST, SECOND, "91370200MA3C0XXX0X"]}, "f-invited"),
    ({"method": "draw", "invited_code": [FIRST, SECOND, THIRD], "access_reason": "内部"}, "f-access_reason"),
    ({"method": "direct", "invited_code": []}, "f-invited"),
    ({"method": "direct", "invited_code": [FIRST, SECOND]}, "f-invited"),
    ({"method": "direct", "invited_code": [FIRST], "access_reason": ""}, "f-access_reason"),
    # An outside tender.
    ({"method": "outside_tender", "invited_code": [FIRST]}, "f-documents"),
    ({"method": "outside_tender", "invited_code": [FIRST], "tender_number": ""}, "f-tender_number"),
    ({"method": "outside_tender", "invited_code": [FIRST], "tender_platform": ""}, "f-tender_platform"),
]  # fmt: skip


async def test_every_bad_answer_is_shown_beside_its_field(desk: Visitor, world: World, surveyors: list[UUID]) -> None:
    for answers, field in BAD:
        status, page, draft = await checked(desk, world, **answers)
        assert status == 422, answers
        assert f'href="#{field}"' in page, answers
        assert f'id="{field}' in page, answers
        await desk.send_form(f"{draft}/discard")
    assert await fetch_value("SELECT count(*) FROM project") == 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "direct", "invited_code": [FIRST], "budget": "100000", "price": "90000"}, "¥100,000.00"),
    ({"method": "merit", "price_weight": "45", "criterion_weight": ["20", "15", "10"]}, "45 %"),
    ({"method": "merit", "price_weight": "5", "criterion_weight": ["50", "20", "15"]}, "5 %"),
    ({"method": "multi_round", "bidding_starts_at": "2026-06-27T10:00"}, "2026-06-27"),
    ({"method": "multi_round", "bidding_starts_at": "2026-06-24T16:55"}, "17:04"),
    ({"method": "multi_round", "bidding_starts_at": "2026-06-24T08:59"}, "08:59"),
    ({"method": "draw", "invited_code": [FIRST, SECOND]}, "3"),
    ({"method": "draw", "invited_code": [FIRST, SECOND, THIRD], "avoided_code": [THIRD], "avoided_reason": ["近亲属任职"]},
     "测绘公司"),
    ({"method": "draw", "invited_code": [FIRST, SECOND, UNFIT]}, "测绘公司 ZZ9X"),
    ({"method": "direct", "invited_code": [FIRST], "access_reason": "该公司为本地企业，便于随时沟通和现场配合。"}, "本地企业"),
    ({"method": "merit", "criterion_description": ["注册地须在青岛市内", "人员、设备和进度安排", "近三年同类项目"]}, "注册地须在"),
    ({"method": "merit", "working_days": 4}, "5"),
]  # fmt: skip


async def test_every_refusal_says_why_and_stands_on_the_check_page(
    desk: Visitor, world: World, surveyors: list[UUID], unfit: UUID
) -> None:
    for answers, said in REFUSED:
        status, page, draft = await checked(desk, world, **answers)
        assert status == 200, answers
        assert said in page, answers
        assert 'name="seen"' not in page, answers
        await desk.send_form(f"{draft}/discard")


@pytest.fixture
async def unfit(world: World) -> UUID:
    return await admitted_agency(world, UNFIT, level=None)


@pytest.mark.parametrize("method", METHODS)
async def test_a_good_notice_of_every_method_can_be_published_from_its_form(
    desk: Visitor, world: World, owner: Viewer, surveyors: list[UUID], method: str
) -> None:
    chosen = [FIRST] if METHODS[method].alone else []
    draft = (await desk.send_form("/owner/drafts")).headers["location"]
    await desk.send_form(draft, notice_values(world, method=method, invited_code=chosen))
    if method == "outside_tender":
        content = b"%PDF-1.4\n% result notice\n%%EOF\n"
        await desk.send_form(f"{draft}/files", files={"document": ("中标结果公告.pdf", content, "application/pdf")})
    check = await desk.get(f"{draft}/check")
    assert check.status_code == 200
    seen = check.text.split('name="seen" value="')[1][:64]
    done = await desk.send_form(f"{draft}/publish", {"seen": seen})
    assert done.status_code == 303
    await world.settle()
    page = await desk.get(done.headers["location"])
    assert page.status_code == 200
    notice = await desk.get(done.headers["location"].split("?")[0] + "/notice")
    assert notice.status_code == 200


async def test_whoever_searches_without_javascript_keeps_what_was_typed(
    desk: Visitor, world: World, owner: Viewer, surveyors: list[UUID]
) -> None:
    draft = (await desk.send_form("/owner/drafts")).headers["location"]
    sent = notice_values(world, method="direct", invited_code=[FIRST]) | {
        "agency_search": SECOND[-4:],
        "then": "search",
    }
    assert (await desk.send_form(draft, sent)).headers["location"] == f"{draft}#f-invited"
    page = (await desk.get(draft)).text
    assert f'value="{FIRST}" checked' in page
    assert f'id="f-invited-{SECOND}"' in page
    assert f'id="f-invited-{THIRD}"' not in page
    [saved] = await drafts_of(owner.organisation_id)  # type: ignore[arg-type]
    assert saved.values["invited_code"] == [FIRST]
    found = await desk.send_form(f"{draft}/agencies", sent | {"agency_search": ""})
    assert f'id="f-invited-{THIRD}"' in found.text
    assert "<html" not in found.text
