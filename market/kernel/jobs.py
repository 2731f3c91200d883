"""Jobs in the same PostgreSQL (Procrastinate): deferred inside our transactions, so a job exists if and only if the
change does; run by any number of workers, retried with growing pauses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import procrastinate
import psycopg_pool
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy

from market.kernel.clock import Clock
from market.kernel.db import execute, fetch_value, require_transaction, to_json

JobFunction = Callable[..., Awaitable[None]]


class NotYet(Exception):
    """What the job waits for has not come (a beacon round): try again after the given pause, for ever."""


@dataclass(frozen=True)
class Job:
    name: str
    run: JobFunction
    lock: str | None


_JOBS: dict[str, Job] = {}


def job(name: str, *, lock: str | None = None) -> Callable[[JobFunction], JobFunction]:
    """Registers `async def f(*, clock: Clock, **arguments)`. Must be idempotent: it may run more than once.
    `lock`: jobs sharing it never run at the same time."""

    def register(run: JobFunction) -> JobFunction:
        if name in _JOBS and _JOBS[name].run is not run:
            raise ValueError(f"two jobs are called {name}")
        _JOBS[name] = Job(name, run, lock)
        return run

    return register


async def defer(name: str, **arguments: Any) -> int:
    """Queues a job in the open transaction; the arguments are JSON."""
    require_transaction()
    known = _JOBS.get(name)
    job_id: int = await fetch_value(
        "SELECT (procrastinate_defer_jobs_v1(ARRAY["
        "ROW('market', $1, 0, $2, NULL, $3::jsonb, NULL)::procrastinate_job_to_defer_v1]))[1]",
        name, known.lock if known else None, to_json(arguments),
    )  # fmt: skip
    return job_id


async def defer_all(names: Sequence[str], **arguments: Any) -> None:
    """Queues several jobs with the same arguments in one step, in the open transaction."""
    require_transaction()
    if not names:
        return
    known = [_JOBS.get(name) for name in names]
    await execute(
        "SELECT procrastinate_defer_jobs_v1(array_agg(ROW('market', name, 0, lock, NULL, $3::jsonb, NULL)"
        "::procrastinate_job_to_defer_v1 ORDER BY place)) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS one (name, lock, place)",
        list(names), [one.lock if one else None for one in known], to_json(arguments),
    )  # fmt: skip


class _Patience(procrastinate.BaseRetryStrategy):
    """NotYet is asked again every second without end; a failure is retried ten times with doubling pauses."""

    _failures = RetryStrategy(max_attempts=10, exponential_wait=2)

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if isinstance(exception, NotYet):
            return procrastinate.RetryDecision(retry_in={"seconds": 1})
        return self._failures.get_retry_decision(exception=exception, job=job)


def _task(registered: Job, clock: Clock) -> Callable[..., Awaitable[None]]:
    async def run(context: JobContext, **arguments: Any) -> None:
        await registered.run(clock=clock, **arguments)

    return run


def _pool(*args: Any, **kwargs: Any) -> psycopg_pool.AsyncConnectionPool:
    return psycopg_pool.AsyncConnectionPool(*args, **{**kwargs, "min_size": 1, "max_size": 4, "open": False})


@asynccontextmanager
async def worker_app(dsn: str, clock: Clock) -> Any:
    """Procrastinate's App with every registered job bound to this clock."""
    app = App(connector=PsycopgConnector(conninfo=dsn, pool_factory=_pool))
    for registered in _JOBS.values():
        app.task(name=registered.name, queue="market", pass_context=True, retry=_Patience())(_task(registered, clock))
    async with app.open_async():
        yield app


async def take_up(app: App) -> int:
    """Queues the jobs again that a worker was doing when it was killed; it has shown no sign of life for half a minute.
    Returns how many there were."""
    left = list(await app.job_manager.get_stalled_jobs(queue="market"))
    for one in left:
        await app.job_manager.retry_job(one)
    return len(left)


async def run_queued(app: App) -> None:
    """Works until the queue is empty; what failed stays queued for its retry."""
    await app.run_worker_async(queues=["market"], wait=False, install_signal_handlers=False, delete_jobs="successful")
