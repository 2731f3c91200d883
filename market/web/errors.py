"""Every way of failing becomes a page (or, for fragments, a small box) that says what to do next."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from market.kernel.calendar import CalendarYearMissing
from market.kernel.errors import Forbidden, FormInvalid, Message, NotFound, Refusal, Throttled
from market.kernel.i18n import N_
from market.web import problems
from market.web.pages import render
from market.web.security import is_api
from market.web.viewer import CodeNeeded, SignInNeeded, TokenUnusable, viewer_of

log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, Any]


def came_from(request: AnyRequest) -> str | None:
    """The page of this site whose link or form led here."""
    found = urlsplit(request.headers.get("referer", ""))
    if found.netloc != request.headers.get("host") or found.path == request.url.path or found.path.startswith("//"):
        return None
    return found.path + (f"?{found.query}" if found.query else "")


def refusal(request: AnyRequest, problem: Refusal) -> Response[Any]:
    if is_api(request.scope):
        return problems.answer(request, problems.refused(problem))
    return render(
        request, "errors/refusal.html", status=409, refusal=problem, hindrance=None, came_from=came_from(request)
    )


def throttled(request: AnyRequest, problem: Throttled) -> Response[Any]:
    seconds = problems.seconds_left(problem)
    if is_api(request.scope):
        return problems.answer(request, problems.throttled(problem, seconds=seconds))
    page = render(request, "errors/throttled.html", status=429, problem=problem, wait=timedelta(seconds=seconds))
    page.headers["retry-after"] = str(seconds)
    return page


def not_found(request: AnyRequest, problem: Exception) -> Response[Any]:
    if is_api(request.scope):
        return problems.answer(request, problems.absent(problem))
    return render(request, "errors/not_found.html", status=404, came_from=came_from(request))


def forbidden(request: AnyRequest, problem: Forbidden) -> Response[Any]:
    if is_api(request.scope):
        return problems.answer(request, problems.forbidden(problem))
    return render(request, "errors/forbidden.html", status=403, message=problem.message, came_from=came_from(request))


def invalid(request: AnyRequest, problem: FormInvalid) -> Response[Any]:
    """For forms whose page does not show its own errors."""
    if is_api(request.scope):
        return problems.answer(request, problems.incorrect(problem))
    return render(request, "errors/invalid.html", status=422, errors=problem.errors)


def sign_in_needed(request: AnyRequest, problem: SignInNeeded) -> Response[Any]:
    if is_api(request.scope):
        return problems.answer(request, problems.token_needed(request))
    if viewer_of(request).second_factor_due:
        return Redirect("/sign-in/second-factor", status_code=303)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":
        return render(request, "errors/forbidden.html", status=401, message=Message(
            N_("You are not signed in any more. Sign in, then send the form again; nothing was changed.")))  # fmt: skip
    return Redirect(f"/sign-in?back={quote(back)}", status_code=303)


def code_needed(request: AnyRequest, problem: CodeNeeded) -> Response[Any]:
    """Before a page: the way to the code and back. Before an act: nothing was done, and what was typed is in the form."""
    if is_api(request.scope):
        return problems.answer(request, problems.token_needed(request))
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":
        # The page with the form: not every act has a page under its own address.
        return render(request, "errors/code_needed.html", status=401, back=quote(came_from(request) or back))
    return Redirect(f"/sign-in/code?back={quote(back)}", status_code=303)


def calendar_missing(request: AnyRequest, problem: CalendarYearMissing) -> Response[Any]:
    return refusal(request, Refusal(
        "calendar.year_missing", N_("The working-day calendar of {year} is not published yet, so this deadline cannot be computed."),
        todo=N_("The operator has been told to enter it; choose an earlier date or try again later."), year=problem.year))  # fmt: skip


def constraint(request: AnyRequest, problem: asyncpg.PostgresError) -> Response[Any]:
    """The database said no after all checks: two acts met. Nothing of this one was written."""
    log.warning("constraint decided: %s", getattr(problem, "constraint_name", None) or type(problem).__name__)
    return refusal(request, Refusal(
        "conflict", N_("Somebody else was quicker, or the same form was sent twice. Nothing was changed by this attempt."),
        todo=N_("Reload the page to see how things stand.")))  # fmt: skip


def unreadable(request: AnyRequest, problem: asyncpg.DataError) -> Response[Any]:
    """A value that no column can hold: a NUL character, half a surrogate pair, a page number with thirty digits."""
    log.warning("unreadable value on %s %s: %s", request.method, request.url.path, type(problem).__name__)
    return http_error(request, HTTPException(status_code=400))


def http_error(request: AnyRequest, problem: HTTPException) -> Response[Any]:
    if problem.status_code >= 500:
        return unexpected(request, problem)
    if is_api(request.scope):
        return problems.answer(request, problems.of_status(problem.status_code))
    if problem.status_code in {404, 405}:
        return render(request, "errors/not_found.html", status=problem.status_code)
    messages = {413: N_("What you sent is too large. Send smaller files, one after the other.")}
    text = messages.get(problem.status_code, N_("The address or the form contains something we cannot read."))
    return render(request, "errors/invalid.html", status=problem.status_code, errors={"": [Message(text)]})


def unexpected(request: AnyRequest, problem: Exception) -> Response[Any]:
    log.error("unexpected failure on %s %s", request.method, request.url.path, exc_info=problem)
    if is_api(request.scope):
        return problems.answer(request, problems.of_status(500))
    return render(request, "errors/error.html", status=500, came_from=came_from(request))


def token_unusable(request: AnyRequest, problem: TokenUnusable) -> Response[Any]:
    return problems.answer(request, problems.token_unusable(problem))


def unprocessed(request: AnyRequest, problem: problems.Unprocessed) -> Response[Any]:
    return problems.answer(request, problem.problem)


EXCEPTION_HANDLERS: dict[Any, Any] = {
    Refusal: refusal,
    Throttled: throttled,
    NotFound: not_found,
    Forbidden: forbidden,
    FormInvalid: invalid,
    SignInNeeded: sign_in_needed,
    CodeNeeded: code_needed,
    TokenUnusable: token_unusable,
    problems.Unprocessed: unprocessed,
    CalendarYearMissing: calendar_missing,
    asyncpg.UniqueViolationError: constraint,
    asyncpg.ExclusionViolationError: constraint,
    asyncpg.SerializationError: constraint,
    asyncpg.DeadlockDetectedError: constraint,
    asyncpg.DataError: unreadable,
    HTTPException: http_error,
    Exception: unexpected,
}
