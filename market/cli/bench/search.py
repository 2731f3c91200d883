"""Searches of a market with 100,000 projects over HTTP, against the bare statement of the engine in the same run.

Every search has words, two filters, a sort, a page of 20 hits, the total and six facets. What the product adds to the
statement: the other tabs' counts, the rows read again with permission, marks, the page itself, and HTTP on a socket of
this machine. Beside it, how much is found: against where the words plainly stand.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import urlencode

import uvicorn
from litestar import Litestar

from market.cli.bench.harness import Measurement, Part
from market.cli.bench.market import populate, temporary_market
from market.cli.bench.progress import Progress
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch
from market.search.interface import ANYBODY, SearchQuery
from market.search.kinds import DATABASE, fill_missing
from market.search.postgres import ids_statement, search_statement
from market.search.words import words_of
from market.site.rules.asked import FILTERS, PAGE, Asked

SIZES = (10_000, 100_000)
AIM = 1 / 1.5
# By class: what is typed -> what is then looked for in titles, services, firms and texts ("" : the words themselves).
QUERIES: Mapping[str, Mapping[str, str]] = {
    "1 character": {"水": "", "桥": "", "林": ""},
    "2 characters": {"测绘": "", "隧道": "", "监测": "", "规划": ""},
    "4 and more": {"污水处理": "", "地下管线探测": "", "不动产测绘": "", "崂山隧道测绘": ""},
    "mixed": {"RTK 无人机": "", "GB/T 50026": "", "1:500 地形": "", "BIM 桥梁": ""},
    "pinyin": {"cehui": "测绘", "wushuichuli": "污水处理", "suidao": "隧道"},
    "initials": {"wscl": "污水处理", "bdcch": "不动产测绘", "dxgx": "地下管线"},
}
_PLACES = "{崂山,市南,市北,李沧,黄岛,城阳,即墨,胶州,平度,莱西,西海岸,高新区,大沽河,胶州湾,浮山,麦岛,八大关,台东,唐岛湾,金沙滩,红岛,蓝谷,董家口,古镇口,奥帆中心,石老人,五四广场,李村河,张村河,墨水河,云溪河}"
_THINGS = "{隧道,大桥,污水处理厂,中学,小学,人民医院,地下管线,排水管网,高架桥,地铁站,水库,堤防,林场,森林公园,变电站,道路改造,老旧小区,安置房,产业园,标准厂房,体育馆,图书馆,垃圾填埋场,净水厂,泵站,码头,防波堤,机场航站楼,停车场,热力管网,农田,矿山}"
_WORKS = "{测绘,地形测量 1:500,不动产测绘,工程监理,环境影响评价,造价咨询,岩土勘察,施工图审查,招标代理,水土保持方案编制,变形监测,地下管线探测,可行性研究,社会稳定风险评估,RTK 无人机航测,BIM 桥梁建模,安全评价,规划编制,竣工验收测量,水质检测}"
_SAID = "{按照 GB/T 50026 的要求完成现场踏勘,采用 RTK 与无人机相结合的方式,提交纸质报告四份及电子文件一份,成果应当通过主管部门审查,数据须为 2000 国家大地坐标系,配合业主完成专家评审,包括污水处理设施和给排水管线,涉及隧道段须提供监测方案,协助办理不动产登记,编制规划调整论证,现场水电由业主提供,服务期内派驻专业技术人员,图件按 1:500 地形图图式绘制,报告应附 BIM 模型,桥梁部分单独成册,对周边林地和水系一并调查}"


def _pick(words: str, n: str) -> str:
    return f"('{words}'::text[])[1 + (({n}) % {words.count(',') + 1})::int]"


# Words that come by turns of different lengths, so that nearly every title is another.
TITLE = " || ".join(
    (
        _pick(_PLACES, "n::bigint * 7919 + n / 31"),
        _pick(_THINGS, "n::bigint * 104729 + n / 7"),
        _pick(_WORKS, "n::bigint * 15485863 + n / 3"),
        "'项目' || n",
    )
)
CONTENT = " || '，' || ".join(
    _pick(_SAID, f"n::bigint * {step} + n / {step % 13 + 2}") for step in (31, 101, 499, 1009, 3571, 7001, 9973)
)
Ask = Callable[[Asked], Awaitable[float]]


@dataclass(frozen=True)
class Latency:
    """Of one class of queries, in microseconds; `recall`: share of what is there that was found."""

    name: str
    product: Sequence[float]
    bare: Sequence[float]
    recall: float = 1.0

    def parts(self, size: int, *, counts: bool) -> tuple[Part, ...]:
        name = f"{size // 1000}k {self.name}"
        return (
            Part(f"{name} p50", median(self.product), median(self.bare), better="lower", counts=counts),
            Part(f"{name} p95", _p95(self.product), _p95(self.bare), better="lower", counts=False),
            Part(f"{name} found of 10,000", self.recall * 10_000, 10_000, counts=False),
        )


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


async def measure(runs: int, progress: Progress, sizes: Sequence[int] = SIZES) -> Measurement:
    parts: list[Part] = []
    for size in sizes:
        async with temporary_market() as (application, running):
            chain = running.beacon.chain.hash
            with progress.counting(f"market of {size:,}", 2) as step:
                await populate(running.dsn, projects=size, chain=chain, title=TITLE, content=CONTENT, notices_only=True)
                step()
                async with _without_term_indexes():
                    await fill_missing()
                await execute("VACUUM ANALYZE search_document")
                step()
            async with _served(application) as ask:
                for latency in await _latencies(ask, runs, progress):
                    parts += latency.parts(size, counts=size == max(sizes))
    return Measurement("search", "µs", AIM, runs, tuple(parts))


@asynccontextmanager
async def _without_term_indexes() -> AsyncIterator[None]:
    """An index that is built once is ready three times as soon as one that grows with every row."""
    rows = await fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document' AND indexdef LIKE '%USING gin%'"
    )
    for row in rows:
        await execute(f"DROP INDEX {row['indexname']}")
    yield
    for row in rows:
        await execute(row["indexdef"])


async def _latencies(ask: Ask, runs: int, progress: Progress) -> list[Latency]:
    """Product and bare by turns, query after query; the first round warms what there is to warm."""
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in QUERIES}
    with progress.counting("searches", (runs + 1) * sum(map(len, QUERIES.values()))) as step:
        for turn in range(runs + 1):
            for name, queries in QUERIES.items():
                for text in queries:
                    asked = Asked(text, "projects", region="370200", stage="done", sort="newest")
                    both = await ask(asked), await bare(asked)
                    if turn:
                        for kept, one in zip(times[name], both, strict=True):
                            kept.append(one)
                    step()
    return [Latency(name, *times[name], await recall(QUERIES[name])) for name in QUERIES]


async def bare(asked: Asked) -> float:
    """The engine's one statement for the same hits, total and facets: microseconds."""
    query = SearchQuery("projects", asked.text, wall_now(), asked.filters, asked.sort, FILTERS["projects"], size=PAGE)
    statement, values = search_statement(query, ANYBODY, DATABASE.synonyms)
    started = perf_counter()
    await fetch(statement, *values)
    return (perf_counter() - started) * 1e6


async def recall(queries: Mapping[str, str]) -> float:
    """What the engine finds of all in which the words stand, over all queries of a class; hits that are none count
    against it as well."""
    wanted = found = 0
    for text, stands_for in queries.items():
        words = [stands_for] if stands_for else list(words_of(text))
        likes = [f"%{word}%" for word in words]
        truth = {row["id"] for row in await fetch(
            "SELECT id FROM search_document WHERE kind = 'projects' AND"
            f" {'concat_ws(chr(10), named, service, company)' if stands_for else 'all_text'} LIKE ALL ($1::text[])", likes,
        )}  # fmt: skip
        statement, values = ids_statement(text, "projects", ANYBODY, DATABASE.synonyms)
        hits = {row["id"] for row in await fetch(statement, *values)}
        wanted += len(truth | hits)
        found += len(truth & hits)
    return found / wanted if wanted else 1.0


@asynccontextmanager
async def _served(application: Litestar) -> AsyncIterator[Ask]:
    """The application behind a socket, and one visitor with a connection that stays open."""
    listening = socket.create_server(("127.0.0.1", 0))  # from here on a connection waits for the server
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(asked: Asked) -> float:
        address = f"/search?{asked.address}&{urlencode({'sort': asked.sort})}"
        started = perf_counter()
        writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{address} was answered {head[:40]!r}")
        return (perf_counter() - started) * 1e6

    try:
        yield ask
    finally:
        writer.close()
        server.should_exit = True
        await serving
