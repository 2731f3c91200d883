"""The description names what is there: every enum of the database, every answer, and it is OpenAPI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from market.api.acts import ACTS
from market.api.examples import EXAMPLES
from market.api.openapi import document
from market.kernel.db import fetch_value
from market.kernel.money import Money
from projects.payments.overdue.papers import LateRow, late_json
from ratings.imported.export import as_json as imported_json
from ratings.imported.queries import Listed
from ratings.lists.export import as_json as lists_json
from ratings.lists.rules import ListEntry
from tests.api.described import DESCRIBED, faults_of

SCHEMAS = DESCRIBED["components"]["schemas"]
# Column of the database -> the member that shows it.
SHOWN = {
    "project_stage": ("ProjectAnswer", "stage"),
    "project_method": ("ProjectAnswer", "method"),
    "project_quote": ("ProjectAnswer", "quote"),
    "project_access": ("ProjectAnswer", "access"),
    "project_service_mode": ("ProjectAnswer", "service_mode"),
    "project_requirement_mode": ("ProjectAnswer", "requirement_mode"),
    "organisation_kind": ("MeAnswer", "kind"),
    "api_token_scopes": ("MeAnswer", "scopes"),
    "payment_state": ("PaymentAnswer", "state"),
    "contract_ended": ("ContractAnswer", "ended"),
    "sealed_bid_sealed_by": ("BidAnswer", "sealed_by"),
    "rating_side": ("FactsOfRatingGiven", "side"),
    "bond_demand_mode": ("FactsOfBondDemanded", "mode"),
    "bond_demand_ended": ("FactsOfBondEnded", "how"),
    "case_measure_kind": ("FactsOfCaseDecided", "measure"),
    "conduct_case_violation": ("FactsOfCaseDecided", "violation"),
    "conduct_case_appeal_outcome": ("FactsOfCaseAppealDecided", "outcome"),
    "clock_change_kind": ("FactsOfClockAsked", "kind"),
    "complaint_standing": ("FactsOfComplaintFiled", "standing"),
    "complaint_decision": ("FactsOfComplaintDecided", "decision"),
    "complaint_remedy": ("FactsOfComplaintDecided", "remedy"),
    "contract_rescission_ground": ("FactsOfTerminationNotified", "ground"),
    "contract_rescission_decision": ("FactsOfTerminationDecided", "decision"),
    "dispute_kind": ("FactsOfDisputeOpened", "kind"),
    "honour_level": ("FactsOfHonourProposed", "level"),
    "honour_outcome": ("FactsOfHonourDecided", "outcome"),
    "tip_about": ("FactsOfTipTold", "about"),
    "tip_outcome": ("FactsOfTipAnswered", "outcome"),
}


def listed(schema: dict[str, Any]) -> set[str]:
    """All values that a member may have, however deep the list of them stands."""
    inner = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return set(schema.get("enum", ())).union(*(listed(one) for one in inner)) if inner else set(schema.get("enum", ()))


@pytest.mark.parametrize("constraint", SHOWN)
async def test_every_value_of_the_database_is_described(database: str, constraint: str) -> None:
    said = await fetch_value("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", constraint)
    assert said, f"there is no constraint {constraint}"
    shape, member = SHOWN[constraint]
    values = set(re.findall(r"'([^']*)'", said))
    assert values
    assert values <= listed(SCHEMAS[shape]["properties"][member])


async def test_every_kind_of_act_is_described() -> None:
    from market.register.acts import NAMES

    assert listed(SCHEMAS["EntryAnswer"]["properties"]["kind"]) == set(NAMES)


def test_every_address_is_described_and_nothing_else(site_routes: set[tuple[str, str]]) -> None:
    told = {(method.upper(), path) for path, operations in DESCRIBED["paths"].items() for method in operations}
    assert told == site_routes - {("GET", "/openapi.json")}


@pytest.fixture
def site_routes() -> set[tuple[str, str]]:
    from market.api.routes import BASE, routes

    app = Litestar(route_handlers=routes, openapi_config=None)
    return {
        (str(method), re.sub(r":\w+}", "}", route.path).removeprefix(BASE))
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(BASE)
        for method in route.methods
        if method != "OPTIONS"
    }


def open_objects(schema: Any, path: str = "") -> Iterator[str]:
    """Where a schema says "object" and no more, or nothing at all."""
    if isinstance(schema, dict):
        if not schema or (schema.get("type") == "object" and "additionalProperties" not in schema):
            yield path
        for name, part in schema.items():
            if name not in {"default", "examples"}:
                yield from open_objects(part, f"{path}/{name}")
    elif isinstance(schema, list):
        for no, part in enumerate(schema):
            yield from open_objects(part, f"{path}/{no}")


def test_no_object_is_left_open() -> None:
    answers = {
        f"{method} {path} {status}": media["schema"]
        for path, operations in DESCRIBED["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        for media in answer.get("content", {}).values()
    }
    assert list(open_objects({"answers": answers, "schemas": SCHEMAS})) == []
    assert list(open_objects({"type": "object"})) == [""]


AT, DAY, CODE = datetime(2026, 6, 16, 2, tzinfo=UTC), date(2026, 6, 16), "913702020001008804"
LISTED = ListEntry(uuid4(), "red", uuid4(), CODE, "青岛联捷测绘有限公司", "370202", "Meets it", AT, AT, AT, None, "", uuid4(), 7)  # fmt: skip
ELSEWHERE = Listed("judgment_defaulters", "中国执行信息公开网", CODE, "青岛联捷测绘有限公司", DAY, None, AT, AT, None, uuid4(), 7, "agency")  # fmt: skip
LATE = LateRow(None, None, "MX-2026-000010", "面积测绘", "MX-2026-000010-C1", "MX-2026-000010-C1-M1", DAY, 106, Money(5), Money(0))  # fmt: skip


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/lists", lists_json([LISTED], AT, "http://127.0.0.1:8000")),
        ("/lists/imported", imported_json([ELSEWHERE], AT, "http://127.0.0.1:8000")),
        ("/overdue", late_json([LATE], at="2026-06-16T02:00:00.000Z", least_days=15)),
    ],
)
def test_downloads_have_the_shape_that_is_described(path: str, content: Any) -> None:
    assert faults_of("GET", path, 200, content) == []
    assert faults_of("GET", path, 200, content | {"more": 1})
    (rows,) = (value for value in content.values() if isinstance(value, list))
    rows[0]["extra"] = "not described"
    assert faults_of("GET", path, 200, content)


def test_every_reference_leads_somewhere() -> None:
    found = set(re.findall(r'"\$ref":\s*"#/components/(\w+)/([\w-]+)"', json.dumps(DESCRIBED)))
    assert found
    assert all(name in DESCRIBED["components"][kind] for kind, name in found)


def test_names_of_acts_are_different_and_every_act_names_its_refusals() -> None:
    names = [one["operationId"] for operations in DESCRIBED["paths"].values() for one in operations.values()]
    assert len(set(names)) == len(names)
    for act in ACTS:
        path = re.sub(r":\w+}", "}", act.path)
        assert {"200", "401", "403", "404", "409", "422", "429"} <= DESCRIBED["paths"][path]["post"]["responses"].keys()


def test_examples_have_the_shape_they_stand_for() -> None:
    import msgspec

    from market.api import bodies

    for name, example in EXAMPLES.items():
        msgspec.convert(example, getattr(bodies, name))


def test_it_is_told_in_chinese_as_well() -> None:
    chinese = json.loads(document("zh_CN", "http://127.0.0.1:8000"))
    summaries = [one["summary"] for operations in chinese["paths"].values() for one in operations.values()]
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in summaries)
