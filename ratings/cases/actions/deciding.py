"""The decision, by a person who did not record the facts. The firm is told, then the decision is published, and what it
orders takes effect, all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.web.viewer import Viewer
from ratings.cases import queries, rules
from ratings.cases.actions import measures, rows
from ratings.cases.queries import CaseView
from ratings.cases.rules import Sanction, is_published
from ratings.credit.actions import lock_account


@dataclass(frozen=True)
class Ruling:
    """`sanction` where the outcome is "founded". `safety`: a field in which publicity lasts longer."""

    outcome: str
    reasons: str
    sanction: Sanction | None = None
    safety: bool = False


async def decide(number: str, ruling: Ruling, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Raises Refusal for the recorder himself, before the time to defend is over, and where it was decided already."""
    async with transaction():
        found = await rows.lock_as_judge(number, viewer, now)
        rules.check_decision(found.history, ruling.outcome, now)
        await check_sanction(found, ruling)
        moment = await lock_account(found.organisation_id, now)
        entry_id = await _record(found, ruling, viewer, moment)
        appeal_due_at = await rows.due(found, "case.appeal_days", moment, calendar) if ruling.sanction else None
        talk_due_at = await rows.talk_due(found, ruling.sanction, moment, calendar)
        await execute(
            "UPDATE conduct_case SET outcome = $2, reasons = $3, safety = $4, decided_by = $5, decided_at = $6, served_at = $6,"
            " decision_entry_id = $7, appeal_due_at = $8, talk_due_at = $9 WHERE id = $1",
            found.id, ruling.outcome, ruling.reasons, ruling.safety, viewer.person_id, moment, entry_id, appeal_due_at, talk_due_at,
        )  # fmt: skip
        found = await queries.case_by_id(found.id, moment)
        if ruling.sanction is None:
            await _tell_closed(found, moment)
            return
        assert appeal_due_at is not None
        await rows.tell_firm(found, N_("Case {number} was decided against you. The decision says what follows; you may appeal until {due}."),
                             "decided", now=moment, due=rows.last_day(appeal_due_at))  # fmt: skip
        await measures.deduct(found, entry_id, moment)
        await measures.impose(found, ruling.sanction, entry_id, acting=viewer, from_at=moment, now=moment)
        await measures.take_effect(found, now=moment)


async def check_sanction(found: CaseView, ruling: Ruling) -> None:
    """Only what the rulebook offers for such a breach."""
    if (ruling.outcome == "founded") != (ruling.sanction is not None):
        raise Refusal("case.sanction", N_("A decision against the party names one measure, any other none."),
                      todo=N_("Choose what follows."))  # fmt: skip
    offered = rules.offered(queries.terms_of(found.violation, await rows.book_of(found)))
    if ruling.sanction is not None and ruling.sanction not in offered:
        raise Refusal("case.not_offered", N_("The rulebook offers no such measure for this breach."), rule=rules.measures_rule(found.violation),
                      todo=N_("Choose one of those offered."))  # fmt: skip


async def _record(found: CaseView, ruling: Ruling, viewer: Viewer, now: datetime) -> UUID:
    facts: dict[str, Any] = {"outcome": ruling.outcome}
    if ruling.sanction is not None:
        facts |= {"measure": str(ruling.sanction.measure), "months": ruling.sanction.months, "violation": str(found.violation),
                  "legal_cause": found.legal_cause}  # fmt: skip
        if is_published(ruling.sanction.measure, found.party):
            facts["organisation"] = found.firm_code
    private = {"reasons": ruling.reasons, "firm": found.firm_code}
    return await rows.note(found, "case.decided", by=viewer.organisation_code, now=now, private=private, **facts)


async def _tell_closed(found: CaseView, now: datetime) -> None:
    """A firm that was never told of the case need not be told of its end."""
    if found.notified_at is not None:
        await rows.tell_firm(found, N_("Case {number} was closed: nothing was found against you."), "decided", now=now)
