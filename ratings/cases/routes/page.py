"""What the handlers of cases share: who comes in, the case in front of them, a form page that comes back with its errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, Response

from market.accounts.step_up import require_fresh_code
from market.catalogue.queries import rulebook
from market.catalogue.rules import Rulebook
from market.kernel.calendar import Calendar
from market.kernel.errors import Message
from market.kernel.files import ENDINGS
from market.register.acts import act_name
from market.web.context import arrived_at, running
from market.web.pages import render
from market.web.viewer import Viewer, require_viewer
from projects.contracts.queries import LitStep, lit
from projects.contracts.rules import Step
from ratings.cases import queries, rules
from ratings.cases.actions import rows
from ratings.cases.forms import FILES_MOST, LABELS, LINE_MAX, TEXT_MAX
from ratings.cases.queries import CaseView
from ratings.cases.rules import Sanction
from ratings.cases.words import BARRED_UNTIL, choices, measure_text, state_text
from ratings.cases.words import PARTIES as NAMES
from ratings.credit.rules import points_text

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
SUPERVISORS = ("regulator", "operator")
PARTIES = ("agency", "owner", "expert")


async def as_authority(request: AnyRequest, number: str, *, role: str = "handler") -> tuple[Viewer, CaseView]:
    viewer = require_viewer(request, *SUPERVISORS, role=role)
    return viewer, await rows.access_as_authority(viewer, number, arrived_at(request))


async def as_judge(request: AnyRequest, number: str) -> tuple[Viewer, CaseView]:
    """What is decided here binds, so it is signed with a fresh code of the second factor."""
    viewer, found = await as_authority(request, number, role="signatory")
    rules.check_judge(found.history, viewer.person_id)
    await require_fresh_code(request)
    return viewer, found


async def as_firm(request: AnyRequest, number: str) -> tuple[Viewer, CaseView]:
    viewer = require_viewer(request, *PARTIES, role="handler")
    return viewer, await queries.access_own(viewer, number, arrived_at(request))


async def offered(found: CaseView) -> tuple[Sanction, ...]:
    book = await rulebook(found.rulebook_version)
    return rules.offered(queries.terms_of(found.violation, book))


def points_of(found: CaseView, book: Rulebook) -> int:
    """What a decision of this case takes off, in whole points; nothing where the act that began it was charged already."""
    deducts = found.ground.deducts
    return book.integer(deducts) if deducts and found.event_id is None else 0


def lamp_of(found: CaseView, book: Rulebook, calendar: Calendar) -> LitStep | None:
    """The step that is on turn with its lamp, a request for repair too; None where nobody is waited for."""
    asked = found.repair if found.repair is not None and found.repair.decided_at is None else None
    due = (asked.asked_at, asked.due_at) if asked else found.due or _talk_due(found)
    return lit(Step("case", (), *due), book, now=found.now, calendar=calendar) if due else None


def _talk_due(found: CaseView) -> tuple[datetime, datetime] | None:
    waits = found.talk_ordered and found.decided_at is not None and found.talk_due_at is not None
    return (found.decided_at, found.talk_due_at) if waits else None  # type: ignore[return-value]


def upload_words(request: AnyRequest) -> dict[str, Any]:
    megabytes = running(request).settings.upload_limit_bytes // (1024 * 1024)
    return {"accept": ",".join(ENDINGS), "files_most": FILES_MOST, "megabytes": megabytes}


def words() -> dict[str, Any]:
    """What every template of cases may ask."""
    return {"act_name": act_name, "labels": LABELS, "measure_text": measure_text, "state_text": state_text, "choices": choices, "barred_until": BARRED_UNTIL, "party_names": NAMES,
            "points_text": points_text, "text_max": TEXT_MAX, "line_max": LINE_MAX}  # fmt: skip


async def step_page(
    request: AnyRequest, template: str, found: CaseView, *, status: int = 200, **context: Any
) -> Response[Any]:
    """A page on which one step of a case is taken. `context`: also what was typed, and its errors."""
    book = await rulebook(found.rulebook_version)
    known = {
        "values": {},
        "errors": {},
        "book": book,
        "points": points_of(found, book),
        **words(),
        **upload_words(request),
    }
    return render(request, template, status=status, case=found, **{**known, **context})
