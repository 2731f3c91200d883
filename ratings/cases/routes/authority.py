"""Those who supervise: the party told, a hearing held, a talk held."""

from __future__ import annotations

from typing import Any

from market.kernel.i18n import N_
from ratings.cases import actions, rules
from ratings.cases.actions import Notice
from ratings.cases.forms import parse_hearing, parse_minutes, parse_notice, parse_talk, parse_talk_minutes
from ratings.cases.queries import CaseView
from ratings.cases.routes.page import as_authority, offered
from ratings.cases.routes.steps import CaseStep, Sent, step_routes


async def _notice_due(case: CaseView) -> dict[str, Any]:
    rules.check_notice(case.history)
    return {"offered": await offered(case)}


async def _notify(sent: Sent) -> None:
    notice, here = Notice(*await parse_notice(sent.form, await offered(sent.case), limit=sent.limit)), sent.here
    await actions.notify(
        sent.number, notice, viewer=sent.viewer, files=here.files, calendar=here.calendar, now=sent.now
    )


async def _hearing_due(case: CaseView) -> dict[str, Any]:
    rules.check_hearing(case.history)
    return {}


async def _hear(sent: Sent) -> None:
    """Sets the time, or writes the minutes, by which of the two forms was sent."""
    viewer, now = sent.viewer, sent.now
    if sent.form.get("do") == "minutes":
        minutes, uploads = await parse_minutes(sent.form, limit=sent.limit)
        await actions.write_minutes(sent.number, minutes, uploads, viewer=viewer, files=sent.here.files, now=now)
    else:
        at, place = parse_hearing(sent.form)
        await actions.set_hearing(sent.number, at, place, viewer=viewer, now=now)


async def _talk_due(case: CaseView) -> dict[str, Any]:
    rules.check_talk(ordered=case.talk_ordered)
    return {}


async def _talk(sent: Sent) -> None:
    """Invites, or writes the minutes, by which of the two forms was sent."""
    viewer, now = sent.viewer, sent.now
    if sent.form.get("do") == "minutes":
        minutes = await parse_talk_minutes(sent.form, limit=sent.limit)
        await actions.write_talk(sent.number, minutes, viewer=viewer, files=sent.here.files, now=now)
    else:
        at, place = parse_talk(sent.form)
        await actions.set_talk(sent.number, at, place, viewer=viewer, now=now)


_STEPS = (
    CaseStep("notice", "cases/notice.html", as_authority, _notice_due, _notify,
             N_("The party has been told; its time to defend runs.")),
    CaseStep("hearing", "cases/hearing.html", as_authority, _hearing_due, _hear, N_("Recorded.")),
    CaseStep("talk", "cases/talk.html", as_authority, _talk_due, _talk, N_("Recorded. The party has been told.")),
)  # fmt: skip
routes: list[Any] = [handler for step in _STEPS for handler in step_routes(step)]
