"""A form that cannot be taken comes back on its page as it was typed, with what is wrong with it or the rule that says no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import wraps
from typing import Any

from litestar import Request, Response

from market.kernel.errors import FormInvalid, Message, Refusal, Throttled
from market.web.forms import keep_values, read_form
from market.web.problems import seconds_left
from market.web.security import CSRF_FIELD, is_api
from market.web.viewer import CodeNeeded

Handler = Callable[..., Awaitable[Response[Any]]]


def comes_back_to(
    page: Handler, *, lists: Iterable[str] = (), unkept: Collection[str] = ()
) -> Callable[[Handler], Handler]:
    """For the handler of a form. `page` is called like the handler, with `status` (422; 409 for a Refusal, 429 for a pause
    after too many tries, which says when to try again), `values` and `errors` besides. A refusal that names no field is said
    by the layout, which also shows what was written, should the form not be due any more; so do the refusal's own page,
    where `page` is refused as well, and the page that asks for a fresh code. `lists`: fields with several values; `unkept`:
    fields whose values are not given back, private or sealed as they are.
    """
    several = tuple(lists)

    def coming_back(handler: Handler) -> Handler:
        @wraps(handler)
        async def taken(request: Request[Any, Any, Any], **place: Any) -> Response[Any]:
            try:
                return await handler(request, **place)
            except (FormInvalid, Refusal, CodeNeeded) as problem:
                if is_api(request.scope):
                    raise  # market.api tells programs itself
                typed, state = keep_values(await read_form(request), several), request.scope["state"]
                values = {name: value for name, value in typed.items() if name not in unkept}
                state["written"] = written(values)
                if isinstance(problem, CodeNeeded):
                    raise
                if isinstance(problem, FormInvalid):
                    return await page(request, **place, status=422, values=values, errors=problem.errors)
                if not problem.field:
                    state["hindrance"] = problem
                status = 429 if isinstance(problem, Throttled) else 409
                again = await page(request, **place, status=status, values=values, errors=at_its_field(problem))
                if isinstance(problem, Throttled):
                    again.headers["retry-after"] = str(seconds_left(problem))
                return again

        return taken

    return coming_back


def at_its_field(refusal: Refusal) -> dict[str, list[Message]]:
    """What a refusal says at the field that it names, as the errors of a form; nothing where it names none."""
    said = [one for one in (refusal.message, refusal.todo) if one is not None]
    return {refusal.field: said} if refusal.field else {}


def written(values: Mapping[str, Any]) -> list[str]:
    """The texts among what was typed that would be missed: sentences, not choices, numbers or keys."""
    texts = [text.strip() for name, text in values.items() if name != CSRF_FIELD and isinstance(text, str)]
    return [text for text in texts if any(one.isspace() for one in text) or not text.isascii()]
