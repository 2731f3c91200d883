"""The server of the tests is as strict as a real one; and, where the official description is at hand, says what that says."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from market.search.meilisearch.client import TOO_LARGE
from market.search.meilisearch.documents import as_json
from market.search.meilisearch.index_settings import index_settings
from market.search.meilisearch.tasks import NOT_THE_DOCUMENTS, SERVER_TROUBLE
from tests.search.corpus import corpus
from tests.search.meilisearch.fake.schemas import BODIES, CODES, INTERNAL, SYSTEM, TEXT, closed
from tests.search.meilisearch.fake.server import MASTER, ROUTES, FakeServer

DESCRIPTION = "MEILI_OPENAPI"


def ask(fake: FakeServer, method: str, path: str, body: Any = None, key: str = MASTER) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}"} | ({"Content-Type": "application/json"} if data is not None else {})
    request = urllib.request.Request(fake.url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read())


def filled(fake: FakeServer) -> None:
    ask(fake, "POST", "/indexes", {"uid": "mingxuan_things", "primaryKey": "key"})
    ask(fake, "PATCH", "/indexes/mingxuan_things/settings", index_settings())
    ask(fake, "POST", "/indexes/mingxuan_things/documents", [as_json(one) for one in corpus(5)])
    fake.settle()


REFUSED: tuple[tuple[str, str, Any, int, str], ...] = (
    ("POST", "/indexes/mingxuan_things/search", {"q": "x", "pagesize": 3}, 400, "bad_request"),
    ("POST", "/indexes/mingxuan_things/search", {"q": 7}, 400, "invalid_search_q"),
    ("POST", "/indexes/mingxuan_things/search", {"hitsPerPage": -1}, 400, "invalid_search_hits_per_page"),
    ("POST", "/indexes/mingxuan_things/search", {"limit": None}, 400, "invalid_search_limit"),
    ("POST", "/multi-search", {"queries": [{"q": "x"}]}, 400, "missing_index_uid"),
    ("POST", "/multi-search", {"queries": [{"indexUid": "mingxuan_things", "colour": 1}]}, 400, "bad_request"),
    ("POST", "/multi-search", {"queries": [{"indexUid": "mingxuan_things", "q": 7}]}, 400, "invalid_search_q"),
    ("POST", "/multi-search", {}, 400, "bad_request"),
    ("POST", "/indexes/mingxuan_things/search", {"filter": 'secret = "x"'}, 400, "invalid_search_filter"),
    ("POST", "/indexes/mingxuan_things/search", {"filter": 'stage = "x" AND'}, 400, "invalid_search_filter"),
    ("POST", "/indexes/mingxuan_things/search", {"filter": 'stage = "x" stage = "y"'}, 400, "invalid_search_filter"),
    ("POST", "/indexes/mingxuan_things/search", {"sort": ["title:asc"]}, 400, "invalid_search_sort"),
    ("POST", "/indexes/mingxuan_things/search", {"facets": ["title"]}, 400, "invalid_search_facets"),
    ("POST", "/indexes/nothing/search", {"q": "x"}, 404, "index_not_found"),
    ("PATCH", "/indexes/mingxuan_things/settings", {"synonym": {}}, 400, "bad_request"),
    ("PATCH", "/indexes/mingxuan_things/settings", {"rankingRules": ["best"]}, 400, "invalid_settings_ranking_rules"),
    ("PATCH", "/indexes/mingxuan_things/settings", {"typoTolerance": {"colour": 1}}, 400, "invalid_settings_typo_tolerance"),
    ("POST", "/indexes/mingxuan_things/documents", 7, 400, "malformed_payload"),
    ("POST", "/indexes/mingxuan_things/documents/fetch", {"ids": 7}, 400, "invalid_document_ids"),
    ("POST", "/indexes", {}, 400, "missing_index_uid"),
    ("POST", "/indexes", {"uid": "with space"}, 400, "invalid_index_uid"),
    ("POST", "/swap-indexes", [{"indexes": ["a", "b", "c"]}], 400, "invalid_swap_indexes"),
    ("POST", "/swap-indexes", [{}], 400, "missing_swap_indexes"),
    ("POST", "/swap-indexes", [{"indexes": ["a", "a"]}], 400, "invalid_swap_duplicate_index_found"),
    ("POST", "/keys", {"actions": ["search"], "indexes": ["a"]}, 400, "missing_api_key_expires_at"),
    ("POST", "/keys", {"actions": ["dance"], "indexes": ["a"], "expiresAt": None}, 400, "invalid_api_key_actions"),
    ("POST", "/keys", {"actions": ["version"], "indexes": ["a*"], "expiresAt": None}, 400, "index_scoped_api_key_with_global_action"),
    ("GET", "/tasks/99", None, 404, "task_not_found"),
    ("GET", "/tasks?colour=red", None, 400, "bad_request"),
)  # fmt: skip


def test_it_refuses_what_a_server_refuses(fake: FakeServer) -> None:
    filled(fake)
    for method, path, body, status, code in REFUSED:
        found, answer = ask(fake, method, path, body)
        assert (found, answer["code"]) == (status, code), (path, body, answer)


def test_a_key_is_good_for_its_actions_and_indexes(fake: FakeServer) -> None:
    filled(fake)
    given = {
        "uid": "8dcbb482-0000-4000-8000-000000000001",
        "actions": ["search"],
        "indexes": ["mingxuan_*"],
        "expiresAt": None,
    }
    _, key = ask(fake, "POST", "/keys", given)
    assert ask(fake, "POST", "/keys", given)[1]["code"] == "api_key_already_exists"
    assert ask(fake, "POST", "/indexes/mingxuan_things/search", {}, key["key"])[0] == 200
    for method, path, body in (
        ("POST", "/indexes/other/search", {}), ("GET", "/stats", None), ("GET", "/keys", None), ("POST", "/indexes", {"uid": "mingxuan_x"}),
    ):  # fmt: skip
        assert ask(fake, method, path, body, key["key"])[1]["code"] == "invalid_api_key", path
    assert ask(fake, "GET", "/stats", None, "")[0] == 401


def test_tasks_move_when_asked_and_one_bad_document_fails_its_batch(fake: FakeServer) -> None:
    filled(fake)
    _, task = ask(fake, "POST", "/indexes/mingxuan_things/documents", [{"key": "good"}, {"key": "b/ad"}])
    seen = [ask(fake, "GET", f"/tasks/{task['taskUid']}")[1] for _ in range(3)]
    assert [one["status"] for one in seen] == ["enqueued", "processing", "failed"]
    assert seen[-1]["error"]["code"] == "invalid_document_id"
    assert ask(fake, "GET", "/indexes/mingxuan_things/stats")[1]["numberOfDocuments"] == 5
    _, swap = ask(fake, "POST", "/swap-indexes", [{"indexes": ["mingxuan_things", "nothing"]}])
    fake.settle()
    assert ask(fake, "GET", f"/tasks/{swap['taskUid']}")[1]["error"]["code"] == "index_not_found"


def test_no_trouble_of_the_servers_own_is_taken_for_a_documents_fault() -> None:
    of_tasks = (INTERNAL | SYSTEM) - {"too_many_search_requests"}
    assert of_tasks <= SERVER_TROUBLE


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    if not (path := os.environ.get(DESCRIPTION)):
        pytest.skip(f"{DESCRIPTION} is not set: our schemas were NOT compared with the official description")
    described: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    # Where description and server differ: the server reads a list of names there.
    described["components"]["schemas"]["AttributePatterns"] = {"type": "array", "items": {"type": "string"}}
    return described


def operations(official: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        one["operationId"]: one for path in official["paths"].values() for one in path.values() if "operationId" in one
    }


def resolved(schema: Mapping[str, Any], official: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All that a schema may be."""
    if "$ref" in schema:
        yield from resolved(official["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], official)
    elif "oneOf" in schema or "anyOf" in schema:
        for way in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            yield from resolved(way, official)
    elif isinstance(schema.get("type"), list):
        for kind in schema["type"]:
            yield {**schema, "type": kind}
    else:
        yield schema


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], official: Mapping[str, Any], at: str) -> list[str]:
    """What we would send, or demand, that the description does not know."""
    if not ours or not theirs:
        return []
    found = []
    for mine in resolved(ours, official):
        ways = list(resolved(theirs, official))
        fitting = [
            way for way in ways if not way or way.get("type", mine.get("type")) == mine.get("type", way.get("type"))
        ]
        if not fitting:
            found.append(f"{at}: {mine.get('type')} is none of {[way.get('type') for way in ways]}")
        for way in fitting[:1]:
            found += _inside(mine, way, official, at)
    return found


def _inside(mine: Mapping[str, Any], way: Mapping[str, Any], official: Mapping[str, Any], at: str) -> list[str]:
    found = []
    if "enum" in mine and "enum" in way:
        found += [f"{at}: {value} is no value" for value in set(mine["enum"]) - set(way["enum"])]
    if isinstance(mine.get("items"), dict) and isinstance(way.get("items"), dict):
        found += differences(mine["items"], way["items"], official, f"{at}[]")
    for name, inner in mine.get("properties", {}).items():
        if name not in way.get("properties", {name: {}}):
            found.append(f"{at}.{name} is unknown")
        else:
            found += differences(inner, way.get("properties", {}).get(name, {}), official, f"{at}.{name}")
    missing = set(way.get("required", ())) - set(mine.get("required", ()))
    return found + [f"{at}.{name} is required" for name in missing]


def test_what_we_send_is_what_the_description_knows(official: dict[str, Any]) -> None:
    known = operations(official)
    assert {operation for _, _, operation, _ in ROUTES} <= known.keys()
    # Reasons by which we decide are reasons that a server gives; "canceled" is a status.
    reasons = set(official["components"]["schemas"]["Code"]["enum"])
    assert ((NOT_THE_DOCUMENTS | {TOO_LARGE}) - {"canceled"}) | CODES <= reasons
    found = set()
    for name, schema in BODIES.items():
        theirs = known[name]["requestBody"]["content"]["application/json"]["schema"]
        found |= set(differences(schema, theirs, official, name))
    assert found == set()
    search = known["search_with_post"]["requestBody"]["content"]["application/json"]["schema"]
    wrong = closed({"colour": TEXT, "facets": TEXT, "matchingStrategy": {"type": "string", "enum": ["first"]}})
    assert len(differences(wrong, search, official, "search")) == 3


def test_what_the_fake_answers_is_what_the_description_says(official: dict[str, Any], fake: FakeServer) -> None:
    filled(fake)
    for method, path, body in (
        ("GET", "/health", None), ("GET", "/version", None), ("GET", "/stats", None), ("GET", "/indexes", None), ("GET", "/tasks", None),
        ("GET", "/tasks/0", None), ("GET", "/keys", None), ("GET", "/indexes/mingxuan_things", None), ("GET", "/indexes/mingxuan_things/stats", None),
        ("GET", "/indexes/mingxuan_things/settings", None), ("POST", "/indexes/mingxuan_things/documents/fetch", {"limit": 2}),
        ("POST", "/indexes/mingxuan_things/documents/delete-batch", ["t0001"]), ("POST", "/swap-indexes", [{"indexes": ["a", "b"]}]),
        ("POST", "/indexes/mingxuan_things/search", {"q": "测绘", "page": 1, "facets": ["stage"]}), ("POST", "/indexes/mingxuan_things/search", {}),
        ("POST", "/keys", {"actions": ["search"], "indexes": ["a"], "expiresAt": None}), ("GET", "/nothing", None),
    ):  # fmt: skip
        ask(fake, method, path, body)
    known = operations(official)
    seen = set()
    for name, status, answer in fake.answers:
        responses = known[name]["responses"] if name != "error" else {"400": {"content": ERROR}}
        schema = next(one for code, one in responses.items() if name == "error" or code == str(status))["content"][
            "application/json"
        ]["schema"]
        validator = Draft202012Validator({**schema, "components": official["components"]})
        problems = [problem.message for problem in validator.iter_errors(answer) if "not_found" not in problem.message]
        assert problems == [], (name, answer)
        seen.add(name)
    assert len(seen) >= 17


ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ResponseError"}}}
