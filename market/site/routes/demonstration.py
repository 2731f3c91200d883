"""The people of the demonstration market; in any other market there is no such page."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from litestar import Request, Response, get

from market.kernel.errors import NotFound
from market.site.demo_accounts import DEMO_ACCOUNTS, PASSWORD
from market.web.context import running
from market.web.pages import render

AnyRequest = Request[Any, Any, Any]


@get("/demo")
async def demo_page(request: AnyRequest) -> Response[str]:
    if not running(request).settings.demo:
        raise NotFound
    groups = [(role, list(accounts)) for role, accounts in groupby(DEMO_ACCOUNTS, key=lambda one: one.role)]
    return render(request, "site/demo.html", groups=groups, password=PASSWORD)


routes: list[Any] = [demo_page]
