"""The crowd of the bench of bids: a process that only sends requests made beforehand, so that it costs the market's
process nothing. Imports no part of the market."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Sent:
    """`receipts`: where each answer leads; `latencies` in seconds, from the first byte sent to the whole answer."""

    seconds: float = 0.0
    receipts: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Sent:
    """Each connection sends its next request as soon as the last one is answered."""
    return asyncio.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> Sent:
    sent, waiting = Sent(), iter(requests)
    links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    started = perf_counter()
    await asyncio.gather(*(_work(reader, writer, waiting, sent) for reader, writer in links))
    sent.seconds = perf_counter() - started
    for _, writer in links:
        writer.close()
    return sent


async def _work(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes], sent: Sent
) -> None:
    for request in waiting:
        asked = perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        names = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head.split("\r\n")[1:]}
        body = await reader.readexactly(int(names.get("content-length", "0")))
        sent.latencies.append(perf_counter() - asked)
        if not head.startswith("HTTP/1.1 303"):
            raise RuntimeError(f"not taken: {head.splitlines()[0]} {body[:300]!r}")
        sent.receipts.append(names["location"])
