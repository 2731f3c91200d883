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
ERROR_TYPES = ("internal", "invalid_request", "auth", "system")
# Reasons that are not the caller's: everything else is "auth" with 401 and 403, and "invalid_request".
INTERNAL = frozenset(
    {"internal", "index_creation_failed", "invalid_state", "invalid_store_file", "io_error", "unretrievable_error_code"}
)
SYSTEM = frozenset(
    {"database_size_limit_reached", "no_space_left_on_device", "too_many_open_files", "too_many_search_requests"}
)
# Reasons that the fake gives; a server has many more.
CODES = INTERNAL | SYSTEM | frozenset({
    "api_key_already_exists", "api_key_not_found", "bad_request", "index_already_exists", "index_not_found",
    "index_primary_key_no_candidate_found", "index_scoped_api_key_with_global_action", "invalid_api_key", "invalid_api_key_actions",
    "invalid_api_key_description", "invalid_api_key_expires_at", "invalid_api_key_indexes", "invalid_api_key_name", "invalid_api_key_uid",
    "invalid_content_type", "invalid_document_fields", "invalid_document_filter", "invalid_document_geo_field", "invalid_document_id",
    "invalid_document_ids", "invalid_document_limit", "invalid_document_offset", "invalid_document_sort", "invalid_index_primary_key",
    "invalid_index_uid", "invalid_search_attributes_to_retrieve", "invalid_search_attributes_to_search_on", "invalid_search_facets",
    "invalid_search_filter", "invalid_search_hits_per_page", "invalid_search_limit", "invalid_search_locales",
    "invalid_search_matching_strategy", "invalid_search_offset", "invalid_search_page", "invalid_search_q",
    "invalid_search_show_ranking_score", "invalid_search_sort", "invalid_settings_dictionary", "invalid_settings_displayed_attributes",
    "invalid_settings_faceting", "invalid_settings_filterable_attributes", "invalid_settings_localized_attributes",
    "invalid_settings_pagination", "invalid_settings_ranking_rules", "invalid_settings_search_cutoff_ms",
    "invalid_settings_searchable_attributes", "invalid_settings_sortable_attributes", "invalid_settings_stop_words",
    "invalid_settings_synonyms", "invalid_settings_typo_tolerance", "invalid_swap_duplicate_index_found", "invalid_swap_indexes",
    "invalid_swap_rename", "malformed_payload", "max_fields_limit_exceeded", "missing_api_key_actions", "missing_api_key_expires_at",
    "missing_api_key_indexes", "missing_authorization_header", "missing_content_type", "missing_document_id", "missing_index_uid",
    "missing_payload", "missing_swap_indexes", "payload_too_large", "task_not_found",
})  # fmt: skip
ACTIONS = (
    "*", "search", "documents.*", "documents.add", "documents.get", "documents.delete", "indexes.*", "indexes.create",
    "indexes.get", "indexes.update", "indexes.delete", "indexes.swap", "tasks.*", "tasks.cancel", "tasks.delete", "tasks.get",
    "settings.*", "settings.get", "settings.update", "stats.*", "stats.get", "version", "keys.create", "keys.get", "keys.update",
    "keys.delete", "*.get",
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
# A single search has a place to begin and a size, one of several may leave them to the server.
ONE_OF_SEVERAL = closed(
    {**SEARCH["properties"], "indexUid": UID, "offset": or_null(NUMBER), "limit": or_null(NUMBER)}, "indexUid"
)
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
        {"queries": {"type": "array", "items": ONE_OF_SEVERAL}, "federation": {"type": "null"}}, "queries"
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
# What a member of a body is called in the reason why it is refused: invalid_search_q, missing_api_key_actions.
AREAS: Mapping[str, str] = {
    "create_index": "index", "update_all": "settings", "documents_by_query_post": "document", "search_with_post": "search",
    "multi_search_with_post": "search", "swap_indexes": "swap", "create_api_key": "api_key",
}  # fmt: skip
PARAMETERS: Mapping[str, frozenset[str]] = {
    "replace_documents": frozenset({"primaryKey", "customMetadata"}),
    "delete_documents_batch": frozenset({"customMetadata"}),
    "update_all": frozenset({"customMetadata"}),
    "get_tasks": frozenset({"limit", "from", "statuses", "indexUids", "uids", "types"}),
    "list_indexes": frozenset({"offset", "limit"}),
    "list_api_keys": frozenset({"offset", "limit"}),
}

_ERROR = opened({
    "message": TEXT, "code": {"type": "string", "enum": sorted(CODES)}, "type": {"type": "string", "enum": list(ERROR_TYPES)}, "link": TEXT,
})  # fmt: skip
_OF_A_TASK: Mapping[str, Schema] = {
    "indexUid": or_null(TEXT), "status": {"type": "string", "enum": list(STATUSES)},
    "type": {"type": "string", "enum": list(TASK_TYPES)}, "enqueuedAt": TIME, "customMetadata": or_null(TEXT),
}  # fmt: skip
_SUMMARY = opened({"taskUid": NUMBER, **_OF_A_TASK})
_TASK = opened({
    "uid": NUMBER, **_OF_A_TASK, "error": or_null(_ERROR), "batchUid": or_null(NUMBER), "canceledBy": or_null(NUMBER),
    "details": or_null({"type": "object"}), "duration": or_null(TEXT), "startedAt": or_null(TIME), "finishedAt": or_null(TIME),
})  # fmt: skip
_INDEX = opened({"uid": UID, "primaryKey": or_null(TEXT), "createdAt": TIME, "updatedAt": TIME})
_KEY = opened({
    "uid": TEXT, "key": TEXT, "actions": {"type": "array", "items": {"enum": list(ACTIONS)}}, "indexes": TEXTS, "name": or_null(TEXT),
    "description": or_null(TEXT), "expiresAt": or_null(TIME), "createdAt": TIME, "updatedAt": TIME,
})  # fmt: skip
_STATS = opened({
    "numberOfDocuments": NUMBER, "isIndexing": FLAG, "fieldDistribution": {"type": "object", "additionalProperties": NUMBER},
    "rawDocumentDbSize": NUMBER, "avgDocumentSize": NUMBER, "indexSize": NUMBER, "usedIndexSize": NUMBER,
})  # fmt: skip
# Pages with exact numbers where pages were asked for, else places with an estimate.
_COUNTED: Schema = {
    "oneOf": [
        opened({"page": NUMBER, "hitsPerPage": NUMBER, "totalPages": NUMBER, "totalHits": NUMBER}),
        opened({"offset": NUMBER, "limit": NUMBER, "estimatedTotalHits": NUMBER}),
    ]
}
_FOUND: Schema = {"allOf": [
    _COUNTED, opened({"hits": {"type": "array", "items": DOCUMENT}, "query": TEXT, "processingTimeMs": NUMBER}),
    {"properties": {"facetDistribution": {"type": "object"}, "facetStats": {"type": "object"}}},
]}  # fmt: skip
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
    "search_with_post": _FOUND,
    "multi_search_with_post": opened({"results": {"type": "array", "items": {"allOf": [_FOUND, opened({"indexUid": UID})]}}}),
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
