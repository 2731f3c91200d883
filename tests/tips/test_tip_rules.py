"""Codes of anonymous tips, who may deal with what, and when an agency has to leave: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.errors import Refusal
from market.oversight.rules import Scope
from ratings.tips.rules import (
    About,
    Facts,
    Handler,
    State,
    check_answer,
    check_flood,
    check_open,
    check_taking,
    code_digest,
    follow_up_code,
    may_handle,
    must_leave,
    state_of,
)

NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
forms = st.text("0123456789abcdef", min_size=32, max_size=32)
secrets = st.binary(min_size=16, max_size=64)


@given(secrets, forms)
def test_a_form_has_one_code_of_twenty_letters(secret: bytes, form: str) -> None:
    code = follow_up_code(secret, form)
    assert code == follow_up_code(secret, form)
    groups = code.split("-")
    assert [len(group) for group in groups] == [5, 5, 5, 5]
    assert set("".join(groups)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@given(secrets, secrets, forms, forms)
def test_another_form_or_secret_has_another_code(one: bytes, other: bytes, form: str, second: str) -> None:
    assert (follow_up_code(one, form) == follow_up_code(other, form)) == (one == other)
    assert (follow_up_code(one, form) == follow_up_code(one, second)) == (form == second)


@given(secrets, forms, st.data())
def test_how_a_code_is_typed_does_not_matter(secret: bytes, form: str, data: st.DataObject) -> None:
    code = follow_up_code(secret, form)
    looks_like = {"O": "0", "I": "1", "B": "8"}
    typed = "".join(
        data.draw(st.sampled_from([letter, letter.lower(), looks_like.get(letter, letter), f" {letter}"]))
        for letter in code
    )
    assert code_digest(typed) == code_digest(code.replace("-", ""))


A, B, OPERATOR = UUID(int=1), UUID(int=2), UUID(int=3)


@given(st.sampled_from(About), st.sampled_from(["", "370200", "440100"]), st.sampled_from(["operator", "regulator"]))
def test_nobody_deals_with_what_is_told_of_itself(about: About, region: str, kind: str) -> None:
    assert not may_handle(Handler(A, kind, (Scope("37"), Scope("44"))), about=about, accused=A, region=region)


def test_who_may_deal_with_a_tip() -> None:
    local, far, operator = (
        Handler(A, "regulator", (Scope("3702"),)),
        Handler(B, "regulator", (Scope("4401", "water"),)),
        Handler(OPERATOR, "operator"),
    )
    assert may_handle(local, about=About.PROJECT, accused=None, region="370203")
    assert not may_handle(far, about=About.PROJECT, accused=None, region="370203")
    assert may_handle(far, about=About.ACT, accused=A, region="")
    assert not may_handle(far, about=About.FIRM, accused=None, region="440106", departments={"housing"})
    assert may_handle(far, about=About.FIRM, accused=None, region="440106", departments={"housing", "water"})
    assert may_handle(local, about=About.FIRM, accused=None, region="370203", departments={"housing"})
    assert may_handle(operator, about=About.FIRM, accused=B, region="440100")
    assert not may_handle(operator, about=About.MARKET, accused=None, region="")
    assert may_handle(local, about=About.MARKET, accused=None, region="")
    assert not may_handle(Handler(A, "agency"), about=About.MARKET, accused=None, region="")


moments = st.none() | st.just(NOW)


@given(moments, moments, moments)
def test_each_step_has_its_states(
    taken: datetime | None, answered: datetime | None, withdrawn: datetime | None
) -> None:
    facts = Facts(taken, answered, withdrawn)
    allowed = {
        check_taking: {State.TOLD}, check_answer: {State.TAKEN}, check_open: {State.TOLD, State.TAKEN},
    }  # fmt: skip
    for check, states in allowed.items():
        if state_of(facts) in states:
            check(facts)
        else:
            with pytest.raises(Refusal, match=r"tip\.moved_on"):
                check(facts)


@given(st.lists(st.integers(-800, 0)), st.integers(1, 5))
def test_only_what_was_upheld_within_the_window_counts(days: list[int], most: int) -> None:
    since = NOW - timedelta(days=365)
    founded = [NOW + timedelta(days=one) for one in days]
    within = [one for one in founded if one > since]
    assert must_leave(founded, since=since, most=most) == (len(within) >= most)
    assert must_leave(reversed(founded), since=since, most=most) == must_leave(founded, since=since, most=most)


def test_a_flood_is_held_back() -> None:
    check_flood(99, 100)
    with pytest.raises(Refusal, match=r"tip\.flood"):
        check_flood(100, 100)
