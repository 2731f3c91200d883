"""Who is told of what about a dispute: both sides of every act but their own, the regulators in charge of what waits for
them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_
from market.register.queries import Entry
from market.web.display import money
from projects.disputes.queries import DisputeView, dispute_by_number
from projects.oversight import regulators_of
from projects.telling import Told

_INSTANT: Final = timedelta(microseconds=1)  # a limit at midnight belongs to the day before
# What both sides are told; not whoever did it.
_TEXTS: Final = {
    "dispute.opened": N_("A dispute on {milestone} of {project} was opened: answer it by {due}."),
    "dispute.answered": N_("The dispute on {milestone} of {project} was answered; the operator mediates."),
    "dispute.unanswered": N_("Nobody answered the dispute on {milestone} of {project} in time; the operator mediates."),
    "dispute.evidenced": N_("New evidence was added to the dispute on {milestone} of {project}."),
    "dispute.mediated": N_("The operator proposes how the dispute on {milestone} of {project} could end: answer by {due}."),
    "dispute.offered": N_("The other side proposes how the dispute on {milestone} of {project} could end: answer by {due}."),
    "dispute.replied": N_("The other side answered the proposal about {milestone} of {project}."),
    "dispute.referred": N_("The dispute on {milestone} of {project} is with the regulator, which rules by {due}."),
    "dispute.prepared": N_("The regulator closed the evidence about {milestone} of {project}: say your last word by {due}."),
    "dispute.settled": N_("The dispute on {milestone} of {project} is settled: {refund} to the owner, {release} to the agency."),
    "dispute.ruled": N_("The regulator ruled on {milestone} of {project}: {refund} to the owner, {release} to the agency."),
    "dispute.owed_back": N_("The agency has to transfer {back} back to the owner for {milestone} of {project}, by {due}."),
    "dispute.transferred": N_("The agency stated that it transferred {back} back for {milestone} of {project}: confirm it."),
    "dispute.transfer_answered": N_("The owner answered about the transfer for {milestone} of {project}."),
    "dispute.executed": N_("The outcome of the dispute on {milestone} of {project} is carried out."),
    "dispute.withdrawn": N_("The dispute on {milestone} of {project} was withdrawn."),
    "dispute.overtaken": N_("The dispute on {milestone} of {project} ended with the contract."),
}  # fmt: skip
ACTS: Final = tuple(_TEXTS)
_DUE: Final = ("answer_due_at", "due_at", "ruling_due_at", "heard_due_at")


async def messages_of(act: Entry) -> list[Told]:
    found = await dispute_by_number(act.data["dispute"])
    sides = {found.contract.owner_id: found.contract.owner_code, found.contract.agency_id: found.contract.agency_code}
    told = _same([one for one, code in sides.items() if code != act.by], _TEXTS[act.kind], act, found)
    if act.kind == "dispute.referred":
        text = N_("The dispute on {milestone} of {project} waits for your ruling until {due}.")
        told += _same(await regulators_of(found.contract), text, act, found)
    return told


def _same(organisations: Iterable[UUID], text: str, act: Entry, found: DisputeView) -> list[Told]:
    facts: dict[str, Any] = {"project": found.contract.title, "milestone": found.milestone_title, "due": _day(act)}
    amounts = {"refund": "refund_fen", "release": "release_fen", "back": "back_fen"}
    facts |= {name: money(act.data[key]) for name, key in amounts.items() if act.data.get(key) is not None}
    return [Told(one, text, found.url, facts) for one in organisations]


def _day(act: Entry) -> str:
    """The last day of a period that ends at midnight."""
    text = next((act.data[name] for name in _DUE if act.data.get(name)), None)
    return beijing_date(datetime.fromisoformat(text) - _INSTANT).isoformat() if text else ""
