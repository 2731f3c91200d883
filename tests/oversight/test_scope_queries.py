"""The rule of a regulator's scope is said twice, to Python and to PostgreSQL: both say the same of everything, whatever the
catalogues have become since."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.queries.oversight import WATCHED_AGENCY, watches
from market.accounts.queries import OrganisationView
from market.catalogue import actions, files
from market.demo.agencies import credit_code
from market.demo.experts import NewExpert, open_expert
from market.demo.projects import open_owner
from market.kernel.db import fetch, fetch_value
from market.oversight.queries import departments_of, regulators_of, watch_of, watched, within
from market.oversight.rules import Scope, in_scope
from market.site.figures.each import FIGURES
from market.site.figures.scope import scope_of, watched_rows
from market.web.viewer import Viewer
from projects import oversight
from projects.oversight import WATCHED_PROJECT
from projects.queries import project_by_number
from ratings.cases.queries.parties import WATCHED_PARTY, watches_party
from ratings.flags.queries.desk import WATCHED_FLAG
from ratings.tips.queries import WATCHED_TIP
from tests.contracts.award import Award
from tests.ratings.people import open_regulator

GIVEN = "given AS (SELECT $1::text[], $2::text[], $3::text[], $4::text[], $5::text[])"
DEPARTMENTS = ("natural-resources", "water", "transport")
REGIONS = ("370202", "370203", "370300", "440106")
scopes = st.lists(
    st.builds(Scope, st.sampled_from(["", "37", "3702", "370203", "44"]), st.sampled_from(["", *DEPARTMENTS])),
    max_size=3,
)
items = st.lists(st.sampled_from(["C001", "C002", "A001", "Z999"]), max_size=2)  # the last is in no catalogue
regions = st.sampled_from(REGIONS)
# The database and its catalogues stay as they are from one example to the next.
often = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
seldom = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def two_catalogues(database: str, tmp_path: Path, clock: Any) -> None:
    """Beside the shipped one another, still to take effect, that gives surveying to the water authorities."""
    folder = shutil.copytree(files.DATA, tmp_path / "data")
    catalogue, surveying = folder / "catalogue.toml", folder / "catalogue-items-c-surveying.toml"
    catalogue.write_text(catalogue.read_text().replace("2025-1", "2027-1").replace("2025-01-01", "2027-01-01"))
    surveying.write_text(surveying.read_text().replace('["natural-resources"]', '["water"]', 1))
    assert "catalogue 2027-1" in await actions.load_files(clock.now(), folder=folder)


def regulator(scopes: list[Scope]) -> Viewer:
    return Viewer(person_id=uuid4(), organisation_id=uuid4(), organisation_kind="regulator", scopes=tuple(scopes))


async def says(
    condition: str, viewer: Viewer, *, region: str, items: list[str], version: str = "", kind: str = "agency",
    about: str = "project", regions: list[str] | None = None, departments: list[str] | None = None,
) -> bool:  # fmt: skip
    """What PostgreSQL answers for one matter of each table that the conditions name."""
    found: bool = await fetch_value(
        f"WITH {GIVEN}, project AS (SELECT 1 AS owner_id, $6::text AS region_code, $7::text[] AS service_items, $8::text AS catalogue_version),"
        " o AS (SELECT 1 AS id, $6::text AS region_code, $9::text AS kind), a AS (SELECT CASE $9 WHEN 'agency' THEN $7::text[] END"
        " AS service_items), t AS (SELECT $10::text AS about), f AS (SELECT $11::text[] AS regions, $12::text[] AS departments)"
        f" SELECT {condition} FROM project p, o, a, t, f",
        *(await watch_of(viewer)).values, region, items, version, kind, about, regions or [], departments or [],
    )  # fmt: skip
    return found


@often
@given(scopes, regions, items, st.sampled_from(["2025-1", "2027-1"]))
async def test_postgresql_and_python_agree_on_projects_agencies_owners_and_experts(
    two_catalogues: None, scopes: list[Scope], region: str, items: list[str], version: str
) -> None:
    viewer = regulator(scopes)
    matter: dict[str, Any] = {"region": region, "items": items, "version": version}
    by_own, by_all = await departments_of(items, version), await departments_of(items)
    expected = {
        departments: in_scope(scopes, regions=(region,), departments=departments)
        for departments in (by_own, by_all, frozenset())
    }
    assert await says(WATCHED_PROJECT, viewer, **matter) == expected[by_own]
    assert await says(WATCHED_AGENCY, viewer, **matter) == expected[by_all]
    assert await says(WATCHED_PARTY, viewer, **matter) == expected[by_all]
    assert await says(WATCHED_PARTY, viewer, **matter, kind="enterprise") == expected[by_own]
    near = await says(watched(within("o.region_code")), viewer, **matter)
    assert near == in_scope(scopes, regions=(region,))
    assert await says(watched(), viewer, **matter) == in_scope(scopes) == bool(scopes)


@often
@given(scopes, regions, items, st.sampled_from(["2025-1", "2027-1"]))
async def test_postgresql_and_python_agree_on_tips_without_industry_or_place(
    two_catalogues: None, scopes: list[Scope], region: str, items: list[str], version: str
) -> None:
    viewer = regulator(scopes)
    matter: dict[str, Any] = {"region": region, "items": items, "version": version}
    by_own, by_all = await departments_of(items, version), await departments_of(items)
    project, agency, owner, act = [
        await says(WATCHED_TIP, viewer, **matter, about=about, kind=kind)
        for about, kind in (("project", ""), ("firm", "agency"), ("firm", "enterprise"), ("act", ""))
    ]
    assert project == in_scope(scopes, regions=(region,), departments=by_own or None)
    assert agency == in_scope(scopes, regions=(region,), departments=by_all or None)
    assert owner == in_scope(scopes, regions=(region,))
    assert act == in_scope(scopes)


@often
@given(scopes, st.lists(regions, max_size=2), st.lists(st.sampled_from(DEPARTMENTS), max_size=2))
async def test_postgresql_and_python_agree_on_flags(
    database: str, scopes: list[Scope], regions: list[str], departments: list[str]
) -> None:
    lead: dict[str, Any] = {"region": "", "items": [], "regions": regions, "departments": departments}
    found = await says(WATCHED_FLAG, regulator(scopes), **lead)
    assert found == in_scope(scopes, regions=regions, departments=departments)


@often
@given(scopes, regions, items, st.sampled_from(["2025-1", "2027-1", None]))
async def test_figures_count_what_the_desk_shows(
    two_catalogues: None, scopes: list[Scope], region: str, items: list[str], version: str | None
) -> None:
    values: list[Any] = [region, items, version]

    def add(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    condition = watched_rows(FIGURES["activity"].source, await scope_of(regulator(scopes)), add)
    row = "SELECT $1::text AS region_code, $2::text[] AS service_items, $3::text AS catalogue_version"
    counted = await fetch_value(f"SELECT {condition} FROM ({row}) p", *values)
    assert counted == in_scope(scopes, regions=(region,), departments=await departments_of(items, version))


@seldom
@given(scopes)
async def test_pages_open_for_whom_the_desk_lists(award: Award, two_catalogues: None, scopes: list[Scope]) -> None:
    world = award.world
    if not await fetch_value("SELECT EXISTS (SELECT FROM organisation WHERE kind = 'expert')"):
        await open_expert(world, NewExpert("吴思远", "expert1", credit_code(501, kind="11")))
        await open_owner(world, name="淄博市水利局", code=credit_code(502, kind="11"), region="370300")
    viewer = regulator(scopes)
    values = (await watch_of(viewer)).values
    rows = await fetch(
        f"SELECT o.*, {WATCHED_PARTY} AS party, a.organisation_id IS NOT NULL AND {WATCHED_AGENCY} AS agency FROM organisation o"
        " LEFT JOIN agency a ON a.organisation_id = o.id WHERE o.kind NOT IN ('operator', 'regulator')",
        *values,
    )  # fmt: skip
    assert {row["kind"] for row in rows} == {"agency", "public_body", "expert"}
    for row in rows:
        party, agency = row.pop("party"), row.pop("agency")
        organisation = OrganisationView(**row)
        assert await watches_party(viewer, organisation) == party
        if organisation.kind == "agency":
            assert await watches(viewer, organisation) == agency
    listed = await fetch_value(
        f"WITH {GIVEN} SELECT {WATCHED_PROJECT} FROM project p WHERE p.number = $6", *values, award.number
    )
    assert await oversight.watches(viewer, await project_by_number(award.number)) == listed


async def test_those_in_charge_are_told(award: Award, two_catalogues: None) -> None:
    made = [Scope("3702", "water"), Scope("37", "natural-resources"), Scope("44"), Scope("3702")]
    viewers = [
        await open_regulator(award.world, number, one.region_prefix, one.department) for number, one in enumerate(made)
    ]
    project = await award.project()
    told = await oversight.regulators_of(project)
    assert set(told) == {one.organisation_id for one in viewers if await oversight.watches(one, project)}
    assert set(told) == {viewers[1].organisation_id, viewers[3].organisation_id}  # by the project's own catalogue
    assert set(await regulators_of("370203", ())) == {viewers[3].organisation_id}
