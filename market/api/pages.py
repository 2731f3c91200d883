"""The reference of the interface, for people."""

from __future__ import annotations

import json
from typing import Any

from litestar import Request, Response, get

from market.api.examples import EXAMPLES
from market.api.openapi import described
from market.kernel.i18n import N_, speaking, translate
from market.web.context import running
from market.web.kept import KEPT
from market.web.pages import locale_of, render
from market.web.problems import TITLES

AnyRequest = Request[Any, Any, Any]
REMEDIES = {
    400: N_("Correct the address, the headers or the JSON: the answer names what it could not read."),
    401: N_("Send a token, or a new one where the old one ran out."),
    403: N_("Use a token with the scope that is named, made by somebody with the right role."),
    404: N_("Check the number; what is not yours looks the same as what is not there."),
    405: N_("Use one of the methods that the reference names for this address."),
    409: N_("Read `detail`, `todo` and `rule`; repeating the same request will not help."),
    412: N_("Read it again, and send your change with the new ETag."),
    413: N_("Send less at once: smaller files, or several requests."),
    415: N_("Send JSON, with the header Content-Type: application/json."),
    422: N_("Correct the members that `errors` names; then use a new key."),
    428: N_("Send the header If-Match with the ETag of what you read."),
    429: N_("Wait as long as Retry-After says."),
    500: N_("Try again with the same key; if it happens again, tell the operator."),
}


@get("/api", opt=KEPT)
async def reference(request: AnyRequest) -> Response[str]:
    url = running(request).settings.public_url
    with speaking(locale_of(request)):
        spec = described(url)
    examples = {name: json.dumps(example, ensure_ascii=False, indent=2) for name, example in EXAMPLES.items()}
    return render(
        request,
        "api/reference.html",
        spec=spec,
        groups=_grouped(spec),
        url=url,
        problems=_problems(request),
        examples=examples,
    )


def _problems(request: AnyRequest) -> list[dict[str, Any]]:
    with speaking(locale_of(request)):
        return [
            {"status": status, "title": translate(TITLES[status]), "todo": translate(todo)}
            for status, todo in REMEDIES.items()
        ]


def _grouped(spec: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(group, operations) in the order of the groups."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in spec["tags"]}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append({**operation, "method": method.upper(), "path": path})
    return [(name, found) for name, found in groups.items() if found]


routes: list[Any] = [reference]
