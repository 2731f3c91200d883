"""What a decision does to a firm, and what undoes it: points, the measure, the restricted list, publicity, standing.

The only way onto the restricted list, and besides the end of its term the only way off it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from market.accounts.actions import tell
from market.accounts.queries import organisation
from market.catalogue.rules import Rulebook
from market.kernel.calendar import end_text
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.web.viewer import Viewer
from projects.experts.actions.pool import suspend_by_decision
from projects.rules import Stage
from ratings.cases import queries
from ratings.cases.actions import rows
from ratings.cases.announcements import tell_of_decision
from ratings.cases.queries import CaseView
from ratings.cases.rules import BARRING, Measure, Party, Sanction, is_published
from ratings.credit.actions import Proof, book_charges, settle, take_back
from ratings.credit.queries import account_of, red_rules
from ratings.credit.rules import Charge, loses_red, not_cancelled
from ratings.credit.rules.score import HUNDRED
from ratings.lists import queries as lists
from ratings.lists.actions import NewEntry, enter, take_off
from ratings.lists.rules import RED, RESTRICTED
from ratings.periods import MONTHS_A_YEAR, term_end

GOES_ON: Final = N_("A measure was decided against {firm}, with whom you have project {project}: no new sign-ups until {until} (Beijing time). Your contract goes on.")  # fmt: skip
NOT_FINAL: Final = N_("A measure was decided against {firm}, which was selected for {project}: no new work until {until} (Beijing time). If it still holds when the notice of the result ends, a further selection follows.")  # fmt: skip
BARRED_INSTEAD: Final = N_("A measure was decided that keeps it from signing up")
WHY_OFF: Final = {
    "annulled": N_("The decision was annulled on appeal"), "changed": N_("The decision was changed on appeal"),
    "repaired": N_("Credit repair granted"),
}  # fmt: skip


async def deduct(found: CaseView, entry_id: UUID, now: datetime) -> None:
    """Books the points of the breach on the decision; those of an act that started the case are booked already."""
    book = await rows.book_of(found)
    charge = _charge(found, book)
    if charge is None or found.event_id is not None:
        return
    await book_charges([charge], Proof(entry_id, now, book, found.project_number), now=now)


def _charge(found: CaseView, book: Rulebook) -> Charge | None:
    """Points for an agency; an owner's breach is counted."""
    if found.ground.counts:
        return Charge(found.firm_code, found.ground.counts, 0, "owner.pause_after")
    rule = found.ground.deducts
    return Charge(found.firm_code, str(found.violation), -book.integer(rule) * HUNDRED, rule) if rule else None


async def impose(
    found: CaseView, sanction: Sanction, entry_id: UUID, *, acting: Viewer, from_at: datetime, now: datetime
) -> None:
    """`from_at`: the moment of the first decision, from which the term is counted."""
    until_at = term_end(from_at, sanction.months) if sanction.months else None
    if sanction.measure in BARRING:
        await _leave_red(found, acting, now)
    listed = await _list(found, entry_id, acting, until_at, now) if sanction.measure is Measure.RESTRICTED else None
    await execute(
        "INSERT INTO case_measure (id, case_id, organisation_id, kind, months, reason, from_at, until_at, list_entry_id)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        new_id(), found.id, found.organisation_id, str(sanction.measure), sanction.months, found.ground.title, from_at, until_at,
        listed,
    )  # fmt: skip
    await _publish(found, sanction, until_at, now)


async def _leave_red(found: CaseView, acting: Viewer, now: datetime) -> None:
    red = await lists.unremoved_entry(RED, found.organisation_id)
    if red:
        await take_off(red, reason=BARRED_INSTEAD, by=acting.organisation_code, person_id=acting.person_id, now=now)


async def _list(found: CaseView, entry_id: UUID, acting: Viewer, until_at: datetime | None, now: datetime) -> UUID:
    assert until_at is not None
    if await lists.unremoved_entry(RESTRICTED, found.organisation_id):
        raise Refusal("list.already", N_("{agency} is on the restricted list already, by an earlier decision."),
                      todo=N_("Choose another measure, or decide when that term is over."), agency=found.firm_name)  # fmt: skip
    return await enter(
        NewEntry(
            list=RESTRICTED, organisation_id=found.organisation_id, code=found.firm_code, reason=found.ground.title,
            by=acting.organisation_code, person_id=acting.person_id, evidence_id=entry_id, from_at=now, until_at=until_at,
        ),
        now=now,
    )  # fmt: skip


async def _publish(found: CaseView, sanction: Sanction, until_at: datetime | None, now: datetime) -> None:
    """As long as the measure lasts, at least the publicity that a repair must wait for, at most the legal maximum."""
    if not is_published(sanction.measure, found.party):
        await execute(
            "UPDATE conduct_case SET unpublished_at = $2 WHERE id = $1 AND published_at IS NOT NULL", found.id, now
        )
        await tell_of_decision(found.id)
        return
    book, start = await rows.book_of(found), found.published_at or now
    least = book.months("repair.publicity_months_safety" if found.safety else "repair.publicity_months")
    most = book.integer("repair.publicity_years_max") * MONTHS_A_YEAR
    until = min(max(until_at or start, term_end(start, least)), term_end(start, most))
    await execute(
        "UPDATE conduct_case SET published_at = coalesce(published_at, $2), publish_until = $3 WHERE id = $1",
        found.id, start, until,
    )  # fmt: skip
    await tell_of_decision(found.id)


async def end(found: CaseView, why: str, *, acting: Viewer, now: datetime) -> None:
    """Ends the measure that stands, with its entry on the list. `why`: a key of WHY_OFF."""
    measure = found.measure
    if measure is None or measure.ended_at is not None:
        return
    await execute("UPDATE case_measure SET ended_at = $2, ended_why = $3 WHERE id = $1", measure.id, now, why)
    if measure.list_entry_id is not None:
        entry = await lists.entry(measure.list_entry_id)
        await take_off(entry, reason=WHY_OFF[why], by=acting.organisation_code, person_id=acting.person_id, now=now)


async def hide(found: CaseView, now: datetime) -> None:
    """Takes the publication away."""
    await execute(
        "UPDATE conduct_case SET unpublished_at = $2 WHERE id = $1 AND published_at IS NOT NULL AND unpublished_at IS NULL",
        found.id, now,
    )  # fmt: skip
    await tell_of_decision(found.id)


async def hide_next(now: datetime) -> bool:
    """A decision whose time on the page is over leaves it by itself. False where there is none."""
    async with transaction():
        case_id = await fetch_value(
            "UPDATE conduct_case SET unpublished_at = publish_until WHERE id = (SELECT id FROM conduct_case WHERE published_at"
            " IS NOT NULL AND unpublished_at IS NULL AND publish_until <= $1 LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
            now,
        )
        if case_id is not None:
            await tell_of_decision(case_id)
    return case_id is not None


async def restore_points(found: CaseView, entry_id: UUID, *, acting: Viewer, now: datetime) -> None:
    for event_id in await queries.events_of_case(found):
        await take_back(event_id, evidence_id=entry_id, by=acting.organisation_code, now=now)


async def back_on_red(found: CaseView, entry_id: UUID, *, acting: Viewer, now: datetime) -> None:
    """A place on the red list that was lost by what fell is given back for the rest of its term, unless something else
    stands against it. `entry_id`: the decision on the appeal."""
    lost = await queries.red_place_lost(found)
    firm = await organisation(found.organisation_id)
    if lost is None or lost.until_at <= now or await lists.unremoved_entry(RED, firm.id):
        return
    account = await account_of(firm, now)
    rules = red_rules(account.book)
    since = [event for event in not_cancelled(account.events, now) if event.recorded_at >= lost.decided_at]
    if (
        account.barred_until
        or await lists.unremoved_entry(RESTRICTED, firm.id)
        or any(loses_red(one, rules) for one in since)
    ):
        return
    await enter(
        NewEntry(
            list=RED, organisation_id=firm.id, code=firm.code, reason=lost.reason, by=acting.organisation_code,
            person_id=acting.person_id, evidence_id=entry_id, from_at=max(now, lost.from_at), until_at=lost.until_at,
        ),
        now=now,
    )  # fmt: skip


async def take_effect(found: CaseView, *, now: datetime) -> None:
    """Score and standing follow at once, and the owners of running contracts learn what it means for them."""
    bar = await queries.bar_of(found.organisation_id, now)
    if found.party is Party.EXPERT:
        before = found.measure.until_at if found.measure else None
        await suspend_by_decision(
            found.organisation_id, bar["until_at"] if bar else None, found.ground.title, before=before
        )
        return
    await settle(await organisation(found.organisation_id), now=now)
    if bar is None or bar["number"] != found.number or found.party is not Party.AGENCY:
        return
    for one in await queries.running_owners(found.organisation_id):
        await tell(
            one["owner_id"], NOT_FINAL if one["stage"] == Stage.RESULT_NOTICE else GOES_ON, link=f"/projects/{one['number']}", cause=f"case.measure:{found.id}:{one['number']}", now=now,
            facts={"firm": found.firm_name, "project": one["title"], "until": end_text(bar["until_at"])},
        )  # fmt: skip
