"""Decisions of those who supervise on the red list, and the end of terms on both lists. Onto the restricted list leads
only the decision of a case (`ratings.cases`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.queries import OrganisationView, organisation
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.register.actions import record
from market.web.viewer import Viewer
from ratings.credit.actions import lock_account, settle
from ratings.credit.queries import account_of, red_rules
from ratings.credit.rules import points_text
from ratings.decisions.queries import meets
from ratings.lists import queries as lists
from ratings.lists.actions import NewEntry, enter, take_off
from ratings.lists.rules import RED, RESTRICTED, ListEntry
from ratings.periods import term_end

RED_REASON = N_("Meets the conditions of the red list")
TERM_OVER = N_("The term is over")


async def put_on_red_list(agency: OrganisationView, *, acting: Viewer, calendar: Calendar, now: datetime) -> ListEntry:
    """Publishes the agency for the red list: on notice first, then for its term. Raises Refusal where the conditions
    are not met (any more)."""
    async with transaction():
        moment = await lock_account(agency.id, now)
        account = await account_of(agency, moment)
        await _check_free(agency)
        if not meets(account, red_rules(account.book)):
            raise Refusal(
                "red.conditions", N_("{agency} does not meet the conditions of the red list."), rule="red.score_min",
                todo=N_("Its credit statement shows what is missing."), agency=agency.name,
            )  # fmt: skip
        from_at = deadline(account.book, "red.notice_days", moment, calendar)
        facts = {"list": RED, "score": points_text(account.score.points), "finished_jobs": account.finished_jobs}
        evidence_id = await record(
            "list.proposed", subject=agency.code, by=acting.organisation_code, data=facts, at=moment
        )
        entry_id = await enter(_entry(RED, agency, RED_REASON, acting, evidence_id, from_at,
                                      account.book.months("red.term_months")), now=moment)  # fmt: skip
        await tell(agency.id, N_("You are proposed for the red list. It takes effect on {day} unless something stands against it."),
                   link="/lists", cause=f"red:{entry_id}", now=moment, facts={"day": beijing_date(from_at).isoformat()})  # fmt: skip
    return await lists.entry(entry_id)


async def lift(entry: ListEntry, reason: str, *, acting: Viewer, now: datetime) -> None:
    """Takes an agency off the red list before its term is over."""
    agency = await organisation(entry.organisation_id)
    async with transaction():
        moment = await lock_account(agency.id, now)
        done = await take_off(entry, reason=reason, by=acting.organisation_code, person_id=acting.person_id, now=moment)
        if not done:
            raise Refusal(
                "list.ended", N_("This entry has ended already."), todo=N_("Reload the page to see how things stand.")
            )
        await settle(agency, now=moment)
        await tell(agency.id, N_("Your entry on a list of the market was removed: {reason}"), link="/lists",
                   cause=f"list-removed:{entry.id}", now=moment, facts={"reason": reason})  # fmt: skip


async def end_next(now: datetime) -> bool:
    """Ends one entry whose term is over; False when none is due."""
    due = await fetch_value(
        "SELECT id FROM list_entry WHERE until_at <= $1 AND removed_at IS NULL ORDER BY until_at LIMIT 1", now
    )
    if due is None:
        return False
    await _end(await lists.entry(due), now=now)
    return True


async def _end(entry: ListEntry, *, now: datetime) -> None:
    agency = await organisation(entry.organisation_id)
    async with transaction():
        moment = await lock_account(agency.id, now)
        if await take_off(entry, reason=TERM_OVER, by="market", person_id=None, now=moment):
            await settle(agency, now=moment)
            await tell(agency.id, N_("The term of your entry on a list of the market is over."), link="/lists",
                       cause=f"list-over:{entry.id}", now=moment)  # fmt: skip


async def _check_free(agency: OrganisationView) -> None:
    for name in (RED, RESTRICTED):
        if await lists.unremoved_entry(name, agency.id):
            raise _already(agency)


def _already(agency: OrganisationView) -> Refusal:
    return Refusal("list.already", N_("{agency} stands on a list already."), agency=agency.name,
                   todo=N_("Remove that entry first, with a reason."))  # fmt: skip


def _entry(
    name: str, agency: OrganisationView, reason: str, acting: Viewer, evidence_id: UUID, from_at: datetime, months: int
) -> NewEntry:
    return NewEntry(
        list=name, organisation_id=agency.id, code=agency.code, reason=reason, by=acting.organisation_code,
        person_id=acting.person_id, evidence_id=evidence_id, from_at=from_at, until_at=term_end(from_at, months),
    )  # fmt: skip
