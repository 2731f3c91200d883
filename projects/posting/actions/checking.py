"""The publishing checks on the market as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agencies.queries import listings_of
from market.beacon.source import Beacon
from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Catalogue, Rulebook
from market.kernel.calendar import Calendar
from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from projects.eligibility import Demand
from projects.experts.actions import size_for
from projects.experts.queries.candidates import how_many
from projects.posting import queries, rules
from projects.posting.rules import Finding, Notice
from projects.queries import ProjectView, barring_lists, matching


@dataclass(frozen=True)
class Books:
    """What a notice is judged by."""

    catalogue: Catalogue
    rulebook: Rulebook
    calendar: Calendar
    beacon: Beacon


async def books_for(region: str, *, calendar: Calendar, beacon: Beacon, now: datetime) -> Books:
    """The catalogue and the rulebook in force for a region."""
    catalogue = await catalogue_queries.catalogue_at(now)
    return Books(catalogue, await catalogue_queries.rulebook_in_force(region, now), calendar, beacon)


async def books_of(project: ProjectView, calendar: Calendar, beacon: Beacon) -> Books:
    """A project is judged by the versions it was published under."""
    catalogue = await catalogue_queries.catalogue(project.catalogue_version)
    return Books(catalogue, await catalogue_queries.rulebook(project.rulebook_version), calendar, beacon)


async def findings_for(
    notice: Notice, owner_id: UUID, books: Books, *, now: datetime, but: UUID | None = None, repost_of: UUID | None = None,
    new_window: bool = True,
) -> list[Finding]:  # fmt: skip
    """All publishing checks, each with its outcome. `but`: the project itself, when it is amended; its window is judged
    only where it starts anew."""
    months = books.rulebook.months("posting.splitting.window")
    earlier = await queries.earlier_jobs(owner_id, notice.service_items, months=months, now=now, but=but)
    avoided = await avoided_ids(notice)
    demand = await demand_from(notice, owner_id, avoided, books.rulebook)
    eligible = {agency.code for agency in await matching(demand, now, catalogue=books.catalogue)}
    names = {code: name for code, (_, name) in (await queries.agencies_by_code(notice.invited)).items()}
    failures = await queries.failures_of(repost_of) if repost_of else 0
    found = [
        rules.check_paused(await queries.paused_until(owner_id), now) if but is None else None,
        rules.check_limits(notice, books.rulebook),
        rules.check_window(notice, now, books.rulebook, books.calendar) if new_window else None,
        rules.check_qualifications(notice, books.catalogue),
        rules.check_direct(notice, earlier, failures, books.rulebook),
        _reason(notice, books.rulebook),
        rules.check_weights(notice, books.rulebook),
        await _panel(notice, books, now),
        rules.check_bidding(notice, books.rulebook, books.calendar),
        rules.check_invited(notice, eligible, names, books.rulebook),
        rules.check_milestones(notice, books.rulebook),
        rules.check_neutral(notice),
        rules.check_splitting(notice, earlier, books.rulebook),
        rules.check_matching(len(eligible), notice, books.rulebook),
        None if notice.picked else await _reposts(repost_of, books.rulebook, now),
    ]
    listed = rules.check_listed(await listings_of(owner_id), now, books.rulebook)
    return [*listed, *(finding for finding in found if finding is not None)]


def _reason(notice: Notice, rulebook: Rulebook) -> Finding | None:
    """FormInvalid where the rulebook asks for a reason that is missing: it is shown at its field."""
    found = rules.check_reason(notice, rulebook)
    if found is not None and found.outcome == "refused":
        raise FormInvalid({"access_reason": [found.message]})
    return found


async def _panel(notice: Notice, books: Books, now: datetime) -> Finding | None:
    if not notice.criteria:
        return None
    classes = {books.catalogue.item(code).service_class for code in notice.service_items}
    experts = await how_many([*notice.service_items, *classes], now)
    return rules.check_panel(experts, size_for(notice.amount.fen, books.rulebook))


async def _reposts(repost_of: UUID | None, rulebook: Rulebook, now: datetime) -> Finding | None:
    if repost_of is None:
        return None
    days = rulebook.calendar_days("selection.failed.repost_window")
    return rules.check_reposts(await queries.reposts_within(repost_of, days=days, now=now), rulebook)


async def avoided_ids(notice: Notice) -> dict[UUID, str]:
    """Agency id -> reason. FormInvalid where a code is no agency of the market."""
    known = await queries.agencies_by_code(code for code, _ in notice.avoided)
    if missing := [code for code, _ in notice.avoided if code not in known]:
        raise FormInvalid(
            {"avoided": [Message(N_("There is no agency with the credit code {code}."), {"code": missing[0]})]}
        )
    return {known[code][0]: reason for code, reason in notice.avoided}


async def invited_ids(notice: Notice) -> frozenset[UUID]:
    """FormInvalid where a code is no agency of the market."""
    known = await queries.agencies_by_code(notice.invited)
    if missing := [code for code in notice.invited if code not in known]:
        raise FormInvalid(
            {"invited": [Message(N_("There is no agency with the credit code {code}."), {"code": missing[0]})]}
        )
    return frozenset(known[code][0] for code in notice.invited)


async def demand_from(notice: Notice, owner_id: UUID, avoided: Mapping[UUID, str], book: Rulebook) -> Demand:
    return Demand(
        service_items=notice.service_items, service_mode=notice.service_mode, requirement_mode=notice.requirement_mode,  # type: ignore[arg-type]
        requirements=notice.requirements, practitioners_needed=notice.practitioners_needed,
        practitioner_profession=notice.practitioner_profession, avoided=avoided,
        invited=await invited_ids(notice) if notice.access == "invited" else None,
        barring_lists=barring_lists(book), **await queries.owner_demand(owner_id),
    )  # fmt: skip
