"""The little of HTTP that the simulator needs, without a framework: a failure on demand must be able to break it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
LARGEST_BODY = 256 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: bytes
    body: bytes
    headers: dict[str, str]

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def args(self) -> dict[str, str]:
        return dict(parse_qsl(self.query.decode("latin-1")))


@dataclass(frozen=True)
class Answer:
    body: bytes | AsyncIterator[bytes]
    status: int = 200
    kind: str = "text/html;charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


def redirect(url: str) -> Answer:
    return Answer(b"", 302, headers=(("location", url),))


async def read(scope: Scope, receive: Receive) -> Request:
    body = b""
    more = True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False) and len(body) <= LARGEST_BODY
    # Some clients, Alipay's SDK among them, name the whole address in the request line.
    path, query = scope["path"], scope["query_string"]
    if "://" in path:
        path = urlsplit(path).path
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], path, query, body, headers)


async def write(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.kind.encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        *((name.encode(), value.encode()) for name, value in answer.headers),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": answer.body})
        return
    async for part in answer.body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
