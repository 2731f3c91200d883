"""What a page asks of the database: every statement by its text, and of how many different things it asked.

Parts of a page that ask the same of the same thing know nothing of each other; that does not grow with the rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urldefrag

import asyncpg
import pytest

from tests.city.crawl import kind_of, wanted
from tests.visitor import Visitor

_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"]*)"')
_SENDING = ("fetch", "fetchrow", "fetchval", "execute", "executemany")


Sent = defaultdict[str, set[str]]  # statement -> the values that it was sent with


def listen(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Hears every statement that any connection sends from here on."""
    sent = Sent(set)

    def heard(send: Any) -> Any:
        async def sending(link: Any, sql: str, *args: Any, **more: Any) -> Any:
            sent[sql].add(repr(args))
            return await send(link, sql, *args, **more)

        return sending

    for name in _SENDING:
        monkeypatch.setattr(asyncpg.Connection, name, heard(getattr(asyncpg.Connection, name)))
    return sent


async def pages(visitor: Visitor, known: set[str], start: str, sent: Sent) -> AsyncIterator[tuple[str, dict[str, int]]]:
    """The page at `start`, and one of each kind that links lead to from there and that is not `known`; each with what it
    alone sent."""
    queue, tried = [start], set[str]()
    while queue:
        url = queue.pop(0)
        if tried and not wanted(url, known | tried):
            continue
        tried.add(kind_of(url))
        sent.clear()
        answer = await visitor.get(url)
        # Somebody else may be led further where this visitor is sent away.
        if not answer.is_success or "text/html" not in answer.headers["content-type"]:
            continue
        known.add(kind_of(url))
        yield url, {sql: len(values) for sql, values in sent.items()}
        queue += [urldefrag(link.replace("&amp;", "&"))[0] for link in _LINK.findall(answer.text)]
