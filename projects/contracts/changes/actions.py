"""A change of a contract in force: proposed, accepted and signed by the other side, signed by the proposer, in force.

Project first, contract second, then the money: the same order everywhere. Each act looks anew at what was accepted, paid
or delivered in the meantime.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_one, fetch_value, to_json, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.contracts.actions import lock_as_party
from projects.contracts.changes import rules
from projects.contracts.changes.effect import bring_about
from projects.contracts.changes.queries import ChangeView, change_of, changes_of, content_in_force, frame_of
from projects.contracts.changes.rules import Ending, State
from projects.contracts.changes.terms import ChangeTerms, Content
from projects.contracts.changes.wording import composed
from projects.contracts.queries import ContractView, contract_by_id, rulebook_of
from projects.contracts.rules import Side
from projects.contracts.terms import Milestone
from projects.rules import Stage


@dataclass(frozen=True)
class NewMilestone:
    """`days`: working days."""

    title: str
    price_fen: int
    days: int


@dataclass(frozen=True)
class NewChange:
    """The whole of what shall stand, not only what differs."""

    milestones: tuple[NewMilestone, ...]
    content: str
    scale: str
    other_requirements: str
    special: tuple[str, ...]
    reason: str


def planned_content(new: NewChange) -> Content:
    parts = rules.shares([one.price_fen for one in new.milestones])
    milestones = tuple(
        Milestone(no, one.title, share, one.price_fen, one.days)
        for no, (one, share) in enumerate(zip(new.milestones, parts, strict=True), 1)
    )
    return Content(milestones, new.content, new.scale, new.other_requirements, new.special)


def kept_shares(before: Content, after: Content) -> Content:
    """Where amounts did not change, shares stay as they were signed, however they were rounded."""
    if [one.price_fen for one in before.milestones] != [one.price_fen for one in after.milestones]:
        return after
    pairs = zip(before.milestones, after.milestones, strict=True)
    return replace(after, milestones=tuple(replace(new, share=old.share) for old, new in pairs))


async def propose(number: str, new: NewChange, *, viewer: Viewer, calendar: Calendar, now: datetime) -> ChangeView:
    """Either side proposes. Raises NotFound for strangers, Refusal while another change waits, where the contract is not
    being performed, and where the change goes too far."""
    async with transaction():
        contract, side = await lock_as_party(number, viewer)
        check_running(contract)
        changes = await changes_of(contract.id)
        if changes and changes[0].waits:
            raise Refusal(
                "change.waits", N_("A change of this contract waits already; there is one at a time."),
                todo=N_("Answer, sign or withdraw it first."),
            )  # fmt: skip
        terms = await _terms(contract, changes, new, now=now)
        book = await rulebook_of(contract)
        due_at = deadline(book, "contract.confirm_days", now, calendar)
        await execute(
            "INSERT INTO contract_change (id, contract_id, no, terms, terms_sha256, reason, price_fen, added_fen,"
            " proposed_side, proposed_by, proposed_at, answer_due_at) VALUES ($1,$2,$3,$4::jsonb,$5,$6,$7,$8,$9,$10,$11,$12)",
            new_id(), contract.id, terms.no, to_json(terms.to_json()), terms.sha256, new.reason, terms.after.price_fen,
            terms.added_fen, str(side), viewer.person_id, now, due_at,
        )  # fmt: skip
        await _record(
            "change.proposed", contract, terms.no, viewer, now=now, side=str(side), terms_sha256=terms.sha256,
            reason=new.reason, price_fen=terms.after.price_fen, added_fen=terms.added_fen, answer_due_at=utc_text(due_at),
        )  # fmt: skip
        await _tell(
            contract, side.other, terms.no, N_("{side} proposes to change the contract of {project}: answer."),
            "proposed", now=now,
        )  # fmt: skip
    return await change_of(contract.id, terms.no)


async def _terms(
    contract: ContractView, changes: Sequence[ChangeView], new: NewChange, *, now: datetime
) -> ChangeTerms:
    before = content_in_force(contract, changes)
    after = kept_shares(before, planned_content(new))
    frame, signed = await frame_of(contract, changes), contract.terms
    rules.check_change(before, after, frame, (await rulebook_of(contract)).integer)
    return composed(ChangeTerms(
        contract=contract.number, project=contract.project_number, title=contract.title, no=len(changes) + 1,
        owner=signed.owner, agency=signed.agency, contract_sha256=contract.terms_sha256, signed_price_fen=contract.price_fen,
        proposed_at=utc_text(now), before=before, after=after, reason=new.reason, limit=frame.limit,
        rulebook=contract.rulebook_version, language=signed.language,
    ))  # fmt: skip


async def refuse(number: str, no: int, *, reason: str, viewer: Viewer, now: datetime) -> ChangeView:
    """The other side does not want it, and says why. Raises NotFound, Refusal."""
    async with transaction():
        contract, side, change = await _lock(number, no, viewer)
        rules.check_answer(change.facts, side, now=now)
        await _end(change, Ending.REFUSED, viewer, reason=reason, now=now)
        await _record("change.refused", contract, no, viewer, now=now, reason=reason)
        await _tell(
            contract, side.other, no, N_("{side} refused the change of the contract of {project}."), "refused", now=now
        )
    return await change_of(contract.id, no)


async def withdraw(number: str, no: int, *, viewer: Viewer, now: datetime) -> ChangeView:
    """The proposer takes it back before the other side has answered. Raises NotFound, Refusal."""
    async with transaction():
        contract, side, change = await _lock(number, no, viewer)
        rules.check_withdrawal(change.facts, side)
        await _end(change, Ending.WITHDRAWN, viewer, reason="", now=now)
        await _record("change.withdrawn", contract, no, viewer, now=now)
        await _tell(
            contract,
            side.other,
            no,
            N_("{side} withdrew its change of the contract of {project}."),
            "withdrawn",
            now=now,
        )
    return await change_of(contract.id, no)


async def sign(
    number: str, no: int, *, terms_sha256: str, viewer: Viewer, calendar: Calendar, now: datetime
) -> ChangeView:
    """The other side accepts by signing; the proposer's signature brings the change into force. The same signature sent
    twice is recorded once. Raises NotFound, Refusal; also where what it rests on has moved meanwhile."""
    async with transaction():
        contract, side, change = await _lock(number, no, viewer)
        if change.ended is None and change.signed_at(side) is not None:
            return change
        accepts = change.facts.state is State.PROPOSED
        (rules.check_answer if accepts else rules.check_countersigning)(change.facts, side, now=now)
        check_running(contract)
        _check_shown(change, terms_sha256)
        await _check_still(contract, change)
        await _put_signature(contract, change, side, viewer, calendar=calendar, now=now)
    return await change_of(contract.id, no)


async def _put_signature(
    contract: ContractView, change: ChangeView, side: Side, viewer: Viewer, *, calendar: Calendar, now: datetime
) -> None:
    last = change.sign_due_at is not None
    due_at = change.sign_due_at or deadline(await rulebook_of(contract), "contract.sign_days", now, calendar)
    await execute(
        f"UPDATE contract_change SET {side}_signed_by = $2, {side}_signed_at = $3, sign_due_at = $4,"
        " in_force_at = $5 WHERE id = $1",
        change.id, viewer.person_id, now, due_at, now if last else None,
    )  # fmt: skip
    await _record(
        "change.signed", contract, change.no, viewer, now=now, side=str(side), terms_sha256=change.terms_sha256
    )
    if last:
        await bring_about(contract, change, calendar=calendar, now=now)
        text = N_("The change of the contract of {project} is in force.")
    else:
        text = N_("{side} accepted and signed your change of the contract of {project}: sign it too.")
    await _tell(contract, side.other, change.no, text, f"signed:{side}", now=now)


def _check_shown(change: ChangeView, terms_sha256: str) -> None:
    if change.terms.sha256 != change.terms_sha256 or terms_sha256 != change.terms_sha256:
        raise Refusal(
            "change.other_terms",
            N_("The change that you were shown does not carry the fingerprint of this one; nothing was signed."),
            todo=N_("Read it again; if this happens twice, call the market operator."),
        )


async def _check_still(contract: ContractView, change: ChangeView) -> None:
    """Milestones go on while a change waits: what was accepted or paid meanwhile cannot be changed any more."""
    changes = await changes_of(contract.id)
    frame = await frame_of(contract, changes)
    rules.check_change(change.terms.before, change.terms.after, frame, (await rulebook_of(contract)).integer)


async def lapse(project_id: UUID, change_id: UUID, *, now: datetime) -> bool:
    """What was not answered or signed in time has no effect. False when it was, or is just being so."""
    async with transaction():
        if not await fetch_value("SELECT true FROM project WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED", project_id):
            return False
        row = await fetch_one("SELECT contract_id, no FROM contract_change WHERE id = $1", change_id)
        assert row is not None
        contract, change = await contract_by_id(row["contract_id"]), await change_of(row["contract_id"], row["no"])
        if not rules.is_lapsed(change.facts, now=now):
            return False
        await execute("UPDATE contract_change SET ended = 'lapsed', ended_at = $2 WHERE id = $1", change.id, now)
        await _record("change.lapsed", contract, change.no, None, now=now)
        for side in Side:
            await _tell(
                contract, side, change.no, N_("The change of the contract of {project} was not signed in time; nothing changes."),
                "lapsed", now=now,
            )  # fmt: skip
    return True


def check_running(contract: ContractView) -> None:
    """Raises Refusal where the contract is not in force, or is finished or ended."""
    if contract.project_stage is not Stage.FULFILMENT:
        raise Refusal(
            "change.not_running", N_("This contract is not being performed; it cannot be changed."),
            todo=N_("Open the project to see how it stands."),
        )  # fmt: skip


async def _lock(number: str, no: int, viewer: Viewer) -> tuple[ContractView, Side, ChangeView]:
    contract, side = await lock_as_party(number, viewer)
    return contract, side, await change_of(contract.id, no)


async def _end(change: ChangeView, ending: Ending, viewer: Viewer, *, reason: str, now: datetime) -> None:
    await execute(
        "UPDATE contract_change SET ended = $2, ended_at = $3, ended_by = $4, end_reason = $5 WHERE id = $1",
        change.id, str(ending), now, viewer.person_id, reason,
    )  # fmt: skip


async def _record(
    act: str, contract: ContractView, no: int, viewer: Viewer | None, *, now: datetime, **more: Any
) -> None:
    await record(
        act, subject=contract.project_number, by=viewer.organisation_code if viewer else "market", at=now,
        data={"contract": contract.number, "no": no, **more}, private={"person": viewer.person_name} if viewer else None,
    )  # fmt: skip


async def _tell(contract: ContractView, side: Side, no: int, text: str, cause: str, *, now: datetime) -> None:
    await tell(
        contract.organisation_of(side), text, link=f"{contract.url}/changes/{no}",
        cause=f"change.{cause}:{contract.number}:{no}",
        facts={"side": contract.name_of(side.other), "project": contract.title}, now=now,
    )  # fmt: skip
