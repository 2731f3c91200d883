"""What the page of a contract's draft sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.contracts.drafts.rules import SPECIAL_MAX, Plan, mistakes
from projects.contracts.forms import REASON_MAX, REASON_MIN
from projects.contracts.terms import LANGUAGES
from projects.milestones import TITLE_MAX, Numbers, PlannedMilestone


@dataclass(frozen=True)
class DraftAnswer:
    no: int
    agrees: bool
    reason: str


def parse_plan(
    form: FormMultiDict, *, price_fen: int, service_days: int, number: Numbers, stated: Sequence[PlannedMilestone] = ()
) -> Plan:
    """Rows are numbered from 1; a row without a title is no milestone. What departs from the result is an error here.
    `stated`: the milestones of the notice, which are not asked for again."""
    fields = Fields(form)
    rows = range(1, number("contract.milestones_max") + 1)
    milestones = list(stated) or [one for no in rows if (one := _planned(fields, no, service_days)) is not None]
    language = fields.choice("language", N_("Language"), LANGUAGES)
    special = tuple(line.strip() for line in fields.raw("special").splitlines() if line.strip())
    for text in special:
        if len(text) > SPECIAL_MAX:
            fields.wrong("special", N_("A special term has at most {most} characters."), most=SPECIAL_MAX)
    plan = Plan(tuple(milestones), language, special)
    if not fields.errors:
        for message in mistakes(plan, price_fen=price_fen, service_days=service_days, number=number):
            fields.wrong("special" if "words" in message.facts else "title_1", message.text, **message.facts)
    fields.check()
    return plan


def _planned(fields: Fields, no: int, service_days: int) -> PlannedMilestone | None:
    if not any(fields.raw(f"{name}_{no}") for name in ("title", "share", "days")):
        return None
    title = fields.text(f"title_{no}", N_("What is delivered"), max_length=TITLE_MAX)
    share = fields.percent(f"share_{no}", N_("Share"), low=1)
    days = fields.integer(f"days_{no}", N_("Time for the service"), low=1, high=service_days)
    return PlannedMilestone(title, share, days) if title and share and days else None


def parse_draft_answer(form: FormMultiDict) -> DraftAnswer:
    fields = Fields(form)
    agrees = fields.choice("answer", N_("Your answer"), ("agree", "decline")) == "agree"
    no = fields.integer("no", N_("Version"), low=1, high=10_000)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=not agrees)
    fields.check()
    assert no is not None
    return DraftAnswer(no, agrees, reason)
