"""What the pages of changes send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.kernel.money import Money
from market.web.forms import Fields
from projects.contracts.changes.actions import NewChange, NewMilestone, kept_shares, planned_content
from projects.contracts.changes.rules import Frame, mistakes
from projects.contracts.changes.terms import Content
from projects.contracts.drafts.rules import SPECIAL_MAX
from projects.contracts.forms import REASON_MAX, REASON_MIN
from projects.milestones import TITLE_MAX, Numbers

TEXT_MAX: Final = 4000
DAYS_MAX: Final = 2000


def as_typed(content: Content) -> dict[str, str]:
    """The form as what stands would fill it."""
    values = {
        "content": content.content, "scale": content.scale, "other_requirements": content.other_requirements,
        "special": "\n".join(content.special),
    }  # fmt: skip
    for one in content.milestones:
        values |= {
            f"title_{one.no}": one.title,
            f"amount_{one.no}": _yuan(one.price_fen),
            f"days_{one.no}": str(one.days),
        }
    return values


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def parse_change(form: FormMultiDict, before: Content, frame: Frame, number: Numbers) -> NewChange:
    """Rows are numbered from 1; an empty row is no milestone. What goes too far is an error here."""
    fields = Fields(form)
    rows = range(1, number("contract.milestones_max") + 1)
    milestones = tuple(one for no in rows if (one := _milestone(fields, no)) is not None)
    special = tuple(line.strip() for line in fields.raw("special").splitlines() if line.strip())
    for text in special:
        if len(text) > SPECIAL_MAX:
            fields.wrong("special", N_("A special term has at most {most} characters."), most=SPECIAL_MAX)
    new = NewChange(
        milestones, fields.text("content", N_("Content of the service"), max_length=TEXT_MAX),
        fields.text("scale", N_("Scale"), max_length=TEXT_MAX, required=False),
        fields.text("other_requirements", N_("Further requirements"), max_length=TEXT_MAX, required=False), special,
        fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX),
    )  # fmt: skip
    if not milestones:
        fields.wrong("title_1", N_("Name at least one milestone."))
    if not fields.errors:
        _judge(fields, new, before, frame, number)
    fields.check()
    return new


def _milestone(fields: Fields, no: int) -> NewMilestone | None:
    if not any(fields.raw(f"{name}_{no}") for name in ("title", "amount", "days")):
        return None
    title = fields.text(f"title_{no}", N_("What is delivered"), max_length=TITLE_MAX)
    amount: Money | None = fields.money(f"amount_{no}", N_("Amount"))
    days = fields.integer(f"days_{no}", N_("Working days"), low=1, high=DAYS_MAX)
    return NewMilestone(title, amount.fen, days) if title and amount and days else None


def _judge(fields: Fields, new: NewChange, before: Content, frame: Frame, number: Numbers) -> None:
    for message, _ in mistakes(before, kept_shares(before, planned_content(new)), frame, number):
        fields.wrong(_field_of(message.facts), message.text, **message.facts)


def _field_of(facts: Mapping[str, Any]) -> str:
    if "words" in facts:
        return "special"
    return f"title_{facts['no']}" if "no" in facts else "title_1"


@dataclass(frozen=True)
class Answer:
    accepts: bool
    terms_sha256: str
    reason: str


def parse_answer(form: FormMultiDict) -> Answer:
    fields = Fields(form)
    accepts = fields.choice("answer", N_("Your answer"), ("accept", "refuse")) == "accept"
    shown = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64, required=accepts)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=not accepts)
    if accepts and not fields.flag("agree"):
        fields.wrong("agree", N_("Please confirm that you have read the change and sign for your organisation."))
    fields.check()
    return Answer(accepts, shown, reason)


def parse_signature(form: FormMultiDict) -> str:
    """The fingerprint of the change that was shown, once the reader said that it was read."""
    fields = Fields(form)
    shown = fields.text("terms_sha256", N_("Fingerprint of the terms"), max_length=64)
    if not fields.flag("agree"):
        fields.wrong("agree", N_("Please confirm that you have read the change and sign for your organisation."))
    fields.check()
    return shown
