"""The addresses below /api/, each made from its declaration."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put

from market.accounts.tokens.rules import Scope
from market.api import drafts, gate
from market.api.acts import ACTS, Act, parameters_of
from market.api.bulk.routes import routes as bulk
from market.api.openapi import document
from market.api.pages import routes as pages
from market.api.reads import READS, Asked, Read, parameters_in
from market.web.pages import locale_of
from market.web.viewer import require_scope

AnyRequest = Request[Any, Any, Any]
BASE: Final = "/api/v1"
OPT: Final = {"api": True}


def _act(declared: Act) -> Any:
    async def handle(request: AnyRequest) -> Response[Any]:
        return await gate.act(declared, request)

    return post(BASE + declared.path, name=f"api.{declared.name}", status_code=200, opt=OPT)(handle)


def _read(declared: Read) -> Any:
    async def handle(request: AnyRequest) -> Response[Any]:
        if declared.own:
            require_scope(request, Scope.READ_OWN)
        given = parameters_in(request, declared.parameters)
        places = {name: request.path_params[name] for name, _ in parameters_of(declared.path)}
        found = await declared.run(Asked(request, given, places))
        content = found if isinstance(found, bytes) else msgspec.json.encode(found)
        return gate.read_answer(request, content, private=declared.own)

    return get(BASE + declared.path, name=f"api.{declared.name}", opt=OPT)(handle)


@get(f"{BASE}/openapi.json", name="api.openapi", opt=OPT)
async def openapi(request: AnyRequest) -> Response[Any]:
    """The description of all this, for machines."""
    return gate.read_answer(request, document(locale_of(request), request.app.state.running.settings.public_url))


_DRAFTS: Final = (
    post(f"{BASE}/drafts", name="api.beginDraft", status_code=201, opt=OPT)(drafts.begin_draft),
    get(f"{BASE}/drafts/{{draft_id:uuid}}", name="api.readDraft", opt=OPT)(drafts.read_draft),
    put(f"{BASE}/drafts/{{draft_id:uuid}}", name="api.changeDraft", opt=OPT)(drafts.change_draft),
    delete(f"{BASE}/drafts/{{draft_id:uuid}}", name="api.discardDraft", status_code=200, opt=OPT)(drafts.discard_draft),
)
routes: list[Any] = [openapi, *_DRAFTS, *map(_read, READS), *map(_act, ACTS), *pages, *bulk]
