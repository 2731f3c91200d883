"""Published decisions as files, for programs and spreadsheets."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from market.kernel.i18n import speaking
from market.web.context import arrived_at, running
from market.web.downloads import csv_response
from market.web.pages import locale_of
from ratings.cases import queries
from ratings.cases.export import as_csv, as_json

AnyRequest = Request[Any, Any, Any]


@get("/decisions.csv")
async def decisions_csv(request: AnyRequest) -> Response[bytes]:
    found = await queries.published(arrived_at(request))
    with speaking(locale_of(request)):
        content = as_csv(found, running(request).settings.public_url)
    return csv_response(content, "decisions.csv")


@get("/decisions.json")
async def decisions_json(request: AnyRequest) -> Response[dict[str, Any]]:
    now = arrived_at(request)
    return Response(as_json(await queries.published(now), now, running(request).settings.public_url))


routes: list[Any] = [decisions_csv, decisions_json]
