"""Pages of a market with 10,000 projects against a bare page of the same size made from data in memory.

Both run in this process behind the same ASGI call, one request after the other: at any moment one core works, be it
ours or the database's, so the rate is that of one core.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import Any

from jinja2 import Environment
from litestar import Litestar, MediaType, Response, get

from market.cli.bench.harness import Contest, Measurement, compare, steps
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.kernel.db import fetch

PROJECTS = 10_000
AIM = 0.5
REQUESTS = 40  # of each page in each run
FILTERED = "/projects?stage=done&cls=C&band=-10"
_ROW = (
    '<tr><td><a href="/items/{{ row.number }}">{{ row.number }}</a></td><td>{{ row.title }}</td><td>{{ row.owner }}</td>'
    "<td>{{ row.price }}</td><td>{{ row.day }}</td></tr>\n"
)
_PAGE = f"<!doctype html><title>{{{{ title }}}}</title><table>{{% for row in rows %}}{_ROW}{{% endfor %}}</table>"
Visit = Callable[[str], Awaitable[int]]


def visits(application: Litestar) -> Visit:
    """`await visit(path)` asks the application for a page and returns the size of its body; only 200 is an answer."""

    async def visit(address: str) -> int:
        path, _, query = address.partition("?")
        status, size = 0, 0

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))

        scope: Any = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "headers": [(b"host", b"127.0.0.1:8000")],
            "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000), "state": {},
        }  # fmt: skip
        await application(scope, receive, send)
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        return size

    return visit


def bare_site(size: int) -> Litestar:
    """A page of about `size` bytes: a table from a list in memory, one Jinja2 template, nothing else."""
    template = Environment(autoescape=True).from_string(_PAGE)
    row = {"number": "MX-2026-000001", "title": "第1号地块工程测量服务", "owner": "青岛市第1建设管理中心", "price": "¥12,300.00",
           "day": "2026-11-21"}  # fmt: skip
    one = len(template.render(title="", rows=[row]).encode()) - len(template.render(title="", rows=[]).encode())
    rows = [row] * max(size // one, 1)

    @get("/", sync_to_thread=False)
    def page() -> Response[str]:
        return Response(template.render(title="bare", rows=rows), media_type=MediaType.HTML)

    return Litestar([page], openapi_config=None, logging_config=None)


def rate_of(visit: Visit, addresses: Sequence[str]) -> Callable[[], Awaitable[float]]:
    """Requests a second, asked one after the other, through the addresses in turn."""
    endless = cycle(addresses)

    async def rate() -> float:
        asked = list(islice(endless, REQUESTS))
        started = perf_counter()
        for address in asked:
            await visit(address)
        return len(asked) / (perf_counter() - started)

    return rate


async def _contest(name: str, visit: Visit, addresses: Sequence[str]) -> Contest:
    sizes = [await visit(address) for address in addresses]
    bare = visits(bare_site(sum(sizes) // len(sizes)))
    return Contest(name, rate_of(visit, addresses), rate_of(bare, ["/"]))


async def _project_pages() -> list[str]:
    """Projects of every stage, in the proportion in which there are any."""
    rows = await fetch("SELECT number FROM project ORDER BY md5(number) LIMIT $1", REQUESTS)
    return [f"/projects/{row['number']}" for row in rows]


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market() as (application, running):
        await populate(running.dsn, projects=PROJECTS, chain=running.beacon.chain.hash)
        visit = visits(application)
        contests = [
            await _contest("home", visit, ["/"]),
            await _contest("list with filter", visit, [FILTERED]),
            await _contest("project page", visit, await _project_pages()),
        ]
        with progress.counting("pages", steps(len(contests), runs)) as step:
            parts = await compare(contests, runs=runs, step=step)
    return Measurement("pages", "requests/s per core", AIM, runs, parts)
