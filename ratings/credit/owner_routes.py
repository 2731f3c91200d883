"""The standing of an owner as everybody may see it: breaches that count, pauses of posting, payments that are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from market.accounts.queries import OrganisationView, organisation_by_code
from market.kernel.errors import NotFound
from market.web.context import arrived_at
from market.web.pages import render
from market.web.panels import rendered_panels
from market.web.viewer import OWNER_KINDS as OWNERS
from market.web.viewer import Viewer, viewer_of
from projects.payments.overdue.listing import late_now
from projects.payments.overdue.papers import LateRow
from projects.payments.overdue.queries import NATURAL_PERSON
from ratings.credit import queries
from ratings.credit.rules import (
    KINDS,
    OWNER_KINDS,
    UNRATED,
    Event,
    OwnerRules,
    Pause,
    not_cancelled,
    owner_breaches,
    owner_pauses,
    suspended_by,
)
from ratings.periods import add_months

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Breach:
    """`recent`: within the window, and not taken back; `counts`: towards a pause, too."""

    event: Event
    counts: bool
    taken_back: bool
    recent: bool

    @property
    def title(self) -> str:
        return KINDS[self.event.kind].title


@dataclass(frozen=True)
class OwnerStanding:
    organisation: OrganisationView
    rules: OwnerRules
    breaches: tuple[Breach, ...]
    pause: Pause | None
    late: tuple[LateRow, ...]
    # Until when a decided pause keeps it from publishing, and for what (a message id).
    bar: tuple[datetime, str] | None

    @property
    def counting(self) -> int:
        return sum(breach.counts for breach in self.breaches)

    @property
    def reminded(self) -> bool:
        """Whether its page says in public that it failed in its duties, before that keeps it from publishing."""
        return self.counting >= self.rules.remind_after and self.paused_until is None

    @property
    def unrated(self) -> int:
        """Ratings that it owed within the window and did not give; so many of them are a breach."""
        return sum(breach.event.kind == UNRATED and breach.recent for breach in self.breaches)

    @property
    def paused_until(self) -> datetime | None:
        ends = [*([self.pause.ends_at] if self.pause else []), *([self.bar[0]] if self.bar else [])]
        return max(ends, default=None)


@get("/owners/{code:str}")
async def owner_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    viewer, now = viewer_of(request), arrived_at(request)
    organisation = await _owner(viewer, code)
    panels = await rendered_panels("owner", request, viewer, code, now)
    return render(request, "ratings/owner.html", standing=await standing_of(organisation, now), panels=panels)


async def _owner(viewer: Viewer, code: str) -> OrganisationView:
    """Natural persons see their own page, and nobody else does."""
    found = await organisation_by_code(code)
    if found is None or found.kind not in OWNERS:
        raise NotFound
    if found.kind == NATURAL_PERSON and viewer.organisation_id != found.id:
        raise NotFound
    return found


async def standing_of(organisation: OrganisationView, now: datetime) -> OwnerStanding:
    account = await queries.account_of(organisation, now)
    rules = queries.owner_rules(account.book)
    pause = suspended_by(owner_pauses(account.events, rules, now), now)
    late = await late_now(now, least_days=account.book.calendar_days("payment.overdue_listed_days"))
    own = tuple(row for row in late if row.owner_code == organisation.code)
    return OwnerStanding(organisation, rules, _breaches(account.events, rules, now), pause, own, account.bar)


def _breaches(events: tuple[Event, ...], rules: OwnerRules, now: datetime) -> tuple[Breach, ...]:
    """The latest first."""
    counted = {event.id for event in not_cancelled(events, now)}
    breaches = {event.id for event in owner_breaches(events, rules, now)}
    since = add_months(now, -rules.window_months)
    found = []
    for event in reversed(events):
        if event.kind in OWNER_KINDS or event.kind == UNRATED:
            recent = event.id in counted and event.occurred_at > since
            counts = recent and event.id in breaches
            found.append(Breach(event, counts=counts, taken_back=event.id not in counted, recent=recent))
    return tuple(found)


routes: list[Any] = [owner_page]
