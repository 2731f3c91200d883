"""Calling an address that an organisation named: looked up once, checked, and connected to exactly what was checked, so that
no second look-up can lead into our own network. Redirects are not followed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult

import httpx

from market.notices.webhooks.rules import Address, BadTarget, check_public, literal_address, target_of

SECONDS: Final = 10
LOOK_UP_SECONDS: Final = 5
ANSWER_BYTES: Final = 1000
# What the log says where no answer came; behind two of them stands a word: of BadTarget, or the kind of failure.
REFUSED: Final = "refused: "
NOT_REACHED: Final = "not reached: "
NO_ANSWER: Final = "no answer in time"
Resolve = Callable[[str, int], Awaitable[list[Address]]]


@dataclass(frozen=True)
class Answer:
    """`status`: None where none came, and then `problem` says why; `text`: the beginning of the body."""

    status: int | None
    problem: str
    text: str = ""


async def look_up(host: str, port: int) -> list[Address]:
    """All addresses of a name. Raises BadTarget when it has none."""
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise BadTarget("unknown") from None
    return [ip_address(str(one[4][0]).partition("%")[0]) for one in found]


async def checked_address(parts: SplitResult, *, to_this_machine: bool, resolve: Resolve = look_up) -> Address:
    """The address to connect to. Raises BadTarget when any of the name's addresses is not public: a name that mixes public
    and private ones is an attempt to slip in."""
    assert parts.hostname
    literal = literal_address(parts.hostname)
    found = [literal] if literal else await resolve(parts.hostname, parts.port or 443)
    if not found:
        raise BadTarget("unknown")
    for one in found:
        check_public(one, to_this_machine=to_this_machine)
    return found[0]


async def call(
    url: str, headers: Mapping[str, str], body: str, *, to_this_machine: bool, resolve: Resolve = look_up
) -> Answer:
    """Sends one POST. Never raises for what the other side does."""
    try:
        parts = target_of(url, to_this_machine=to_this_machine)
        address = await checked_address(parts, to_this_machine=to_this_machine, resolve=resolve)
    except BadTarget as bad:
        return Answer(None, f"{REFUSED}{bad.why}")
    try:
        async with asyncio.timeout(SECONDS):
            return await _post(parts, address, headers, body)
    except TimeoutError:
        return Answer(None, NO_ANSWER)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        return Answer(None, f"{NOT_REACHED}{type(problem).__name__}")


async def _post(parts: SplitResult, address: Address, headers: Mapping[str, str], body: str) -> Answer:
    host = f"[{address}]" if address.version == 6 else str(address)
    url = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
    named = httpx.URL(parts.geturl())  # with its name as the wire knows it, 例子.中国 among them
    client = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False)
    sent = {
        **headers,
        "host": named.netloc.decode(),
        "content-type": "application/json",
        "user-agent": "mingxuan-webhooks/1",
    }
    async with (
        client,
        client.stream(
            "POST", url, content=body.encode(), headers=sent, extensions={"sni_hostname": named.raw_host.decode()}
        ) as answer,
    ):
        return Answer(answer.status_code, "", await _beginning(answer))


async def _beginning(answer: httpx.Response) -> str:
    """So much of the body as the log keeps; a receiver that never stops is not read to its end."""
    kept = b""
    async for piece in answer.aiter_raw(ANSWER_BYTES):
        kept += piece
        if len(kept) >= ANSWER_BYTES:
            break
    text = kept[:ANSWER_BYTES].decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
