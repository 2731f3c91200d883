"""The catalogue as it is shipped, and what follows from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue import files
from market.catalogue.rules import (
    NATION,
    Catalogue,
    Held,
    Needs,
    QualificationType,
    Requirement,
    Tier,
    UnknownCode,
    level_at_least,
)

CATALOGUE = files.read_catalogue()
LEVELLED = [kind for kind in CATALOGUE.qualifications if kind.levels]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return CATALOGUE


def test_five_classes_hold_at_least_110_items(catalogue: Catalogue) -> None:
    assert [one.name.zh for one in catalogue.classes] == [
        "咨询评估",
        "勘察设计",
        "测量调查",
        "检测服务",
        "其他",
    ]
    assert sum(len(catalogue.items_in(one.code)) for one in catalogue.classes) == len(catalogue.items)
    assert len(catalogue.items) >= 110


def test_every_reference_resolves(catalogue: Catalogue) -> None:
    for item in catalogue.items:
        assert catalogue.service_class(item.service_class)
        assert catalogue.source(item.source)
        assert all(catalogue.regulator(code) for code in item.regulators)
        for need in item.requirements:
            kind = catalogue.qualification(need.qualification)
            assert kind.may_be_required
            assert not need.level or kind.level(need.level)
            assert not need.speciality or kind.speciality(need.speciality)
        assert not any(catalogue.qualification(code).may_be_required for code in item.related)


def test_each_class_has_items_named_in_a_published_catalogue(
    catalogue: Catalogue,
) -> None:
    named = {item.name.zh for item in catalogue.items if item.verified}
    assert {
        "可行性研究报告编制",
        "环境影响报告表编制",
        "工程测量",
        "消防设施检测",
        "验资报告",
    } <= named
    assert "项目后评价" not in named


def test_codes_of_regions(catalogue: Catalogue) -> None:
    assert len(catalogue.regions_in(NATION)) == 34
    assert len(catalogue.regions_in("370000")) == 16
    assert len(catalogue.regions_in("370200")) == 10
    assert len(catalogue.regions_in("320000")) == 13
    assert len(catalogue.regions_in("440000")) == 21
    assert catalogue.region_name("532531", "zh_CN") == "云南省红河哈尼族彝族自治州绿春县"
    assert catalogue.region_name("370202", "en") == "Shinan District, Qingdao, Shandong"
    assert catalogue.region_name(NATION, "en") == "China"


def test_region_paths_lead_from_the_province_down(catalogue: Catalogue) -> None:
    order = [Tier.PROVINCE, Tier.CITY, Tier.COUNTY]
    for region in catalogue.regions:
        path = catalogue.region_path(region.code)
        assert [part.tier for part in path] == order[: len(path)]
    assert catalogue.within("370202", "370200")
    assert catalogue.within("370202", NATION)
    assert not catalogue.within("370200", "370202")


def test_bundles_say_whether_one_agency_needs_all(catalogue: Catalogue) -> None:
    assert {bundle.name.zh: bundle.needs for bundle in catalogue.bundles} == {
        "三评合一": Needs.ALL,
        "三测合一": Needs.ALL,
        "多评合一": Needs.ANY,
    }
    assert catalogue.bundles_with("A002") == (catalogue.bundle("three-assessments"),)


@pytest.mark.parametrize(
    "look",
    [
        "region",
        "item",
        "qualification",
        "bundle",
        "regulator",
        "service_class",
        "source",
    ],
)
def test_an_unknown_code_is_named(catalogue: Catalogue, look: str) -> None:
    with pytest.raises(UnknownCode, match="no-such"):
        getattr(catalogue, look)("no-such")


@st.composite
def levels_of_one_kind(draw: st.DrawFn, count: int) -> tuple[QualificationType, list[str]]:
    kind = draw(st.sampled_from(LEVELLED))
    codes = st.sampled_from([level.code for level in kind.levels])
    return kind, draw(st.lists(codes, min_size=count, max_size=count))


@given(levels_of_one_kind(3))
def test_comparison_of_levels_is_an_order(
    case: tuple[QualificationType, list[str]],
) -> None:
    kind, (a, b, c) = case
    assert level_at_least(kind, a, a)
    assert level_at_least(kind, a, "")
    assert not level_at_least(kind, "", a)
    if level_at_least(kind, a, b) and level_at_least(kind, b, a):
        assert a == b
    if level_at_least(kind, a, b) and level_at_least(kind, b, c):
        assert level_at_least(kind, a, c)


@given(levels_of_one_kind(2))
def test_a_level_listed_later_is_never_at_least_an_earlier_one(
    case: tuple[QualificationType, list[str]],
) -> None:
    kind, (a, b) = case
    codes = [level.code for level in kind.levels]
    if codes.index(a) > codes.index(b):
        assert not level_at_least(kind, a, b)


@given(st.sampled_from(CATALOGUE.items), st.data())
def test_a_better_level_never_loses_an_item(item, data: st.DataObject) -> None:
    held = [data.draw(_holding(need)) for need in item.requirements]
    better = [Held(one.qualification, _best(one.qualification) or one.level, one.specialities) for one in held]
    if not CATALOGUE.missing(item.code, held) and not _partial(item.requirements):
        assert CATALOGUE.missing(item.code, better) == ()


def _holding(need: Requirement) -> st.SearchStrategy[Held]:
    kind = CATALOGUE.qualification(need.qualification)
    levels = st.sampled_from([level.code for level in kind.levels] or [""])
    specialities = [speciality.code for speciality in kind.specialities]
    chosen = st.frozensets(st.sampled_from(specialities)) if specialities else st.just(frozenset())
    return st.builds(Held, st.just(kind.code), levels, chosen)


def _best(qualification: str) -> str | None:
    levels = CATALOGUE.qualification(qualification).levels
    return levels[0].code if levels else None


def _partial(needs: tuple[Requirement, ...]) -> bool:
    """The first level of some qualifications does not cover every other: highway grade A is no special licence."""
    return any(
        need.level and not CATALOGUE.level_at_least(need.qualification, _best(need.qualification) or "", need.level)
        for need in needs
    )


def test_design_levels_are_not_one_ladder(catalogue: Catalogue) -> None:
    design = "engineering-design"
    assert catalogue.level_at_least(design, "industry-b", "professional-b")
    assert not catalogue.level_at_least(design, "professional-a", "industry-b")
    assert not catalogue.level_at_least(design, "industry-b", "professional-a")
    assert catalogue.level_at_least(design, "comprehensive-a", "special-b")
    assert not catalogue.level_at_least("engineering-survey", "professional-a", "labour")


def test_level_and_speciality_must_stand_in_the_same_certificate(
    catalogue: Catalogue,
) -> None:
    need = Requirement("surveying-mapping", "a", "marine")
    apart = [
        Held("surveying-mapping", "a", frozenset({"engineering"})),
        Held("surveying-mapping", "b", frozenset({"marine"})),
    ]
    assert not catalogue.meets(need, apart)
    assert catalogue.meets(need, [Held("surveying-mapping", "a", frozenset({"marine"}))])


def test_a_comprehensive_licence_covers_every_speciality(catalogue: Catalogue) -> None:
    structure = Requirement("construction-testing", "special", "structure")
    assert catalogue.meets(structure, [Held("construction-testing", "comprehensive")])
    assert not catalogue.meets(structure, [Held("construction-testing", "special", frozenset({"steel"}))])


def test_any_and_all_requirements(catalogue: Catalogue) -> None:
    produce = catalogue.item("D003")
    laboratory = Held("cma", specialities=frozenset({"food"}))
    assert produce.needs is Needs.ALL
    assert [need.qualification for need in catalogue.missing("D003", [laboratory])] == ["catl"]
    assert catalogue.missing("D003", [laboratory, Held("catl")]) == ()
    either = catalogue.item("B012")
    assert either.needs is Needs.ANY
    assert len(catalogue.missing("B012", [])) == 2
    assert catalogue.missing("B012", [Held("engineering-design", "special-b", frozenset({"decoration"}))]) == ()


def test_items_without_requirement_are_open_to_everybody(catalogue: Catalogue) -> None:
    assert catalogue.item("E001").requirements == ()
    assert catalogue.missing("E001", []) == ()
    assert "cost-licence" in catalogue.item("E001").related
