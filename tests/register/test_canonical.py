from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.db import fetch_value, from_json
from market.register.canonical import canonical, storable

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(SCALARS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(VALUES)
def test_it_writes_what_rfc_8785_says(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), [2**60], {"a": 2**53}, float("nan"), float("inf"), {"a": object()}, {1: 2}]
)
def test_what_it_cannot_say_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


async def test_what_is_stored_comes_back_as_it_was(database: str) -> None:
    """Through jsonb, which has ideas of its own about numbers, names and escapes."""
    values = [
        {
            "b": 1,
            "a": [True, None, -0.5, 1e-7, 0.1, 123456789.25],
            "\ue000": 1,
            "\U0001f600": 2,
            "": '\x01\x1f"\\/\u2028\x7f',
        },
        {"n": 2**53 - 1, "m": -(2**53) + 1, "f": 9007199254740991.0, "z": -0.0},
    ]
    for value in values:
        stored = from_json(await fetch_value("SELECT $1::jsonb", storable(value)))
        assert canonical(stored) == canonical(value)
        assert storable(stored) == storable(value)


@pytest.mark.parametrize("value", [{"a": 1e16}, {"a": [1e300]}, {"a": 2**53}, {"a": float("inf")}, {"a": (1, -1e20)}])
def test_numbers_that_would_come_back_as_others_are_not_stored(value: object) -> None:
    with pytest.raises(ValueError):
        storable(value)


def test_names_are_sorted_as_utf_16() -> None:
    """Where code points and UTF-16 disagree: an emoji sorts before a private-use character."""
    assert canonical({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'.encode()
