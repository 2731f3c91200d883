"""Every route × every kind of visitor. What each of them may see is written down in tests/access, one module an area;
an unlisted route fails, a listed route that does not exist fails, and an answer that differs fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from market.web.security import SAFE_METHODS
from tests.architecture.scene import VIEWERS, Scene, built
from tests.architecture.sources import ROOT

AREAS = tuple(sorted(path.stem for path in (ROOT / "tests" / "access").glob("*.py") if path.stem != "__init__"))
# These areas need situations of their own and walk their own routes, with the same lists.
WALKED_ELSEWHERE = {
    "agencies": "tests/agencies/test_access.py",
    "bonds": "tests/payments/test_bond_pages.py",
    "cases": "tests/cases/test_case_pages.py",
    "complaints": "tests/complaints/test_access.py",
    "contracts": "tests/contracts/test_access.py",
    "disputes": "tests/disputes/test_access.py",
    "fair_payment": "tests/payments/test_fair_payment_pages.py",
    "flags": "tests/flags/test_flag_pages.py",
    "payments": "tests/payments/test_pages.py",
    "honours": "tests/ratings/test_honours.py",
    "follow_up": "tests/follow_up/test_follow_up.py",
    "failed": "tests/failed/test_failed_pages.py",
    "live": "tests/selection/live/test_live_pages.py",
    "experts": "tests/experts/test_access.py",
    "ratings": "tests/ratings/test_pages.py",
    "tips": "tests/tips/test_tips.py",
    "trials": "tests/ratings/test_trials.py",
    "verdicts": "tests/verdicts/test_verdicts.py",
}
Expected = dict[tuple[str, str], dict[str, int]]


def expectations(area: str) -> Expected:
    listed: Expected = import_module(f"tests.access.{area}").EXPECTATIONS
    return listed


def routes_of(site: Litestar) -> set[tuple[str, str]]:
    """(method, path) of every handler; OPTIONS are Litestar's own answers about the others."""
    found = set()
    for route in site.routes:
        if isinstance(route, HTTPRoute):
            found |= {(str(method), route.path) for method in route.methods if method != "OPTIONS"}
    return found


@pytest.fixture(scope="module")
async def scene(
    server_dsn: str, template: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Scene]:
    async with built(server_dsn, template, tmp_path_factory.mktemp("scene")) as made:
        yield made


async def test_every_route_is_listed_and_every_listed_route_exists(scene: Scene) -> None:
    listed = {route for area in AREAS for route in expectations(area)}
    actual = routes_of(scene.site)
    assert sorted(actual - listed) == []
    assert sorted(listed - actual) == []


def test_every_route_is_listed_once() -> None:
    listed = [route for area in AREAS for route in expectations(area)]
    assert sorted({route for route in listed if listed.count(route) > 1}) == []


def test_every_list_knows_every_viewer() -> None:
    incomplete = [
        (area, route) for area in AREAS for route, answers in expectations(area).items() if set(answers) != set(VIEWERS)
    ]
    assert incomplete == []


@pytest.mark.parametrize("area", sorted(WALKED_ELSEWHERE))
def test_areas_that_walk_for_themselves_do(area: str) -> None:
    text = Path(ROOT / WALKED_ELSEWHERE[area]).read_text()
    assert f"from tests.access.{area} import" in text
    assert "EXPECTATIONS" in text


@pytest.mark.parametrize("area", [area for area in AREAS if area not in WALKED_ELSEWHERE])
async def test_everybody_gets_the_answer_that_is_written_down(scene: Scene, area: str) -> None:
    wrong = []
    for (method, path), answers in expectations(area).items():
        address = scene.address(area, path)
        for who in VIEWERS:
            given = (await scene.ask(who, method, address)).status_code
            if given != answers[who]:
                wrong.append(f"{method} {path} as {who}: {answers[who]} is written down, {given} was the answer")
    assert not wrong, "\n".join(wrong)


async def test_no_act_without_a_token(scene: Scene) -> None:
    """Generated from the route table, so that no list can forget a route."""
    exempt = {
        (method, route.path) for route in scene.site.routes if isinstance(route, HTTPRoute)
        for handler in route.route_handlers if handler.opt.get("csrf_exempt") for method in handler.http_methods
    }  # fmt: skip
    unsafe = sorted(route for route in routes_of(scene.site) - exempt if route[0] not in SAFE_METHODS)
    assert unsafe
    wrong = []
    for method, path in unsafe:
        address = path.replace(":uuid}", "}").replace(":str}", "}").replace("{no:int}", "1")
        filled = "/".join(
            "01890a5d-ac96-774b-bcce-b302099a8057" if part.startswith("{") else part for part in address.split("/")
        )
        for who in ("owner", "anonymous"):
            given = (await scene.ask(who, method, filled, token=False)).status_code
            if given != (401 if path.startswith("/api/") else 403):  # programs have tokens of another kind
                wrong.append(f"{method} {path} as {who}: {given}")
    assert not wrong, "\n".join(wrong)
