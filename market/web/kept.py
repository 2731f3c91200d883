"""Public pages are rendered once for each state of the market and kept for the next visitor.

What a public page says changes by legal acts, and every legal act is a register entry of the same transaction: a page
is as good as new until the register grows. Because pages also tell how much time is left, none outlives the minute of
market time in which it was made. Signed-in visitors never get a kept page. (docs/adr/0011-kept-pages.md)
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import MediaType, Request, Response

from market.kernel.db import fetch_one
from market.web.pages import preferences_of
from market.web.receipts import FLASH_COOKIE
from market.web.security import csrf_token
from market.web.viewer import viewer_of

AnyRequest = Request[Any, Any, Any]
KEPT = {"kept": True}  # @get("/…", opt=KEPT)
MOST_PAGES = 1000
# Numbers are given before the commit, so a late one may slip in below the highest: the sum of the newest sees it.
_STATE = "SELECT max(written) AS newest, sum(written)::text AS all_new FROM (SELECT written FROM register_entry ORDER BY written DESC LIMIT 64) e"


@dataclass
class KeptPages:
    """The pages of one application. `token` and `moment` stand where each visitor's own form token and the present
    moment belong; nobody can guess them, so nothing that users write can pass for one."""

    pages: OrderedDict[tuple[Any, ...], tuple[Any, str]] = field(default_factory=OrderedDict)
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    moment: str = field(default_factory=lambda: secrets.token_hex(16))

    def find(self, key: tuple[Any, ...], state: Any) -> str | None:
        kept = self.pages.get(key)
        if kept is None or kept[0] != state:
            return None
        self.pages.move_to_end(key)
        return kept[1]

    def keep(self, key: tuple[Any, ...], state: Any, page: str) -> None:
        self.pages[key] = (state, page)
        self.pages.move_to_end(key)
        while len(self.pages) > MOST_PAGES:
            self.pages.popitem(last=False)


async def kept_page(request: AnyRequest) -> Response[str] | None:
    """Litestar `before_request`: the kept page, if this visitor may have it and it is as good as new."""
    if not _may_be_kept(request):
        return None
    state = await _state(request.scope["state"]["arrived_at"])
    shelf: KeptPages = request.app.state.kept
    page = shelf.find(_key(request), state)
    if page is None:
        request.scope["state"]["keep_as"] = state
        return None
    own = page.replace(shelf.token, csrf_token(request)).replace(shelf.moment, _moment(request))
    return Response(own, media_type=MediaType.HTML)


async def keep_page(request: AnyRequest) -> None:
    """Litestar `after_response`: keeps the page that `kept_page` looked for, unless it is this visitor's alone."""
    state = request.scope["state"]
    if "keep_as" not in state or "page" not in state or "page_is_personal" in state:
        return
    shelf: KeptPages = request.app.state.kept
    neutral = state["page"].replace(csrf_token(request), shelf.token).replace(_moment(request), shelf.moment)
    shelf.keep(_key(request), state["keep_as"], neutral)


def _may_be_kept(request: AnyRequest) -> bool:
    if not request.route_handler.opt.get("kept") or request.method != "GET":
        return False
    return viewer_of(request).is_anonymous and FLASH_COOKIE not in request.scope["state"]["cookies"]


def _key(request: AnyRequest) -> tuple[Any, ...]:
    chosen = tuple(preferences_of(request).values())
    return request.scope["path"], request.scope["query_string"], "hx-request" in request.headers, chosen


async def _state(now: datetime) -> tuple[Any, ...]:
    row = await fetch_one(_STATE)
    assert row is not None
    return row["newest"], row["all_new"], now.replace(second=0, microsecond=0)


def _moment(request: AnyRequest) -> str:
    moment: datetime = request.scope["state"]["arrived_at"]
    return moment.isoformat()
