"""The first steps: exactly one is next, and who has taken all of them is left in peace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.site.rules.beginning import Beginning, first_steps
from tests.contracts.award import SignIn
from tests.site.conftest import Somebody

BENCHES = ("expert", "regulator", "operator")
KNOWN = st.builds(
    Beginning, st.booleans(), st.integers(0, 3), st.sampled_from(["", "draft", "submitted", "returned", "admitted"]),
    st.booleans(), st.integers(0, 2), st.booleans(),
)  # fmt: skip


@given(st.sampled_from(BENCHES), KNOWN)
def test_one_step_is_next_until_all_are_done(bench: str, known: Beginning) -> None:
    steps = first_steps(bench, known)
    states = [step.state for step in steps]
    if steps:
        assert states.count("current") == 1
        assert set(states[: states.index("current")]) <= {"done"}


def test_whoever_has_set_up_everything_sees_none() -> None:
    ready = Beginning(
        second_factor=True, colleagues=2, entry="admitted", scoped=True, authorities=1, next_year_open=True
    )
    assert not any(first_steps(bench, ready) for bench in BENCHES)
    assert not first_steps("owner", Beginning(second_factor=False, colleagues=1))


@pytest.mark.parametrize(
    ("kind", "title", "first"),
    [("expert", "入库步骤", "申请进入评审专家库"), ("regulator", "主管准备", "开启双因素认证"), ("operator", "管理准备", "开启双因素认证")],
)  # fmt: skip
async def test_a_newcomer_is_led(somebody: Somebody, sign_in: SignIn, kind: str, title: str, first: str) -> None:
    page = (await (await sign_in(await somebody(kind))).get("/workbench")).text
    assert title in page
    assert first in page.split(title)[1]
