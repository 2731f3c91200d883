"""Words in two languages, for each request its own."""

from __future__ import annotations

import asyncio

import pytest

from market.kernel.errors import Message
from market.kernel.i18n import N_, locale, messages, speaking, tell, translate
from tests.visitor import Visitor

KNOWN = "You are signed out."


def test_a_known_text_is_translated() -> None:
    with speaking("zh_CN"):
        assert translate(KNOWN) == messages("zh_CN")[KNOWN] != KNOWN
    with speaking("en"):
        assert translate(KNOWN) == KNOWN


def test_an_unknown_text_stays_as_it_is() -> None:
    with speaking("zh_CN"):
        assert translate("no such text") == "no such text"


def test_placeholders_are_filled_and_braces_in_facts_stay() -> None:
    assert translate("a {x}", x="{y}") == "a {y}"
    assert tell(Message("{x} of {y}", {"x": 1, "y": "{z}"})) == "1 of {z}"


def test_a_text_without_facts_may_contain_braces() -> None:
    assert translate("{not a placeholder}") == "{not a placeholder}"


def test_the_language_ends_with_its_block() -> None:
    before = locale()

    def fail() -> None:
        with speaking("en"):
            assert locale() == "en"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert locale() == before


async def test_requests_at_the_same_time_do_not_mix(client: Visitor) -> None:
    async def language(cookie: str) -> str:
        page = await client.get("/rulebook", headers={"cookie": f"mx_locale={cookie}"})
        return "en" if '<html lang="en"' in page.text else "zh"

    assert await asyncio.gather(*(language(one) for one in ("en", "zh_CN") * 5)) == ["en", "zh"] * 5


def test_marking_changes_nothing() -> None:
    assert N_(KNOWN) == KNOWN


@pytest.mark.parametrize(
    ("text", "facts", "said"),
    [
        ("{n} working days left", {"n": 1}, "1 working day left"),
        ("{n} working days left", {"n": 2}, "2 working days left"),
        ("{count} agencies are invited", {"count": "1"}, "1 agency is invited"),
        ("{count} entries wait", {"count": 1}, "1 entry waits"),
        ("{fired} red flags on {cases} projects", {"fired": 1, "cases": 12}, "1 red flag on 12 projects"),
        ("{n} are suspended, {m} have too few", {"n": 1, "m": 3}, "1 is suspended, 3 have too few"),
        ("Delivery {no} of {project} was returned", {"no": 1, "project": "MX-1"}, "Delivery 1 of MX-1 was returned"),
    ],
)
def test_english_says_one_in_the_singular(text: str, facts: dict[str, object], said: str) -> None:
    with speaking("en"):
        assert translate(text, **facts) == said
