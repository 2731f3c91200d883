"""Reading accounts of credit: events, score, level and how they came about."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.queries import facts_of
from agencies.rules import GOOD_STANDING, Removal, Standing
from market.accounts.queries import OrganisationView, organisation_by_code
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.errors import NotFound
from ratings.credit.rules import (
    CreditRules,
    Event,
    OwnerRules,
    Pause,
    PauseRules,
    RedRules,
    Score,
    Tier,
    not_cancelled,
    pauses,
    score,
    suspended_by,
)
from ratings.credit.rules.score import HUNDRED
from ratings.periods import add_months

_EVENTS = """
SELECT e.id, e.kind, e.points, e.occurred_at, e.recorded_at, e.valid_until, e.cancels, e.rule,
       e.rulebook_version AS rulebook, e.evidence_id, r.written AS evidence_no, e.project_number
FROM credit_event e JOIN register_entry r ON r.id = e.evidence_id
WHERE e.organisation_id = ANY ($1) ORDER BY e.recorded_at, e.id
"""


@dataclass(frozen=True)
class Account:
    """An agency's credit as it stood at `at`, with everything it follows from."""

    organisation: OrganisationView
    at: datetime
    events: tuple[Event, ...]
    finished_jobs: int
    book: Rulebook
    score: Score
    pauses: tuple[Pause, ...]
    # Until when a decided pause or removal keeps it from signing up, and for what (a message id).
    bar: tuple[datetime, str] | None = None
    removal: Removal | None = None

    @property
    def removed_until(self) -> datetime | None:
        return self.removal.until if self.removal and self.at < self.removal.until else None

    @property
    def barred_until(self) -> datetime | None:
        """The end of whatever keeps it from signing up, be it the score or a decision."""
        ends = [*([self.pause.ends_at] if self.pause else []), *([self.bar[0]] if self.bar else [])]
        return max(ends, default=None)

    @property
    def rules(self) -> CreditRules:
        return credit_rules(self.book)

    @property
    def pause(self) -> Pause | None:
        return suspended_by(self.pauses, self.at)


def credit_rules(book: Rulebook) -> CreditRules:
    return CreditRules(
        version=book.version,
        base=book.integer("credit.base") * HUNDRED,
        cap=book.integer("credit.cap") * HUNDRED,
        floor=book.integer("credit.floor") * HUNDRED,
        bands=tuple(points * HUNDRED for points in book.integers("credit.bands")),
        most_added=book.integer("credit.add.max") * HUNDRED,
    )


def pause_rules(book: Rulebook) -> PauseRules:
    shortest_severe, *_ = book.integers("tier.severe_months")
    return PauseRules(
        reminder_below=book.integer("tier.reminder_below") * HUNDRED,
        talk_below=book.integer("tier.talk_below") * HUNDRED,
        tiers=(
            Tier(book.integer("tier.severe_below") * HUNDRED, shortest_severe, "tier.severe_below"),
            Tier(
                book.integer("tier.long_pause_below") * HUNDRED,
                book.months("tier.long_pause_months"),
                "tier.long_pause_below",
            ),
            Tier(book.integer("tier.pause_below") * HUNDRED, book.months("tier.pause_months"), "tier.pause_below"),
        ),
        severe_pauses=book.integer("tier.severe_pauses"),
        severe_months=shortest_severe,
        abandoned_times=book.integer("pause.signup_cancelled.times"),
        abandoned_window_days=book.calendar_days("pause.signup_cancelled.window"),
        abandoned_months=book.months("pause.signup_cancelled.months"),
        refused_times=book.integer("pause.sign_refused.times"),
        refused_window_months=book.months("pause.sign_refused.window"),
        refused_months=book.months("pause.sign_refused.months"),
    )


def owner_rules(book: Rulebook) -> OwnerRules:
    return OwnerRules(
        pause_after=book.integer("owner.pause_after"),
        window_months=book.months("owner.window_months"),
        pause_months=book.months("owner.pause_months"),
        unrated_breach=book.integer("owner.unrated_breach"),
        remind_after=book.integer("owner.remind_after"),
    )


def red_rules(book: Rulebook) -> RedRules:
    return RedRules(
        score_min=book.integer("red.score_min") * HUNDRED,
        jobs_min=book.integer("red.jobs_min"),
        clean_months=book.months("red.clean_months"),
        removed_at_deduction=book.integer("red.removed_at_deduction") * HUNDRED,
        on_time_min=book.share("red.on_time_min"),
    )


async def events_of(organisation_id: UUID) -> list[Event]:
    return [Event(**row) for row in await fetch(_EVENTS, [organisation_id])]


async def counted_events_of(organisation_id: UUID) -> list[Event]:
    """All that no correction has taken back, in the order of recording."""
    events = await events_of(organisation_id)
    return not_cancelled(events, max(event.recorded_at for event in events)) if events else []


async def corrections_of(event_id: UUID) -> list[UUID]:
    """The correction of an event, the correction of that one, and so on; it is taken back while their number is odd."""
    rows = await fetch(
        "WITH RECURSIVE chain AS (SELECT id, 1 AS place FROM credit_event WHERE cancels = $1"
        " UNION ALL SELECT c.id, x.place + 1 FROM chain x JOIN credit_event c ON c.cancels = x.id)"
        " SELECT id FROM chain ORDER BY place",
        event_id,
    )
    return [row["id"] for row in rows]


async def finished_jobs(organisation_id: UUID, at: datetime) -> int:
    """Projects that this agency won and delivered, accepted by then."""
    count: int = await fetch_value(
        "SELECT count(*) FROM project WHERE winner_id = $1 AND accepted_at <= $2", organisation_id, at
    )
    return count


async def agency_account(code: str, at: datetime) -> Account:
    """Any past day can be asked for; it is computed from what was recorded by then. Raises NotFound."""
    organisation = await organisation_by_code(code)
    if organisation is None or organisation.kind != "agency":
        raise NotFound
    return await account_of(organisation, at)


async def account_of(organisation: OrganisationView, at: datetime) -> Account:
    events = tuple(await events_of(organisation.id))
    jobs = await finished_jobs(organisation.id, at)
    book = await rulebook_in_force(organisation.region_code, at)
    return Account(
        organisation=organisation, at=at, events=events, finished_jobs=jobs, book=book,
        score=score(events, credit_rules(book), at, finished_jobs=jobs),
        pauses=pauses(events, credit_rules(book), pause_rules(book), at), bar=await decided_bar(organisation.id, at),
        removal=await decided_removal(organisation.id, at),
    )  # fmt: skip


def history(account: Account, *, months: int) -> list[tuple[datetime, int]]:
    """The score at the end of each of the last months, and now: for a chart."""
    moments = [add_months(account.at, -back) for back in range(months, -1, -1)]
    lines = account.score.lines
    balances = [account.score.opening, *(line.balance for line in lines)]
    return [(moment, balances[bisect_right(lines, moment, key=lambda line: line.at)]) for moment in moments]


async def standing_of(agency_id: UUID) -> Standing:
    found = await facts_of([agency_id])
    return found[0].standing if found else GOOD_STANDING


async def decided_bar(organisation_id: UUID, at: datetime) -> tuple[datetime, str] | None:
    """Until when a decided pause or removal kept an agency from signing up as of a moment, and for what (a message id)."""
    row = await fetch_one(
        "SELECT until_at, reason FROM case_measure WHERE organisation_id = $1 AND from_at <= $2 AND until_at > $2"
        " AND (ended_at IS NULL OR ended_at > $2) AND kind IN ('pause', 'removal') ORDER BY until_at DESC LIMIT 1",
        organisation_id, at,
    )  # fmt: skip
    return (row["until_at"], row["reason"]) if row else None


async def decided_removal(organisation_id: UUID, at: datetime) -> Removal | None:
    """The last removal of an agency that was decided by then and stands, be its term over or not."""
    row = await fetch_one(
        "SELECT m.from_at AS since, m.until_at AS until, c.number AS decision FROM case_measure m"
        " JOIN conduct_case c ON c.id = m.case_id WHERE m.organisation_id = $1 AND m.kind = 'removal' AND m.from_at <= $2"
        " AND (m.ended_at IS NULL OR m.ended_at > $2) ORDER BY m.until_at DESC LIMIT 1",
        organisation_id, at,
    )  # fmt: skip
    return Removal(**row) if row else None


async def organisation_codes(codes: list[str]) -> dict[str, UUID]:
    rows = await fetch("SELECT code, id FROM organisation WHERE code = ANY ($1)", codes)
    return {row["code"]: row["id"] for row in rows}


async def event_view(event_id: UUID) -> dict[str, Any] | None:
    return await fetch_one("SELECT * FROM credit_event WHERE id = $1", event_id)
