"""Pages of a market with 10,000 projects against a bare page of the same size made from data in memory.

What counts is what visitors get: a page kept since the last act or minute where there is one (market.web.kept). The
same pages made anew for every request are measured beside them. Both run in this process behind the same ASGI call, one request after the other: at any moment one core works, be it
ours or the database's, so the rate is that of one core.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import Any

from jinja2 import Environment
from litestar import Litestar, MediaType, Response, get

from market.cli.bench.harness import Contest, Measurement, Rate, compare, steps
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.kernel.db import fetch

PROJECTS = 10_000
AIM = 0.5
REQUESTS = 200  # of each page in each run
FEW_REQUESTS = 40  # where each takes long
FILTERED = "/projects?stage=done&cls=C&band=-10"
FIGURE_PAGES = ["/statistics/funnel", "/statistics/saving?by=region", "/statistics/stage-time", "/statistics/activity"]
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


def rate_of(visit: Visit, addresses: Sequence[str], requests: int = REQUESTS) -> Rate:
    """Requests a second, asked one after the other, through the addresses in turn; each was asked for once before."""

    async def rate() -> float:
        for address in addresses:
            await visit(address)
        asked = list(islice(cycle(addresses), requests))
        started = perf_counter()
        for address in asked:
            await visit(address)
        return len(asked) / (perf_counter() - started)

    return rate


def anew(application: Litestar, visit: Visit) -> Visit:
    """The same, with nothing kept from an earlier request: neither pages nor counted figures."""

    async def visit_anew(address: str) -> int:
        application.state.kept.pages.clear()
        if "answers" in application.state:
            application.state.answers.answers.clear()
        return await visit(address)

    return visit_anew


async def contests_of(application: Litestar) -> list[Contest]:
    visit = visits(application)
    pages = {
        "home": ["/"], "list with filter": [FILTERED], "project page": await _project_pages(), "statistics": ["/statistics"],
        "one figure": FIGURE_PAGES,
    }  # fmt: skip
    found = []
    for name, addresses in pages.items():
        sizes = [await visit(address) for address in addresses]
        bare = rate_of(visits(bare_site(sum(sizes) // len(sizes))), ["/"])
        found.append(Contest(name, rate_of(visit, addresses), bare))
        fresh = rate_of(anew(application, visit), addresses, FEW_REQUESTS)
        found.append(Contest(f"{name}, made anew", fresh, bare, counts=False))
    return found


async def _project_pages() -> list[str]:
    """Projects of every stage, in the proportion in which there are any."""
    rows = await fetch("SELECT number FROM project ORDER BY md5(number) LIMIT $1", FEW_REQUESTS)
    return [f"/projects/{row['number']}" for row in rows]


async def measure(runs: int, progress: Progress) -> Measurement:
    async with temporary_market() as (application, running):
        await populate(running.dsn, projects=PROJECTS, chain=running.beacon.chain.hash)
        contests = await contests_of(application)
        with progress.counting("pages", steps(len(contests), runs)) as step:
            parts = await compare(contests, runs=runs, step=step)
    return Measurement("pages", "requests/s per core", AIM, runs, parts)
