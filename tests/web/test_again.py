"""What is worth keeping of a form that was refused."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as some

from market.kernel.errors import Message, Refusal
from market.web.again import at_its_field, written
from market.web.security import CSRF_FIELD


@given(some.sampled_from(["", "occurred_on"]), some.sampled_from([None, "Choose a later day."]))
def test_a_refusal_stands_at_the_field_that_it_names(field: str, todo: str | None) -> None:
    said = at_its_field(Refusal("too_old", "That was too long ago.", field=field, todo=todo))
    messages = [Message(text) for text in ("That was too long ago.", todo) if text]
    assert said == ({field: messages} if field else {})


@given(some.dictionaries(some.text(min_size=1), some.one_of(some.text(), some.lists(some.text()))))
def test_what_is_shown_again_was_typed(values: dict[str, str | list[str]]) -> None:
    typed = {one.strip() for name, one in values.items() if isinstance(one, str) and name != CSRF_FIELD}
    assert set(written(values)) <= typed


def test_sentences_are_kept_and_keys_and_choices_are_not() -> None:
    values = {
        "reason": "连续降雨，外业无法进行。 ", "note": "It rained.", "kind": "extension", "days": "5", "amount": "1200.00",
        "form_key": str(uuid4()), CSRF_FIELD: "never shown again", "regions": ["山东省"],
    }  # fmt: skip
    assert written(values) == ["连续降雨，外业无法进行。", "It rained."]
