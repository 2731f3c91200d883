"""What a search server remembers: indexes, tasks that are done later, keys. Nothing happens by itself: a task moves on when
somebody asks for tasks, or when a test says so."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.search.meilisearch.fake.schemas import INTERNAL, SYSTEM

MOMENT = "2026-06-16T02:00:00.000000Z"
DEFAULTS: Mapping[str, Any] = {
    "displayedAttributes": ["*"], "searchableAttributes": ["*"], "filterableAttributes": [], "sortableAttributes": [],
    "rankingRules": ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"], "stopWords": [],
    "dictionary": [], "synonyms": {}, "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "typoTolerance": {"enabled": True, "disableOnWords": [], "disableOnAttributes": [], "disableOnNumbers": False,
                      "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9}},
    "pagination": {"maxTotalHits": 1000}, "localizedAttributes": [], "searchCutoffMs": None,
}  # fmt: skip
_RULES = frozenset({"words", "typo", "proximity", "attributeRank", "attribute", "sort", "wordPosition", "exactness"})
_DOCUMENT_ID = re.compile(r"^[A-Za-z0-9_-]{1,511}$")
_GLOBAL = ("*", "version", "keys.", "dumps.", "snapshots.", "metrics.", "experimental.")


class Refusal(Exception):
    """An answer other than success: HTTP status, the server's code, and words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def kind(self) -> str:
        if self.code in INTERNAL | SYSTEM:
            return "internal" if self.code in INTERNAL else "system"
        return "auth" if self.status in (401, 403) else "invalid_request"

    def as_json(self) -> dict[str, str]:
        return {
            "message": self.message,
            "code": self.code,
            "type": self.kind,
            "link": f"https://docs.example/errors#{self.code}",
        }


@dataclass
class Index:
    primary_key: str | None = None
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: deepcopy(dict(DEFAULTS)))


@dataclass
class Task:
    uid: int
    kind: str
    indexes: tuple[str, ...]
    work: Callable[[], None]
    metadata: str | None = None
    status: str = "enqueued"
    error: dict[str, str] | None = None

    @property
    def over(self) -> bool:
        return self.status in ("succeeded", "failed")

    def view(self) -> dict[str, Any]:
        return {
            "uid": self.uid, "indexUid": self.indexes[0] if len(self.indexes) == 1 else None, "status": self.status, "type": self.kind,
            "error": self.error, "details": {}, "enqueuedAt": MOMENT, "customMetadata": self.metadata,
            "startedAt": MOMENT if self.status != "enqueued" else None, "finishedAt": MOMENT if self.over else None,
            "duration": "PT0.001S" if self.over else None, "canceledBy": None,
            "batchUid": self.uid if self.status != "enqueued" else None,
        }  # fmt: skip

    def summary(self) -> dict[str, Any]:
        view = self.view()
        return {"taskUid": self.uid} | {
            name: view[name] for name in ("indexUid", "status", "type", "enqueuedAt", "customMetadata")
        }


@dataclass
class Key:
    uid: str
    actions: tuple[str, ...]
    indexes: tuple[str, ...]
    name: str | None
    description: str | None

    def secret(self, master: str) -> str:
        """Follows from uid and master key, so that a server set up again gives the same keys."""
        return hmac.new(master.encode(), self.uid.encode(), hashlib.sha256).hexdigest()

    def view(self, master: str) -> dict[str, Any]:
        return {
            "uid": self.uid, "key": self.secret(master), "actions": list(self.actions), "indexes": list(self.indexes), "name": self.name,
            "description": self.description, "expiresAt": None, "createdAt": MOMENT, "updatedAt": MOMENT,
        }  # fmt: skip

    def may(self, action: str) -> bool:
        area = action.partition(".")[0]
        return bool({"*", action, f"{area}.*"} & set(self.actions))

    def sees(self, uid: str) -> bool:
        return any(uid == own or (own.endswith("*") and uid.startswith(own[:-1])) for own in self.indexes)


@dataclass
class Faults:
    """What goes wrong, until a test puts it right. `fail_task`: error of a task by its kind and documents;
    `lose`: how many documents of each batch vanish although the task succeeds; `stuck`: tasks do not move on; `largest`: how
    many documents a request may bring."""

    fail_task: Callable[[str, Sequence[Mapping[str, Any]]], str | None] = lambda kind, documents: None
    fail_swap: bool = False
    lose: int = 0
    stuck: bool = False
    largest: int | None = None


class Memory:
    """Indexes, tasks and keys of one server."""

    def __init__(self, master: str) -> None:
        self.master = master
        self.indexes: dict[str, Index] = {}
        self.tasks: list[Task] = []
        self.keys: dict[str, Key] = {}
        self.faults = Faults()

    def index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refusal(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]

    def enqueue(self, kind: str, indexes: Sequence[str], work: Callable[[], None], metadata: str | None = None) -> Task:
        task = Task(len(self.tasks), kind, tuple(indexes), work, metadata)
        self.tasks.append(task)
        return task

    def step(self) -> None:
        """Every task moves one state on, in order; what it changes is there when it has succeeded."""
        if self.faults.stuck:
            return
        for task in self.tasks:
            if task.status == "enqueued":
                task.status = "processing"
            elif task.status == "processing":
                self._finish(task)

    def settle(self) -> None:
        while any(not task.over for task in self.tasks) and not self.faults.stuck:
            self.step()

    def _finish(self, task: Task) -> None:
        before = deepcopy(self.indexes) if task.kind == "indexSwap" else None
        try:
            task.work()
            task.status = "succeeded"
        except Refusal as refusal:
            if before is not None:
                self.indexes = before
            task.status, task.error = "failed", refusal.as_json()

    def create_index(self, uid: str, primary_key: str | None, metadata: str | None = None) -> Task:
        def work() -> None:
            if uid in self.indexes:
                raise Refusal(400, "index_already_exists", f"Index `{uid}` already exists.")
            self.indexes[uid] = Index(primary_key)

        return self.enqueue("indexCreation", [uid], work, metadata)

    def delete_index(self, uid: str) -> Task:
        def work() -> None:
            self.index(uid)
            del self.indexes[uid]

        return self.enqueue("indexDeletion", [uid], work)

    def update_settings(self, uid: str, settings: Mapping[str, Any], metadata: str | None) -> Task:
        unknown = set(settings.get("rankingRules") or []) - _RULES
        if any(":" not in rule for rule in unknown):
            raise Refusal(400, "invalid_settings_ranking_rules", f"`{min(unknown)}` ranking rule is invalid.")

        def work() -> None:
            index = self.indexes.setdefault(uid, Index())
            for name, value in settings.items():
                if value is None:
                    index.settings[name] = deepcopy(DEFAULTS[name])
                elif isinstance(value, dict) and name != "synonyms":
                    index.settings[name] = {**index.settings[name], **value}
                else:
                    index.settings[name] = value

        return self.enqueue("settingsUpdate", [uid], work, metadata)

    def replace(
        self, uid: str, documents: Sequence[dict[str, Any]], primary_key: str | None, metadata: str | None
    ) -> Task:
        if self.faults.largest is not None and len(documents) > self.faults.largest:
            raise Refusal(413, "payload_too_large", "The provided payload reached the size limit.")

        def work() -> None:
            self._check_fault("documentAdditionOrUpdate", documents)
            index = self.indexes.setdefault(uid, Index())
            name = index.primary_key or primary_key
            if name is None:
                raise Refusal(400, "index_primary_key_no_candidate_found", "The primary key inference failed.")
            ids = [_identity(document, name) for document in documents]
            index.primary_key = name
            kept = len(documents) - self.faults.lose
            index.documents |= dict(list(zip(ids, documents, strict=True))[: max(kept, 0)])

        return self.enqueue("documentAdditionOrUpdate", [uid], work, metadata)

    def remove(self, uid: str, ids: Sequence[str | int], metadata: str | None) -> Task:
        def work() -> None:
            self._check_fault("documentDeletion", [{"id": one} for one in ids])
            for one in ids:
                self.index(uid).documents.pop(str(one), None)

        return self.enqueue("documentDeletion", [uid], work, metadata)

    def swap(self, pairs: Sequence[Mapping[str, Any]]) -> Task:
        named = [uid for pair in pairs for uid in pair["indexes"]]
        if len(set(named)) != len(named):
            raise Refusal(
                400, "invalid_swap_duplicate_index_found", "Indexes must be declared only once during a swap."
            )

        def work() -> None:
            if self.faults.fail_swap:
                raise Refusal(500, "internal", "the disk said no")
            for first, second in (pair["indexes"] for pair in pairs):
                one, other = self.index(first), self.index(second)
                self.indexes[first], self.indexes[second] = other, one

        return self.enqueue("indexSwap", named, work)

    def _check_fault(self, kind: str, documents: Sequence[Mapping[str, Any]]) -> None:
        if (code := self.faults.fail_task(kind, documents)) is not None:
            raise Refusal(400, code, "a document was refused")

    def create_key(self, given: Mapping[str, Any]) -> Key:
        uid = given.get("uid") or f"00000000-0000-4000-8000-{len(self.keys):012d}"
        if uid in self.keys:
            raise Refusal(409, "api_key_already_exists", f"`uid` field value `{uid}` is already an existing API key.")
        if given["indexes"] != ["*"] and any(action.startswith(_GLOBAL) for action in given["actions"]):
            raise Refusal(
                400, "index_scoped_api_key_with_global_action", "The key is for some indexes, the action for all."
            )
        key = Key(uid, tuple(given["actions"]), tuple(given["indexes"]), given.get("name"), given.get("description"))
        self.keys[uid] = key
        return key

    def key_called(self, uid_or_key: str) -> Key:
        for key in self.keys.values():
            if uid_or_key in (key.uid, key.secret(self.master)):
                return key
        raise Refusal(404, "api_key_not_found", f"API key `{uid_or_key}` not found.")

    def stats(self, uid: str) -> dict[str, Any]:
        index = self.index(uid)
        names = [name for document in index.documents.values() for name in document]
        waiting = any(uid in task.indexes and not task.over for task in self.tasks)
        return {
            "numberOfDocuments": len(index.documents), "isIndexing": waiting, "rawDocumentDbSize": 4096, "avgDocumentSize": 400,
            "indexSize": 8192, "usedIndexSize": 8192, "fieldDistribution": {name: names.count(name) for name in set(names)},
        }  # fmt: skip


def _identity(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        raise Refusal(400, "missing_document_id", f"Document doesn't have a `{name}` attribute.")
    if isinstance(value, bool) or not isinstance(value, str | int) or not _DOCUMENT_ID.match(str(value)):
        raise Refusal(400, "invalid_document_id", f"Document identifier `{value}` is invalid.")
    return str(value)
