"""Headers on every answer, forms that cannot be forged, cookies, bodies that are too large."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from market.demo.projects import open_owner
from market.demo.world import World
from market.kernel.db import execute
from market.kernel.settings import Settings
from market.web.assets import asset
from market.web.security import CSRF_COOKIE, CSRF_FIELD, CSRF_HEADER, HEADERS
from tests.application import application_on
from tests.visitor import Visitor

FAILING = "/projects"  # once its table is gone


async def answer_of(client: httpx.AsyncClient, kind: str) -> httpx.Response:
    match kind:
        case "200":
            return await client.get("/rulebook")
        case "404":
            return await client.get("/no/such/page")
        case "404 of a parameter":
            return await client.get("/register/entries/not-a-uuid")
        case "405":
            return await client.delete("/rulebook")
        case "403":
            return await client.post("/preferences")
        case "400":
            return await client.get("/projects?page=x")
        case "static":
            return await client.get(asset("app.css"))
        case "static 404":
            return await client.get("/static/nothing.css")
        case "json":
            return await client.get("/healthz")
        case _:
            await execute("DROP TABLE project CASCADE")
            return await client.get(FAILING)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("200", 200), ("404", 404), ("404 of a parameter", 404), ("405", 405), ("403", 403), ("400", 400), ("static", 200),
     ("static 404", 404), ("json", 200), ("500", 500)],
)  # fmt: skip
async def test_every_answer_has_the_headers(client: httpx.AsyncClient, kind: str, status: int) -> None:
    answer = await answer_of(client, kind)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_only_hashed_files_may_be_cached(client: httpx.AsyncClient) -> None:
    assert "immutable" in (await answer_of(client, "static")).headers["cache-control"]
    for kind in ("200", "404", "403", "json"):
        assert (await answer_of(client, kind)).headers["cache-control"] == "no-store"


async def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_an_error_page_tells_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    page = (await answer_of(client, "500")).text
    assert "Traceback" not in page
    assert "asyncpg" not in page
    assert "relation" not in page


@pytest.mark.parametrize("address", ["/projects?q=%00", "/search?q=%00", "/projects/%00", "/agencies/%00", "/search?q=%ED%A0%80",
                                     "/results?page=99999999999999999999", "/projects?region=%00&cls=%00&item=%00"])  # fmt: skip
async def test_no_address_makes_the_server_fail(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code < 500


# Forged forms


async def test_a_form_without_a_token_is_refused(client: Visitor) -> None:
    assert (await client.post("/preferences", data={"locale": "en"})).status_code == 403
    assert (await client.send_form("/preferences", {"locale": "en"})).status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "ü", "x" * 10_000])
async def test_a_wrong_token_is_refused(client: Visitor, token: str) -> None:
    await client.get("/rulebook")
    assert (await client.post("/preferences", data={CSRF_FIELD: token})).status_code == 403


async def test_a_token_is_its_visitors_own(site: Litestar) -> None:
    async with Visitor(site) as one, Visitor(site) as other:
        foreign = await one.token()
        await other.get("/rulebook")
        assert (await other.post("/preferences", data={CSRF_FIELD: foreign})).status_code == 403


async def test_a_token_ends_with_the_session(world: World, client: Visitor) -> None:
    """A token planted before signing in is worth nothing afterwards."""
    owner = await open_owner(world, name="市北区住房和城乡建设局", code="11370203MB0000001X")
    before = await client.token()
    assert owner.person_id is not None
    assert owner.organisation_id is not None
    await client.sign_in_as(owner.person_id, owner.organisation_id)
    assert (await client.post("/preferences", data={CSRF_FIELD: before})).status_code == 403


async def test_a_cookie_chosen_by_somebody_else_is_not_adopted(client: Visitor) -> None:
    client.cookies.set(CSRF_COOKIE, "chosen")
    page = await client.get("/rulebook")
    assert "chosen" not in page.text
    assert (await client.post("/preferences", data={CSRF_FIELD: "chosen"})).status_code == 403


async def test_scripts_may_send_the_token_in_a_header(client: Visitor) -> None:
    headers = {CSRF_HEADER: await client.token()}
    assert (await client.post("/preferences", data={"locale": "en"}, headers=headers)).status_code == 303


# Handlers that programs call, and that no cookie lets in.
EXEMPT = {
    "market.payments.routes.alipay.notify": "Alipay signs what it sends",
    "market.register.routes.witnessing.cosignatures": "a witness signs what it sends",
    "market.notices.routes.preferences.stop_mails": "the link of an e-mail carries the market's own signature",
}


def test_exempt_routes_are_named_with_their_reason(site: Litestar) -> None:
    handlers = [handler for route in site.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]
    assert handlers
    assert {str(handler) for handler in handlers if handler.opt.get("csrf_exempt")} == EXEMPT.keys()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("multipart/form-data", b"no boundary"), ("multipart/form-data; boundary=x", b"--x\r\nbroken"), ("application/json", b"{"),
     ("application/x-www-form-urlencoded", b"%ff%fe=%00&&&=;"), ("application/x-www-form-urlencoded", b"\xff\xfe"), ("", b"\x00"),
     ("multipart/form-data; boundary=" + "x" * 5000, b""), ("text/plain; charset=klingon", b"a=b")],
)  # fmt: skip
async def test_broken_bodies_are_refused(client: Visitor, content_type: str, body: bytes) -> None:
    answer = await client.post("/preferences", content=body, headers={"content-type": content_type})
    assert answer.status_code in {400, 403}


# Cookies


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Visitor) -> None:
    set_cookie = (await client.get("/rulebook")).headers["set-cookie"]
    assert set_cookie.startswith(f"{CSRF_COOKIE}=")
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie


async def test_cookies_are_secure_where_the_site_is(world: World, settings: Settings) -> None:
    secure = replace(settings, public_url="https://market.example")
    async with Visitor(application_on(replace(world.running, settings=secure))) as visitor:
        assert "Secure" in (await visitor.get("/rulebook")).headers["set-cookie"]


@pytest.mark.parametrize(
    "cookie", ["mx_session=nobody", "mx_session=\x7f", "=;=;", "mx_session=" + "a" * 8000, 'mx_locale="zh', "ü=ü"]
)
async def test_nonsense_in_cookies_is_an_anonymous_visit(client: Visitor, cookie: str) -> None:
    answer = await client.get("/rulebook", headers=[(b"cookie", cookie.encode("latin-1"))])
    assert answer.status_code == 200


# Bodies


async def send_endless(site: Litestar, path: str, *, total: int, headers: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Streams a body of `total` bytes; returns the status and how many bytes the server took before it answered."""
    chunk, taken, status = b"x" * 1024 * 1024, 0, 0

    async def receive() -> Any:
        nonlocal taken
        taken += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": taken < total}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), *headers], "state": {},
    }  # fmt: skip
    await site(scope, receive, send)
    return status, taken


GIGABYTE = 1024**3
MULTIPART = (b"content-type", b"multipart/form-data; boundary=xxxxxxxxxxxx")


@pytest.mark.parametrize("kind", [MULTIPART, (b"content-type", b"application/x-www-form-urlencoded")])
async def test_an_endless_body_is_cut_off(site: Litestar, settings: Settings, kind: tuple[bytes, bytes]) -> None:
    status, taken = await send_endless(site, "/preferences", total=GIGABYTE, headers=[kind])
    assert status == 413
    assert taken <= settings.upload_limit_bytes * 3 + 2 * 1024 * 1024


async def test_a_body_that_admits_to_be_too_large_is_not_read(site: Litestar) -> None:
    length = (b"content-length", str(GIGABYTE).encode())
    status, taken = await send_endless(site, "/preferences", total=GIGABYTE, headers=[MULTIPART, length])
    assert status == 413
    assert taken == 0
