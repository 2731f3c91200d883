"""Every act of the interface stands in a story: with success, so that strangers and repetitions are tried as well, and with
a refusal that says why."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from market.accounts.tokens.rules import Scope
from market.api.acts import ACTS
from tests.api.conftest import Cast, Enter, path_of

HERE = Path(__file__).parent
NAMES = {act.name for act in ACTS}
# What cannot go wrong by the rules: there is nothing to fill in, and what does not wait is not found.
NEVER_REFUSED = {"withdrawFreeze", "askAboutFreeze", "withdrawRefundRequest"}
PLACES = dict.fromkeys(
    ("draft_id", "run_id", "file_id", "objection_id", "complaint_id", "rating_id", "question_id"),
    "018f4d1e-7c5a-7b2e-9f63-0a1b2c3d4e5f",
) | {"number": "NONE", "reference": "NONE", "no": 1}


@cache
def acts_that(method: str) -> set[str]:
    """Names with which the stories of this folder call `program.<method>("name", …)`."""
    calls = (
        node
        for file in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    )
    return {str(call.args[0].value) for call in calls if call.args and isinstance(call.args[0], ast.Constant)}


def test_every_act_is_done_in_a_story() -> None:
    assert acts_that("does") == NAMES


def test_every_act_is_refused_in_a_story() -> None:
    assert acts_that("is_refused") == NAMES - NEVER_REFUSED


@pytest.mark.parametrize("side", ["owner", "agency"])
async def test_no_act_is_done_with_a_token_that_only_reads(cast: Cast, enter: Enter, side: str) -> None:
    reader = await enter(cast.owner if side == "owner" else cast.agents[0].viewer, Scope.READ_OWN)
    for act in ACTS:
        answer = await reader.act(path_of(act.name, PLACES))
        told = answer.json()
        assert (answer.status_code, told["code"], told["scope"]) == (403, "scope.missing", act.scope), act.name
