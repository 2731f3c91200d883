"""A market to measure: its own database on the configured server, durable as in production, dropped afterwards."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import click
from litestar import Litestar

from app import assembled, create_app
from market.cli.environment import database_or_exit, settings_or_exit
from market.cli.preparation import prepare
from market.kernel.settings import Settings
from market.web.context import Running
from projects.contracts.terms import Acceptance, Award, Party, Terms

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
PREFIX = "bench_"
HOLD, TRY, LEAVE = (
    f"SELECT {verb}(hashtextextended($1, 0))"
    for verb in ("pg_advisory_lock", "pg_try_advisory_lock", "pg_advisory_unlock")
)
POPULATION = Path(__file__).with_name("population.sql")
AFTER_NOTICES = "-- What follows a notice."
TITLE = "'第' || n || '号地块' || item_name || '服务'"
CONTENT = (
    "'对改造范围内的建筑、道路、地下管线进行现场踏勘并编制' || item_name || '成果，提交纸质报告四份及电子文件一份。'"
)
_MOMENT = "2026-11-21T09:00:00.000Z"
TERMS = Terms(
    contract="MX-2026-000001-1", project="MX-2026-000001", title="第1号地块工程测量服务",
    owner=Party("11370200MB00000001", "青岛市第1建设管理中心", "负责人1", "青岛市延安三路 1 号"),
    agency=Party("91370200MA00000001", "青岛第1工程咨询有限公司", "法人1", "青岛市东海西路 1 号"), service_items=("C001",),
    content="现场踏勘并编制成果，提交纸质报告四份及电子文件一份。", scale="占地约 36 公顷", other_requirements="",
    practitioners_needed=0, price_fen=4_000_000, service_days=15, acceptance=Acceptance(10, (3, 6, 9), 2, 5),
    award=Award(1, "0" * 64, "0" * 64, _MOMENT), sign_due_at=_MOMENT, rulebook="", catalogue="",
)  # fmt: skip


@asynccontextmanager
async def temporary_market(*, pool: int | None = None) -> AsyncIterator[tuple[Litestar, Running]]:
    """The application on an empty market with catalogue and rulebook; no worker runs beside it."""
    settings = settings_or_exit()
    with TemporaryDirectory(prefix="mingxuan-bench-") as folder:
        async with _temporary_database(settings) as dsn:
            await prepare(dsn)
            own = replace(
                settings, run_worker=False, data_dir=Path(folder), database_pool=pool or settings.database_pool
            )
            async with assembled(own, dsn) as running:
                application = create_app(own, dsn)
                application.state.running = running
                yield application, running


@asynccontextmanager
async def _temporary_database(settings: Settings) -> AsyncIterator[str]:
    server = database_or_exit(settings)
    name = f"{PREFIX}{uuid4().hex}"
    link = await asyncpg.connect(server.dsn)
    try:
        await _check_durable(link)
        await drop_left_behind(link)
        await link.execute(HOLD, name)  # until this process ends, however it does
        await link.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server.dsn)._replace(path=f"/{name}"))
        finally:
            await link.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await link.close()


async def drop_left_behind(link: asyncpg.Connection) -> None:
    """Databases of benches that were killed: those whose process no longer holds their lock and that nobody reads."""
    for row in await link.fetch("SELECT datname FROM pg_database WHERE datname ~ $1", f"^{PREFIX}[0-9a-f]{{32}}$"):
        if await link.fetchval(TRY, row["datname"]):
            with suppress(asyncpg.ObjectInUseError):
                await link.execute(f"DROP DATABASE IF EXISTS {row['datname']}")
            await link.execute(LEAVE, row["datname"])


async def _check_durable(link: asyncpg.Connection) -> None:
    """A fast figure from a server that may lose commits would be a lie."""
    found: dict[str, Any] = {name: await link.fetchval(f"SHOW {name}") for name in DURABLE}
    wrong = [f"{name} = {found[name]}" for name, needed in DURABLE.items() if found[name] != needed]
    if wrong:
        raise click.ClickException(
            f"this server does not keep what it commits ({', '.join(wrong)}): nothing is measured."
        )


async def populate(
    dsn: str, *, projects: int, chain: str, fewest: int = 3, title: str = TITLE, content: str = CONTENT, notices_only: bool = False
) -> None:  # fmt: skip
    """Fills the market with organisations and projects in every stage, written in bulk; `fewest` agencies sign up for
    one, or up to four more. `title`, `content`: SQL of what notices say, by their number n; `notices_only`: without all
    that follows a notice."""
    script = POPULATION.read_text(encoding="utf8").format(
        projects=projects, chain=chain, fewest=fewest, terms=json.dumps(TERMS.to_json(), ensure_ascii=False), title=title,
        content=content,
    )  # fmt: skip
    if notices_only:
        script = script.partition(AFTER_NOTICES)[0]
    link = await asyncpg.connect(dsn)
    try:
        async with link.transaction():
            await link.execute(script)
        await link.execute("VACUUM ANALYZE")
    finally:
        await link.close()
