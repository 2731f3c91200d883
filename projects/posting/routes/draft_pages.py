"""What the form of a draft and its check page are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response

from market.accounts.queries import organisation
from market.catalogue.labels import TEXTS
from market.kernel.calendar import BEIJING, ONE_DAY, beijing_date
from market.kernel.db import fetch
from market.kernel.i18n import speaking, translate
from market.web.context import arrived_at, running
from market.web.display import local_input
from market.web.pages import locale_of, render
from market.web.viewer import Viewer
from projects.eligibility import Demand
from projects.posting import actions, queries, rules
from projects.posting.actions import Books
from projects.posting.answers import avoided_rows, chosen_needs, known_items, usual_mode
from projects.posting.answers.method import USUAL, invited_codes, method_of
from projects.posting.queries import Draft, Tally
from projects.posting.rules import Finding, Notice
from projects.posting.views import draft as views
from projects.posting.views.method import choices_shown, consequences, method_context
from projects.posting.views.notice import notice_sections
from projects.queries import barring_lists

AnyRequest = Request[Any, Any, Any]
CLOSING = time(17, 0)  # offices are open until then, so a question on the last day can still be answered
SPARE_DAYS = 1


async def books_now(request: AnyRequest, region: str) -> Books:
    here = running(request)
    known = region if len(region) == 6 and region.isdigit() else here.settings.site_region
    return await actions.books_for(known, calendar=here.calendar, beacon=here.beacon, now=arrived_at(request))


async def starting_values(request: AnyRequest, viewer: Viewer) -> dict[str, Any]:
    """What is known without asking: where the owner sits, whom to call, a sensible closing time."""
    assert viewer.organisation_id is not None
    owner = await organisation(viewer.organisation_id)
    books = await books_now(request, owner.region_code)
    return {
        "method": USUAL, "access": "open", "region_code": owner.region_code, "contact_name": viewer.person_name, "contact_phone": owner.phone,
        "complaint_phone": owner.complaint_phone, "sign_up_closes_at": local_input(suggested_close(books, arrived_at(request))),
    }  # fmt: skip


def suggested_close(books: Books, now: datetime) -> datetime:
    """17:00 on the first working day after the shortest window."""
    days = books.rulebook.working_days("signup.min_window") + SPARE_DAYS
    last_day = beijing_date(books.calendar.add_working_days(now, days) - ONE_DAY)
    return datetime.combine(last_day, CLOSING, tzinfo=BEIJING)


async def draft_page(
    request: AnyRequest, viewer: Viewer, draft: Draft, *, status: int = 200, errors: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Response[Any]:  # fmt: skip
    """The form with everything saved so far; with errors, each beside its field and all in the summary. `values`: what was
    typed for a document beside it."""
    errors = errors or {}
    books = await books_now(request, str(draft.values.get("region_code") or ""))
    tally = await _tally(request, draft, draft.values, books)
    files = await _file_rows(draft)
    with speaking(locale_of(request)):
        context = _form_context(draft.values, errors, books, tally, arrived_at(request))
        context["agencies"] = await agency_choices(draft, draft.values, books, arrived_at(request))
    return render(
        request, "projects/draft.html", status=status, draft=draft, errors=errors, files=files,
        may_edit=viewer.has_role("handler"), document=values or {}, **context,
    )  # fmt: skip


def _form_context(
    values: Mapping[str, Any], errors: Mapping[str, Any], books: Books, tally: Tally | None, now: datetime
) -> dict[str, Any]:
    catalogue = books.catalogue
    items = known_items(values, catalogue)
    return {
        **_parts(values, items, books, tally), **method_context(values, books.rulebook), "values": values,
        "labels": views.error_labels(),
        "sections": views.form_sections(values, items, errors), "groups": views.item_groups(catalogue, items),
        "bundles": catalogue.bundles, "regions": views.region_options(catalogue), "avoided": views.avoided_fields(values),
        "not_bought": [translate(TEXTS.get(one, one)) for one in books.rulebook.texts("posting.excluded")],
        "earliest": rules.earliest_close(now, books.rulebook, books.calendar, method_of(values).code),
        "min_window": books.rulebook.working_days("signup.min_window"),
        "must_tender": books.rulebook.money("posting.limit.must_tender"),
    }  # fmt: skip


def _parts(values: Mapping[str, Any], items: list[str], books: Books, tally: Tally | None) -> dict[str, Any]:
    """What the fragments need that change while the form is filled."""
    state_funds = values.get("funding") in ("all", "part")
    key = "signup.minimum.state_funds" if state_funds else "signup.minimum.social_funds"
    return {
        "items": items, "sections": views.form_sections(values, items, {}), "needs": views.need_fields(values, items, books.catalogue), "catalogue": books.catalogue,
        "mode": values.get("requirement_mode") or usual_mode(items, books.catalogue), "tally": tally,
        "failing": views.failing_texts(tally) if tally else [],
        "needed": 1 if method_of(values).alone else books.rulebook.integer(key),
        "professions": views.professions(items, books.catalogue, str(values.get("practitioner_profession", ""))),
    }  # fmt: skip


async def fragment(
    request: AnyRequest, viewer: Viewer, draft: Draft, values: Mapping[str, Any], template: str
) -> Response[Any]:
    """A part of the form for what is in it right now, saved or not."""
    books = await books_now(request, str(values.get("region_code") or ""))
    items = known_items(values, books.catalogue)
    tally = await _tally(request, draft, values, books)
    with speaking(locale_of(request)):
        context = _parts(values, items, books, tally)
    return render(request, template, draft=draft, values=values, errors={}, **context)


async def agencies_fragment(
    request: AnyRequest, draft: Draft, values: Mapping[str, Any], template: str = "projects/_draft_agencies.html"
) -> Response[Any]:
    """The agencies that can be named, for what is in the form right now."""
    books = await books_now(request, str(values.get("region_code") or ""))
    agencies = await agency_choices(draft, values, books, arrived_at(request))
    return render(request, template, draft=draft, agencies=agencies)


async def agency_choices(draft: Draft, values: Mapping[str, Any], books: Books, now: datetime) -> dict[str, Any]:
    """Named agencies, and others that offer the service and fit the words searched for."""
    codes = invited_codes(values)
    demand = await _demand(draft, values, books)
    offering = await queries.agency_choices(demand, codes, now, catalogue=books.catalogue) if demand else []
    return choices_shown(offering, str(values.get("agency_search", "")))


async def _tally(request: AnyRequest, draft: Draft, values: Mapping[str, Any], books: Books) -> Tally | None:
    """None until a service item is chosen: before that there is nothing to match."""
    demand = await _demand(draft, values, books)
    return await queries.tally(demand, arrived_at(request), catalogue=books.catalogue) if demand else None


async def _demand(draft: Draft, values: Mapping[str, Any], books: Books) -> Demand | None:
    """What the form asks of agencies right now; whom it invites is left out, so that all who qualify are counted."""
    items = known_items(values, books.catalogue)
    if not items:
        return None
    needs = chosen_needs(values, items, books.catalogue)
    mode = values.get("requirement_mode") or usual_mode(items, books.catalogue)
    codes = await queries.agencies_by_code(code for code, _ in avoided_rows(values))
    return Demand(
        service_items=tuple(items), service_mode="any" if values.get("service_mode") == "any" else "all",
        requirement_mode="any" if mode == "any" else "all", requirements=needs, practitioners_needed=_count(values),
        practitioner_profession=str(values.get("practitioner_profession", "")),
        avoided={codes[code][0]: reason for code, reason in avoided_rows(values) if code in codes},
        barring_lists=barring_lists(books.rulebook), **await queries.owner_demand(draft.owner_id),
    )  # fmt: skip


def _count(values: Mapping[str, Any]) -> int:
    text = str(values.get("practitioners_needed", "")).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


async def _file_rows(draft: Draft) -> list[dict[str, Any]]:
    labels = dict(draft.files)
    rows = await fetch(
        "SELECT id, name, size, sha256 FROM stored_file WHERE id = ANY($1::uuid[]) ORDER BY uploaded_at", list(labels)
    )
    return [{"id": row["id"], "name": labels[row["id"]], "file": row["name"], "sha256": row["sha256"]} for row in rows]


async def check_page(
    request: AnyRequest, viewer: Viewer, draft: Draft, notice: Notice, findings: list[Finding], books: Books
) -> Response[Any]:
    names: dict[str, str] = {code: name for code, (_, name) in (await _known(notice)).items()}
    files = await _file_rows(draft)
    with speaking(locale_of(request)):
        sections = notice_sections(notice, names, books.catalogue, books.rulebook)
        checks, ahead = views.finding_items(findings), consequences(notice)
    return render(
        request, "projects/check.html", draft=draft, notice=notice, sections=sections, checks=checks, files=files,
        may_publish=viewer.has_role("signatory"), refused=any(one.outcome == "refused" for one in findings),
        seen=actions.fingerprint(draft), consequences=ahead,
    )  # fmt: skip


async def _known(notice: Notice) -> dict[str, tuple[UUID, str]]:
    return await queries.agencies_by_code([*(code for code, _ in notice.avoided), *notice.invited])
