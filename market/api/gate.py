"""What every request of a program goes through: who, how often, which key; and what every answer carries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from market.api import idempotency
from market.api.acts import Act, parameters_of
from market.api.answers import DoneAnswer
from market.api.idempotency import KEY_LENGTH, Answered, Claim
from market.api.sending import SentByProgram, as_form, read_body
from market.kernel.clock import wall_now
from market.kernel.errors import Forbidden, FormInvalid, Message, NotFound, Refusal, Throttled
from market.kernel.i18n import N_
from market.register.queries import utc_text
from market.web import problems
from market.web.context import running
from market.web.pages import locale_of
from market.web.problems import Problem, Unprocessed
from market.web.viewer import SignInNeeded, Viewer, require_scope

AnyRequest = Request[Any, Any, Any]
JSON = "application/json"
VARY: Final = {"vary": "authorization, accept-language"}
_TURNED_AWAY = (NotFound, Forbidden, SignInNeeded, Throttled, Unprocessed)
# Where the page that a form leads to has its counterpart here.
_COUNTERPARTS = (
    (re.compile(r"/projects/([\w-]+)/bids/([\w-]+)"), r"/api/v1/projects/\1/bids"),
    (re.compile(r"/projects/([\w-]+)"), r"/api/v1/projects/\1"),
    (re.compile(r"/owner/drafts/([\w-]+)"), r"/api/v1/drafts/\1"),
    (re.compile(r"/contracts/([\w-]+)"), r"/api/v1/contracts/\1"),
    (re.compile(r"/payments/([\w-]+)"), r"/api/v1/payments/\1"),
    (re.compile(r"/bulk/([\w-]+)"), r"/api/v1/bulk/\1"),
)


async def act(declared: Act, request: AnyRequest) -> Response[Any]:
    """Once for each key, however often it is asked for."""
    viewer = require_scope(request, declared.scope)
    raw, body = await read_body(request, declared.body)

    async def run(held: Claim, entries: list[UUID]) -> tuple[int, bytes]:
        return await _as_page(declared, request, as_form(body, declared.always), entries)

    return await once(request, viewer, declared.name, raw, run)


async def once(request: AnyRequest, viewer: Viewer, name: str, raw: bytes, run: Any, lost: Any = None) -> Response[Any]:
    """`run(claim, entries)` gives status and body; what it refuses is an answer, too, and is kept like one. `lost(found)`
    gives them again where the act stands and its answer is gone; without it the act's entries are told."""
    assert viewer.token_id is not None
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + raw).hexdigest()
    claimed = await idempotency.claim(viewer.token_id, name, _key(request), asked)
    if isinstance(claimed, Answered):
        return await _again(name, claimed, lost)
    status, turned_away = 0, False
    try:
        with idempotency.acting_under(claimed) as entries:
            status, content = await _told(request, run, claimed, entries)
        await idempotency.keep_answer(claimed, status, content.decode())
    except _TURNED_AWAY:
        turned_away = True
        raise
    finally:
        request.scope["state"]["set_cookies"] = []
        if not status:
            await idempotency.give_back(claimed, turned_away=turned_away)
    return _answer(status, content)


async def _told(request: AnyRequest, run: Any, claimed: Claim, entries: list[UUID]) -> tuple[int, bytes]:
    try:
        result: tuple[int, bytes] = await run(claimed, entries)
    except Throttled:
        raise  # the same key may be tried again after the pause
    except Refusal as refusal:
        return 409, _problem(request, problems.refused(refusal))
    except FormInvalid as invalid:
        return 422, _problem(request, problems.incorrect(invalid))
    return result


def _problem(request: AnyRequest, problem: Problem) -> bytes:
    return msgspec.json.encode(problems.as_json(request, problem))


def _key(request: AnyRequest) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    low, high = KEY_LENGTH
    if not low <= len(key) <= high or not key.isascii() or not key.isprintable():
        raise Unprocessed(Problem(
            400, "idempotency.key_missing", Message(N_("This needs the header Idempotency-Key, of {low} to {high} characters."), {"low": low, "high": high}),
            Message(N_("Make a random one, such as a UUID, for each new act; repeat the same one to ask what became of it.")),
        ))  # fmt: skip
    return key


async def _as_page(declared: Act, request: AnyRequest, form: Any, entries: list[UUID]) -> tuple[int, bytes]:
    """The page's handler does it; a redirect says that it is done, 422 that the form has mistakes."""
    places = {name: request.path_params[name] for name, _ in parameters_of(declared.path)}
    answer = await declared.page.fn(SentByProgram(request, form), **places)
    if answer.status_code == 422:
        raise FormInvalid(request.scope["state"]["form_errors"])
    if not isinstance(answer, Redirect):
        raise RuntimeError(f"{declared.name}: the page asked back instead of acting")
    return 200, msgspec.json.encode(done(request, declared.name, answer.url, entries))


def done(request: AnyRequest, name: str, url: str, entries: list[UUID]) -> DoneAnswer:
    path = url.partition("#")[0].partition("?")[0]
    href = next((found.expand(there) for here, there in _COUNTERPARTS if (found := here.match(path))), None)
    page = f"{running(request).settings.public_url}{path}"
    return DoneAnswer(name, utc_text(request.scope["state"]["arrived_at"]), href, page, [str(one) for one in entries])


async def _again(name: str, found: Answered, lost: Any) -> Response[Any]:
    """The stored answer; where it got lost, what is known of the act."""
    again = {"idempotent-replayed": "true"}
    if found.answer is not None:
        return _answer(found.status, found.answer.encode(), again)
    if lost is not None:
        status, content = await lost(found)
        return _answer(status, content, again)
    known = DoneAnswer(
        name, utc_text(found.acted_at or wall_now()), entries=[str(one) for one in found.entries], answer_lost=True
    )
    return _answer(200, msgspec.json.encode(known), again)


def _answer(status: int, content: bytes, headers: Mapping[str, str] = VARY) -> Response[Any]:
    media_type = JSON if status < 400 else problems.MEDIA_TYPE
    return Response(content, status_code=status, media_type=media_type, headers={**VARY, **headers})


def read_answer(request: AnyRequest, content: bytes, *, tag: str | None = None, private: bool = False) -> Response[Any]:
    """A reading, with its ETag; 304 for who has it already."""
    tag = tag or etag(content + locale_of(request).encode())
    kept = {**VARY, "etag": tag, "cache-control": "private, no-cache" if private else "public, no-cache"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or known == ["*"]:
        return Response(None, status_code=304, headers=kept)
    return Response(content, media_type=JSON, headers=kept)


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
