"""What the pages of delivery and acceptance send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from litestar.datastructures import FormMultiDict

from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.fulfilment.actions import NewDelivery
from projects.fulfilment.queries import Reason

FILES_MOST: Final = 10
REASONS_MOST: Final = 6
WHERE_MAX: Final = 100
WHAT_MIN, WHAT_MAX = 10, 500
STATEMENT_MIN, STATEMENT_MAX = 10, 4000
REASON_MIN, REASON_MAX = 10, 1000


@dataclass(frozen=True)
class Answer:
    """The owner's answer; `confirmed` once the page that says what follows was seen."""

    decision: Literal["accept", "return"]
    reasons: tuple[Reason, ...]
    confirmed: bool


async def parse_delivery(
    form: FormMultiDict, *, practitioners: Collection[UUID], practitioner_needed: bool, limit: int
) -> NewDelivery:
    """`practitioners`: who may be named as responsible; `limit`: bytes a file."""
    fields = Fields(form)
    statement = fields.text(
        "statement", N_("Statement on the results"), min_length=STATEMENT_MIN, max_length=STATEMENT_MAX
    )
    practitioner = fields.identifier("practitioner", N_("Responsible practitioner"), required=practitioner_needed)
    if practitioner is not None and practitioner not in practitioners:
        fields.wrong("practitioner", N_("Choose one of your own accepted practitioners."))
    uploads = await fields.uploads("files", N_("Result files"), limit=limit, most=FILES_MOST)
    fields.check()
    return NewDelivery(statement, practitioner, tuple(uploads))


def parse_answer(form: FormMultiDict) -> Answer:
    fields = Fields(form)
    decision = fields.choice("decision", N_("Your answer"), ("accept", "return"))
    reasons = read_reasons(fields) if decision == "return" else ()
    fields.check()
    return Answer("return" if decision == "return" else "accept", reasons, fields.flag("confirmed"))


def read_reasons(fields: Fields) -> tuple[Reason, ...]:
    """What has to be put right. Items are numbered from 1; an item that was left empty is no item, one half filled in is an error."""
    lines = [
        (
            fields.text(f"where_{no}", N_("Where it is"), max_length=WHERE_MAX, required=bool(fields.raw(f"what_{no}"))),
            fields.text(f"what_{no}", N_("What is wrong, and what is expected"), min_length=WHAT_MIN, max_length=WHAT_MAX,
                        required=bool(fields.raw(f"where_{no}"))),
        )
        for no in range(1, REASONS_MOST + 1)
    ]  # fmt: skip
    reasons = tuple(Reason(where, what) for where, what in lines if where and what)
    if not reasons and not fields.errors:
        fields.wrong("where_1", N_("Name at least one thing that has to be put right."))
    return reasons


@dataclass(frozen=True)
class ChangeAnswer:
    """Of the side that was asked for time, or to end the contract."""

    no: int
    agrees: bool
    reason: str


def parse_change_answer(form: FormMultiDict) -> ChangeAnswer:
    fields = Fields(form)
    agrees = fields.choice("answer", N_("Your answer"), ("agree", "decline")) == "agree"
    no = fields.integer("no", N_("Request"), low=1, high=10_000)
    reason = fields.text("reason", N_("Reason"), min_length=REASON_MIN, max_length=REASON_MAX, required=not agrees)
    fields.check()
    assert no is not None
    return ChangeAnswer(no, agrees, reason)
