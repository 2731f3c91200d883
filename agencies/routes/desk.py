"""What every page of an agency or about one is made from: the catalogue, the rulebook, where things stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Request, Response

from agencies.actions import Terms
from agencies.queries.application import AgencyView, Dossier, application_of
from agencies.queries.commitment import text_in_force
from agencies.queries.facts import record_of
from agencies.routes.words import Words
from agencies.rules import OPEN_STAGES, SECTION_NAMES, Gap, Mark, Section, Stage, gaps, marks_of
from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.catalogue.rules import Catalogue, Rulebook
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.i18n import N_
from market.kernel.lamps import Colour, LampRule, lamp
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Desk:
    """The rules and words that apply to one request."""

    now: datetime
    catalogue: Catalogue
    rulebook: Rulebook
    calendar: Calendar
    words: Words
    upload_limit: int

    @property
    def today(self) -> date:
        return beijing_date(self.now)

    @property
    def warn_days(self) -> tuple[int, ...]:
        return self.rulebook.integers("certificate.warn_days")

    @property
    def warn_within(self) -> int:
        return max(self.warn_days)

    @property
    def insurance_months(self) -> int:
        return self.rulebook.months("entry.social_insurance_months")

    @property
    def terms(self) -> Terms:
        return Terms(self.rulebook, self.calendar)

    def lamp(self, since: datetime, due_at: datetime | None) -> Colour:
        rule = LampRule(self.rulebook.share("lamp.yellow_share"), self.rulebook.working_days("lamp.yellow_days"))
        return lamp(self.now, since, due_at, calendar=self.calendar, rule=rule)


async def desk_of(request: AnyRequest) -> Desk:
    now, running_now = arrived_at(request), running(request)
    catalogue = await catalogue_at(now)
    return Desk(
        now=now, catalogue=catalogue, calendar=running_now.calendar,
        rulebook=await rulebook_in_force(running_now.settings.site_region, now),
        words=Words(catalogue, locale_of(request)), upload_limit=running_now.settings.upload_limit_bytes,
    )  # fmt: skip


def page(request: AnyRequest, template: str, desk: Desk, *, status: int = 200, **context: Any) -> Response[str]:
    return render(request, template, status=status, desk=desk, words=desk.words, catalogue=desk.catalogue, **context)


def open_gaps(desk: Desk, dossier: Dossier) -> list[Gap]:
    return gaps(
        application_of(dossier), catalogue=desk.catalogue, commitment_version=text_in_force(desk.now).version,
        today=beijing_date(desk.now),
    )  # fmt: skip


async def marks_on(desk: Desk, dossier: Dossier) -> list[Mark]:
    """Why the agency may not be accepted, by what other authorities' lists say of it."""
    return marks_of(await record_of(dossier.agency.id), desk.rulebook, desk.today)


def sections(desk: Desk, dossier: Dossier) -> list[dict[str, Any]]:
    """The progress list of the application."""
    found = open_gaps(desk, dossier)
    return [_section(section, dossier, [gap for gap in found if gap.section is section]) for section in Section]


def _section(section: Section, dossier: Dossier, found: list[Gap]) -> dict[str, Any]:
    rows = {
        Section.QUALIFICATIONS: dossier.qualifications, Section.PRACTITIONERS: dossier.practitioners,
        Section.AUTHORISED: dossier.authorised,
    }.get(section, ())  # fmt: skip
    returned = bool(dossier.reason_for(section.value)) or any(row.review == "returned" for row in rows)
    state = "error" if returned else ("todo" if found else "done")
    return {"id": section.value, "text": SECTION_NAMES[section], "state": state, "gaps": [gap.message for gap in found]}


_STEPS = (
    (N_("Application"), frozenset({Stage.DRAFT, Stage.RETURNED}), N_("your agency")),
    (N_("Formal review"), frozenset({Stage.SUBMITTED}), N_("the operator")),
    (N_("Public notice"), frozenset({Stage.NOTICE}), N_("the public")),
    (N_("Admitted"), frozenset({Stage.ADMITTED}), ""),
)


def steps(desk: Desk, agency: AgencyView) -> list[dict[str, Any]]:
    """Where the entry stands: who is on turn, due when. Text ids are translated in the template."""
    here = next((place for place, (_, stages, _) in enumerate(_STEPS) if agency.stage in stages), None)
    began = (None, agency.submitted_at, agency.notice_started_at, agency.admitted_at)
    return [_step(desk, agency, place, here, began[place]) for place in range(len(_STEPS))]


def _step(desk: Desk, agency: AgencyView, place: int, here: int | None, began: datetime | None) -> dict[str, Any]:
    text, _, who = _STEPS[place]
    if here is None:
        return {"text": text, "state": "skipped", "who": ""}
    if place < here or agency.stage is Stage.ADMITTED:
        return {"text": text, "state": "done", "who": "", "at": began or agency.submitted_at}
    if place > here:
        return {"text": text, "state": "waiting", "who": ""}
    since = agency.returned_at or began
    step: dict[str, Any] = {"text": text, "state": "current", "who": who, "due": agency.due_at}
    if agency.due_at and since:
        step["lamp"] = desk.lamp(since, agency.due_at)
    return step


def may_edit(agency: AgencyView) -> bool:
    return agency.stage in OPEN_STAGES or agency.stage is Stage.ADMITTED
