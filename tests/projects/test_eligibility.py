"""Who may take part, rule by rule: tables of cases, and what holds for all agencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.rules import AgencyFacts, HeldPractitioner, HeldQualification, Listing, Standing
from market.catalogue.files import read_catalogue
from market.kernel.i18n import speaking
from market.web.display import say
from projects.eligibility import Assessment, Demand, Requirement, assess, second_bidders

CATALOGUE = read_catalogue()
NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
OWNER = UUID(int=1)
GOOD = Standing(None, "", None, "", None)


def certificate(
    level: str = "b", *, kind: str = "surveying-mapping", speciality: str = "engineering", **changed: Any
) -> HeldQualification:
    return replace(
        HeldQualification(
            uuid4(), kind, level, frozenset({speciality}), "乙测资字1234", date(2025, 1, 1), date(2027, 12, 31)
        ),
        **changed,
    )


def surveyor(until: date = date(2027, 1, 1), profession: str = "注册测绘师") -> HeldPractitioner:
    return HeldPractitioner(uuid4(), "陈工", profession, "注测1", until)


def listing(name: str = "judgment_defaulters", until: date | None = None) -> Listing:
    return Listing(name, date(2026, 5, 1), until, "中国执行信息公开网", NOW - timedelta(days=3))


def agency(**changed: Any) -> AgencyFacts:
    facts = AgencyFacts(
        id=UUID(int=7), code="91370200MA3C1AAA1X", name="青岛海测", legal_representative="孙志强", parent_code=None, branch_of=None,
        stage="admitted", admitted_at=NOW - timedelta(days=90), service_items=frozenset({"C001"}), qualifications=(certificate(),),
        practitioners=(), standing=GOOD,
    )  # fmt: skip
    return replace(facts, **changed)


def demand(**changed: Any) -> Demand:
    asked = Demand(
        service_items=("C001",), owner_id=OWNER, owner_code="11370203004205678J", owner_legal_representative="李建国",
        requirements=(Requirement("surveying-mapping", "b", "engineering"),),
    )  # fmt: skip
    return replace(asked, **changed)


def judged(asked: Demand, who: AgencyFacts, at: datetime = NOW) -> Assessment:
    return assess(asked, who, catalogue=CATALOGUE, at=at)


def failing(asked: Demand, who: AgencyFacts, at: datetime = NOW) -> list[str]:
    return [line.rule for line in judged(asked, who, at).lines if not line.passed]


def test_an_agency_that_meets_everything_may_take_part() -> None:
    result = judged(demand(), agency())
    assert result.eligible
    assert [line.rule for line in result.lines] == [
        "admitted", "services", "qualification", "practitioners", "avoided", "affiliated", "suspended", "restricted", "listed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "who", "rules"),
    [
        ({}, {"stage": "notice"}, ["admitted"]),
        ({}, {"stage": "exited"}, ["admitted"]),
        ({}, {"service_items": frozenset({"C002"})}, ["services"]),
        ({"service_items": ("C001", "C002")}, {}, ["services"]),
        ({"service_items": ("C001", "C002"), "service_mode": "any"}, {}, []),
        ({}, {"qualifications": ()}, ["qualification"]),
        ({}, {"qualifications": (certificate("a"),)}, []),
        ({"requirements": (Requirement("surveying-mapping", "a", "engineering"),)}, {}, ["qualification"]),
        ({}, {"qualifications": (certificate(speciality="real-estate"),)}, ["qualification"]),
        ({}, {"qualifications": (certificate(valid_until=date(2026, 6, 16)),)}, []),
        ({}, {"qualifications": (certificate(valid_until=date(2026, 6, 15)),)}, ["qualification"]),
        ({}, {"qualifications": (certificate(valid_from=date(2026, 6, 17)),)}, ["qualification"]),
        ({"requirements": ()}, {"qualifications": ()}, []),
        ({"practitioners_needed": 1}, {}, ["practitioners"]),
        ({"practitioners_needed": 2, "practitioner_profession": "注册测绘师"}, {"practitioners": (surveyor(), surveyor())}, []),
        ({"practitioners_needed": 2}, {"practitioners": (surveyor(), surveyor(date(2026, 6, 15)))}, ["practitioners"]),
        ({"practitioners_needed": 1, "practitioner_profession": "注册测绘师"}, {"practitioners": (surveyor(profession="注册造价工程师"),)}, ["practitioners"]),
        ({"avoided": {UUID(int=7): "存在未结诉讼"}}, {}, ["avoided"]),
        ({}, {"legal_representative": "李建国"}, ["affiliated"]),
        ({"owner_legal_representative": ""}, {"legal_representative": ""}, []),
        ({}, {"parent_code": "11370203004205678J"}, ["affiliated"]),
        ({"owner_parent_code": "91370200MA3C1AAA1X"}, {}, ["affiliated"]),
        ({"owner_parent_code": "913702000000000001"}, {"parent_code": "913702000000000001"}, ["affiliated"]),
        ({}, {"branch_of": "11370203004205678J"}, ["affiliated"]),
        ({}, {"code": "11370203004205678J"}, ["affiliated"]),
        ({}, {"standing": replace(GOOD, suspended_until=NOW + timedelta(seconds=1))}, ["suspended"]),
        ({}, {"standing": replace(GOOD, suspended_until=NOW)}, []),
        ({}, {"standing": replace(GOOD, restricted_until=NOW + timedelta(days=1))}, ["restricted"]),
        ({}, {"listings": (listing(),)}, ["listed"]),
        ({}, {"listings": (listing(), listing("tax_offenders"))}, ["listed", "listed"]),
        ({"barring_lists": frozenset({"tax_offenders"})}, {"listings": (listing(),)}, []),
        ({"barring_lists": frozenset({"tax_offenders"})}, {"listings": (listing(), listing("tax_offenders"))}, ["listed"]),
        ({}, {"listings": (listing(until=date(2026, 6, 16)),)}, ["listed"]),
        ({}, {"listings": (listing(until=date(2026, 6, 15)),)}, []),
        ({"practitioners_needed": 1, "avoided": {UUID(int=7): "利益冲突"}}, {"stage": "exited", "qualifications": ()},
         ["admitted", "qualification", "practitioners", "avoided"]),
    ],
)  # fmt: skip
def test_each_rule_decides_by_itself(asked: dict[str, Any], who: dict[str, Any], rules: list[str]) -> None:
    assert failing(demand(**asked), agency(**who)) == rules


def test_any_one_of_several_qualifications_is_enough() -> None:
    either = demand(
        requirement_mode="any",
        requirements=(Requirement("surveying-mapping", "b", "engineering"), Requirement("safety-assessment")),
    )
    assert failing(either, agency()) == []
    assert failing(either, agency(qualifications=())) == ["qualification"]
    both = replace(either, requirement_mode="all")
    assert failing(both, agency()) == ["qualification"]


def test_the_deciding_date_is_the_certificates_end() -> None:
    line = next(line for line in judged(demand(), agency()).lines if line.rule == "qualification")
    assert line.fact_date == date(2027, 12, 31)
    over = agency(qualifications=(certificate(valid_until=date(2026, 5, 31)),))
    line = next(line for line in judged(demand(), over).lines if line.rule == "qualification")
    assert (line.passed, line.fact_date) == (False, date(2026, 5, 31))
    assert line.todo is not None


def test_lines_survive_their_journey_through_json() -> None:
    who = agency(
        qualifications=(),
        standing=replace(GOOD, suspended_until=NOW + timedelta(days=3), suspension_reason="信用分低于 70"),
    )
    result = judged(demand(practitioners_needed=2, avoided={UUID(int=7): "利益冲突"}), who)
    again = Assessment.from_json(result.to_json())
    assert again == result
    for language in ("zh_CN", "en"):
        with speaking(language):
            assert [say(line.message) for line in again.lines] == [say(line.message) for line in result.lines]


QUALIFICATIONS = [kind for kind in CATALOGUE.qualifications if kind.levels][:6]


@st.composite
def certificates(draw: st.DrawFn) -> HeldQualification:
    kind = draw(st.sampled_from(QUALIFICATIONS))
    start = draw(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    specialities = frozenset(
        draw(st.lists(st.sampled_from([one.code for one in kind.specialities] or ["-"]), max_size=3))
    )
    level = draw(st.sampled_from([level.code for level in kind.levels]))
    return HeldQualification(
        uuid4(), kind.code, level, specialities, "证1", start, start + timedelta(days=draw(st.integers(0, 900)))
    )


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    def requirement(kind: Any) -> Requirement:
        speciality = draw(st.sampled_from(["", *[one.code for one in kind.specialities]]))
        return Requirement(kind.code, draw(st.sampled_from(["", *[level.code for level in kind.levels]])), speciality)

    kinds = draw(st.lists(st.sampled_from(QUALIFICATIONS), max_size=3, unique_by=lambda kind: kind.code))
    return demand(requirements=tuple(requirement(kind) for kind in kinds), requirement_mode=draw(st.sampled_from(["all", "any"])),
                  practitioners_needed=draw(st.integers(0, 2)))  # fmt: skip


@given(demands(), st.lists(certificates(), max_size=5), certificates())
def test_one_more_certificate_never_shuts_an_agency_out(
    asked: Demand, held: list[HeldQualification], more: HeldQualification
) -> None:
    before = judged(asked, agency(qualifications=tuple(held)))
    after = judged(asked, agency(qualifications=(*held, more)))
    assert after.eligible or not before.eligible


@given(demands(), st.lists(certificates(), max_size=5), st.randoms())
def test_the_order_of_certificates_and_requirements_decides_nothing(
    asked: Demand, held: list[HeldQualification], random: Any
) -> None:
    shuffled, needs = list(held), list(asked.requirements)
    random.shuffle(shuffled)
    random.shuffle(needs)
    one = judged(asked, agency(qualifications=tuple(held)))
    other = judged(replace(asked, requirements=tuple(needs)), agency(qualifications=tuple(shuffled)))
    assert one.eligible == other.eligible


@given(demands(), st.lists(certificates(), max_size=5))
def test_eligible_means_that_no_line_fails(asked: Demand, held: list[HeldQualification]) -> None:
    result = judged(asked, agency(qualifications=tuple(held)))
    assert result.eligible == all(line.passed for line in result.lines)
    assert judged(asked, agency(qualifications=tuple(held))) == result


def test_head_office_and_branches_count_as_one_bidder() -> None:
    head = agency(id=UUID(int=1), code="H")
    first = agency(id=UUID(int=2), code="B1", branch_of="H")
    second = agency(id=UUID(int=3), code="B2", branch_of="H")
    other = agency(id=UUID(int=4), code="X")
    assert second_bidders([first, other, head, second]) == [(head, first), (second, first)]
    assert second_bidders([head, other]) == []
