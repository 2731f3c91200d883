"""Server-sent events: pages that move without being asked again.

Each event is complete in itself, so that whoever comes back after a break needs the newest and nothing else. A stream
ends after a while and the browser comes back by itself: so rights are checked again, and a server can stop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from litestar import Response
from litestar.types import Receive, Scope, Send

RETRY_MS: Final = 1_500  # how long a browser waits before it comes back
STALLED_SECONDS: Final = 20  # a reader that takes nothing for so long is let go
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies hand each event on at once
)


@dataclass(eq=False)
class OpenStream:
    """One reader. `key` counts those that belong together; `over` is set when it has to end."""

    key: Hashable
    over: asyncio.Event = field(default_factory=asyncio.Event)


_OPEN: set[OpenStream] = set()


def open_streams(key: Hashable) -> int:
    """How many readers of this key there are in this process."""
    return sum(stream.key == key for stream in _OPEN)


def end_streams() -> None:
    """All streams end with the event they are at: the server is about to stop."""
    for stream in list(_OPEN):
        stream.over.set()


def event(name: str, data: Mapping[str, Any], *, key: str | None = None) -> bytes:
    """One event as bytes; `key` comes back as Last-Event-ID when the browser reconnects."""
    head = f"id: {key}\n" if key is not None else ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {name}\ndata: {text}\n\n".encode()


class EventStream(Response[None]):
    """Sends what `events` yields for as long as the reader is there, the generator goes on and nothing ends the stream.
    The generator is always closed, wherever it stands."""

    def __init__(self, stream: OpenStream, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(None)
        self.stream, self.events = stream, events

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._respond

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        _OPEN.add(self.stream)
        sending, leaving = asyncio.create_task(self._send_all(send)), asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _OPEN.discard(self.stream)
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            with suppress(TimeoutError):  # the reader took nothing: the server hangs up
                sending.result()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        async with aclosing(self.events) as events:
            await _send(send, f"retry: {RETRY_MS}\n\n".encode())
            async for part in events:
                await _send(send, part)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, part: bytes) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": part, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
