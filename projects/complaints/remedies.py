"""What follows from an upheld complaint: the result is annulled with its recorded cause, and a further round, a new sign-up
or the end of the selection follows in the same transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.i18n import N_
from projects.complaints.queries import ComplaintView
from projects.complaints.rules import Remedy, Ruling, Standing
from projects.contracts import actions as contracts
from projects.contracts.holds import release_signing
from projects.queries import ProjectView
from projects.selection.objections.actions import join_objections
from projects.selection.rounds.actions import annul_selection, redraw, reopen
from projects.selection.rounds.queries import standing_round
from projects.selection.rounds.rules import Cause

JOINED = N_("The result was annulled on a complaint, so this objection has reached its aim.")
REASON = N_("The regulator upheld a complaint about the result.")


async def carry_out(
    project: ProjectView,
    found: ComplaintView,
    ruling: Ruling,
    leave_out: UUID | None,
    *,
    calendar: Calendar,
    now: datetime,
) -> None:
    """In the transaction of the decision, with the project locked."""
    await contracts.annul(project.id, reason=REASON, now=now)
    if found.held:
        assert found.hold_id is not None
        await release_signing(found.hold_id, calendar=calendar, now=now)
    current = await standing_round(project.id)
    if current is not None:
        await join_objections(
            project, current.id, str(ruling.remedy), JOINED, legal_cause=ruling.legal_cause, by=None, now=now
        )
    if ruling.remedy is Remedy.ANNUL:
        await annul_selection(project.id, now=now)
    elif ruling.remedy is Remedy.REOPEN:
        book = await catalogue_queries.rulebook(project.rulebook_version)
        closes_at = deadline(book, "signup.min_window", now, calendar)
        await reopen(project.id, cause=Cause.COMPLAINT_UPHELD, closes_at=closes_at, now=now)
    else:
        exclude = {leave_out} if leave_out else set()
        # A winner that lost its result to a wrong answer gets its place back.
        readmit = [found.complainant_code] if found.standing is Standing.WINNER else []
        await redraw(project.id, cause=Cause.COMPLAINT_UPHELD, exclude=exclude, readmit=readmit, now=now)
