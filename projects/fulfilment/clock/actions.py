"""The parties ask for a stop of the clock or for more time; the other side answers; the regulator may revoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.accounts.actions import tell
from market.catalogue.rules import deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.contracts.changes.queries import changes_of as supplements_of
from projects.contracts.queries import ContractView, rulebook_of
from projects.contracts.rules import Side
from projects.fulfilment.actions import lock_fulfilment, set_due
from projects.fulfilment.clock import rules as clock
from projects.fulfilment.clock.rules import Kind
from projects.fulfilment.queries import ChangeView, Fulfilment, access_to_clock, fulfilment_of
from projects.fulfilment.rules import Turn
from projects.oversight import watches

_ANSWER_DAYS = {
    Kind.SUSPENSION: "fulfilment.suspension_answer_days",
    Kind.EXTENSION: "fulfilment.extension_answer_days",
}


@dataclass(frozen=True)
class NewChange:
    """`cause` for a suspension, `days` (working) for an extension."""

    kind: Kind
    cause: str
    days: int | None
    reason: str


async def ask(project_number: str, new: NewChange, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Either side asks for a stop, the agency for more time. Raises NotFound for strangers, Refusal by the rules."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        if new.kind is Kind.EXTENSION and side is not Side.AGENCY:
            raise NotFound
        clock.check_asking(fulfilment.clock_facts, fulfilment.turn, fulfilment.limit, now=now)
        contract = fulfilment.contract
        due_at = deadline(await rulebook_of(contract), _ANSWER_DAYS[new.kind], now, calendar)
        no: int = await fetch_value(
            "SELECT coalesce(max(no), 0) + 1 FROM clock_change WHERE contract_id = $1", contract.id
        )
        await execute(
            "INSERT INTO clock_change (id, contract_id, milestone_id, no, kind, cause, days, side, reason, asked_by, asked_at,"
            " answer_due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
            new_id(), contract.id, fulfilment.milestone.id, no, str(new.kind), new.cause, new.days, str(side), new.reason,
            viewer.person_id, now, due_at,
        )  # fmt: skip
        await _record(
            "clock.asked", fulfilment, no, viewer, now=now, kind=str(new.kind), cause=new.cause, days=new.days, side=str(side),
            reason=new.reason, answer_due_at=utc_text(due_at),
        )  # fmt: skip
        text = N_("{side} asks for more time for {project}: answer.") if new.kind is Kind.EXTENSION else N_("{side} asks to stop the clock of {project}: confirm or decline.")  # fmt: skip
        await _tell(contract, side.other, text, f"clock.asked:{no}", now=now)


async def answer(
    project_number: str, *, no: int, agrees: bool, reason: str, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    """The other side's answer. An agreed stop counts from when it was asked for."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        change = _change(fulfilment, no)
        clock.check_answer(change.facts, side, now=now)
        if agrees and change.kind is Kind.EXTENSION:
            await _extend(fulfilment, change, viewer, calendar, now)
        else:
            await execute(
                "UPDATE clock_change SET answer = $2, answered_by = $3, answered_at = $4, answer_reason = $5 WHERE id = $1",
                change.id, "agreed" if agrees else "declined", viewer.person_id, now, "" if agrees else reason,
            )  # fmt: skip
        if agrees and change.kind is Kind.SUSPENSION:
            await set_due(fulfilment.contract, None)
        more: dict[str, Any] = {} if agrees else {"reason": reason}
        await _record("clock.agreed" if agrees else "clock.declined", fulfilment, no, viewer, now=now, **more)
        text = N_("{side} agreed to the request about the time of {project}.") if agrees else N_("{side} declined the request about the time of {project}.")  # fmt: skip
        await _tell(fulfilment.contract, side.other, text, f"clock.answered:{no}", now=now)


async def _extend(
    fulfilment: Fulfilment, change: ChangeView, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    assert change.days is not None
    after = clock.limit_after_extension(fulfilment.limit, change.days, calendar=calendar)
    await execute(
        "UPDATE clock_change SET answer = 'agreed', answered_by = $2, answered_at = $3, due_before = $4, due_after = $5"
        " WHERE id = $1",
        change.id, viewer.person_id, now, fulfilment.limit, after,
    )  # fmt: skip
    await _move_limit(fulfilment, after)


async def resume(project_number: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> None:
    """Either side says that the cause is over: the clock goes on with what was left."""
    async with transaction():
        fulfilment, side = await _lock(viewer, project_number)
        change = fulfilment.stop
        if change is None:
            raise Refusal(
                "clock.runs", N_("The clock does not stand."), todo=N_("Open the project to see how it stands.")
            )
        after = clock.limit_after_stop(fulfilment.limit, change.asked_at, now, calendar=calendar)
        await execute(
            "UPDATE clock_change SET ended_by = $2, ended_at = $3, due_before = $4, due_after = $5 WHERE id = $1",
            change.id, viewer.person_id, now, fulfilment.limit, after,
        )  # fmt: skip
        await _move_limit(fulfilment, after)
        await _record(
            "clock.resumed",
            fulfilment,
            change.no,
            viewer,
            now=now,
            since=utc_text(change.asked_at),
            due_at=utc_text(after),
        )
        await _tell(
            fulfilment.contract,
            side.other,
            N_("The clock of {project} runs again."),
            f"clock.resumed:{change.no}",
            now=now,
        )


async def revoke(project_number: str, *, no: int, reason: str, viewer: Viewer, now: datetime) -> None:
    """The regulator of this field takes a stop back while its milestone runs: the limit is again what it was. Raises
    NotFound for others, Refusal where nothing can be taken back."""
    async with transaction():
        seen = await fulfilment_of(project_number)
        if seen is None or not await watches(viewer, seen.contract):
            raise NotFound
        fulfilment = await lock_fulfilment(seen)
        change = _change(fulfilment, no)
        last = fulfilment.changes[-1]
        running = fulfilment.milestone.runs and change.milestone_id == fulfilment.milestone.id
        if change.id != last.id or not change.revocable or not running:
            raise Refusal(
                "clock.irrevocable", N_("Only the latest stop of the milestone that runs can be revoked."),
                todo=N_("Open the project to see how it stands."),
            )  # fmt: skip
        await _check_not_supplemented(fulfilment, change)
        limit = change.due_before or fulfilment.limit
        await execute(
            "UPDATE clock_change SET revoked_by = $2, revoked_at = $3, revoke_reason = $4 WHERE id = $1",
            change.id, viewer.person_id, now, reason,
        )  # fmt: skip
        await _move_limit(fulfilment, limit)
        await _record("clock.revoked", fulfilment, no, viewer, now=now, reason=reason, due_at=utc_text(limit))
        for side in Side:
            await _tell(
                fulfilment.contract,
                side,
                N_("The regulator revoked the stop of the clock of {project}."),
                f"clock.revoked:{no}",
                now=now,
            )


async def _check_not_supplemented(fulfilment: Fulfilment, change: ChangeView) -> None:
    """The limit from before the stop would take away what both sides have agreed on since."""
    if change.ended_at is None:
        return
    if any(one.in_force_at >= change.ended_at for one in await supplements_of(fulfilment.contract.id)
           if one.in_force_at and one.due_after):  # fmt: skip
        raise Refusal(
            "clock.supplemented", N_("A supplement has lengthened the time since this stop; it cannot be revoked any more."),
            todo=N_("Open the project to see how it stands."),
        )  # fmt: skip


async def lapse(project_id: UUID, change_id: UUID, *, now: datetime) -> bool:
    """A request that nobody answered in its time has no effect. False when it was answered, or is just being so."""
    async with transaction():
        number = await fetch_value("SELECT number FROM project WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED", project_id)
        fulfilment = await fulfilment_of(number) if number else None
        change = next((one for one in fulfilment.changes if one.id == change_id), None) if fulfilment else None
        if fulfilment is None or change is None or not change.facts.waits or now < change.answer_due_at:
            return False
        await execute("UPDATE clock_change SET answer = 'lapsed', answered_at = $2 WHERE id = $1", change.id, now)
        await _record("clock.lapsed", fulfilment, change.no, None, now=now)
        for side in Side:
            await _tell(fulfilment.contract, side, N_("The request about the time of {project} was not answered; nothing changes."),
                        f"clock.lapsed:{change.no}", now=now)  # fmt: skip
    return True


async def _lock(viewer: Viewer, project_number: str) -> tuple[Fulfilment, Side]:
    seen, side = await access_to_clock(viewer, project_number)
    return await lock_fulfilment(seen), side


def _change(fulfilment: Fulfilment, no: int) -> ChangeView:
    for one in fulfilment.changes:
        if one.no == no:
            return one
    raise NotFound


async def _move_limit(fulfilment: Fulfilment, limit: datetime) -> None:
    """The limit that counts now: that of the correction after a return, else the milestone's."""
    last = fulfilment.last
    if last is not None and last.correction_due_at is not None:
        await execute("UPDATE delivery SET correction_due_at = $2 WHERE id = $1", last.id, limit)
    else:
        await execute("UPDATE contract_milestone SET due_at = $2 WHERE id = $1", fulfilment.milestone.id, limit)
    if fulfilment.turn is Turn.DELIVERY:  # while a delivery is being checked, its answer is what is due
        await set_due(fulfilment.contract, limit)


async def _record(
    act: str, fulfilment: Fulfilment, no: int, viewer: Viewer | None, *, now: datetime, **more: Any
) -> None:
    contract = fulfilment.contract
    await record(
        act, subject=contract.project_number, by=viewer.organisation_code if viewer else "market", at=now,
        data={"contract": contract.number, "no": no, "milestone": fulfilment.milestone.no, **more},
        private={"person": viewer.person_name} if viewer else None,
    )  # fmt: skip


async def _tell(contract: ContractView, side: Side, text: str, cause: str, *, now: datetime) -> None:
    await tell(
        contract.organisation_of(side), text, link=f"{contract.project_url}/clock", cause=f"{cause}:{contract.number}",
        facts={"side": contract.name_of(side.other), "project": contract.title}, now=now,
    )  # fmt: skip
