"""The register as anybody may read it."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, Parameter

from market.register import log, queries
from market.register.acts import act_name
from market.register.naming import names_of
from market.register.proofs import placed
from market.web.pages import render

AnyRequest = Request[Any, Any, Any]
PAGE = 50
VERIFIER = Path(__file__).parents[1] / "verifier.py"
_CODE = re.compile(r"[0-9A-Z]{18}", re.ASCII)


@lru_cache
def verifier() -> bytes:
    return VERIFIER.read_bytes()


@get("/register")
async def register_page(
    request: AnyRequest, kind: FromQuery[str | None] = None, subject: FromQuery[str | None] = None,
    before: FromQuery[Annotated[int | None, Parameter(ge=1, le=2**62)]] = None,
) -> Response[str]:  # fmt: skip
    found = await queries.entries(kind or None, subject=subject or None, before=before, limit=PAGE + 1)
    return render(
        request, "register/list.html", entries=found[:PAGE], names=await names_of({one.by for one in found}), more=len(found) > PAGE, kinds=await queries.kinds(), kind=kind,
        subject=subject, act_name=act_name, signed=await log.checkpoint(), waiting=await log.waiting(),
    )  # fmt: skip


@get("/register/entries/{entry_id:uuid}")
async def entry_page(request: AnyRequest, entry_id: FromPath[UUID]) -> Response[str]:
    entry = await queries.entry(entry_id)
    keys = await log.keys()
    return render(
        request, "register/entry.html", entry=entry, names=await names_of({entry.by}), pretty=json.dumps(entry.data, ensure_ascii=False, indent=2),
        act_name=act_name, subject_url=subject_url(entry.subject), place=await placed(entry), key=keys[-1].key if keys else None,
    )  # fmt: skip


@get("/register/entries/{entry_id:uuid}/entry.json")
async def entry_json(entry_id: FromPath[UUID]) -> Response[bytes]:
    """The entry as canonical JSON (RFC 8785): the bytes whose SHA-256 receipts name."""
    found = await queries.entry(entry_id)
    return Response(found.canonical(), media_type="application/json")


@get("/register/check")
async def check_page(request: AnyRequest) -> Response[str]:
    """How to check an entry, and the register as a whole, without believing anybody."""
    return render(
        request, "register/check.html", signed=await log.checkpoint(), keys=await log.keys(), witnesses=await log.witnesses(),
        waiting=await log.waiting(), verifier_sha256=hashlib.sha256(verifier()).hexdigest(),
    )  # fmt: skip


@get("/register/verifier.py")
async def verifier_file() -> Response[bytes]:
    """One file that checks proofs: for everybody to read, to keep, and to run anywhere."""
    return Response(verifier(), media_type="text/x-python")


def subject_url(subject: str) -> str | None:
    """Where the thing itself is shown: a project by its number, an organisation by its code."""
    if subject.startswith("MX-"):
        return f"/projects/{subject}"
    return f"/agencies/{subject}" if _CODE.fullmatch(subject) else None


routes: list[Any] = [register_page, entry_page, entry_json, check_page, verifier_file]
