"""What is worth keeping of a form that was refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as some
from litestar import Litestar, Request, Response, post
from litestar.testing import TestClient

from market.kernel.clock import wall_now
from market.kernel.errors import Message, Refusal, Throttled
from market.web.again import at_its_field, comes_back_to, written
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


@post("/wish")
@comes_back_to(lambda request, *, status, values, errors: shown(status, values, errors))
async def wish(request: Request[Any, Any, Any]) -> Response[Any]:
    until = wall_now() + timedelta(hours=1)
    raise Throttled("wish.throttled", "Too many wishes.", until=until)


async def shown(status: int, values: dict[str, Any], errors: Any) -> Response[Any]:
    return Response({"values": values, "errors": errors}, status_code=status)


def test_after_too_many_tries_the_form_comes_back_and_says_when_to_try_again() -> None:
    with TestClient(Litestar([wish])) as client:
        answer = client.post("/wish", data={"text": "雨停"})
    assert answer.status_code == 429
    assert 3_000 < int(answer.headers["retry-after"]) <= 3_600
    assert answer.json()["values"]["text"] == "雨停"
