"""Server-sent events at the seam to the server: every end closes what made the events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from market.web import streams
from market.web.streams import EventStream, OpenStream, end_streams, event, open_streams

Sent = list[dict[str, Any]]


class Source:
    """Makes numbered events until told otherwise, and knows whether it was closed."""

    def __init__(self, stream: OpenStream, fail_at: int | None = None) -> None:
        self.stream, self.fail_at = stream, fail_at
        self.closed = False

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            for number in range(1000):
                if number == self.fail_at:
                    raise RuntimeError("the source broke")
                yield event("state", {"number": number}, key=str(number))
                if self.stream.over.is_set():
                    return
                await asyncio.wait_for(asyncio.shield(asyncio.Event().wait()), 60) if number == 2 else None
        finally:
            self.closed = True


@asynccontextmanager
async def answered(source: Source, send: Any, gone: asyncio.Event) -> AsyncIterator[asyncio.Task[None]]:
    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    respond = EventStream(source.stream, source.events()).to_asgi_response()
    task = asyncio.create_task(respond({"type": "http"}, receive, send))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _until(condition: Any) -> None:
    async with asyncio.timeout(60):
        turn = asyncio.Event()
        while not condition():
            asyncio.get_running_loop().call_soon(turn.set)
            await turn.wait()
            turn.clear()


def recorder() -> tuple[Sent, Any]:
    sent: Sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    return sent, send


def test_an_event_is_text_that_browsers_read() -> None:
    assert event("state", {"name": "竞价", "lines": "a\nb"}, key="7") == (
        'id: 7\nevent: state\ndata: {"name":"竞价","lines":"a\\nb"}\n\n'.encode()
    )
    assert event("beat", {}) == b"event: beat\ndata: {}\n\n"


async def test_a_reader_that_leaves_ends_everything() -> None:
    source, gone = Source(OpenStream("leaves")), asyncio.Event()
    sent, send = recorder()
    async with answered(source, send, gone) as task:
        await _until(lambda: len(sent) == 5)  # the head, the pause, three events
        assert open_streams("leaves") == 1
        gone.set()
        await task
    assert source.closed
    assert open_streams("leaves") == 0
    assert dict(sent[0]["headers"])[b"x-accel-buffering"] == b"no"
    assert sent[1]["body"] == b"retry: 1500\n\n"


async def test_a_source_that_breaks_is_an_error_and_not_an_end() -> None:
    source = Source(OpenStream("breaks"), fail_at=1)
    sent, send = recorder()
    async with answered(source, send, asyncio.Event()) as task:
        with pytest.raises(RuntimeError, match="broke"):
            await task
    assert source.closed
    assert open_streams("breaks") == 0
    assert sent[-1]["more_body"]  # nothing pretends that it came to its end


async def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.01)
    source = Source(OpenStream("stalls"))

    async def send(message: dict[str, Any]) -> None:
        if b"state" in message.get("body", b""):
            await asyncio.Event().wait()

    async with answered(source, send, asyncio.Event()) as task, asyncio.timeout(60):
        await task
    assert source.closed
    assert open_streams("stalls") == 0


async def test_a_server_that_stops_ends_all_streams() -> None:
    source = Source(OpenStream("stops"))
    sent, send = recorder()

    async def sending(message: dict[str, Any]) -> None:
        await send(message)
        end_streams()

    async with answered(source, sending, asyncio.Event()) as task, asyncio.timeout(60):
        await task
    assert source.closed
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
