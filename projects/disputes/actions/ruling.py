"""The regulator closes the evidence, hears both sides, and rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.disputes import rules
from projects.disputes.actions.case import close_talks, due, lock_case, record_act, refuse_involved
from projects.disputes.queries import DisputeView, access_as_authority, access_as_side


@dataclass(frozen=True)
class Ruling:
    """`refund_fen`: what goes back to the owner; the rest is the agency's."""

    refund_fen: int
    legal_cause: str
    reasons: str


async def prepare(number: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Closes the evidence: both sides have their last word. This authority alone goes on with it."""
    async with transaction():
        found = await _as_authority(viewer, number)
        rules.check_preparing(found.facts)
        due_at = await due(found.contract, "dispute.hearing_days", now, calendar)
        await execute(
            "UPDATE dispute SET authority_id = $2, prepared_by = $3, prepared_at = $4, heard_due_at = $5 WHERE id = $1",
            found.id, viewer.organisation_id, viewer.person_id, now, due_at,
        )  # fmt: skip
        await record_act("dispute.prepared", found, by=viewer.organisation_code, now=now, heard_due_at=utc_text(due_at),
                         private={"person": viewer.person_name})  # fmt: skip


async def _as_authority(viewer: Viewer, number: str) -> DisputeView:
    """Locked, for a regulator in charge and a person who has nothing to do with the matter."""
    seen = await access_as_authority(viewer, number)
    await refuse_involved(viewer, seen)
    await lock_case(seen)
    return await access_as_authority(viewer, number)


async def say_last_word(number: str, text: str, *, viewer: Viewer, now: datetime) -> None:
    """One side, once, in its time."""
    async with transaction():
        seen, side = await access_as_side(viewer, number)
        found = await lock_case(seen)
        rules.check_word(found.facts, side, now=now)
        await execute(
            f"UPDATE dispute SET {side}_word = $2, {side}_word_by = $3, {side}_word_at = $4 WHERE id = $1",
            found.id, text, viewer.person_id, now,
        )  # fmt: skip
        await record_act("dispute.heard", found, by=viewer.organisation_code, now=now, side=str(side),
                         private={"word": text, "person": viewer.person_name})  # fmt: skip


async def rule(number: str, ruling: Ruling, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The ruling, which is carried out from now on. Raises NotFound, Refusal before both sides were heard."""
    async with transaction():
        found = await _as_authority(viewer, number)
        rules.check_ruling(found.facts, refund_fen=ruling.refund_fen, amount_fen=found.amount_fen, now=now)
        await execute(
            "UPDATE dispute SET outcome = 'ruling', refund_fen = $2, legal_cause = $3, reasons = $4, decided_by = $5,"
            " decided_at = $6, look_at = $6 WHERE id = $1",
            found.id, ruling.refund_fen, ruling.legal_cause, ruling.reasons, viewer.person_id, now,
        )  # fmt: skip
        await record_act(
            "dispute.ruled", found, by=viewer.organisation_code, now=now, refund_fen=ruling.refund_fen,
            release_fen=found.amount_fen - ruling.refund_fen, legal_cause=ruling.legal_cause,
            private={"reasons": ruling.reasons, "person": viewer.person_name},
        )  # fmt: skip
        await close_talks(found, calendar=calendar, now=now)
