"""Pages made of parts: a package adds its part to the pages of projects, agencies and payments and to everyone's work
bench, without the page knowing the package (ratings lie above projects, and both show on the project page)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from litestar import Request
from markupsafe import Markup

from market.kernel.errors import Message
from market.web.pages import html
from market.web.viewer import Viewer


@dataclass(frozen=True)
class Panel:
    """`template`: a fragment; it sees `context` and the page's globals."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    place: Literal["main", "aside"] = "main"


@dataclass(frozen=True)
class Waiting:
    """Something that waits for this viewer's organisation."""

    text: Message
    link: str
    since: datetime
    due_at: datetime | None
    number: str = ""
    who: str = ""


Page = Literal["project", "agency", "owner", "contract", "payment"]
PanelMaker = Callable[[Request[Any, Any, Any], Viewer, str, datetime], Awaitable[Panel | None]]
WaitingFinder = Callable[[Viewer, datetime], Awaitable[list[Waiting]]]
_PANELS: defaultdict[str, dict[str, tuple[int, PanelMaker]]] = defaultdict(dict)
_WAITING: dict[str, WaitingFinder] = {}


def panel(page: Page, *, order: int) -> Callable[[PanelMaker], PanelMaker]:
    def register(make: PanelMaker) -> PanelMaker:
        _PANELS[page][f"{make.__module__}.{make.__qualname__}"] = (order, make)
        return make

    return register


def waiting(name: str) -> Callable[[WaitingFinder], WaitingFinder]:
    def register(find: WaitingFinder) -> WaitingFinder:
        _WAITING[name] = find
        return find

    return register


async def panels_of(
    page: Page, request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime
) -> list[Panel]:
    """All parts of one page that have something to show to this viewer, in order."""
    makers = sorted(_PANELS[page].items(), key=lambda item: (item[1][0], item[0]))
    made = [await make(request, viewer, key, now) for _, (_, make) in makers]
    return [part for part in made if part is not None]


async def rendered_panels(
    page: Page, request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime
) -> dict[str, list[Markup]]:
    """The parts of one page as markup: place -> parts in order, for `{% for part in panels.main %}{{ part }}`."""
    placed: dict[str, list[Markup]] = {"main": [], "aside": []}
    for part in await panels_of(page, request, viewer, key, now):
        # The template escaped what it was given; this is a part of the page like any include.
        placed[part.place].append(Markup(html(request, part.template, **part.context)))  # noqa: S704
    return placed


async def waiting_for(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Everything that waits for the viewer; what is due first stands first."""
    found = [item for find in _WAITING.values() for item in await find(viewer, now)]
    return sorted(found, key=lambda item: (item.due_at is None, item.due_at or item.since))
