"""Booking events and drawing their consequences, in one transaction under the lock of the organisation's account:
score, standing, red list, register, messages. So parallel jobs, whichever comes first, leave the same account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actions import set_standing
from agencies.rules import Standing
from market.accounts.actions import tell
from market.accounts.queries import OrganisationView, organisation
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.calendar import end_text
from market.kernel.db import execute, fetch_one, fetch_value, require_transaction, transaction
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import Entry, history_of, utc_text
from projects.actions import pause_posting
from ratings.credit import queries
from ratings.credit.rules import (
    CORRECTION,
    KINDS,
    Charge,
    Pause,
    charges,
    loses_red,
    next_change,
    owner_pauses,
    points_text,
    suspended_by,
    warning,
)
from ratings.lists.actions import take_off
from ratings.lists.queries import unremoved_entry
from ratings.lists.rules import RED, RESTRICTED
from ratings.periods import add_months

WARNINGS = {
    "tier.reminder_below": N_("Your credit score of {score} is below {limit}: a reminder. Below {pause} points no new sign-ups are possible."),
    "tier.talk_below": N_("Your credit score of {score} is below {limit}: a warning, and the regulator may ask you to a talk. Below {pause} points no new sign-ups are possible."),
}  # fmt: skip
PAUSE_REASONS = {
    "tier.pause_below": N_("Credit score below the limit for signing up"),
    "tier.long_pause_below": N_("Credit score far below the limit for signing up"),
    "tier.severe_below": N_("Credit score very far below the limit for signing up"),
    "tier.severe_pauses": N_("Repeated pauses within twelve months"),
    "pause.signup_cancelled.times": N_("Repeated withdrawals after sign-up had closed"),
    "pause.sign_refused.times": N_("Repeated refusals to sign"),
}
AGAIN = N_(
    "An event on your credit account that had been taken back counts again, because the decision that took it back was annulled. Your credit score is now {score}."
)
RED_LOST = N_("A deduction that costs the red list")


@dataclass(frozen=True)
class Proof:
    """What an event rests on: the register entry, when its act happened, and the project's rulebook."""

    entry_id: UUID
    occurred_at: datetime
    book: Rulebook
    project_number: str | None


async def count_act(entry: Entry, book: Rulebook, *, now: datetime) -> int:
    """Books what a register entry means for credit, in one transaction; returns how many events were new."""
    due = charges(entry.kind, entry.data, book.integer)
    if not due:
        return 0
    proof = Proof(entry.id, entry.at, book, entry.subject)
    async with transaction():
        return await book_charges(due, proof, now=now)


async def book_charges(due: list[Charge], proof: Proof, *, now: datetime) -> int:
    """In the caller's transaction. Accounts are locked in the order of their ids."""
    require_transaction()
    codes = await queries.organisation_codes([charge.code for charge in due])
    missing = [charge.code for charge in due if charge.code not in codes]
    if missing:
        raise LookupError(f"register entry {proof.entry_id} names unknown organisations: {missing}")
    ordered = sorted(due, key=lambda charge: codes[charge.code])
    return sum([await _book(codes[charge.code], charge, proof, now=now) for charge in ordered])


async def take_back(event_id: UUID, *, evidence_id: UUID, by: str, now: datetime) -> None:
    """A correction: the event stops counting from now on, and so do the pauses it caused. `evidence_id`: the register
    entry of the decision. Called inside the transaction of that decision. Raises ValueError where it does not count."""
    corrections = await queries.corrections_of(event_id)
    if len(corrections) % 2:
        raise ValueError("the event has been taken back already")
    await _correct([event_id, *corrections][-1], KINDS[CORRECTION].told, evidence_id=evidence_id, by=by, now=now)


async def let_count_again(event_id: UUID, *, evidence_id: UUID, by: str, now: datetime) -> None:
    """Undoes what took the event back: it counts, and pauses, as if it had counted all the time. Called inside the
    transaction of the decision at `evidence_id`. Raises ValueError where it counts."""
    corrections = await queries.corrections_of(event_id)
    if len(corrections) % 2 == 0:
        raise ValueError("only what was taken back can count again")
    await _correct(corrections[-1], AGAIN, evidence_id=evidence_id, by=by, now=now)


async def _correct(target_id: UUID, told: str, *, evidence_id: UUID, by: str, now: datetime) -> None:
    require_transaction()
    target = await queries.event_view(target_id)
    if target is None:
        raise ValueError("only an event of the account can be corrected")
    owner = await organisation(target["organisation_id"])
    moment = await lock_account(owner.id, now)
    await execute(
        "INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at,"
        " valid_until, evidence_id, project_number, cancels) VALUES ($1,$2,$3,0,$4,$5,$6,$6,$7,$8,$9,$10)",
        new_id(), owner.id, CORRECTION, target["rulebook_version"], target["rule"], moment,
        max(target["valid_until"], add_months(moment, 1)), evidence_id, target["project_number"], target_id,
    )  # fmt: skip
    await _record_event(owner, CORRECTION, 0, target["rule"], evidence_id, moment, by=by)
    points = await settle(owner, now=moment)
    await _tell_booked(owner, told, 0, points, target["project_number"], str(evidence_id), now=moment)


async def disapprovals_before(correction: Entry) -> list[Entry]:
    """The verdicts about the same report that were recorded before this one."""
    return [
        one for one in await history_of(correction.subject)
        if one.kind.startswith("verdict.") and one.written < correction.written
        and one.data["milestone"] == correction.data["milestone"]
    ]  # fmt: skip


async def excuse(correction: Entry, *, now: datetime) -> None:
    """Takes back what the returns that no longer hold had cost, once."""
    acts = {one.id for one in await disapprovals_before(correction)}
    code = correction.data["agency"]
    owner_id = (await queries.organisation_codes([code]))[code]
    async with transaction():
        await lock_account(owner_id, now)
        for event in await queries.counted_events_of(owner_id):
            if event.kind == "disapproved" and event.evidence_id in acts:
                await take_back(event.id, evidence_id=correction.id, by=correction.by, now=now)


async def lock_account(organisation_id: UUID, now: datetime) -> datetime:
    """Takes the lock under which one organisation's credit and standing change, until the transaction ends. Returns
    the moment to book at: never before what was booked under the lock already."""
    require_transaction()
    computed_at: datetime | None = await fetch_value(_LOCKED, organisation_id)
    if computed_at is None:
        await _open_account(organisation_id, now)
        computed_at = await fetch_value(_LOCKED, organisation_id)
    assert computed_at is not None
    return max(now, computed_at)


_LOCKED = "SELECT computed_at FROM credit_account WHERE organisation_id = $1 FOR UPDATE"


async def _open_account(organisation_id: UUID, now: datetime) -> None:
    """With the score of somebody of whom nothing is known, lest an act that books nothing leave none."""
    book = await rulebook_in_force((await organisation(organisation_id)).region_code, now)
    await execute(
        "INSERT INTO credit_account VALUES ($1, $2, $3, NULL) ON CONFLICT (organisation_id) DO NOTHING",
        organisation_id, queries.credit_rules(book).balance(0, 0), now,
    )  # fmt: skip


async def settle(owner: OrganisationView, *, now: datetime) -> int:
    """Recomputes score and standing of an organisation whose account the caller has locked; returns the score."""
    account = await queries.account_of(owner, now)
    await execute(
        "UPDATE credit_account SET points = $2, computed_at = $3, next_change_at = $4 WHERE organisation_id = $1",
        owner.id, account.score.points, now, next_change(account.events, now),
    )  # fmt: skip
    if owner.kind == "agency":
        await _settle_standing(account, now=now)
    else:
        await _settle_posting(account, now=now)
    return account.score.points


async def settle_next(now: datetime) -> bool:
    """Recomputes one account in which an event expired; False when none is due."""
    async with transaction():
        due = await fetch_value(
            "SELECT organisation_id FROM credit_account WHERE next_change_at <= $1 ORDER BY next_change_at LIMIT 1"
            " FOR UPDATE SKIP LOCKED",
            now,
        )
        if due is not None:
            await settle(await organisation(due), now=now)
    return due is not None


async def _book(organisation_id: UUID, charge: Charge, proof: Proof, *, now: datetime) -> bool:
    moment = max(await lock_account(organisation_id, now), proof.occurred_at)
    valid_until = add_months(proof.occurred_at, proof.book.months("credit.window_months"))
    row = await fetch_one(
        "INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at,"
        " valid_until, evidence_id, project_number) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"
        " ON CONFLICT ON CONSTRAINT credit_event_once DO NOTHING RETURNING id",
        new_id(), organisation_id, charge.kind, charge.points, proof.book.version, charge.rule, proof.occurred_at, moment,
        valid_until, proof.entry_id, proof.project_number,
    )  # fmt: skip
    if row is None:
        return False
    owner = await organisation(organisation_id)
    await _record_event(owner, charge.kind, charge.points, charge.rule, proof.entry_id, moment)
    await _take_off_red(owner, row["id"], now=moment)
    points = await settle(owner, now=moment)
    told = KINDS[charge.kind].told
    await _tell_booked(owner, told, charge.points, points, proof.project_number, str(row["id"]), now=moment)
    return True


async def _record_event(
    owner: OrganisationView, kind: str, points: int, rule: str, evidence: UUID, at: datetime, *, by: str = "market"
) -> None:
    data = {"organisation": owner.code, "event": kind, "points": points_text(points, signed=True).replace("−", "-"),
            "rule": rule, "evidence": str(evidence)}  # fmt: skip
    await record("credit.event", subject=owner.code, by=by, data=data, at=at)


async def _take_off_red(owner: OrganisationView, event_id: UUID, *, now: datetime) -> None:
    entry = await unremoved_entry(RED, owner.id)
    if entry is None:
        return
    rules = queries.red_rules(await rulebook_in_force(owner.region_code, now))
    event = next(event for event in await queries.events_of(owner.id) if event.id == event_id)
    if loses_red(event, rules):
        await take_off(entry, reason=RED_LOST, by="market", person_id=None, now=now)
        text = N_("You were taken off the red list: a deduction of {limit} points or more costs the place at once.")
        await tell(owner.id, text, link="/lists", cause=f"red-lost:{entry.id}", now=now,
                   facts={"limit": points_text(rules.removed_at_deduction)})  # fmt: skip


async def _settle_standing(account: queries.Account, *, now: datetime) -> None:
    owner, pause = account.organisation, account.pause
    restricted = await unremoved_entry(RESTRICTED, owner.id)
    before = await queries.standing_of(owner.id)
    bars = [(pause.ends_at, pause_reason(pause))] if pause else []
    until, reason = max([*bars, *([account.bar] if account.bar else [])], default=(None, ""))
    after = Standing(
        suspended_until=until,
        suspension_reason=reason,
        restricted_until=restricted.until_at if restricted else None,
        restriction_reason=restricted.reason if restricted else "",
        score=account.score.points // 100 if account.score.rated else None,
        removal=account.removal,
    )
    await set_standing(owner.id, after, now=now)
    if _effect(before, now) != _effect(after, now):
        decides = pause.rule if pause and pause.ends_at == until else None
        await _record_standing(owner, after, decides, now=now)
    if pause and after.suspended_until == pause.ends_at != before.suspended_until:
        await _tell_paused(owner, pause, now=now)


async def _settle_posting(account: queries.Account, *, now: datetime) -> None:
    """Owners have no score: so many breaches within the window, or a decision, pause publishing for a while."""
    owner = account.organisation
    pause = suspended_by(owner_pauses(account.events, queries.owner_rules(account.book), now), now)
    ends = [*([pause.ends_at] if pause else []), *([account.bar[0]] if account.bar else [])]
    await pause_posting(owner.id, max(ends, default=None), now=now)
    if pause and pause.starts_at == now:
        data = {"organisation": owner.code, "rule": pause.rule, "paused_until": utc_text(pause.ends_at)}
        await record("standing.changed", subject=owner.code, by="market", data=data, at=now)
        text = N_(
            "Your organisation cannot publish until {until} (Beijing time): it failed in its duties as an owner too often. Running projects go on."
        )
        await tell(owner.id, text, link=f"/owners/{owner.code}", cause=f"pause:{pause.cause.id}", now=now,
                   facts={"until": end_text(pause.ends_at)})  # fmt: skip


def pause_reason(pause: Pause) -> str:
    """A message id: whoever shows it says it in the visitor's language."""
    return PAUSE_REASONS[pause.rule]


def _effect(standing: Standing, now: datetime) -> tuple[datetime | None, datetime | None, datetime | None]:
    """What the standing forbids at this moment; ends that have passed forbid nothing."""
    removal = standing.removed_at(now)
    return (
        standing.suspended_until if standing.suspended_at(now) else None,
        standing.restricted_until if standing.restricted_at(now) else None,
        removal.until if removal else None,
    )


async def _record_standing(owner: OrganisationView, after: Standing, rule: str | None, *, now: datetime) -> None:
    """`rule`: the rulebook key behind a pause that follows from the score; a decided one has its own entry."""
    suspended, restricted, removed = _effect(after, now)
    data: dict[str, Any] = {
        "organisation": owner.code, "score": after.score, "rule": rule,
        "suspended_until": utc_text(suspended) if suspended else None,
        "restricted_until": utc_text(restricted) if restricted else None,
        "removed_until": utc_text(removed) if removed else None,
    }  # fmt: skip
    await record("standing.changed", subject=owner.code, by="market", data=data, at=now)


async def _tell_booked(
    owner: OrganisationView, told: str, points: int, score: int, project: str | None, cause: str, *, now: datetime
) -> None:
    """What happened, and what it means; for agencies also the warning that a low score brings. `told`: a message id."""
    facts = {"project": project or "—", "points": points_text(points, signed=True), "score": points_text(score)}
    link = f"/agencies/{owner.code}/credit" if owner.kind == "agency" else f"/owners/{owner.code}"
    await tell(owner.id, told, link=link, cause=f"credit:{cause}", now=now, facts=facts)
    if owner.kind == "agency" and points < 0:
        await _tell_warning(owner, score, cause, link, now=now)


async def _tell_warning(owner: OrganisationView, score: int, cause: str, link: str, *, now: datetime) -> None:
    book = await rulebook_in_force(owner.region_code, now)
    rule = warning(score, queries.pause_rules(book))
    if rule is None or score < queries.pause_rules(book).tiers[-1].points:
        return  # all is well, or the message about the pause says more
    facts = {"score": points_text(score), "limit": book.integer(rule), "pause": book.integer("tier.pause_below")}
    await tell(owner.id, WARNINGS[rule], link=link, cause=f"warning:{cause}", now=now, facts=facts)


async def _tell_paused(owner: OrganisationView, pause: Pause, *, now: datetime) -> None:
    text = N_("No new sign-ups until {until} (Beijing time); your credit statement shows why. Contracts in force go on, and you may sign up again by yourself after that day.")  # fmt: skip
    facts = {"until": end_text(pause.ends_at)}
    await tell(
        owner.id, text, link=f"/agencies/{owner.code}/credit", cause=f"pause:{pause.cause.id}", now=now, facts=facts
    )
