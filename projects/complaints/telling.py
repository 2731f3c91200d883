"""Who is told of what about a complaint: the parties of every act, the regulators in charge of what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_
from market.register.queries import Entry
from projects.complaints.queries import ComplaintView, complaint_by_id
from projects.oversight import regulators_of
from projects.telling import Told

ACTS: Final = (
    "complaint.filed", "complaint.returned", "complaint.corrected", "complaint.accepted", "complaint.refused",
    "complaint.extended", "complaint.withdrawn", "complaint.decided",
)  # fmt: skip
_INSTANT: Final = timedelta(microseconds=1)


async def messages_of(act: Entry) -> list[Told]:
    found = await complaint_by_id(UUID(act.data["complaint"]))
    match act.kind:
        case "complaint.filed":
            text = N_("A complaint about the result of {project} was filed with the regulator.")
            return _same(found.parties - {found.complainant_id}, text, found) + await _to_regulators(found)
        case "complaint.returned":
            text = N_("Your complaint about {project} was returned for correction, until {due}.")
            return _same([found.complainant_id], text, found, due=_day(found.correction_due_at))
        case "complaint.corrected":
            return await _to_regulators(found)
        case "complaint.accepted":
            text = N_("The regulator accepted the complaint about {project}; it decides by {due}.")
            return _same(found.parties, text, found, due=_day(found.decision_due_at))
        case "complaint.extended":
            text = N_("The time to decide the complaint about {project} was extended to {due}.")
            return _same(found.parties, text, found, due=_day(found.decision_due_at))
        case _:
            return await _ended(act, found)


async def _ended(act: Entry, found: ComplaintView) -> list[Told]:
    if act.kind == "complaint.withdrawn":
        text = N_("The complaint about {project} was taken back.")
        others = (found.parties - {found.complainant_id}) | set(await _in_charge(found))
        return _same(others, text, found)
    if act.kind == "complaint.refused":
        return _same(found.parties, N_("The complaint about {project} was refused."), found)
    texts = {
        "dismissed": N_("The regulator dismissed the complaint about {project}."),
        "upheld": N_("The regulator upheld the complaint about {project}."),
    }
    return _same(found.parties, texts[act.data["decision"]], found)


async def _to_regulators(found: ComplaintView) -> list[Told]:
    text = N_("A complaint about {project} waits to be accepted or refused until {due}.")
    return _same(await _in_charge(found), text, found, due=_day(found.acceptance_due_at))


async def _in_charge(found: ComplaintView) -> list[UUID]:
    return [found.authority_id] if found.authority_id else await regulators_of(found)


def _same(organisations: Iterable[UUID], text: str, found: ComplaintView, **facts: Any) -> list[Told]:
    facts = {"project": found.project_title, **facts}
    return [Told(one, text, found.url, facts) for one in organisations]


def _day(due_at: datetime | None) -> str:
    """The last day of a period that ends at midnight."""
    return beijing_date(due_at - _INSTANT).isoformat() if due_at else ""
