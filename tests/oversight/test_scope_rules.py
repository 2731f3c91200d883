"""What lies in a regulator's scope: pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.oversight.rules import Scope, in_scope

REGIONS = ["370203", "370300", "440106"]
DEPARTMENTS = ["water", "housing"]
scope = st.builds(Scope, st.sampled_from(["", "37", "3702", "370203", "44"]), st.sampled_from(["", *DEPARTMENTS]))
scopes = st.lists(scope, max_size=3)
regions = st.none() | st.frozensets(st.sampled_from(REGIONS))
departments = st.none() | st.frozensets(st.sampled_from(DEPARTMENTS))


def test_region_and_industry_have_to_meet_in_one_scope() -> None:
    given = [Scope("3702", "water"), Scope("44", "housing")]
    assert in_scope(given, regions=["370203"], departments={"water"})
    assert not in_scope(given, regions=["370203"], departments={"housing"})
    assert in_scope(given, regions=["370203", "440106"], departments={"housing"})
    assert not in_scope(given, regions=["370300"], departments={"water", "housing"})
    assert in_scope([Scope("3702")], regions=["370203"], departments=())  # services that belong to nobody's industry
    assert not in_scope(given, regions=["370203"], departments=())
    assert in_scope(given, regions=["370203"])  # no industry at all


@given(scopes, regions, departments)
def test_no_scope_is_nothing_and_another_scope_takes_nothing_away(
    given: list[Scope], regions: frozenset[str] | None, departments: frozenset[str] | None
) -> None:
    assert not in_scope([], regions=regions, departments=departments)
    one_by_one = [in_scope([one], regions=regions, departments=departments) for one in given]
    assert in_scope(given, regions=regions, departments=departments) == any(one_by_one)


@given(scopes, regions, departments)
def test_what_has_no_place_or_no_industry_is_held_wherever_anything_is(
    given: list[Scope], regions: frozenset[str] | None, departments: frozenset[str] | None
) -> None:
    assert in_scope(given) == bool(given)
    if in_scope(given, regions=regions, departments=departments):
        assert in_scope(given, regions=regions)
        assert in_scope(given, departments=departments)
    everywhere = [Scope()]
    assert in_scope(everywhere, regions=regions, departments=departments) == (regions is None or bool(regions))
