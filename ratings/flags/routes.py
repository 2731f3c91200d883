"""One red flag with its evidence, the review, and each screen's record. And the page on which a party gives its account. The
list of flags is a table of the regulator's desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.status_codes import HTTP_301_MOVED_PERMANENTLY

from market.accounts.step_up import require_fresh_code
from market.catalogue.labels import TEXTS, UNITS
from market.catalogue.queries import rulebook, rulebook_in_force
from market.catalogue.rules import NATION, Rulebook
from market.kernel.errors import FormInvalid, Message, NotFound
from market.kernel.i18n import N_
from market.register.acts import act_name
from market.web.context import arrived_at, running
from market.web.forms import keep_values, read_form
from market.web.pages import render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer, viewer_of
from ratings.flags import actions, forms
from ratings.flags.advice import ADVICE
from ratings.flags.queries import desk, records
from ratings.flags.queries.desk import FlagView, listed
from ratings.flags.queries.evidence import evidence_of
from ratings.flags.screens import SCREENS, low_price
from ratings.flags.screens.interface import Reads
from ratings.flags.words import STATE_NAMES
from ratings.periods import add_months

AnyRequest = Request[Any, Any, Any]
Errors = Mapping[str, list[Message]]
# Screens name no firm and no project, and the operator keeps their numbers: it sees how they do.
WATCHERS = ("regulator", "operator")
RUNS = {
    Reads.NOTICE: N_("after every notice"),
    Reads.SIGN_UP: N_("after every notice, and again when its result or its failure is published"),
    Reads.RESULT: N_("after every published result"),
    Reads.CONTRACT: N_("when a contract or a change of one comes into force"),
    Reads.MARKET: N_("after every result for those it concerns, and once a day over the whole period"),
}  # fmt: skip


@get(["/regulator/flags", "/regulator/flags.csv"])
async def list_of_flags(
    request: AnyRequest, screen: FromQuery[str] = "", show: FromQuery[str] = "", region: FromQuery[str] = ""
) -> Redirect:
    """The list is one of the desk's tables, and its files are made there: whoever comes here is led on with what they asked for."""
    asked = {"screen": screen, "state": show, "region": region}
    return Redirect(
        listed(**{name: value for name, value in asked.items() if value}), status_code=HTTP_301_MOVED_PERMANENTLY
    )


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
    list_of_flags, screens_page, screen_page, flag_page, take_up, ask, outcome_page, close, question_page, answer,
]  # fmt: skip
