"""The outermost layer: arrival time, the viewer, security headers on every answer (errors too), forged-form refusal."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from market.kernel.errors import Forbidden
from market.kernel.i18n import N_
from market.web.speech import spoken
from market.web.viewer import ANONYMOUS, Viewer

SESSION_COOKIE = "mx_session"
CSRF_COOKIE = "mx_csrf"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-frame-options": "DENY",
}
_ALWAYS = tuple(
    (name.encode("latin-1"), value.encode("latin-1"))
    for name, value in (*HEADERS.items(), ("cache-control", "no-store"))
)
API = "/api/"
_BEARER = "bearer "
ViewerLoader = Callable[[str], Awaitable[Viewer]]
TokenLoader = Callable[[str, str], Awaitable[Viewer]]
Counter = Callable[[Scope], Awaitable[Mapping[str, str]]]
log = logging.getLogger(__name__)


def cookies_of(scope: Scope) -> dict[str, str]:
    raw = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(raw).items()}
    except CookieError:
        return {}


class Outermost:
    """Wraps Litestar's own handler, so that it also covers answers Litestar's middleware never sees (404, 405)."""

    def __init__(
        self,
        inner: ASGIApp,
        *,
        load_viewer: ViewerLoader,
        load_token: TokenLoader | None = None,
        count: Counter | None = None,
    ) -> None:
        """`count` counts a program's request, whatever its answer will be, and gives headers for that answer."""
        self.inner = inner
        self.load_viewer = load_viewer
        self.load_token = load_token
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.inner(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        programs = is_api(scope)
        cookies = {"mx_locale": spoken(_header(scope, b"accept-language"))} if programs else cookies_of(scope)
        state["cookies"] = cookies
        state["arrived_at"] = scope["app"].state.running.clock.now()
        state["csrf_cookie"] = _known_or_new(cookies.get(CSRF_COOKIE))
        state["viewer"] = await (self._bearer(scope) if programs else self._viewer(cookies))
        state["set_cookies"], state["answer_headers"] = [], {}
        if programs and self.count is not None:
            await self._counted(scope, self.count)
        await self.inner(scope, receive, self._with_headers(scope, send))

    async def _viewer(self, cookies: dict[str, str]) -> Viewer:
        token = cookies.get(SESSION_COOKIE)
        if not token:
            return ANONYMOUS
        try:
            return await self.load_viewer(token)
        except Exception:
            log.exception("the session could not be read; the visitor is treated as signed out")
            return ANONYMOUS

    async def _bearer(self, scope: Scope) -> Viewer:
        """Who comes with a token. A browser's session counts for nothing here, so no other site can borrow it; what is
        wrong with a token is told by `refuse_unusable`, where there are handlers for it."""
        given = _header(scope, b"authorization")
        if not given or self.load_token is None:
            return ANONYMOUS
        token = given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""
        client = scope.get("client")
        try:
            return await self.load_token(token, client[0] if client else "")
        except Exception as problem:  # a database that is away, too, is an answer that programs can read
            scope["state"]["token_problem"] = problem
            return ANONYMOUS

    async def _counted(self, scope: Scope, count: Counter) -> None:
        try:
            scope["state"]["answer_headers"] = await count(scope)
        except Exception as problem:
            scope["state"]["token_problem"] = problem

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                given = {name.lower() for name, _ in headers}
                headers += [pair for pair in _ALWAYS if pair[0] not in given]
                told = scope["state"]["answer_headers"].items()
                headers += [pair for name, value in told if (pair := (name.encode(), value.encode()))[0] not in given]
                headers += [(b"set-cookie", value.encode("latin-1")) for value in scope["state"]["set_cookies"]]
                message["headers"] = headers
            await send(message)

        return sending


def is_api(scope: Any) -> bool:
    """Programs come here: with tokens instead of sessions, and to be answered with JSON."""
    return bool(scope["path"].startswith(API))


def _header(scope: Scope, wanted: bytes) -> str:
    return b", ".join(value for name, value in scope["headers"] if name == wanted).decode("latin-1")


async def refuse_unusable(request: Request[Any, Any, Any]) -> None:
    """Litestar `before_request` hook: a program with a bad token, or one that asks too often, is told so."""
    problem = request.scope["state"].get("token_problem")
    if problem is not None:
        raise problem


def cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> str:
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)


def set_cookie(request: Request[Any, Any, Any], name: str, value: str, *, max_age: int | None = None) -> None:
    """Adds a cookie to whatever answer this request gets."""
    secure = request.app.state.running.settings.cookie_secure
    request.scope["state"]["set_cookies"].append(cookie(name, value, secure=secure, max_age=max_age))


def _known_or_new(value: str | None) -> str:
    if value and len(value) == 43 and value.replace("-", "").replace("_", "").isalnum():
        return value
    return secrets.token_urlsafe(32)


def csrf_token(request: Request[Any, Any, Any]) -> str:
    """The form's token: bound to the visitor's cookie and to the session, unknown to other sites. The cookie is set
    where a token is given out, so that health checks and downloads carry none."""
    state = request.scope["state"]
    if state["csrf_cookie"] != state["cookies"].get(CSRF_COOKIE) and "csrf_given" not in state:
        state["csrf_given"] = True
        set_cookie(request, CSRF_COOKIE, state["csrf_cookie"])
    key: str = request.app.state.running.settings.secret_key.reveal()
    return form_token(key, state["csrf_cookie"], state.get("cookies", {}).get(SESSION_COOKIE, ""))


def form_token(key: str, csrf_cookie: str, session: str) -> str:
    return hmac.new(key.encode(), f"csrf|{csrf_cookie}|{session}".encode(), hashlib.sha256).hexdigest()


async def refuse_forged(request: Request[Any, Any, Any]) -> None:
    """Litestar `before_request` hook: every unsafe method needs the token, except handlers marked `csrf_exempt`."""
    if request.method in SAFE_METHODS or request.route_handler.opt.get("csrf_exempt") or is_api(request.scope):
        return
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = (await request.form()).get(CSRF_FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf_token(request).encode()):
        raise Forbidden(
            N_(
                "This form did not come from a page of ours, or the page was too old. Go back, reload the page and send it again."
            )
        )
