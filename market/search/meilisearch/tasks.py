"""What the server does later: it answers with a task's number, and only the task says how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from market.search.meilisearch.client import Server, ServerProblem, Unreachable

if TYPE_CHECKING:
    import meilisearch

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 1.0
PATIENCE: Final = 600.0
AT_ONCE: Final = 100
INDEX_GONE: Final = frozenset({"index_not_found"})
# The server's own trouble: the same again later. Everything else is the documents' fault, or one document's.
SERVER_TROUBLE: Final = frozenset({
    "internal", "io_error", "no_space_left_on_device", "database_size_limit_reached", "too_many_open_files", "canceled", "task_not_found",
    "task_file_not_found", "invalid_state", "invalid_store_file", "index_creation_failed", "unretrievable_error_code",
})  # fmt: skip
NOT_THE_DOCUMENTS: Final = INDEX_GONE | SERVER_TROUBLE


class TaskFailed(ServerProblem):
    """The server accepted the work and could not do it. `code`: its own word for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Outcome:
    """Of one task. `over` False: not yet; `code` "": it succeeded."""

    over: bool
    code: str = ""
    message: str = ""


async def outcomes(server: Server, tasks: Sequence[int]) -> dict[int, Outcome]:
    """How these tasks stand. One that the server does not know any more has failed: nobody can say what became of it."""
    found: dict[int, Outcome] = {}
    for start in range(0, len(tasks), AT_ONCE):
        part = tasks[start : start + AT_ONCE]
        found |= await server.ask(lambda client, part=part: _outcomes(client, part))  # type: ignore[misc]
    return found


def _outcomes(client: meilisearch.Client, tasks: Sequence[int]) -> dict[int, Outcome]:
    answer = client.http.get(f"tasks?limit={len(tasks)}&uids={','.join(map(str, tasks))}")
    found = {int(one["uid"]): _outcome(one) for one in answer["results"]}
    return {
        task: found.get(task, Outcome(True, "task_not_found", "the server does not know this task")) for task in tasks
    }


def _outcome(task: dict[str, Any]) -> Outcome:
    match task["status"]:
        case "enqueued" | "processing":
            return Outcome(False)
        case "succeeded":
            return Outcome(True)
        case "canceled":
            return Outcome(True, "canceled", "somebody cancelled the task on the server")
    error = task.get("error") or {}
    return Outcome(True, str(error.get("code") or "internal"), " ".join(str(error.get("message", "")).split())[:200])


async def wait(server: Server, tasks: Sequence[int], *, patience: float = PATIENCE) -> None:
    """Until all are done. Raises TaskFailed for the first that failed, Unreachable when the patience is over."""
    left, pause = list(tasks), FIRST_PAUSE
    deadline = asyncio.get_running_loop().time() + patience
    while left:
        found = await outcomes(server, left)
        for outcome in found.values():
            if outcome.code:
                raise TaskFailed(outcome.code, outcome.message)
        left = [task for task in left if not found[task].over]
        if left and asyncio.get_running_loop().time() > deadline:
            raise Unreachable(f"{len(left)} tasks are not done after {patience:g} s")
        if left:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
