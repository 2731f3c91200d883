"""Mediation and agreement: the operator takes the case and proposes, either side may propose too, both accept or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.calendar import Calendar
from market.kernel.db import execute, transaction
from market.kernel.errors import NotFound
from market.kernel.ids import new_id
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.disputes import rules
from projects.disputes.actions.case import close_talks, due, lock_case, record_act, refuse_involved
from projects.disputes.queries import DisputeView, access_as_side, access_dispute, dispute_by_id
from projects.disputes.rules import BEFORE_REGULATOR, Proposer, Referral


@dataclass(frozen=True)
class NewProposal:
    refund_fen: int
    reasons: str


async def take(number: str, *, viewer: Viewer, now: datetime) -> None:
    """The operator takes the case; taken twice it is taken once. Raises NotFound for others."""
    async with transaction():
        found = await _as_mediator(viewer, number)
        if found.taken_at is None:
            await _take(found, viewer, now)


async def _as_mediator(viewer: Viewer, number: str) -> DisputeView:
    seen = await access_dispute(viewer, number)
    if not viewer.is_operator:
        raise NotFound
    await refuse_involved(viewer, seen)
    found = await lock_case(seen)
    rules.check_mediation(found.facts)
    return found


async def _take(found: DisputeView, viewer: Viewer, now: datetime) -> None:
    await execute("UPDATE dispute SET taken_by = $2, taken_at = $3 WHERE id = $1", found.id, viewer.person_id, now)
    await record_act(
        "dispute.taken", found, by=viewer.organisation_code, now=now, private={"person": viewer.person_name}
    )


async def propose(number: str, new: NewProposal, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """By the operator to both sides, or by one side to the other. Raises NotFound, Refusal."""
    async with transaction():
        if viewer.is_operator:
            found, proposer = await _as_mediator(viewer, number), Proposer.OPERATOR
        else:
            seen, side = await access_as_side(viewer, number)
            found, proposer = await lock_case(seen), Proposer(side)
        rules.check_proposing(
            found.facts,
            proposer,
            [one.facts for one in found.proposals],
            refund_fen=new.refund_fen,
            amount_fen=found.amount_fen,
        )
        if proposer is Proposer.OPERATOR and found.taken_at is None:
            await _take(found, viewer, now)
        await _insert(
            found, proposer, new, viewer, await due(found.contract, "dispute.proposal_days", now, calendar), now
        )


async def _insert(
    found: DisputeView, proposer: Proposer, new: NewProposal, viewer: Viewer, due_at: datetime, now: datetime
) -> None:
    """Whoever proposes has accepted."""
    no, own = len(found.proposals) + 1, ("accepted", viewer.person_id, now)
    nothing = (None, None, None)
    await execute(
        "INSERT INTO dispute_proposal (id, dispute_id, no, proposer, refund_fen, reasons, proposed_by, proposed_at, due_at,"
        " owner_answer, owner_answered_by, owner_answered_at, agency_answer, agency_answered_by, agency_answered_at)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        new_id(), found.id, no, str(proposer), new.refund_fen, new.reasons, viewer.person_id, now, due_at,
        *(own if proposer is Proposer.OWNER else nothing), *(own if proposer is Proposer.AGENCY else nothing),
    )  # fmt: skip
    await record_act(
        "dispute.mediated" if proposer is Proposer.OPERATOR else "dispute.offered", found, by=viewer.organisation_code, now=now,
        no=no, refund_fen=new.refund_fen, due_at=utc_text(due_at),
        private={"reasons": new.reasons, "person": viewer.person_name},
    )  # fmt: skip


async def answer_proposal(
    number: str, *, no: int, accepts: bool, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    """One side accepts or refuses what is proposed. Accepted by both it is the outcome; refused, a proposal of the operator
    sends the dispute to the regulator."""
    async with transaction():
        seen, side = await access_as_side(viewer, number)
        found = await lock_case(seen)
        offer = next((one for one in found.proposals if one.no == no), None)
        rules.check_answering(found.facts, offer.facts if offer else None, side, now=now)
        assert offer is not None
        word = "accepted" if accepts else "refused"
        both = accepts and offer.facts.answer_of(side.other) == "accepted"
        ended = "accepted" if both else None if accepts else "refused"
        await execute(
            f"UPDATE dispute_proposal SET {side}_answer = $3, {side}_answered_by = $4, {side}_answered_at = $5, ended = $6,"
            " ended_at = $7 WHERE dispute_id = $1 AND no = $2",
            found.id, no, word, viewer.person_id, now, ended, now if ended else None,
        )  # fmt: skip
        await record_act("dispute.replied", found, by=viewer.organisation_code, now=now, no=no, side=str(side), reply=word,
                         private={"person": viewer.person_name})  # fmt: skip
        if both:
            await _settle(found, offer.refund_fen, no, calendar=calendar, now=now)
        elif not accepts and offer.proposer is Proposer.OPERATOR and found.state in BEFORE_REGULATOR:
            await refer(found, Referral.REFUSED, calendar=calendar, now=now)


async def _settle(found: DisputeView, refund_fen: int, no: int, *, calendar: Calendar, now: datetime) -> None:
    await execute(
        "UPDATE dispute SET outcome = 'agreement', refund_fen = $2, decided_at = $3, look_at = $3 WHERE id = $1",
        found.id, refund_fen, now,
    )  # fmt: skip
    await record_act("dispute.settled", found, by="market", now=now, no=no, refund_fen=refund_fen,
                     release_fen=found.amount_fen - refund_fen)  # fmt: skip
    await close_talks(found, calendar=calendar, now=now)


async def give_up(number: str, reason: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """The operator finds that the sides will not agree, and hands the case to the regulator."""
    async with transaction():
        found = await _as_mediator(viewer, number)
        if found.taken_at is None:
            await _take(found, viewer, now)
        await refer(found, Referral.FAILED, calendar=calendar, now=now, viewer=viewer, reason=reason)


async def refer(
    found: DisputeView,
    why: Referral,
    *,
    calendar: Calendar,
    now: datetime,
    viewer: Viewer | None = None,
    reason: str = "",
) -> None:
    """To the regulator, in the caller's transaction; what the operator proposed is over."""
    due_at = await due(found.contract, "dispute.ruling_days", now, calendar)
    await execute(
        "UPDATE dispute SET referred_by = $2, referred_at = $3, referral = $4, referral_reason = $5, ruling_due_at = $6 WHERE id = $1",
        found.id, viewer.person_id if viewer else None, now, str(why), reason, due_at,
    )  # fmt: skip
    await execute(
        "UPDATE dispute_proposal SET ended = 'overtaken', ended_at = $2 WHERE dispute_id = $1 AND ended IS NULL"
        " AND proposer = 'operator'",
        found.id, now,
    )  # fmt: skip
    await record_act(
        "dispute.referred", found, by=viewer.organisation_code if viewer else "market", now=now, why=str(why),
        ruling_due_at=utc_text(due_at), private={"reason": reason, "person": viewer.person_name} if viewer else None,
    )  # fmt: skip


async def lapse_answer(dispute_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """Nobody answered in time: it is mediated all the same. False when somebody was quicker."""
    async with transaction():
        found = await lock_case(await dispute_by_id(dispute_id))
        if not rules.answer_lapsed(found.facts, now=now):
            return False
        due_at = await due(found.contract, "dispute.mediation_days", now, calendar)
        await execute(
            "UPDATE dispute SET mediation_since = $2, mediation_due_at = $3 WHERE id = $1", found.id, now, due_at
        )
        await record_act("dispute.unanswered", found, by="market", now=now, mediation_due_at=utc_text(due_at))
    return True


async def lapse_proposal(dispute_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """A proposal that not both accepted in time is over; the operator's sends the dispute to the regulator."""
    async with transaction():
        found = await lock_case(await dispute_by_id(dispute_id))
        offer = found.waiting
        if offer is None or now < offer.due_at:
            return False
        await execute(
            "UPDATE dispute_proposal SET ended = 'lapsed', ended_at = $3 WHERE dispute_id = $1 AND no = $2",
            found.id, offer.no, now,
        )  # fmt: skip
        if offer.proposer is Proposer.OPERATOR and found.state in BEFORE_REGULATOR:
            await refer(found, Referral.LAPSED, calendar=calendar, now=now)
    return True


async def lapse_mediation(dispute_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """The time to mediate is over without a proposal that waits: the regulator rules."""
    async with transaction():
        found = await lock_case(await dispute_by_id(dispute_id))
        if not rules.mediation_lapsed(found.facts, [one.facts for one in found.proposals], now=now):
            return False
        await refer(found, Referral.UNMEDIATED, calendar=calendar, now=now)
    return True
