"""What a regulator decides about: agencies within its scope, candidates of the red list, agencies that are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.queries.oversight import WATCHED_AGENCY, watches
from market.accounts.queries import OrganisationView, organisation_by_code
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from ratings.credit import queries as credit
from ratings.credit.queries import Account
from ratings.credit.rules import RedRules, may_be_red
from ratings.lists import queries as lists
from ratings.lists.rules import LISTS, RED, RESTRICTED, ListEntry
from ratings.periods import add_months

DECIDERS = ("regulator", "operator")
CANDIDATES = 100  # whose accounts are looked at for one page


@dataclass(frozen=True)
class Candidate:
    """An agency that meets the conditions of the red list at this moment."""

    code: str
    name: str
    region_code: str
    points: int
    finished_jobs: int


async def access_agency(viewer: Viewer, code: str) -> OrganisationView:
    """An agency this regulator watches over, or any for the operator. Raises NotFound."""
    found = await organisation_by_code(code)
    if found is None or found.kind != "agency" or not await watches(viewer, found):
        raise NotFound
    return found


async def access_entry(viewer: Viewer, entry_id: UUID) -> ListEntry:
    """An entry of the red list that still stands, of an agency that the viewer watches over. Raises NotFound: whoever is
    on the restricted list leaves it by appeal or repair."""
    found = await lists.entry(entry_id)
    await access_agency(viewer, found.code)
    if found.removed_at is not None or found.list != RED:
        raise NotFound
    return found


# $1 … $5: the viewer's `Watch`; $6: whether it watches over everybody.
_MINE = f"($6 OR {WATCHED_AGENCY})"
# Who may meet the conditions, the best of those known first; the score itself is computed by the pure rule.
_PERHAPS = f"""
SELECT o.code FROM agency a JOIN organisation o ON o.id = a.organisation_id
LEFT JOIN agency_standing n ON n.agency_id = a.organisation_id
WHERE a.stage = 'admitted' AND {_MINE}
  AND (SELECT count(*) FROM project p WHERE p.winner_id = o.id AND p.accepted_at <= $7) >= $8
  AND NOT EXISTS (SELECT FROM credit_event e WHERE e.organisation_id = o.id AND e.points < 0 AND e.occurred_at > $9
                  AND NOT credit_event_taken_back(e.id))
  AND NOT EXISTS (SELECT FROM list_entry l WHERE l.organisation_id = o.id AND l.removed_at IS NULL)
ORDER BY n.score DESC NULLS FIRST, o.code LIMIT $10
"""
_PAUSED = f"""
SELECT o.code, o.name, o.region_code, n.suspended_until, n.suspension_reason, n.score, n.updated_at
FROM agency_standing n JOIN agency a ON a.organisation_id = n.agency_id JOIN organisation o ON o.id = n.agency_id
WHERE n.suspended_until > $7 AND {_MINE} ORDER BY n.suspended_until DESC, o.code
"""


async def _watch(viewer: Viewer) -> tuple[Any, ...]:
    return *(await watch_of(viewer)).values, viewer.is_operator


async def red_candidates(viewer: Viewer, book: Rulebook, now: datetime) -> list[Candidate]:
    """Who may be put on the red list now, best first, among those the viewer watches over."""
    rules = credit.red_rules(book)
    since = add_months(now, -rules.clean_months)
    rows = await fetch(_PERHAPS, *await _watch(viewer), now, rules.jobs_min, since, CANDIDATES)
    accounts = [await credit.agency_account(row["code"], now) for row in rows]
    found = [_candidate(one) for one in accounts if meets(one, rules)]
    return sorted(found, key=lambda one: (-one.points, -one.finished_jobs, one.code))


async def listed(agency_id: UUID) -> ListEntry | None:
    """The entry, of either list, that keeps the agency from being proposed."""
    return await lists.unremoved_entry(RESTRICTED, agency_id) or await lists.unremoved_entry(RED, agency_id)


def meets(account: Account, rules: RedRules) -> bool:
    fit = may_be_red(account.events, account.score.points, account.finished_jobs, rules, account.at)
    return fit and account.barred_until is None


def _candidate(account: Account) -> Candidate:
    organisation = account.organisation
    return Candidate(
        organisation.code, organisation.name, organisation.region_code, account.score.points, account.finished_jobs
    )


async def paused(viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """Agencies that may not sign up now, the longest pause first, among those the viewer watches over: code, name, region,
    until, reason, score."""
    return await fetch(_PAUSED, *await _watch(viewer), now)


async def standing(viewer: Viewer, now: datetime) -> list[ListEntry]:
    """What stands on either list, of agencies that the viewer watches over; each list newest first."""
    rows = await fetch(
        "SELECT l.id FROM list_entry l JOIN organisation o ON o.id = l.organisation_id JOIN agency a ON a.organisation_id = o.id"
        f" WHERE l.removed_at IS NULL AND l.until_at > $7 AND {_MINE}",
        *await _watch(viewer), now,
    )  # fmt: skip
    mine = {row["id"] for row in rows}
    return [entry for name in LISTS for entry in await lists.standing_entries(name, now) if entry.id in mine]
