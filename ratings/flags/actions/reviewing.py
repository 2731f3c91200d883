"""Flags are reviewed by people: taken up, asked about, and closed with an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import Entry
from market.web.viewer import Viewer
from ratings.flags.queries.desk import FlagView, access_flag, access_question, question_by_id
from ratings.flags.screens import low_price


@dataclass(frozen=True)
class Closing:
    """`decision`: the register entry of the decision that the flag led to, where there is one."""

    outcome: str
    reason: str
    decision: Entry | None = None


async def take_up(flag_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """An authority looks into it; from then on it answers for it. Refusal when another was quicker."""
    async with transaction():
        flag = await access_flag(viewer, flag_id)
        touched = await execute(
            "UPDATE flag SET authority_id = $2, taken_by = $3, taken_at = $4 WHERE id = $1 AND taken_at IS NULL",
            flag.id, viewer.organisation_id, viewer.person_id, now,
        )  # fmt: skip
        if not touched:
            raise Refusal("flag.taken", N_("This flag has been taken up already."))


async def ask(
    flag_id: UUID, organisation_id: UUID, question: str, *, viewer: Viewer, calendar: Calendar, now: datetime
) -> UUID:
    """Asks a party for its account, with a time to answer; the party is told, and nobody else."""
    async with transaction():
        flag = await _lock_taken(flag_id, viewer)
        if organisation_id not in {party.id for party in flag.parties}:
            raise Refusal("flag.no_party", N_("Only those whom the flag concerns can be asked about it."))
        if any(one.open and one.organisation_id == organisation_id for one in flag.questions):
            raise Refusal("flag.asked", N_("A question to them still waits for its answer."))
        due_at = await _answer_due(flag.screen, calendar, now)
        question_id = new_id()
        await execute(
            "INSERT INTO flag_question (id, flag_id, organisation_id, question, asked_by, asked_at, answer_due_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            question_id, flag.id, organisation_id, question, viewer.person_id, now, due_at,
        )  # fmt: skip
        await tell(
            organisation_id, N_("{authority} asks you for a written account."), link=f"/flags/questions/{question_id}",
            cause=f"flag.question:{question_id}", now=now, facts={"authority": viewer.organisation_name},
        )  # fmt: skip
    return question_id


async def _answer_due(screen: str, calendar: Calendar, now: datetime) -> datetime:
    """A note on an abnormally low price has a time of its own."""
    book = await rulebook_in_force(NATION, now)
    if screen == low_price.CODE:
        return deadline(book, "selection.low_price.answer_days", now, calendar)
    return deadline(book, "screen.answer_days", now, calendar)


async def answer(question_id: UUID, text: str, *, viewer: Viewer, now: datetime) -> None:
    """The party's account, once, as long as nobody has judged the flag."""
    async with transaction():
        found = await access_question(viewer, question_id)
        await execute("SELECT 1 FROM flag WHERE id = $1 FOR UPDATE", found.flag_id)
        found = await question_by_id(question_id)
        if found.answered_at is not None:
            raise Refusal("flag.answered", N_("This question has been answered."))
        if found.flag_closed:
            raise Refusal("flag.closed", N_("The matter has been closed; nothing is asked any more."))
        await execute(
            "UPDATE flag_question SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1",
            found.id, text, viewer.person_id, now,
        )  # fmt: skip


async def close(flag_id: UUID, closing: Closing, *, viewer: Viewer, now: datetime) -> None:
    """Judges a flag. It is founded only after every party that was asked has answered or had its time to. The register
    says that a flag was reviewed and how it ended; it names nobody, but the decision that was taken if one was."""
    async with transaction():
        flag = await _lock_taken(flag_id, viewer)
        waiting = [one for one in flag.questions if one.open and now < one.answer_due_at]
        if closing.outcome == "founded" and waiting:
            raise Refusal(
                "flag.answer_awaited", N_("{name} may still answer until {moment}."), rule="screen.answer_days",
                name=waiting[0].organisation_name, moment=waiting[0].answer_due_at,
            )  # fmt: skip
        decision = closing.decision if closing.outcome == "founded" else None
        entry_id = await record(
            "flag.reviewed", subject=flag.number, by=viewer.organisation_code, at=now,
            data={
                "screen": flag.screen, "version": flag.version, "outcome": closing.outcome,
                "decision": str(decision.id) if decision else None,
            },
            private={"reason": closing.reason},
        )  # fmt: skip
        await execute(
            "UPDATE flag SET outcome = $2, reason = $3, decision_id = $4, closed_by = $5, closed_at = $6, entry_id = $7"
            " WHERE id = $1",
            flag.id, closing.outcome, closing.reason, decision.id if decision else None, viewer.person_id, now, entry_id,
        )  # fmt: skip


async def _lock_taken(flag_id: UUID, viewer: Viewer) -> FlagView:
    """The flag that this authority has taken up and not closed; it stays so until the transaction ends."""
    await access_flag(viewer, flag_id)
    await execute("SELECT 1 FROM flag WHERE id = $1 FOR UPDATE", flag_id)
    flag = await access_flag(viewer, flag_id)
    if flag.authority_id != viewer.organisation_id:
        raise Refusal("flag.not_taken", N_("Take the flag up first: whoever took it up answers for it."))
    if flag.closed_at is not None:
        raise Refusal("flag.closed", N_("The matter has been closed; nothing is asked any more."))
    return flag
