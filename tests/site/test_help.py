"""Help for clerks: every page is complete in both languages, with the rulebook's numbers and pictures that exist."""

from __future__ import annotations

import re
from html import escape

import pytest

from market.site.help import PICTURES, TOPICS
from tests.browser import help_pictures
from tests.contracts.conftest import SignIn
from tests.site.conftest import Somebody
from tests.visitor import Visitor


def test_every_picture_is_taken_and_every_picture_taken_is_shown() -> None:
    assert set(help_pictures.PICTURES) == PICTURES
    for name in PICTURES:
        for language in help_pictures.LANGUAGES:
            assert help_pictures.picture_path(name, language).read_bytes().startswith(b"\x89PNG"), name


@pytest.mark.parametrize("language", help_pictures.LANGUAGES)
async def test_every_topic_can_be_read_and_begun(client: Visitor, language: str) -> None:
    client.cookies.set("mx_locale", language)
    overview = (await client.get("/help")).text
    for slug, topic in TOPICS.items():
        assert f'href="/help/{slug}"' in overview
        page = (await client.get(f"/help/{slug}")).text
        text = re.sub(r"<[^>]+>", " ", page)
        assert "{" not in text, slug
        assert page.count('class="help-step"') == len(topic.steps)
        assert len(re.findall(r"<img[^>]+help-", page)) == sum(step.picture is not None for step in topic.steps)
        if topic.steps[0].days or any(step.days for step in topic.steps):
            assert re.search(r"\d+ (个工作日|working days)|\d+个工作日", text), slug
        assert (await client.get(topic.begin[0])).status_code in {200, 303}
    assert (await client.get("/help/nothing")).status_code == 404


async def test_only_whoever_may_go_on_is_sent_there(somebody: Somebody, sign_in: SignIn) -> None:
    for kind in ("public_body", "agency", "expert"):
        client = await sign_in(await somebody(kind))
        for slug, topic in TOPICS.items():
            offered = (
                f'class="button button--primary button--normal" href="{escape(topic.begin[0])}"'
                in (await client.get(f"/help/{slug}")).text
            )
            assert offered is ((await client.get(topic.begin[0])).status_code != 403), (kind, slug)
