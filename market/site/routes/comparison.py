"""Agencies side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromQuery

from agencies.routes.desk import desk_of, page
from market.site.queries.comparison import MOST, Compared, compare
from market.web.viewer import viewer_of
from ratings.credit.rules import points_text

AnyRequest = Request[Any, Any, Any]
LONGEST_CODE = 18


@get("/agencies/compare")
async def comparison_page(request: AnyRequest, code: FromQuery[list[str] | None] = None) -> Response[str]:
    """`code`: once for each agency. More than fit side by side are left out, and the page says so."""
    asked = [one.strip().upper()[:LONGEST_CODE] for one in code or [] if one.strip()]
    desk = await desk_of(request)
    found = await compare(viewer_of(request), asked, desk.now)
    return page(
        request, "site/compare.html", desk, found=found, most=MOST, too_many=len(set(asked)) > MOST,
        points={one.code: points_text(one.account.score.points) for one in found.agencies},
        without={one.code: _address(found.agencies, leaving_out=one) for one in found.agencies},
    )  # fmt: skip


def _address(agencies: tuple[Compared, ...], *, leaving_out: Compared) -> str:
    return "/agencies/compare?" + urlencode([("code", one.code) for one in agencies if one is not leaving_out])


routes: list[Any] = [comparison_page]
