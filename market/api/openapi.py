"""The interface described for machines (OpenAPI 3.1), made from the declarations it is served by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from market.accounts.tokens.rules import NAMES as SCOPE_NAMES
from market.accounts.tokens.rules import Scope
from market.api import drafts, own, public
from market.api.acts import ACTS, GROUPS, Act, parameters_of
from market.api.answers import DoneAnswer, DraftAnswer
from market.api.bodies import NoticeAnswers
from market.api.examples import EXAMPLES
from market.api.facts import by_kind, components
from market.api.idempotency import KEY_LENGTH
from market.api.reads import LARGEST_PAGE, LONGEST_PARAMETER, READS, USUAL_PAGE, Parameter, Read
from market.api.shapes import PLAIN, PLAIN_SCHEMA, Address
from market.kernel.i18n import N_, speaking, translate
from market.web.problems import MEDIA_TYPE, TITLES

Schema = dict[str, Any]
VERSION: Final = "1.0.0"
DECLARING: Final = (drafts, own, public)  # READS is complete once these are loaded
_REF: Final = "#/components/schemas/{name}"
_OF_ACTS: Final = (400, 401, 403, 404, 409, 422, 429)
_OF_READS: Final = (400, 401, 404, 429)


class FieldError(Struct):
    """What is wrong with one member of the body."""

    field: str
    messages: list[str]


class Problem(Struct):
    """RFC 9457 problem details."""

    type: Annotated[
        Address,
        Meta(
            description=N_(
                "Address on the page of the reference where this kind of problem is explained: one for each status."
            )
        ),
    ]
    title: str
    status: int
    code: str
    detail: str
    instance: str
    todo: str | msgspec.UnsetType = msgspec.UNSET
    rule: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[FieldError] | msgspec.UnsetType = msgspec.UNSET
    scope: str | msgspec.UnsetType = msgspec.UNSET


@lru_cache(maxsize=8)
def document(locale: str, public_url: str) -> bytes:
    """The whole description, with its sentences in that language."""
    with speaking(locale):
        return json.dumps(described(public_url), ensure_ascii=False, separators=(",", ":")).encode()


def described(public_url: str) -> Schema:
    paths: dict[str, Schema] = {}
    for read in READS:
        paths.setdefault(_plain(read.path), {})["get"] = _reading(read)
    for act in ACTS:
        paths.setdefault(_plain(act.path), {})["post"] = _acting(act)
    for path, operations in _drafts().items():
        paths.setdefault(path, {}).update(operations)
    return {
        "openapi": "3.1.0",
        "info": {"title": translate(N_("Programming interface of the supermarket")), "version": VERSION, "description": translate(_INTRODUCTION)},
        "servers": [{"url": f"{public_url}/api/v1"}],
        "tags": [{"name": translate(name)} for name in dict.fromkeys([*(one.group for one in sorted(READS, key=lambda one: one.own)), *GROUPS.values()])],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _schemas(), "securitySchemes": {"token": {
            "type": "http", "scheme": "bearer", "description": translate(N_("A token of your organisation; each act names the scope it takes.")),
        }}, "headers": _headers()},
    }  # fmt: skip


_INTRODUCTION: Final = N_(
    "Everything that pages do, for programs. Amounts are in fen when read and in yuan when sent, times in UTC when read and in "
    "Beijing time when sent. Every act takes a key of your own (Idempotency-Key): the same key never acts twice. Lists follow "
    "the order in which acts were committed: keep `next`, ask again with it, and you miss nothing."
)


def _plain(path: str) -> str:
    return "/".join(f"{{{part[1:-1].split(':')[0]}}}" if part.startswith("{") else part for part in path.split("/"))


def _reading(read: Read) -> Schema:
    codes = [code for code in _OF_READS if code != 404 or parameters_of(read.path) or read.own]
    codes += [403, 409] if read.own else []
    codes += [422] if read.name in {"readStatistics", "checkDraft"} else []
    codes += [404] if read.name == "readCheckpoint" else []
    return {
        "operationId": read.name, "summary": translate(read.summary), "tags": [translate(read.group)],
        "parameters": [*_places(read.path), *map(_query, read.parameters), _IF_NONE_MATCH, _LANGUAGE],
        "security": [{"token": []}] if read.own else [{}, {"token": []}],
        **({"x-scope": str(Scope.READ_OWN)} if read.own else {}),
        "responses": {
            "200": _ok(_answer_schema(read), etag=True), "304": {"description": translate(N_("Not changed since you read it.")), "headers": _carried()},
            **_problems(codes),
        },
    }  # fmt: skip


def _answer_schema(read: Read) -> Schema:
    one = {"$ref": _REF.format(name=read.answer.__name__)}
    if not (read.paged or read.listed):
        return one
    members: Schema = {"items": {"type": "array", "items": one}}
    if read.paged:
        members |= {"next": {"type": ["string", "null"]}, "more": {"type": "boolean"}}
    return {"type": "object", "required": list(members), "properties": members, "additionalProperties": False}


def _acting(act: Act) -> Schema:
    codes = [*_OF_ACTS, *((413, 415) if act.body else ())]
    return {
        "operationId": act.name, "summary": translate(act.summary), "tags": [translate(act.group)],
        "description": " ".join(translate(text) for text in (act.more, SCOPE_NAMES[act.scope]) if text),
        "parameters": [*_places(act.path), _key(), _LANGUAGE], "security": [{"token": []}], "x-scope": str(act.scope),
        **({"requestBody": _body(act.body)} if act.body else {}),
        "responses": {"200": _ok({"$ref": _REF.format(name="DoneAnswer")}), **_problems(codes)},
    }  # fmt: skip


def _drafts() -> dict[str, Schema]:
    """The three that are no pages' handlers: they begin, change and discard with conditions of their own."""
    draft, group = (
        {"$ref": _REF.format(name="DraftAnswer")},
        {"tags": [translate(GROUPS[Scope.PROJECTS])], "security": [{"token": []}]},
    )
    place, change = _places("/{draft_id:uuid}"), {"x-scope": str(Scope.PROJECTS)}
    match = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
             "description": translate(N_("The ETag of the draft as you read it."))}  # fmt: skip
    return {
        "/drafts": {"post": {
            "operationId": "beginDraft", "summary": translate(N_("Begin a draft")), "parameters": [_key(), _LANGUAGE],
            "requestBody": _body(NoticeAnswers), "responses": {"201": _ok(draft), **_problems([*_OF_ACTS, 413, 415])}, **group, **change,
        }},
        "/drafts/{draft_id}": {
            "get": {
                "operationId": "readDraft", "summary": translate(N_("One draft, with its ETag")),
                "parameters": [*place, _IF_NONE_MATCH, _LANGUAGE], "x-scope": str(Scope.READ_OWN),
                "responses": {"200": _ok(draft, etag=True), "304": {"description": translate(N_("Not changed since you read it.")), "headers": _carried()},
                              **_problems([401, 403, 404, 429])}, **group,
            },
            "put": {
                "operationId": "changeDraft", "summary": translate(N_("Change a draft, if it still is as you read it")),
                "parameters": [*place, match, _LANGUAGE], "requestBody": _body(NoticeAnswers),
                "responses": {"200": _ok(draft, etag=True), **_problems([*_OF_ACTS, 412, 413, 415, 428])}, **group, **change,
            },
            "delete": {
                "operationId": "discardDraft", "summary": translate(N_("Discard a draft")), "parameters": [*place, match, _LANGUAGE],
                "responses": {"204": {"description": translate(N_("It is gone.")), "headers": _carried()}, **_problems([401, 403, 404, 409, 412, 428, 429])},
                **group, **change,
            },
        },
    }  # fmt: skip


_LANGUAGE: Final[Schema] = {
    "name": "Accept-Language", "in": "header", "required": False, "schema": {"type": "string", "examples": ["zh-CN", "en"]},
}  # fmt: skip
_IF_NONE_MATCH: Final[Schema] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
}


def _key() -> Schema:
    low, high = KEY_LENGTH
    return {
        "name": "Idempotency-Key", "in": "header", "required": True,
        "description": translate(N_("A text of your own for this one act, such as a UUID; kept for 24 hours.")),
        "schema": {"type": "string", "minLength": low, "maxLength": high, "pattern": r"^[!-~]+$",
                   "examples": ["018f4d1e-7c5a-7b2e-9f63-0a1b2c3d4e5f"]},
    }  # fmt: skip


_PLACES: Final[Mapping[str, Schema]] = {
    "str": {"type": "string", "maxLength": 60},
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
}


def _places(path: str) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _PLACES[kind],
        }
        for name, kind in parameters_of(path)
    ]


def _query(parameter: Parameter) -> Schema:
    schema: Schema = {"type": "string", "maxLength": LONGEST_PARAMETER}
    if parameter.kind == "integer":
        schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
    elif parameter.values:
        schema = {"type": "string", "enum": [str(value) for value in parameter.values]}
    elif parameter.example:
        schema |= {"examples": [parameter.example]}
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": translate(parameter.summary),
        "schema": schema,
    }


def _body(shape: type[Any]) -> Schema:
    content: Schema = {"schema": {"$ref": _REF.format(name=shape.__name__)}}
    if shape.__name__ in EXAMPLES:
        content["example"] = EXAMPLES[shape.__name__]
    return {"required": True, "content": {"application/json": content}}


def _ok(schema: Schema, *, etag: bool = False) -> Schema:
    return {
        "description": translate(N_("Done.")), "content": {"application/json": {"schema": schema}},
        "headers": _carried(*(["ETag"] if etag else [])),
    }  # fmt: skip


def _carried(*more: str) -> Schema:
    """Headers of an answer: each says what is left of the minute's share."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy", *more)}


def _problems(codes: Iterable[int]) -> dict[str, Schema]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {
        str(code): {
            "description": translate(TITLES.get(code, HTTPStatus(code).phrase)), "content": content,
            "headers": _carried(*(["Retry-After"] if code == 429 else [])),
        }
        for code in sorted(set(codes))
    }  # fmt: skip


def _headers() -> Schema:
    return {
        "RateLimit": {"description": translate(N_("What is left of the minute's share, and for how many seconds.")), "schema": {"type": "string"}},
        "RateLimit-Policy": {"description": translate(N_("How many requests a minute there may be.")), "schema": {"type": "string"}},
        "Retry-After": {"description": translate(N_("Seconds to wait before asking again.")), "schema": {"type": "integer", "minimum": 1}},
        "ETag": {"description": translate(N_("Send it back as If-None-Match, or as If-Match to change.")), "schema": {"type": "string"}},
    }  # fmt: skip


def _schemas() -> Mapping[str, Any]:
    types: list[Any] = [one.answer for one in READS]
    types += [act.body for act in ACTS if act.body is not None]
    _, found = msgspec.json.schema_components(
        [*types, NoticeAnswers, DoneAnswer, DraftAnswer, Problem], ref_template=_REF
    )
    closed = {name: _closed(schema) for name, schema in found.items()}
    closed["EntryAnswer"]["allOf"] = by_kind()
    return {name: _told(schema) for name, schema in sorted({**closed, **components(), PLAIN: PLAIN_SCHEMA}.items())}


def _closed(schema: Schema) -> Schema:
    """An object of named members has no others: what is not described is not answered."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


def _told(schema: Any) -> Any:
    """Descriptions that are words of ours, in the reader's language."""
    if isinstance(schema, dict):
        return {
            name: translate(value) if name == "description" and isinstance(value, str) else _told(value)
            for name, value in schema.items()
        }
    return [_told(one) for one in schema] if isinstance(schema, list) else schema
