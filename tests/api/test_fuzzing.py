"""Whatever a program sends: no failure of ours, and no answer that the description does not name. A real server is asked
over HTTP, with the tokens of an owner and of an agency, and without one."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle
from typing import Any
from uuid import uuid4

import anyio.to_thread
import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from market.demo.world import World
from tests.api.conftest import Cast

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
# For each mode and operation, asked by the tokens in turn; more of them in a longer run by hand.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))


@asynccontextmanager
async def served(site: Litestar) -> AsyncIterator[str]:
    """The site on a socket, in this loop: it shares the test's database and clock."""
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site, lifespan="off", log_config=None))
    running = asyncio.create_task(server.serve([door]))
    while not server.started:
        await asyncio.wait([running], timeout=0.01)
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def operations(described: dict[str, Any]) -> Iterator[Any]:
    for found in schemathesis.openapi.from_dict(copy.deepcopy(described)).get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def modes(operation: Any) -> list[GenerationMode]:
    """What has neither a body nor parameters with few values cannot be sent wrongly."""
    closed = any("enum" in str(one.definition) or "integer" in str(one.definition) for one in operation.query)
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if operation.body or closed else [])]


def ask(
    operation: Any, mode: GenerationMode, address: str, places: dict[str, str], tokens: list[str | None]
) -> list[str]:
    """What is wrong with the answers; all of them are counted, so that one fault does not hide another."""
    faults: list[str] = []
    known = {name: value for name, value in places.items() if f"{{{name}}}" in operation.path} or None
    session, turns, asked = requests.Session(), cycle(tokens), 0

    @settings(max_examples=EXAMPLES, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(
        case=operation.as_strategy(
            generation_mode=mode, path_parameters=known if mode is GenerationMode.POSITIVE else None
        )
    )
    def each(case: Any) -> None:
        nonlocal asked
        token, asked = next(turns), asked + 1
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if operation.method == "post" and mode is GenerationMode.POSITIVE:
            headers["Idempotency-Key"] = uuid4().hex
        answer = case.call(base_url=f"{address}/api/v1", headers=headers, session=session)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as wrong:
            faults.append(f"{operation.label}: {answer.status_code} {answer.text[:200]}: {wrong}")

    while asked < len(tokens):  # where nothing can be varied there is one example
        each()
    return faults


def ask_all(described: dict[str, Any], address: str, places: dict[str, str], tokens: list[str | None]) -> list[str]:
    return [
        fault
        for operation in operations(described)
        for mode in modes(operation)
        for fault in ask(operation, mode, address, places, tokens)
    ]


@pytest.fixture
def generous(site: Litestar, world: World) -> Litestar:
    many = replace(world.settings, api_token_limit=1_000_000, api_address_limit=1_000_000)
    site.state.running = replace(world.running, settings=many)
    return site


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning", "ignore::DeprecationWarning")
async def test_no_failure_and_no_answer_that_is_not_described(generous: Litestar, cast: Cast) -> None:
    async with served(generous) as address:
        described = json.loads((await anyio.to_thread.run_sync(requests.get, f"{address}/api/v1/openapi.json")).text)
        places = {"number": cast.project.number, "code": cast.agents[0].viewer.organisation_code}
        tokens = [cast.tokens["owner"], cast.tokens["agency"], None]
        faults = await anyio.to_thread.run_sync(ask_all, described, address, places, tokens)
    assert not faults, "\n".join(faults[:20])


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning", "ignore::DeprecationWarning")
async def test_an_answer_that_is_not_described_is_found(generous: Litestar, cast: Cast) -> None:
    """The test of this test: a description that keeps silent about one answer."""
    async with served(generous) as address:
        described = json.loads((await anyio.to_thread.run_sync(requests.get, f"{address}/api/v1/openapi.json")).text)
        one = described["paths"]["/me"]["get"]
        described["paths"] = {"/me": {"get": one}}
        del one["responses"]["401"]
        places: dict[str, str] = {}
        tokens: list[str | None] = [None]
        faults = await anyio.to_thread.run_sync(ask_all, described, address, places, tokens)
    assert any("401" in fault for fault in faults)
