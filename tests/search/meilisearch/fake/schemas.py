"""What a search server accepts and answers, for the operations that the market uses: closed schemas, because a real server
refuses a body with a key that it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"}
UID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,400}$"}
LOCALES: Schema = {"type": "array", "items": {"enum": ["cmn", "zho", "zh", "eng", "en"]}}
STATUSES = ("enqueued", "processing", "succeeded", "failed", "canceled")
TASK_TYPES = (
    "documentAdditionOrUpdate", "documentDeletion", "settingsUpdate", "indexCreation", "indexDeletion", "indexSwap",
)  # fmt: skip
ACTIONS = (
    "*", "search", "documents.*", "documents.add", "documents.get", "documents.delete", "indexes.*", "indexes.create",
    "indexes.get", "indexes.update", "indexes.delete", "indexes.swap", "tasks.*", "tasks.get", "settings.*", "settings.get",
    "settings.update", "stats.*", "stats.get", "version", "keys.create", "keys.get", "keys.update", "keys.delete",
)  # fmt: skip


def or_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else {"anyOf": [schema, {"type": "null"}]}


def closed(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def opened(properties: Mapping[str, Schema]) -> Schema:
    """An answer: everything named here is always in it, a later server may say more."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


FILTER: Schema = {
    "anyOf": [TEXT, {"type": "array", "items": {"anyOf": [TEXT, TEXTS]}}, {"type": "null"}],
}
SEARCH = closed({
    "q": or_null(TEXT), "offset": NUMBER, "limit": NUMBER, "page": or_null(NUMBER), "hitsPerPage": or_null(NUMBER),
    "attributesToRetrieve": or_null(TEXTS), "filter": FILTER, "sort": or_null(TEXTS), "facets": or_null(TEXTS),
    "matchingStrategy": {"enum": ["last", "all", "frequency"], "type": "string"}, "attributesToSearchOn": or_null(TEXTS),
    "locales": or_null(LOCALES), "showRankingScore": FLAG,
})  # fmt: skip
TYPO = closed({
    "enabled": or_null(FLAG), "disableOnWords": or_null(TEXTS), "disableOnAttributes": or_null(TEXTS), "disableOnNumbers": or_null(FLAG),
    "minWordSizeForTypos": or_null(closed({"oneTypo": or_null(NUMBER), "twoTypos": or_null(NUMBER)})),
})  # fmt: skip
SETTINGS = closed({
    "displayedAttributes": or_null(TEXTS), "searchableAttributes": or_null(TEXTS), "filterableAttributes": or_null(TEXTS),
    "sortableAttributes": or_null(TEXTS), "rankingRules": or_null(TEXTS), "stopWords": or_null(TEXTS), "dictionary": or_null(TEXTS),
    "synonyms": or_null({"type": "object", "additionalProperties": TEXTS}), "typoTolerance": or_null(TYPO),
    "faceting": or_null(closed({"maxValuesPerFacet": or_null(NUMBER)})), "pagination": or_null(closed({"maxTotalHits": or_null(NUMBER)})),
    "searchCutoffMs": or_null(NUMBER),
    "localizedAttributes": or_null({
        "type": "array", "items": closed({"attributePatterns": TEXTS, "locales": LOCALES}, "attributePatterns", "locales"),
    }),
})  # fmt: skip
DOCUMENT: Schema = {"type": "object"}
BODIES: Mapping[str, Schema] = {
    "create_index": closed({"uid": UID, "primaryKey": or_null(TEXT)}, "uid"),
    "update_all": SETTINGS,
    "replace_documents": {"type": "array", "items": DOCUMENT},
    "delete_documents_batch": {"type": "array", "items": {"type": ["string", "integer"]}},
    "documents_by_query_post": closed({
        "offset": NUMBER, "limit": NUMBER, "fields": or_null(TEXTS), "ids": or_null(TEXTS), "filter": FILTER, "sort": or_null(TEXTS),
    }),
    "search_with_post": SEARCH,
    "multi_search_with_post": closed(
        {"queries": {"type": "array", "items": closed({**SEARCH["properties"], "indexUid": UID}, "indexUid")}, "federation": {"type": "null"}}, "queries"
    ),
    "swap_indexes": {
        "type": "array",
        "items": closed({"indexes": {"type": "array", "items": UID, "minItems": 2, "maxItems": 2}, "rename": FLAG}, "indexes"),
    },
    "create_api_key": closed(
        {"uid": or_null({"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}), "name": or_null(TEXT),
         "description": or_null(TEXT), "actions": {"type": "array", "items": {"type": "string", "enum": list(ACTIONS)}}, "indexes": TEXTS, "expiresAt": or_null(TIME)},
        "actions", "indexes", "expiresAt",
    ),
}  # fmt: skip
PARAMETERS: Mapping[str, frozenset[str]] = {
    "replace_documents": frozenset({"primaryKey", "customMetadata"}),
    "delete_documents_batch": frozenset({"customMetadata"}),
    "update_all": frozenset({"customMetadata"}),
    "get_tasks": frozenset({"limit", "from", "statuses", "indexUids", "uids", "types"}),
    "list_indexes": frozenset({"offset", "limit"}),
    "list_api_keys": frozenset({"offset", "limit"}),
}

_ERROR = opened({"message": TEXT, "code": TEXT, "type": TEXT, "link": TEXT})
_SUMMARY = opened({
    "taskUid": NUMBER, "indexUid": or_null(TEXT), "status": {"type": "string", "enum": list(STATUSES)},
    "type": {"type": "string", "enum": list(TASK_TYPES)}, "enqueuedAt": TIME,
})  # fmt: skip
_TASK = opened({
    "uid": NUMBER, "indexUid": or_null(TEXT), "status": {"type": "string", "enum": list(STATUSES)},
    "type": {"type": "string", "enum": list(TASK_TYPES)}, "enqueuedAt": TIME, "error": or_null(_ERROR),
})  # fmt: skip
_INDEX = opened({"uid": UID, "primaryKey": or_null(TEXT), "createdAt": TIME, "updatedAt": TIME})
_KEY = opened({"uid": TEXT, "key": TEXT, "actions": TEXTS, "indexes": TEXTS, "createdAt": TIME, "updatedAt": TIME})
_STATS = opened({
    "numberOfDocuments": NUMBER, "isIndexing": FLAG, "fieldDistribution": {"type": "object", "additionalProperties": NUMBER},
    "rawDocumentDbSize": NUMBER, "avgDocumentSize": NUMBER, "indexSize": NUMBER, "usedIndexSize": NUMBER,
})  # fmt: skip
ANSWERS: Mapping[str, Schema] = {
    "error": _ERROR,
    "get_health": opened({"status": {"type": "string", "enum": ["available"]}}),
    "get_version": opened({"commitSha": TEXT, "commitDate": TEXT, "pkgVersion": TEXT}),
    "list_indexes": opened(
        {"results": {"type": "array", "items": _INDEX}, "offset": NUMBER, "limit": NUMBER, "total": NUMBER}
    ),
    "get_index": _INDEX,
    "create_index": _SUMMARY,
    "delete_index": _SUMMARY,
    "get_all": opened(
        {"searchableAttributes": TEXTS, "filterableAttributes": {"type": "array"}, "rankingRules": TEXTS}
    ),
    "update_all": _SUMMARY,
    "replace_documents": _SUMMARY,
    "delete_documents_batch": _SUMMARY,
    "documents_by_query_post": opened(
        {"results": {"type": "array", "items": DOCUMENT}, "offset": NUMBER, "limit": NUMBER, "total": NUMBER}
    ),
    "search_with_post": opened({"hits": {"type": "array", "items": DOCUMENT}, "query": TEXT, "processingTimeMs": NUMBER}),
    "multi_search_with_post": opened({"results": {"type": "array", "items": opened({"indexUid": UID, "hits": {"type": "array"}})}}),
    "get_index_stats": _STATS,
    "get_stats": opened(
        {"databaseSize": NUMBER, "usedDatabaseSize": NUMBER, "indexes": {"type": "object", "additionalProperties": _STATS}}
    ),
    "swap_indexes": _SUMMARY,
    "get_tasks": opened({
        "results": {"type": "array", "items": _TASK}, "limit": NUMBER, "total": NUMBER, "from": or_null(NUMBER), "next": or_null(NUMBER),
    }),
    "get_task": _TASK,
    "list_api_keys": opened(
        {"results": {"type": "array", "items": _KEY}, "offset": NUMBER, "limit": NUMBER, "total": NUMBER}
    ),
    "get_api_key": _KEY,
    "create_api_key": _KEY,
    "delete_api_key": {},
}  # fmt: skip
