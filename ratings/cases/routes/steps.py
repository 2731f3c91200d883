"""A step of a case that is one form: its page, and what is done with what the form sends, declared in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from market.web.again import comes_back_to
from market.web.context import Running, arrived_at, running
from market.web.forms import read_form
from market.web.receipts import redirect
from market.web.viewer import Viewer
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import AnyRequest, step_page


@dataclass(frozen=True)
class Sent:
    """What came for a case, and with what an action takes it in."""

    form: FormMultiDict
    case: CaseView
    viewer: Viewer
    here: Running
    now: datetime

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def limit(self) -> int:
        """Bytes of one uploaded file."""
        return self.here.settings.upload_limit_bytes


@dataclass(frozen=True)
class CaseStep:
    """`path` stands below the case. `enter` lets in who may take the step; `due` raises Refusal where it is not due, and
    gives what its page shows besides; `take` reads the form (raises FormInvalid) and acts; `done` is said afterwards."""

    path: str
    template: str
    enter: Callable[[AnyRequest, str], Awaitable[tuple[Viewer, CaseView]]]
    due: Callable[[CaseView], Awaitable[Mapping[str, Any]]]
    take: Callable[[Sent], Awaitable[None]]
    done: str


def step_routes(step: CaseStep) -> list[Any]:
    """The page of the step, and the handler of its form."""

    async def shown(request: AnyRequest, number: str, *, status: int = 200, **typed: Any) -> Response[Any]:
        _, case = await step.enter(request, number)
        return await step_page(request, step.template, case, status=status, **await step.due(case), **typed)

    @get(f"/cases/{{number:str}}/{step.path}")
    async def page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
        return await shown(request, number)

    @post(f"/cases/{{number:str}}/{step.path}", status_code=200)
    @comes_back_to(shown)
    async def take(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
        viewer, case = await step.enter(request, number)
        await step.take(Sent(await read_form(request), case, viewer, running(request), arrived_at(request)))
        return redirect(request, case.url, notice=step.done)

    return [page, take]
