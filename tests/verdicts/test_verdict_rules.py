"""In which order an authority can have decided, and what holds after corrections."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from projects.verdicts.rules import Outcome, Said, check_recording, passed, returns, standing

DELIVERED = date(2026, 6, 1)
steps = st.lists(
    st.tuples(st.sampled_from(Outcome), st.integers(0, 20), st.none() | st.integers(1, 8)), max_size=10
)  # fmt: skip


def recorded(attempts: list[tuple[Outcome, int, int | None]]) -> list[Said]:
    """What is left when everything is tried in turn and the rules refuse what cannot be."""
    said: list[Said] = []
    for outcome, day, corrects in attempts:
        new = Said(len(said) + 1, outcome, DELIVERED + timedelta(days=day), DELIVERED, corrects)
        if outcome is Outcome.VOID and corrects is None:
            continue  # no form offers it, and the table refuses it
        try:
            check_recording(said, new, today=DELIVERED + timedelta(days=20))
        except Refusal:
            continue
        said.append(new)
    return said


@given(steps)
def test_whatever_is_recorded_and_corrected_one_true_story_is_left(
    attempts: list[tuple[Outcome, int, int | None]],
) -> None:
    said = recorded(attempts)
    held = standing(said)
    assert [one.decided_on for one in held] == sorted(one.decided_on for one in held)
    assert all(one.outcome is Outcome.RETURNED for one in held[:-1])
    assert returns(said) + passed(said) == len(held)
    assert len(held) == len([one for one in said if one.corrects is None]) - sum(
        one.outcome is Outcome.VOID for one in said if one.no not in {later.corrects for later in said}
    )


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    first = Said(1, Outcome.RETURNED, DELIVERED, DELIVERED)
    second = Said(2, Outcome.RETURNED, DELIVERED + timedelta(days=9), DELIVERED)
    third = Said(3, Outcome.RETURNED, DELIVERED + timedelta(days=1), DELIVERED, corrects=1)
    assert standing([first, second, third]) == [third, second]
    gone = Said(4, Outcome.VOID, DELIVERED, DELIVERED, corrects=3)
    assert standing([first, second, third, gone]) == [second]


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("verdict.when", Said(2, Outcome.RETURNED, DELIVERED - timedelta(days=1), DELIVERED)),
        ("verdict.when", Said(2, Outcome.RETURNED, DELIVERED + timedelta(days=31), DELIVERED)),
        ("verdict.days", Said(2, Outcome.RETURNED, DELIVERED, DELIVERED)),
        ("verdict.corrected", Said(2, Outcome.PASSED, DELIVERED, DELIVERED, corrects=7)),
    ],
)
def test_what_cannot_have_been_said_is_refused(code: str, new: Said) -> None:
    said = [Said(1, Outcome.RETURNED, DELIVERED + timedelta(days=5), DELIVERED)]
    with pytest.raises(Refusal) as refused:
        check_recording(said, new, today=DELIVERED + timedelta(days=30))
    assert refused.value.code == code
