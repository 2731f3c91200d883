"""What programs may read: one declaration a list or thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import rfc8785
from litestar import Request

from market.api.cursors import cursor, position_of
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.context import Running, arrived_at, running
from market.web.problems import Problem, Unprocessed
from market.web.viewer import Viewer, viewer_of

AnyRequest = Request[Any, Any, Any]
USUAL_PAGE, LARGEST_PAGE = 50, 200
LONGEST_PARAMETER: Final = 200


@dataclass(frozen=True)
class Parameter:
    """Of a query. `values`: all that it may be, where they are few."""

    name: str
    summary: str
    values: Sequence[str] = ()
    kind: str = "string"
    example: str = ""


AFTER: Final = Parameter(
    "after", N_("`next` of the last answer: goes on after it, in the order in which the acts were committed.")
)
LIMIT: Final = Parameter("limit", N_("How many at most, up to 200."), kind="integer", example="50")
PAGED: Final = (AFTER, LIMIT)


@dataclass(frozen=True)
class Asked:
    """One request of a reader: `given` are its known query parameters."""

    request: AnyRequest
    given: Mapping[str, str]
    places: Mapping[str, Any]

    @property
    def viewer(self) -> Viewer:
        return viewer_of(self.request)

    @property
    def now(self) -> datetime:
        return arrived_at(self.request)

    @property
    def here(self) -> Running:
        return running(self.request)

    @property
    def url(self) -> str:
        return self.here.settings.public_url

    @property
    def limit(self) -> int:
        return int(self.given.get("limit", USUAL_PAGE))

    @property
    def organisation(self) -> UUID:
        assert self.viewer.organisation_id is not None
        return self.viewer.organisation_id

    def after(self, listing: str) -> int:
        return position_of(self.here.settings.secret_key, listing, self.given.get("after"))

    def page(self, listing: str, found: Sequence[tuple[int, Any]]) -> dict[str, Any]:
        """`found`: (position, item) in order. `next` is there even where nothing more is: that is where to poll."""
        last = found[-1][0] if found else self.after(listing)
        following = cursor(self.here.settings.secret_key, listing, last) if last >= 0 else None
        return {"items": [item for _, item in found], "next": following, "more": len(found) == self.limit}


Run = Callable[[Asked], Awaitable[Any]]


@dataclass(frozen=True)
class Read:
    """`answer`: the type of what comes back, or of each item where it is `paged` or `listed`; `run` may give finished JSON
    bytes of it. `own`: takes read:own."""

    name: str
    path: str
    summary: str
    group: str
    run: Run
    answer: Any
    parameters: tuple[Parameter, ...] = ()
    own: bool = False
    paged: bool = False
    listed: bool = False


READS: Final[list[Read]] = []


def reading(
    path: str, summary: str, group: str, answer: Any, *, parameters: tuple[Parameter, ...] = (), own: bool = False,
    paged: bool = False, listed: bool = False,
) -> Callable[[Run], Run]:  # fmt: skip
    def declare(run: Run) -> Run:
        given = parameters + (PAGED if paged else ())
        READS.append(Read(_name(run), path, summary, group, run, answer, given, own, paged, listed))
        return run

    return declare


def _name(run: Any) -> str:
    first, *rest = run.__name__.split("_")
    return str(first + "".join(word.capitalize() for word in rest))


def parameters_in(request: AnyRequest, declared: Sequence[Parameter]) -> dict[str, str]:
    """Raises Unprocessed (400) for parameters that there are not, and for values that they cannot have."""
    known = {one.name: one for one in declared}
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known or name in given:
            raise Unprocessed(_unknown(name, sorted(known)))
        given[name] = _checked(known[name], str(value))
    return given


def _checked(parameter: Parameter, value: str) -> str:
    if parameter.kind == "integer":
        if not value.isascii() or not value.isdigit() or len(value) > 9 or not 1 <= int(value) <= LARGEST_PAGE:
            raise Unprocessed(_wrong(parameter.name, f"1–{LARGEST_PAGE}"))
    elif parameter.values and value not in parameter.values:
        raise Unprocessed(_wrong(parameter.name, ", ".join(parameter.values)))
    elif len(value) > LONGEST_PARAMETER or not value.isprintable():
        raise Unprocessed(_wrong(parameter.name, f"1–{LONGEST_PARAMETER}"))
    return value


def _unknown(name: str, known: Sequence[str]) -> Problem:
    detail = Message(N_("There is no parameter {name} here, or it was given twice."), {"name": name[:60]})
    return Problem(
        400, "parameter.unknown", detail, Message(N_("Known are: {known}."), {"known": ", ".join(known) or "—"})
    )


def _wrong(name: str, allowed: str) -> Problem:
    detail = Message(N_("The parameter {name} cannot have this value."), {"name": name})
    return Problem(400, "parameter.wrong", detail, Message(N_("It may be: {allowed}."), {"allowed": allowed}))


def canonical(content: Any) -> bytes:
    return rfc8785.dumps(content)
