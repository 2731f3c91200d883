"""The regulator's desk of red flags: the list, one flag with its evidence, the review, and each screen's record. And the
page on which a party gives its account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from market.accounts.step_up import require_fresh_code
from market.catalogue.labels import TEXTS, UNITS
from market.catalogue.queries import catalogue_at, rulebook, rulebook_in_force
from market.catalogue.rules import NATION, Rulebook
from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_, speaking
from market.register.acts import act_name
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer, viewer_of
from projects.page.views import region_name
from ratings.flags import actions, forms
from ratings.flags.advice import ADVICE
from ratings.flags.export import STATE_NAMES, as_csv
from ratings.flags.queries import desk, records
from ratings.flags.queries.desk import STATES, Filters, FlagView
from ratings.flags.queries.evidence import evidence_of
from ratings.flags.screens import SCREENS, low_price
from ratings.flags.screens.interface import Reads
from ratings.periods import add_months

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
MOST_PAGES = 1000
# Screens name no firm and no project, and the operator keeps their numbers: it sees how they do.
WATCHERS = ("regulator", "operator")
RUNS = {
    Reads.NOTICE: N_("after every notice"),
    Reads.SIGN_UP: N_("after every notice, and again when its result or its failure is published"),
    Reads.RESULT: N_("after every published result"),
    Reads.CONTRACT: N_("when a contract comes into force"),
    Reads.MARKET: N_("after every result for those it concerns, and once a day over the whole period"),
}  # fmt: skip


def _filters(screen: str, state: str, region: str) -> Filters:
    """Nonsense in the address filters nothing."""
    return Filters(
        screen if screen in SCREENS else "", state if state in STATES else "",
        region if region.isascii() and region.isdigit() and len(region) <= 6 else "",
    )  # fmt: skip


def _page(text: str) -> int:
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 7 else 1


@get("/regulator/flags")
async def flags_page(
    request: AnyRequest, screen: FromQuery[str] = "", show: FromQuery[str] = "", region: FromQuery[str] = "",
    page: FromQuery[str] = "1",
) -> Response[str]:  # fmt: skip
    viewer, filters, number = require_viewer(request, "regulator"), _filters(screen, show, region), _page(page)
    total = await desk.count(viewer, filters)
    return render(
        request, "flags/desk.html", flags=await desk.flags(viewer, filters, page=number), total=total, page=number,
        pages=-(-total // desk.PAGE), states=await desk.states(viewer), places=await _places(request, viewer),
        filters=filters, SCREENS=SCREENS, STATE_NAMES=STATE_NAMES,
    )  # fmt: skip


async def _places(request: AnyRequest, viewer: Viewer) -> dict[str, str]:
    catalogue = await catalogue_at(arrived_at(request))
    with speaking(locale_of(request)):
        return {code: region_name(code, catalogue) for code in await desk.regions(viewer)}


@get("/regulator/flags.csv")
async def flags_csv(
    request: AnyRequest, screen: FromQuery[str] = "", show: FromQuery[str] = "", region: FromQuery[str] = ""
) -> Response[bytes]:
    viewer = require_viewer(request, "regulator")
    found = await desk.flags(viewer, _filters(screen, show, region), size=desk.MOST_IN_A_FILE)
    with speaking(locale_of(request)):
        content = as_csv(found)
    headers = {"Content-Disposition": 'attachment; filename="flags.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@get("/regulator/flags/screens")
async def screens_page(request: AnyRequest) -> Response[str]:
    require_viewer(request, *WATCHERS)
    book, since = await _period(request)
    return render(
        request, "flags/screens.html", SCREENS=SCREENS, records=await records.records(since), book=book, since=since,
        most=book.share("screen.flag_rate_max"), least=book.integer("screen.rate_cases_min"),
    )  # fmt: skip


@get("/regulator/flags/screens/{code:str}")
async def screen_page(request: AnyRequest, code: FromPath[str]) -> Response[str]:
    require_viewer(request, *WATCHERS)
    if code not in SCREENS:
        raise NotFound
    book, since = await _period(request)
    return render(
        request, "flags/screen.html", screen=SCREENS[code], record=(await records.records(since))[code], book=book,
        since=since, most=book.share("screen.flag_rate_max"), least=book.integer("screen.rate_cases_min"),
        versions=await records.versions_of(code), report=await records.last_report(code), act_name=act_name, UNITS=UNITS,
        TEXTS=TEXTS, RUNS=RUNS, advice=ADVICE[code],
    )  # fmt: skip


async def _period(request: AnyRequest) -> tuple[Rulebook, datetime]:
    """The rulebook, and since when screens of a period look."""
    now = arrived_at(request)
    book = await rulebook_in_force(NATION, now)
    return book, add_months(now, -book.months("screen.period"))


@get("/regulator/flags/{flag_id:uuid}")
async def flag_page(request: AnyRequest, flag_id: FromPath[UUID]) -> Response[str]:
    return await _flag(request, require_viewer(request, "regulator"), flag_id, {}, {}, status=200)


async def _flag(
    request: AnyRequest, viewer: Viewer, flag_id: UUID, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    flag = await desk.access_flag(viewer, flag_id)
    return render(
        request, "flags/flag.html", status=status, flag=flag, screen=SCREENS.get(flag.screen), values=values, errors=errors,
        STATE_NAMES=STATE_NAMES, labels=forms.LABELS, text_max=forms.TEXT_MAX, low_price=flag.screen == low_price.CODE,
        mine=flag.in_hand_of(viewer), may_handle=viewer.has_role("handler"), may_close=viewer.has_role("signatory"),
        book=await rulebook(flag.rulebook_version), act_name=act_name, evidence=await evidence_of(flag, running(request).calendar),
        related=await desk.related(viewer, flag), SCREENS=SCREENS, advice=ADVICE.get(flag.screen),
    )  # fmt: skip


@post("/regulator/flags/{flag_id:uuid}/taking", status_code=200)
async def take_up(request: AnyRequest, flag_id: FromPath[UUID]) -> Response[Any]:
    viewer = require_viewer(request, "regulator", role="handler")
    await actions.take_up(flag_id, viewer=viewer, now=arrived_at(request))
    return redirect(request, f"/regulator/flags/{flag_id}", notice=N_("You have taken this flag up."))


@post("/regulator/flags/{flag_id:uuid}/questions", status_code=200)
async def ask(request: AnyRequest, flag_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, "regulator", role="handler"), arrived_at(request)
    flag, form = await desk.access_flag(viewer, flag_id), await read_form(request)
    try:
        party, question = forms.parse_question(form, flag)
    except FormInvalid as problem:
        return await _flag(request, viewer, flag_id, keep_values(form), problem.errors, status=422)
    await actions.ask(flag_id, party, question, viewer=viewer, calendar=running(request).calendar, now=now)
    return redirect(request, f"/regulator/flags/{flag_id}", notice=N_("The question has been sent."))


@get("/regulator/flags/{flag_id:uuid}/outcome")
async def outcome_page(request: AnyRequest, flag_id: FromPath[UUID]) -> Response[Any]:
    flag = await desk.access_flag(require_viewer(request, "regulator", role="signatory"), flag_id)
    if not flag.in_hand_of(viewer_of(request)):
        return redirect(
            request, flag.url, notice=N_("Only whoever has taken a flag up judges it, and only once."), tone="warning"
        )
    await require_fresh_code(request)
    return _outcome(request, flag, {}, {}, status=200)


def _outcome(
    request: AnyRequest, flag: FlagView, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    return render(request, "flags/outcome.html", status=status, flag=flag, screen=SCREENS.get(flag.screen), values=values,
                  errors=errors, labels=forms.LABELS, text_max=forms.TEXT_MAX, STATE_NAMES=STATE_NAMES)  # fmt: skip


@post("/regulator/flags/{flag_id:uuid}/outcome", status_code=200)
async def close(request: AnyRequest, flag_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request, "regulator", role="signatory"), arrived_at(request)
    flag = await desk.access_flag(viewer, flag_id)
    await require_fresh_code(request)
    form = await read_form(request)
    try:
        closing = await forms.parse_closing(form)
    except FormInvalid as problem:
        return _outcome(request, flag, keep_values(form), problem.errors, status=422)
    await actions.close(flag_id, closing, viewer=viewer, now=now)
    return redirect(request, f"/regulator/flags/{flag_id}", notice=N_("The review has been recorded."))


@get("/flags/questions/{question_id:uuid}")
async def question_page(request: AnyRequest, question_id: FromPath[UUID]) -> Response[str]:
    return await _question(request, require_viewer(request), question_id, {}, {}, status=200)


async def _question(
    request: AnyRequest, viewer: Viewer, question_id: UUID, values: Mapping[str, Any], errors: Errors, *, status: int
) -> Response[str]:
    found = await desk.access_question(viewer, question_id)
    return render(request, "flags/question.html", status=status, question=found, values=values, errors=errors,
                  text_max=forms.TEXT_MAX, labels=forms.LABELS)  # fmt: skip


@post("/flags/questions/{question_id:uuid}", status_code=200)
async def answer(request: AnyRequest, question_id: FromPath[UUID]) -> Response[Any]:
    viewer, now = require_viewer(request), arrived_at(request)
    await desk.access_question(viewer, question_id)
    form = await read_form(request)
    try:
        text = forms.parse_answer(form)
    except FormInvalid as problem:
        return await _question(request, viewer, question_id, keep_values(form), problem.errors, status=422)
    await actions.answer(question_id, text, viewer=viewer, now=now)
    return redirect(request, f"/flags/questions/{question_id}", notice=N_("Your account has been sent."))


routes: list[Any] = [
    flags_page, flags_csv, screens_page, screen_page, flag_page, take_up, ask, outcome_page, close, question_page, answer,
]  # fmt: skip
