"""The description as a judge of answers."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from market.api.openapi import document

DESCRIBED: dict[str, Any] = json.loads(document("en", "http://127.0.0.1:8000"))


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Addresses without places first: /projects/… is none of /projects/{number}."""
    paths = sorted(DESCRIBED["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


@cache
def _judge(path: str, method: str, status: int) -> Any:
    answer = DESCRIBED["paths"][path][method]["responses"][str(status)]
    (content,) = answer["content"].values()
    return judge(content["schema"])


def judge(schema: dict[str, Any]) -> Any:
    """A validator of this schema, which may refer to the description's components."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": DESCRIBED["components"]}, validate_formats=True)


def faults_of(method: str, address: str, status: int, body: Any) -> list[str]:
    """What of an answer is not as it is described: undescribed status, member, type, value."""
    here = address.removeprefix("/api/v1").partition("?")[0]
    found = next((path for pattern, path in _paths() if pattern.fullmatch(here)), None)
    if found is None or method.lower() not in DESCRIBED["paths"][found]:
        return []
    if str(status) not in DESCRIBED["paths"][found][method.lower()]["responses"]:
        return [f"{method} {found}: {status} is not described"]
    errors = _judge(found, method.lower(), status).iter_errors(body)
    return [f"{method} {found} {status} at {list(one.instance_path)}: {one.message[:200]}" for one in errors]
