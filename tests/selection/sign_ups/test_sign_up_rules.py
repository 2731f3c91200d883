"""When an agency may sign up, and until when it may give its place up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from projects.rules import Stage
from projects.selection.sign_ups.rules import check_abandon, check_window

START = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=9)))
def test_the_window_is_half_open(since_opening: timedelta) -> None:
    opens_at, closes_at, now = START, START + timedelta(days=5), START + since_opening
    if opens_at <= now < closes_at:
        check_window(Stage.SIGN_UP, opens_at, closes_at, now)
    else:
        with pytest.raises(Refusal) as refused:
            check_window(Stage.SIGN_UP, opens_at, closes_at, now)
        assert refused.value.code == ("sign_up.too_early" if now < opens_at else "sign_up.closed")
        assert refused.value.facts["arrived_at"] == now


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.SIGN_UP])
def test_no_other_stage_takes_sign_ups(stage: Stage) -> None:
    with pytest.raises(Refusal):
        check_window(stage, START, START + timedelta(days=5), START)


@pytest.mark.parametrize("stage", list(Stage))
def test_the_winner_never_gives_up_a_place(stage: Stage) -> None:
    with pytest.raises(Refusal):
        check_abandon(stage, wins=True, round_public_at=None, now=START)


def test_giving_up_ends_when_the_round_is_out() -> None:
    check_abandon(Stage.DRAWING, wins=False, round_public_at=START, now=START - timedelta(microseconds=1))
    with pytest.raises(Refusal):
        check_abandon(Stage.DRAWING, wins=False, round_public_at=START, now=START)
    check_abandon(Stage.RESULT_NOTICE, wins=False, round_public_at=START, now=START)
