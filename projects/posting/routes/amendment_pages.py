"""The form of an amendment, and its before-and-after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.datastructures import FormMultiDict

from market.catalogue import queries as catalogue_queries
from market.kernel.i18n import speaking
from market.web.context import arrived_at, running
from market.web.pages import locale_of, render
from projects.posting import rules
from projects.posting.actions import books_of
from projects.posting.actions.amendment import Amendment
from projects.posting.actions.notices import plain
from projects.posting.answers.method import invited_codes
from projects.posting.forms import drafted, need_values, values_of
from projects.posting.queries import AgencyChoice, agencies_by_code, published_notice
from projects.posting.views import draft as views
from projects.posting.views.method import method_context
from projects.posting.views.notice import changes_of
from projects.queries import ProjectView
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind

AnyRequest = Request[Any, Any, Any]
# What the job is stays as it was published, whatever a form says.
FIXED = ("title", "service_items", "service_mode", "bundle_code", "region_code", "investment_code", "investment_name",
         "approval_matter", "approval_number", "funding", "fiscal_percent", "not_excluded", "method", "access", "tender_number",
         "tender_platform")  # fmt: skip


async def published_values(project: ProjectView) -> dict[str, Any]:
    """The form as the published notice would fill it."""
    notice = await published_notice(project.id)
    return values_of(notice) | need_values(notice, await catalogue_queries.catalogue(project.catalogue_version))


async def amended_values(form: FormMultiDict, project: ProjectView) -> dict[str, Any]:
    """What was sent over what is published; fields that no form of ours offers are not taken from it."""
    published = await published_values(project)
    sent = {name: value for name, value in drafted(form).items() if name not in FIXED}
    return published | sent


async def amend_page(request: AnyRequest, project: ProjectView, form: FormMultiDict, **said: Any) -> Response[Any]:
    """The form as it was sent; an empty one says what is published."""
    values = await amended_values(form, project) if form else await published_values(project)
    here, now = running(request), arrived_at(request)
    books = await books_of(project, here.calendar, here.beacon)
    with speaking(locale_of(request)):
        context = {
            "needs": views.need_fields(values, project.service_items, books.catalogue), "labels": views.error_labels(),
            "professions": views.professions(project.service_items, books.catalogue, str(values.get("practitioner_profession", ""))),
            "avoided": views.avoided_fields(values), "items": list(project.service_items), "mode": values.get("requirement_mode", "all"),
            **method_context(values, books.rulebook),
        }  # fmt: skip
    context["agencies"] = await _invited(values)
    return render(
        request, "projects/amend.html", project=project, values=values, reason=str(form.get("reason", "")),
        earliest=rules.earliest_close(now, books.rulebook, books.calendar, project.method), **said, **context,
    )  # fmt: skip


async def _invited(values: Mapping[str, Any]) -> dict[str, Any]:
    """The agencies named so far; others are added by their codes."""
    codes = invited_codes(values)
    known = await agencies_by_code(codes)
    return {"chosen": [AgencyChoice(code, known[code][1] if code in known else "", chosen=True, fit=True) for code in codes],
            "found": [], "more": 0}  # fmt: skip


async def compare_page(
    request: AnyRequest, project: ProjectView, planned: Amendment, form: FormMultiDict, reason: str
) -> Response[Any]:
    """Before and after, and what the amendment does to the sign-up window."""
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    pairs = {name: [plain(old), plain(new)] for name, (old, new) in planned.changes.items()}
    sent = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("csrf_token", "confirmed")
    ]
    with speaking(locale_of(request)):
        changes, checks = changes_of(pairs, catalogue), views.finding_items(planned.findings)
    return render(
        request, "projects/amend_check.html", project=project, changes=changes, checks=checks, sent=sent, reason=reason,
        restarts=planned.restarts_window, moved="sign_up_closes_at" in planned.changes, bidding_moved="bidding_starts_at" in planned.changes, sealed=METHODS[project.method].entry is EntryKind.SEALED_BID, after=planned.after,
        refused=any(one.outcome == "refused" for one in planned.findings),
    )  # fmt: skip
