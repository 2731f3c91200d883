"""One-time messages: shown once, to the right visitor, and never forged; redirects stay on the site."""

from __future__ import annotations

import base64
import json
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from market.web.receipts import FLASH_COOKIE, is_own_path, redirect
from tests.visitor import Visitor

SIGNED_OUT = "您已退出登录"


async def test_a_message_is_shown_once(client: Visitor) -> None:
    answer = await client.send_form("/sign-out")
    assert answer.status_code == 303
    assert SIGNED_OUT in (await client.get("/rulebook")).text
    assert SIGNED_OUT not in (await client.get("/rulebook")).text


def forged(text: str, signature: str) -> str:
    body = base64.urlsafe_b64encode(json.dumps({"text": text, "tone": "success", "facts": {}}).encode()).decode()
    return f"{body}.{signature}"


@pytest.mark.parametrize("signature", ["", "0" * 32, "0" * 64, "."])
async def test_a_forged_message_is_ignored(client: Visitor, signature: str) -> None:
    client.cookies.set(FLASH_COOKIE, forged("Pay to account 6222", signature))
    page = await client.get("/rulebook")
    assert page.status_code == 200
    assert "Pay to account" not in page.text


@pytest.mark.parametrize("value", ["", ".", "a.b", "%%%.0", "x" * 5000])
async def test_a_broken_message_is_ignored(client: Visitor, value: str) -> None:
    client.cookies.set(FLASH_COOKIE, value)
    assert (await client.get("/rulebook")).status_code == 200


async def test_a_message_that_was_altered_is_ignored(client: Visitor) -> None:
    answer = await client.send_form("/sign-out")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(FLASH_COOKIE))
    signature = cookie.split(";")[0].rpartition(".")[2]
    client.cookies.set(FLASH_COOKIE, forged("Pay to account 6222", signature))
    assert "Pay to account" not in (await client.get("/rulebook")).text


@pytest.mark.parametrize(
    "url", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x()", "", "evil"]
)
async def test_we_redirect_to_our_own_pages_only(site: Litestar, url: str) -> None:
    with pytest.raises(ValueError, match="our own"):
        redirect(None, url)  # type: ignore[arg-type]  # refused before the request is looked at


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/\\evil.example", "///evil", "\\\\evil", "/\t/evil.example", "", "x"],
)
async def test_preferences_lead_back_to_a_page_of_ours(client: Visitor, back: str) -> None:
    answer = await client.send_form("/preferences", {"locale": "en", "back": back})
    assert answer.status_code == 303
    target = httpx.URL("http://127.0.0.1:8000").join(answer.headers["location"])
    assert (target.host, target.scheme) == ("127.0.0.1", "http")


@given(st.text(st.sampled_from("/\\\t\n @:.aé"), max_size=12))
def test_no_own_path_leads_elsewhere(text: str) -> None:
    if is_own_path(text):
        as_browsers_do = "".join(char for char in text if char not in "\t\r\n").replace("\\", "/")
        target = urljoin("http://market.example/x", as_browsers_do)
        assert urlsplit(target).netloc == "market.example"


@pytest.mark.parametrize("path", ["/", "/projects?q=测量&page=2", "/agencies/91370200MA0000000X#credit", "/a//b"])
def test_paths_of_ours(path: str) -> None:
    assert is_own_path(path)


async def test_preferences_are_kept_and_only_known_ones(client: Visitor) -> None:
    answer = await client.send_form(
        "/preferences", {"locale": "en", "theme": "dark", "size": "huge", "back": "/rulebook"}
    )
    assert answer.headers["location"] == "/rulebook"
    assert client.cookies.get("mx_locale") == "en"
    assert client.cookies.get("mx_theme") == "dark"
    assert "mx_size" not in client.cookies
    page = (await client.get("/rulebook")).text
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page


async def test_unknown_preferences_count_as_not_chosen(client: Visitor) -> None:
    client.cookies.set("mx_locale", "../../etc/passwd")
    assert '<html lang="zh-CN"' in (await client.get("/rulebook")).text
