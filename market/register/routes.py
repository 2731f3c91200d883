"""The register as anybody may read it."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, Parameter

from market.kernel.db import fetch
from market.register import queries
from market.register.acts import act_name
from market.web.pages import render

AnyRequest = Request[Any, Any, Any]
PAGE = 50


@get("/register")
async def register_page(request: AnyRequest, kind: FromQuery[str | None] = None, before: FromQuery[Annotated[int | None, Parameter(ge=1)]] = None) -> Response[str]:
    found = await queries.entries(kind or None, before=before, limit=PAGE + 1)
    kinds = [row["kind"] for row in await fetch("SELECT DISTINCT kind FROM register_entry ORDER BY kind")]
    return render(request, "register/list.html", entries=found[:PAGE], more=len(found) > PAGE, kinds=kinds,
                  kind=kind, act_name=act_name)


@get("/register/entries/{entry_id:uuid}")
async def entry_page(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[str]:
    entry = await queries.entry(entry_id)
    pretty = json.dumps(entry.data, ensure_ascii=False, indent=2)
    return render(request, "register/entry.html", entry=entry, pretty=pretty, act_name=act_name,
                  subject_url=subject_url(entry.subject))


@get("/register/entries/{entry_id:uuid}/entry.json")
async def entry_json(entry_id: FromPath[UUID]) -> Response[bytes]:
    """The entry as canonical JSON (RFC 8785): the bytes whose SHA-256 receipts name."""
    found = await queries.entry(entry_id)
    return Response(found.canonical(), media_type="application/json")


def subject_url(subject: str) -> str | None:
    """Where the thing itself is shown: a project by its number, an organisation by its code."""
    if subject.startswith("MX-"):
        return f"/projects/{subject}"
    return f"/agencies/{subject}" if len(subject) == 18 else None


routes: list[Any] = [register_page, entry_page, entry_json]
