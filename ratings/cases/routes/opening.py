"""A case begins: the form, filled in from a tip, a complaint, a flag or an event, and its recording."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery

from market.accounts.queries import OrganisationView, organisation
from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.kernel.i18n import N_, speaking, translate
from market.register.queries import entry
from market.web.again import comes_back_to
from market.web.context import arrived_at, running
from market.web.display import say
from market.web.forms import read_form
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer
from projects.complaints.queries import access_complaint
from ratings.cases import actions, queries, rules
from ratings.cases.actions import NewCase
from ratings.cases.forms import SOURCES, TEXT_MAX, Recorded, not_there, parse_new
from ratings.cases.routes.page import SUPERVISORS, AnyRequest, upload_words, words
from ratings.cases.rules import Violation
from ratings.credit.rules import KINDS
from ratings.flags.queries.desk import access_flag
from ratings.periods import MONTHS_A_YEAR, add_months
from ratings.tips import queries as tips
from ratings.tips.queries import TipView


@get("/cases/new")
async def new_page(
    request: AnyRequest, code: FromQuery[str | None] = None, flag: FromQuery[UUID | None] = None,
    complaint: FromQuery[UUID | None] = None, tip: FromQuery[UUID | None] = None, upheld: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    viewer = require_viewer(request, *SUPERVISORS, role="handler")
    values: dict[str, Any] = {}
    if flag is not None:
        values = await _from_flag(viewer, flag)
    elif complaint is not None:
        values = await _from_complaint(viewer, complaint)
    elif tip is not None:
        values = await _from_tip(viewer, tip)
    elif upheld and code:
        values = await _from_upheld(request, viewer, code)
    return await _new_page(request, values=values | ({"code": code} if code else {}))


async def _from_flag(viewer: Viewer, flag_id: UUID) -> dict[str, Any]:
    found = await access_flag(viewer, flag_id)
    agencies = [party.code for party in found.parties if party.kind == "agency"]
    return {
        "flag": str(flag_id), "entries": ", ".join(map(str, found.evidence_numbers)), "facts": say(found.message),
        "project": next(iter(found.projects), ""), "code": agencies[0] if len(agencies) == 1 else "",
    }  # fmt: skip


async def _from_complaint(viewer: Viewer, complaint_id: UUID) -> dict[str, Any]:
    """What the decision found; the agency that had won is what most of them are about."""
    found = await access_complaint(viewer, complaint_id)
    winner = await organisation(found.winner_id) if found.winner_id else None
    proof = await entry(found.entry_id)
    return {
        "complaint": str(complaint_id), "project": found.project_number, "code": winner.code if winner else "",
        "facts": found.reasons or found.grounds, "legal_cause": found.legal_cause, "entries": str(proof.written),
    }  # fmt: skip


async def _from_tip(viewer: Viewer, tip_id: UUID) -> dict[str, Any]:
    """The teller's words without the teller. Its files may be taken over as evidence."""
    found = await tips.access_to_handle(viewer, tip_id)
    by_about = {"firm": found.accused_code, "expert": found.reference}
    return {
        "tip": str(tip_id), "code": by_about.get(str(found.about)) or "", "facts": found.grounds,
        "project": found.reference if str(found.about) == "project" else "",
        "tip_files": [str(file.id) for file in await tips.files_of(tip_id)],
    }  # fmt: skip


async def _from_upheld(request: AnyRequest, viewer: Viewer, code: str) -> dict[str, Any]:
    """The complaints that were upheld about an agency within the rulebook's time, in the words of their answers."""
    now = arrived_at(request)
    firm = await queries.access_party(viewer, code)
    book = await rulebook_in_force(firm.region_code, now)
    window = book.months("entry.complaints_window")
    found = await tips.founded_of(firm.id, since=add_months(now, -window))
    with speaking(locale_of(request)):
        head = translate(
            N_("{count} complaints about this firm were upheld within {months} months:"),
            count=len(found),
            months=window,
        )
    told = [_upheld(one, viewer) for one in found]
    facts = [head, *told]
    return {
        "violation": str(Violation.REPEATED_COMPLAINTS), "facts": "\n".join(facts)[:TEXT_MAX],
        "entries": ", ".join([str((await entry(one.entry_id)).written) for one in found]),
        "occurred_on": beijing_date(now).isoformat(),
    }  # fmt: skip


def _upheld(one: TipView, viewer: Viewer) -> str:
    """What another authority answered is that authority's to show."""
    day = beijing_date(one.answered_at).isoformat() if one.answered_at else ""
    return f"{one.number} ({day}): {one.answer if one.authority_id == viewer.organisation_id else one.authority_name}"


async def _new_page(request: AnyRequest, *, status: int = 200, values: dict[str, Any], **typed: Any) -> Response[Any]:
    """`values`: with a credit code, the party's deductions are offered to begin from."""
    viewer, now = require_viewer(request), arrived_at(request)
    firm = await _party(viewer, str(values.get("code", "")), request)
    deductions = await queries.deductions_of(firm.id, add_months(now, -MONTHS_A_YEAR)) if firm else []
    book = await rulebook_in_force(firm.region_code if firm else running(request).settings.site_region, now)
    return render(
        request, "cases/new.html", status=status, firm=firm, firm_party=rules.party_of(firm.kind) if firm else None, deductions=deductions, kinds=KINDS, book=book, values=values,
        grounds=rules.grounds_for(rules.party_of(firm.kind) if firm else None), sources=SOURCES,
        tip_files=await _tip_files(viewer, values.get("tip")), **words(), **upload_words(request), **typed,
    )  # fmt: skip


async def _tip_files(viewer: Viewer, tip_id: str | None) -> list[StoredFile]:
    try:
        return await tips.files_of((await tips.access_to_handle(viewer, UUID(tip_id))).id) if tip_id else []
    except (ValueError, NotFound):
        return []


async def _party(viewer: Viewer, code: str, request: AnyRequest) -> OrganisationView | None:
    try:
        return await queries.access_party(viewer, code)
    except NotFound:
        return None


@post("/cases/new", status_code=200)
@comes_back_to(_new_page, lists=("tip_files",))
async def record_case(request: AnyRequest) -> Response[Any]:
    viewer = require_viewer(request, *SUPERVISORS, role="handler")
    here = running(request)
    recorded = await parse_new(await read_form(request), limit=here.settings.upload_limit_bytes)
    new = await _new_case(request, viewer, recorded)
    number = await actions.open_case(
        new, viewer=viewer, files=here.files, calendar=here.calendar, now=arrived_at(request)
    )
    return redirect(
        request, f"/cases/{number}", notice=N_("The facts are recorded. Nobody outside learns of them yet.")
    )


async def _new_case(request: AnyRequest, viewer: Viewer, recorded: Recorded) -> NewCase:
    """What the form names must be there, and be the viewer's to act on. Raises FormInvalid or NotFound."""
    firm = await _party(viewer, recorded.code, request)
    if firm is None:
        raise not_there("code", N_("No agency, owner or expert that you watch over has this code."))
    if recorded.violation not in rules.grounds_for(rules.party_of(firm.kind)):
        raise not_there("violation", N_("Such a party cannot be accused of this."))
    proofs, project = recorded.proofs, recorded.project_number
    if recorded.event_id is not None:
        since = add_months(arrived_at(request), -MONTHS_A_YEAR)
        event = next(
            (one for one in await queries.deductions_of(firm.id, since) if one["id"] == recorded.event_id), None
        )
        if event is None:
            raise not_there("event", N_("The party has no such event, or it has its case already."))
        proofs, project = (*proofs, await entry(event["evidence_id"])), project or event["project_number"]
    await _check_sources(viewer, recorded, firm)
    return NewCase(
        firm, recorded.violation, recorded.occurred_on, recorded.facts, recorded.legal_cause, project, proofs, recorded.uploads,
        recorded.event_id, recorded.flag_id, recorded.complaint_id, recorded.tip_id, await _taken_over(recorded),
    )  # fmt: skip


async def _check_sources(viewer: Viewer, recorded: Recorded, firm: OrganisationView) -> None:
    if recorded.flag_id is not None:
        flag = await access_flag(viewer, recorded.flag_id)
        if firm.id not in {party.id for party in flag.parties}:
            raise not_there("code", N_("The flag does not concern this party."))
    if recorded.complaint_id is not None:
        await access_complaint(viewer, recorded.complaint_id)
    if recorded.tip_id is not None:
        await tips.access_to_handle(viewer, recorded.tip_id)


async def _taken_over(recorded: Recorded) -> tuple[StoredFile, ...]:
    if recorded.tip_id is None:
        return ()
    return tuple(file for file in await tips.files_of(recorded.tip_id) if file.id in recorded.tip_files)


routes: list[Any] = [new_page, record_case]
