"""A search server of our own for tests, on a real port: it takes the requests that a server takes, refuses what one refuses,
and goes wrong in the ways in which one goes wrong."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft202012Validator, ValidationError

from tests.search.meilisearch.fake.matching import BadSearch, find
from tests.search.meilisearch.fake.schemas import ANSWERS, AREAS, BODIES, PARAMETERS
from tests.search.meilisearch.fake.state import MOMENT, Memory, Refusal, Task

MASTER = "the master key of the tests, long enough"
VERSION = "1.53.2"


@dataclass
class Call:
    """One request as it came in."""

    operation: str
    action: str | None
    parts: tuple[str, ...]
    parameters: Mapping[str, str]
    body: Any
    key: str


Answer = tuple[int, Any]


@dataclass
class FakeServer:
    """`url` once started. `trouble` answers in the server's place; `calls` remembers operations and bodies."""

    memory: Memory = field(default_factory=lambda: Memory(MASTER))
    trouble: Callable[[str], tuple[int, str, Mapping[str, str]] | None] = lambda path: None
    version: str = VERSION
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[str, int, Any]] = field(default_factory=list)
    port: int = 0
    release: threading.Event = field(default_factory=threading.Event)
    hanging: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _http: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> FakeServer:
        """Also after `stop`, on the same port: a server that comes back."""
        self.release.clear()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.serve(self)

            def do_POST(self) -> None:
                server.serve(self)

            def do_PATCH(self) -> None:
                server.serve(self)

            def do_DELETE(self) -> None:
                server.serve(self)

            def log_message(self, *said: Any) -> None:
                """Says nothing."""

        self._http = _Listening(("127.0.0.1", self.port), Handler)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """From here on connections are refused."""
        self.release.set()
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
            self._http = None

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        if self.hanging:
            self.release.wait(30)
            return
        if (trouble := self.trouble(handler.path)) is not None:
            _send(handler, trouble[0], trouble[1].encode(), trouble[2])
            return
        with self._lock:
            status, answer = self._answer(handler, raw)
        body = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        _send(handler, status, body, {"Content-Type": "application/json"})

    def _answer(self, handler: BaseHTTPRequestHandler, raw: bytes) -> Answer:
        try:
            call = self._call(handler, raw)
            self.calls.append(call)
            self._allow(call)
            status, answer = OPERATIONS[call.operation](self, call)
            name = call.operation
        except Refusal as refusal:
            status, answer, name = refusal.status, refusal.as_json(), "error"
        Draft202012Validator(ANSWERS[name]).validate(answer)
        self.answers.append((name, status, answer))
        return status, answer

    def _call(self, handler: BaseHTTPRequestHandler, raw: bytes) -> Call:
        address = urlsplit(handler.path)
        parts = tuple(unquote(part) for part in address.path.split("/") if part)
        operation, action, values = _route(handler.command, parts)
        parameters = dict(parse_qsl(address.query))
        unknown = set(parameters) - PARAMETERS.get(operation, frozenset())
        if unknown:
            raise Refusal(400, "bad_request", f"Unknown parameter `{min(unknown)}`")
        body = _body(operation, handler.headers.get("Content-Type"), raw) if operation in BODIES else None
        key = (handler.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        return Call(operation, action, values, parameters, body, key)

    def _allow(self, call: Call) -> None:
        if call.action is None or call.key == self.memory.master:
            return
        if not call.key:
            raise Refusal(401, "missing_authorization_header", "The Authorization header is missing.")
        known = [key for key in self.memory.keys.values() if key.secret(self.memory.master) == call.key]
        if not known or not known[0].may(call.action) or not all(known[0].sees(uid) for uid in self._concerned(call)):
            raise Refusal(403, "invalid_api_key", "The provided API key is invalid.")

    def _concerned(self, call: Call) -> list[str]:
        match call.operation:
            case "swap_indexes":
                return [uid for pair in call.body for uid in pair["indexes"]]
            case "create_index":
                return [call.body["uid"]]
            case "multi_search_with_post":
                return [query["indexUid"] for query in call.body["queries"]]
            case "get_task":
                return list(_task(self.memory, call.parts[0]).indexes)
        return list(call.parts) if call.action and call.action.partition(".")[0] not in ("tasks", "keys") else []

    def advance(self) -> None:
        with self._lock:
            self.memory.step()

    def settle(self) -> None:
        with self._lock:
            self.memory.settle()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that no longer waits is no mistake of the server's."""


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _body(operation: str, content_type: str | None, raw: bytes) -> Any:
    if content_type != "application/json":
        code = "invalid_content_type" if content_type else "missing_content_type"
        raise Refusal(415, code, "The Content-Type header must be `application/json`.")
    if not raw:
        raise Refusal(400, "missing_payload", "A json payload is missing.")
    try:
        body = json.loads(raw)
    except ValueError as wrong:
        raise Refusal(400, "malformed_payload", f"The json payload is malformed: {wrong}") from wrong
    problem = next(iter(Draft202012Validator(BODIES[operation]).iter_errors(body)), None)
    if problem is not None:
        raise Refusal(400, _reason(operation, problem), problem.message[:500])
    return body


def _reason(operation: str, problem: ValidationError) -> str:
    """The word for it: a member that is not known, one that is missing, or one that is not what it should be."""
    members = [_snake(one) for one in problem.absolute_path if isinstance(one, str) and one != "queries"]
    if operation == "replace_documents":
        return "malformed_payload"
    if problem.validator == "required" and not members:
        missing = _snake(problem.message.split("'")[1])
        return {"index_uid": "missing_index_uid", "uid": "missing_index_uid", "queries": "bad_request"}.get(
            missing, f"missing_{AREAS[operation]}_{missing}"
        )
    if not members:
        return "bad_request"
    return "invalid_index_uid" if members[0] == "index_uid" else f"invalid_{AREAS[operation]}_{members[0]}"


def _snake(name: str) -> str:
    return re.sub("(?<=[a-z])[A-Z]", lambda capital: f"_{capital[0]}", name).lower()


def _route(method: str, parts: tuple[str, ...]) -> tuple[str, str | None, tuple[str, ...]]:
    for verb, pattern, operation, action in ROUTES:
        wanted = tuple(pattern.split("/"))
        if (
            verb == method
            and len(wanted) == len(parts)
            and all(w in ("*", p) for w, p in zip(wanted, parts, strict=True))
        ):
            return operation, action, tuple(p for w, p in zip(wanted, parts, strict=True) if w == "*")
    raise Refusal(404, "not_found", f"no such route: {method} /{'/'.join(parts)}")


ROUTES = (
    ("GET", "health", "get_health", None),
    ("GET", "version", "get_version", "version"),
    ("GET", "stats", "get_stats", "stats.get"),
    ("GET", "indexes", "list_indexes", "indexes.get"),
    ("POST", "indexes", "create_index", "indexes.create"),
    ("GET", "indexes/*", "get_index", "indexes.get"),
    ("DELETE", "indexes/*", "delete_index", "indexes.delete"),
    ("GET", "indexes/*/settings", "get_all", "settings.get"),
    ("PATCH", "indexes/*/settings", "update_all", "settings.update"),
    ("GET", "indexes/*/stats", "get_index_stats", "stats.get"),
    ("POST", "indexes/*/documents", "replace_documents", "documents.add"),
    ("POST", "indexes/*/documents/delete-batch", "delete_documents_batch", "documents.delete"),
    ("POST", "indexes/*/documents/fetch", "documents_by_query_post", "documents.get"),
    ("POST", "indexes/*/search", "search_with_post", "search"),
    ("POST", "multi-search", "multi_search_with_post", "search"),
    ("POST", "swap-indexes", "swap_indexes", "indexes.swap"),
    ("GET", "tasks", "get_tasks", "tasks.get"),
    ("GET", "tasks/*", "get_task", "tasks.get"),
    ("GET", "keys", "list_api_keys", "keys.get"),
    ("POST", "keys", "create_api_key", "keys.create"),
    ("GET", "keys/*", "get_api_key", "keys.get"),
    ("DELETE", "keys/*", "delete_api_key", "keys.delete"),
)


def _task(memory: Memory, uid: str) -> Task:
    if not uid.isdigit() or int(uid) >= len(memory.tasks):
        raise Refusal(404, "task_not_found", f"Task `{uid}` not found.")
    return memory.tasks[int(uid)]


def _index_view(server: FakeServer, uid: str) -> dict[str, Any]:
    return {"uid": uid, "primaryKey": server.memory.index(uid).primary_key, "createdAt": MOMENT, "updatedAt": MOMENT}


def _get_task(server: FakeServer, call: Call) -> Answer:
    task = _task(server.memory, call.parts[0])
    view = task.view()
    server.memory.step()
    return 200, view


def _get_tasks(server: FakeServer, call: Call) -> Answer:
    uids = call.parameters.get("uids")
    statuses = call.parameters.get("statuses")
    found = [
        task.view() for task in reversed(server.memory.tasks)
        if (uids is None or str(task.uid) in uids.split(",")) and (statuses is None or task.status in statuses.split(","))
    ]  # fmt: skip
    server.memory.step()
    limit = int(call.parameters.get("limit", 20))
    first = found[0]["uid"] if found else None
    return 200, {"results": found[:limit], "limit": limit, "total": len(found), "from": first, "next": None}


def _search(server: FakeServer, uid: str, query: Mapping[str, Any]) -> dict[str, Any]:
    index = server.memory.index(uid)
    try:
        return find(list(index.documents.values()), query, index.settings)
    except BadSearch as wrong:
        raise Refusal(400, wrong.code, wrong.message) from wrong


def _multi_search(server: FakeServer, call: Call) -> Answer:
    asked = [dict(query) for query in call.body["queries"]]
    return 200, {
        "results": [
            {"indexUid": uid, **_search(server, uid, query)} for query in asked for uid in [query.pop("indexUid")]
        ]
    }


def _fetch(server: FakeServer, call: Call) -> Answer:
    index = server.memory.index(call.parts[0])
    ids = call.body.get("ids")
    found = [one for key, one in index.documents.items() if ids is None or key in ids]
    start, size, names = call.body.get("offset", 0), call.body.get("limit", 20), call.body.get("fields")
    shown = [{name: one[name] for name in one if names is None or name in names} for one in found[start : start + size]]
    return 200, {"results": shown, "offset": start, "limit": size, "total": len(found)}


def _create_key(server: FakeServer, call: Call) -> Answer:
    return 201, server.memory.create_key(call.body).view(server.memory.master)


def _list(results: list[Any]) -> Answer:
    return 200, {"results": results, "offset": 0, "limit": max(len(results), 20), "total": len(results)}


def _delete_key(server: FakeServer, call: Call) -> Answer:
    del server.memory.keys[server.memory.key_called(call.parts[0]).uid]
    return 204, None


OPERATIONS: Mapping[str, Callable[[FakeServer, Call], Answer]] = {
    "get_health": lambda server, call: (200, {"status": "available"}),
    "get_version": lambda server, call: (200, {"commitSha": "0", "commitDate": MOMENT, "pkgVersion": server.version}),
    "get_stats": lambda server, call: (200, {
        "databaseSize": 8192, "usedDatabaseSize": 8192, "indexes": {uid: server.memory.stats(uid) for uid in server.memory.indexes},
    }),
    "list_indexes": lambda server, call: _list([_index_view(server, uid) for uid in server.memory.indexes]),
    "create_index": lambda server, call: (202, server.memory.create_index(call.body["uid"], call.body.get("primaryKey")).summary()),
    "get_index": lambda server, call: (200, _index_view(server, call.parts[0])),
    "delete_index": lambda server, call: (202, server.memory.delete_index(call.parts[0]).summary()),
    "get_all": lambda server, call: (200, server.memory.index(call.parts[0]).settings),
    "update_all": lambda server, call: (202, server.memory.update_settings(call.parts[0], call.body, call.parameters.get("customMetadata")).summary()),
    "get_index_stats": lambda server, call: (200, server.memory.stats(call.parts[0])),
    "replace_documents": lambda server, call: (202, server.memory.replace(
        call.parts[0], call.body, call.parameters.get("primaryKey"), call.parameters.get("customMetadata")).summary()),
    "delete_documents_batch": lambda server, call: (202, server.memory.remove(call.parts[0], call.body, call.parameters.get("customMetadata")).summary()),
    "documents_by_query_post": _fetch,
    "search_with_post": lambda server, call: (200, _search(server, call.parts[0], call.body)),
    "multi_search_with_post": _multi_search,
    "swap_indexes": lambda server, call: (202, server.memory.swap(call.body).summary()),
    "get_tasks": _get_tasks,
    "get_task": _get_task,
    "list_api_keys": lambda server, call: _list([key.view(server.memory.master) for key in server.memory.keys.values()]),
    "create_api_key": _create_key,
    "get_api_key": lambda server, call: (200, server.memory.key_called(call.parts[0]).view(server.memory.master)),
    "delete_api_key": _delete_key,
}  # fmt: skip
