"""The publishing checks as pure rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.rules import Listing
from market.catalogue.files import read_all
from market.kernel.calendar import BEIJING, Calendar
from market.kernel.errors import Refusal
from market.kernel.money import Money
from projects.eligibility import Requirement
from projects.page.search import text_query
from projects.posting import rules
from projects.posting.forms import LISTS, drafted, form_of, need_values, parse, values_of
from projects.posting.rules import EarlierJob, Notice
from projects.posting.views.draft import CHECK_NAMES

CATALOGUE, (RULEBOOK, *_) = read_all()
NOW = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
CALENDAR = Calendar()
NOTICE = Notice(
    title="市北区老旧小区改造工程测量", service_items=("C001",), service_mode="all", bundle_code=None, region_code="370203",
    scale="12 个小区", content="对改造范围内的建筑、道路进行 1:500 地形测量，提交成果报告。", service_days=15, service_time_note="",
    investment_code=None, investment_name="", approval_matter="", approval_number="", fiscal_share=10_000, budget_fen=18_000_000,
    price_fen=15_200_000, price_note="", contact_name="王敏", contact_phone="0532-85911234", complaint_phone="0532-85911200",
    requirement_mode="all", requirements=(Requirement("surveying-mapping", "b", "engineering"),), practitioners_needed=0,
    practitioner_profession="", other_requirements="", remarks="", avoided=(),
    sign_up_closes_at=datetime(2026, 6, 23, 17, 0, tzinfo=BEIJING),
)  # fmt: skip


@pytest.mark.parametrize(
    ("fiscal_share", "fen", "outcome"),
    [
        (10_000, 99_999_999, "passed"),
        (10_000, 100_000_000, "refused"),
        (1, 100_000_000, "refused"),
        (0, 900_000_000, "passed"),
    ],
)
def test_fiscal_funds_stop_below_the_tender_limit(fiscal_share: int, fen: int, outcome: str) -> None:
    notice = replace(NOTICE, fiscal_share=fiscal_share, budget_fen=fen)
    assert rules.check_limits(notice, RULEBOOK).outcome == outcome


@pytest.mark.parametrize(
    ("closes_at", "code", "outcome"),
    [
        (
            datetime(2026, 6, 23, 0, 0, tzinfo=BEIJING),
            "posting.window_too_short",
            "passed",
        ),  # 17, 18, 22 June: Dragon Boat is the 19th
        (datetime(2026, 6, 22, 23, 59, tzinfo=BEIJING), "posting.window_too_short", "refused"),
        (datetime(2026, 6, 27, 12, 0, tzinfo=BEIJING), "posting.closes_on_holiday", "refused"),
        (
            datetime(2026, 6, 27, 0, 0, tzinfo=BEIJING),
            "posting.window_too_short",
            "passed",
        ),  # the midnight that ends Friday
    ],
)
def test_the_window_counts_whole_working_days(closes_at: datetime, code: str, outcome: str) -> None:
    finding = rules.check_window(replace(NOTICE, sign_up_closes_at=closes_at), NOW, RULEBOOK, CALENDAR)
    assert finding is not None
    assert (finding.code, finding.outcome) == (code, outcome)


@pytest.mark.parametrize(
    ("need", "outcome"),
    [
        (Requirement("surveying-mapping", "b", "engineering"), "passed"),
        (Requirement("surveying-mapping", "", "engineering"), "passed"),
        (Requirement("surveying-mapping", "b", ""), "passed"),
        (Requirement("surveying-mapping", "a", "engineering"), "refused"),
        (Requirement("surveying-mapping", "b", "marine"), "refused"),
        (Requirement("safety-assessment"), "refused"),
    ],
)
def test_nothing_above_the_catalogue_may_be_asked(need: Requirement, outcome: str) -> None:
    assert rules.check_qualifications(replace(NOTICE, requirements=(need,)), CATALOGUE).outcome == outcome


@pytest.mark.parametrize(
    "text",
    [
        "仅限本市企业报名", "本地注册企业优先", "投标人注册地须在青岛市", "须在市北区设有办事处", "须为国有企业", "优先选用国企",
        "民营企业不得报名", "外地企业谢绝参加", "注册资本不低于500万元", "年营业额须达到1000万元", "指定品牌仪器", "企业性质为国有控股",
        "local companies only", "must be registered in Qingdao", "state-owned enterprises preferred",
    ],
)  # fmt: skip
def test_restrictions_by_region_ownership_or_size_are_found(text: str) -> None:
    assert rules.check_neutral(replace(NOTICE, other_requirements=text)).outcome == "refused"


@pytest.mark.parametrize(
    "text",
    ["", "成果须通过业主组织的专家评审", "使用国有资金，按合同支付", "现场踏勘由业主统一组织", "报告须使用国家标准 GB 50026", "测量人员须携带执业证书",
     "与本单位存在未结诉讼", "The report must follow GB 50026"],
)  # fmt: skip
def test_requirements_of_the_work_are_left_alone(text: str) -> None:
    assert rules.check_neutral(replace(NOTICE, other_requirements=text)).outcome == "passed"


def test_jobs_of_one_owner_for_one_service_are_added_up() -> None:
    earlier = [EarlierJob("MX-2026-000001", Money(50_000_000)), EarlierJob("MX-2026-000002", Money(32_000_000))]
    assert rules.check_splitting(NOTICE, earlier, RULEBOOK).outcome == "refused"
    assert rules.check_splitting(NOTICE, earlier[:1], RULEBOOK).outcome == "passed"
    assert rules.check_splitting(replace(NOTICE, fiscal_share=0), earlier, RULEBOOK).outcome == "passed"
    assert rules.check_splitting(NOTICE, [], RULEBOOK).outcome == "passed"


@pytest.mark.parametrize(
    ("count", "fiscal_share", "outcome"),
    [(0, 0, "refused"), (1, 0, "passed"), (2, 10_000, "warning"), (3, 10_000, "passed")],
)
def test_somebody_must_be_able_to_take_part(count: int, fiscal_share: int, outcome: str) -> None:
    assert rules.check_matching(count, replace(NOTICE, fiscal_share=fiscal_share), RULEBOOK).outcome == outcome


@given(st.sets(st.sampled_from(rules.AMENDABLE), min_size=1))
def test_whatever_touches_price_or_eligibility_restarts_the_window(names: set[str]) -> None:
    assert rules.restarts_window(names) == bool(names & rules.RESTARTING)
    assert set(rules.AMENDABLE) >= rules.RESTARTING


def test_an_amendment_cannot_turn_a_job_into_another() -> None:
    for changed in (
        {"title": "另一个完全不同的项目"},
        {"service_items": ("C002",)},
        {"region_code": "370202"},
        {"fiscal_share": 0},
    ):
        with pytest.raises(Refusal) as refused:
            rules.check_amendment(NOTICE, replace(NOTICE, **changed))
        assert refused.value.code == "posting.other_job"


def test_a_notice_survives_its_form() -> None:
    values = values_of(NOTICE) | need_values(NOTICE, CATALOGUE)
    assert parse(values, CATALOGUE, now=NOW) == NOTICE
    assert parse(drafted(form_of(values)), CATALOGUE, now=NOW) == NOTICE


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=8))
def test_whatever_is_sent_a_draft_keeps_only_what_it_knows(sent: dict[str, str]) -> None:
    kept = drafted(form_of(sent | {"title": "x" * 10_000, "need:a:b": "=c"}))
    assert len(kept["title"]) <= 6000
    assert all(name in (*LISTS, "title", "need:a:b") or name in sent for name in kept)


@given(st.text(max_size=60))
def test_every_search_text_becomes_a_safe_query(text: str) -> None:
    query = text_query(text)
    assert "''" not in query.terms.replace("' & '", "")
    for pattern in query.likes:
        assert pattern.startswith("%")
        assert pattern.endswith("%")


@pytest.mark.parametrize(("may", "outcome"), [(True, "warning"), (False, "refused")])
def test_an_owner_on_another_authoritys_list_is_warned_or_refused_as_the_rulebook_says(may: bool, outcome: str) -> None:
    rule = RULEBOOK.rule("owner.listed_may_publish")
    book = replace(RULEBOOK, listed=tuple(replace(one, value=may) if one is rule else one for one in RULEBOOK.listed))
    today = NOW.date()
    listings = (
        Listing("judgment_defaulters", date(2026, 5, 1), None, "中国执行信息公开网", NOW),
        Listing("tax_offenders", date(2025, 5, 1), today - timedelta(days=1), "税务局", NOW),
        Listing("bribery", date(2026, 5, 2), today, "法院", NOW),
    )
    found = rules.check_listed(listings, NOW, book)
    assert [(one.outcome, one.message.facts["since"]) for one in found] == [
        (outcome, "2026-05-01"),
        (outcome, "2026-05-02"),
    ]
    assert rules.check_listed((), NOW, book) == []


def test_the_check_page_has_a_name_for_every_check() -> None:
    rules_of_posting = Path(rules.__file__).parent.glob("*.py")
    found = {code for one in rules_of_posting for code in re.findall(r'Finding\(\s*"([\w.]+)"', one.read_text("utf-8"))}
    assert found == set(CHECK_NAMES)
