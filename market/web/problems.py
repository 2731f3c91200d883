"""How programs are told that something went wrong: RFC 9457 problem details, in their language, with what to do now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from litestar import Request, Response

from market.kernel.clock import wall_now
from market.kernel.errors import Forbidden, FormInvalid, Message, NotFound, Refusal, Throttled
from market.kernel.i18n import N_, speaking
from market.web.display import say
from market.web.pages import locale_of
from market.web.viewer import ScopeMissing, TokenUnusable, viewer_of

AnyRequest = Request[Any, Any, Any]
MEDIA_TYPE: Final = "application/problem+json"
REFERENCE: Final = "/api#problem-"  # where the page explains each of them
TITLES: Final[Mapping[int, str]] = {
    400: N_("The request cannot be read"),
    401: N_("A token is needed"),
    403: N_("This is not allowed"),
    404: N_("There is no such thing"),
    405: N_("This address does not do that"),
    409: N_("The rules or the facts forbid this at this moment"),
    412: N_("It was changed meanwhile"),
    413: N_("What you sent is too large"),
    415: N_("This kind of content is not read here"),
    422: N_("There is something to correct"),
    428: N_("A condition is needed"),
    429: N_("Too many requests"),
    500: N_("Something failed on our side"),
}


@dataclass(frozen=True)
class Problem:
    """`code` is stable and meant for programs; `detail` and `todo` are sentences for people. `errors`: name of the field,
    as in the body that was sent -> what is wrong with it."""

    status: int
    code: str
    detail: Message
    todo: Message | None = None
    rule: str | None = None
    errors: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Unprocessed(Exception):
    """A problem of the request itself, raised where it is found."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def type_of(status: int, public_url: str) -> str:
    """RFC 9457: one type for each status that is explained; the others need no explanation of ours."""
    return f"{public_url}{REFERENCE}{status}" if status in TITLES else "about:blank"


def as_json(request: AnyRequest, problem: Problem) -> dict[str, Any]:
    with speaking(locale_of(request)):
        told: dict[str, Any] = {
            "type": type_of(problem.status, request.app.state.running.settings.public_url),
            "title": say(Message(TITLES.get(problem.status, HTTPStatus(problem.status).phrase))),
            "status": problem.status,
            "code": problem.code,
            "detail": say(problem.detail),
            "instance": request.url.path,
        }
        if problem.todo is not None:
            told["todo"] = say(problem.todo)
        if problem.rule is not None:
            told["rule"] = problem.rule
        if problem.errors:
            told["errors"] = [
                {"field": name, "messages": [say(message) for message in messages]}
                for name, messages in problem.errors.items()
            ]
    return told | dict(problem.facts)


def answer(request: AnyRequest, problem: Problem) -> Response[Any]:
    headers = {"content-language": locale_of(request).replace("_", "-"), "vary": "accept-language", **problem.headers}
    content = json.dumps(as_json(request, problem), ensure_ascii=False).encode()
    return Response(content, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def refused(problem: Refusal) -> Problem:
    return Problem(409, problem.code, problem.message, problem.todo, problem.rule)


def seconds_left(problem: Throttled) -> int:
    """To wait, at least one. Throttles count real time."""
    return max(ceil((problem.until - wall_now()).total_seconds()), 1)


def throttled(problem: Throttled, *, seconds: int) -> Problem:
    """`seconds`: to wait."""
    return replace(refused(problem), status=429, headers={"retry-after": str(seconds)})


def absent(problem: Exception) -> Problem:
    return Problem(
        404, "not_found", Message(N_("There is nothing here, or it is not yours to see.")),
        Message(N_("Check the number in the address.")),
    )  # fmt: skip


def forbidden(problem: Forbidden) -> Problem:
    if isinstance(problem, ScopeMissing):
        todo = Message(N_("An administrator of your organisation can make a token with this scope."))
        return Problem(403, "scope.missing", problem.message, todo, facts={"scope": problem.scope})
    return Problem(403, "forbidden", problem.message)


def incorrect(problem: FormInvalid) -> Problem:
    return wrong_fields(problem.errors)


def wrong_fields(errors: Mapping[str, Sequence[Message]]) -> Problem:
    detail = Message(N_("Nothing was done. Correct what `errors` names and send it again."))
    return Problem(422, "invalid", detail, errors=errors)


def token_needed(request: AnyRequest) -> Problem:
    detail = Message(N_("This needs a token: send it in the header Authorization: Bearer …"))
    todo = Message(N_("Administrators make tokens on the page of their account."))
    challenge = {"www-authenticate": 'Bearer realm="api"'}
    if viewer_of(request).token_id is not None:
        return Problem(403, "forbidden", Message(N_("This needs a person in front of it, not a program.")))
    return Problem(401, "token.needed", detail, todo, headers=challenge)


def token_unusable(problem: TokenUnusable) -> Problem:
    challenge = {"www-authenticate": 'Bearer realm="api", error="invalid_token"'}
    todo = Message(N_("Administrators make tokens on the page of their account."))
    return Problem(401, problem.code, Message(problem.message), todo, headers=challenge)


def of_status(status: int) -> Problem:
    if status == 404:
        return absent(NotFound())
    detail = {
        405: N_("This address answers other methods only; the reference names them."),
        413: N_("What you sent is too large. Send smaller files, one after the other."),
        500: N_("This should not have happened; it was noted. Nothing was done halfway."),
    }.get(status, N_("The address or the form contains something we cannot read."))
    return Problem(status, f"http.{status}", Message(detail))
