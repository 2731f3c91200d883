"""A visitor over real HTTP semantics: cookies, forms with their CSRF token, signed in or not."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from market.accounts.actions import open_session
from market.web.security import CSRF_FIELD, SESSION_COOKIE

_TOKEN = re.compile(rf'name="{CSRF_FIELD}" value="([0-9a-f]+)"')


def transport_to(site: Any, **more: Any) -> httpx.ASGITransport:
    """Straight into the application. (Litestar describes itself more narrowly than httpx asks, hence the Any.)"""
    return httpx.ASGITransport(app=site, **more)


class Visitor(httpx.AsyncClient):
    """`await visitor.send_form(path, {...})` posts with a valid token; `.post` is the bare request."""

    def __init__(self, site: Litestar | None, *, address: str = "http://127.0.0.1:8000") -> None:
        """`site`: the application; None for a market that runs at `address` as a process of its own."""
        transport = transport_to(site, client=("127.0.0.1", 50000)) if site else httpx.AsyncHTTPTransport(retries=6)
        super().__init__(transport=transport, base_url=address, follow_redirects=False, timeout=60)

    async def sign_in_as(self, person_id: UUID, organisation_id: UUID) -> Visitor:
        """A session as the sign-in page would give it."""
        token = await open_session(
            person_id, organisation_id, hours=12, second_factor_passed=True, user_agent="tests", address="127.0.0.1"
        )
        self.cookies.set(SESSION_COOKIE, token)
        return self

    async def token(self) -> str:
        """The CSRF token of a page of ours (the footer's preference form stands on every page)."""
        page = await self.get("/accessibility")
        found = _TOKEN.search(page.text)
        assert found, "a page without a form token"
        return found.group(1)

    async def send_form(self, path: str, data: dict[str, Any] | None = None, files: Any = None) -> httpx.Response:
        return await self.post(path, data={**(data or {}), CSRF_FIELD: await self.token()}, files=files)
