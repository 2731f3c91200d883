"""The agency delivers; the owner accepts or returns; silence accepts after two reminders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from obstore.store import ObjectStore

from market.accounts.actions import tell
from market.kernel.calendar import Calendar
from market.kernel.db import execute, execute_many, fetch_one, fetch_value, to_json, transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import StoredFile, Upload, keep
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from market.web.viewer import Viewer
from projects.actions import lock_project, move_project
from projects.contracts.queries import ContractView, MilestoneView, contract_by_id
from projects.fulfilment import rules
from projects.fulfilment.clock import rules as clock
from projects.fulfilment.queries import (
    OPEN_PAUSES,
    DeliveryView,
    Fulfilment,
    Reason,
    access_for_answer,
    access_for_delivery,
    answer_terms,
    deliveries_of,
    fulfilment_in,
)
from projects.fulfilment.rules import Decision
from projects.rules import Stage


@dataclass(frozen=True)
class NewDelivery:
    statement: str
    practitioner_id: UUID | None
    uploads: tuple[Upload, ...]


async def deliver(
    project_number: str, delivery: NewDelivery, *, viewer: Viewer, files: ObjectStore, calendar: Calendar, now: datetime
) -> DeliveryView:
    """The agency hands over its result files. Raises NotFound for strangers, Refusal while another delivery waits."""
    check_delivering(await access_for_delivery(viewer, project_number))
    assert viewer.organisation_id is not None
    assert viewer.person_id is not None
    # The files go to the store before the transaction: it may be remote, and nothing waits for it while rows are locked.
    kept = [
        await keep(files, one, owner=viewer.organisation_id, by=viewer.person_id, now=now) for one in delivery.uploads
    ]
    async with transaction():
        fulfilment = await lock_fulfilment(await access_for_delivery(viewer, project_number))
        check_delivering(fulfilment)
        delivery_id = await _insert_delivery(fulfilment, delivery, kept, viewer, calendar=calendar, now=now)
    return await _delivery(fulfilment.contract.id, delivery_id)


def check_delivering(fulfilment: Fulfilment) -> None:
    """Raises Refusal while another delivery waits, after acceptance, and while the clock stands."""
    check_not_ended(fulfilment)
    rules.check_delivery(fulfilment.facts)
    clock.check_delivering(fulfilment.clock_facts)


def check_not_ended(fulfilment: Fulfilment) -> None:
    if fulfilment.terminated:
        raise Refusal(
            "contract.terminated", N_("This contract has ended; nothing more is delivered or answered."),
            todo=N_("Open the project to see how it stands."),
        )  # fmt: skip


async def _insert_delivery(
    fulfilment: Fulfilment, delivery: NewDelivery, kept: Sequence[StoredFile], viewer: Viewer, *, calendar: Calendar,
    now: datetime,
) -> UUID:  # fmt: skip
    contract, terms = fulfilment.contract, fulfilment.terms
    delivery_id, no = new_id(), len(fulfilment.deliveries) + 1
    late = rules.late_days(fulfilment.limit, now, calendar=calendar)
    answer_due_at = calendar.add_working_days(now, terms.silence_days)
    await execute(
        "INSERT INTO delivery (id, contract_id, milestone_id, no, statement, practitioner_id, delivered_by, delivered_at,"
        " due_at, late_days, answer_due_at, remind_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        delivery_id, contract.id, fulfilment.milestone.id, no, delivery.statement, delivery.practitioner_id, viewer.person_id, now,
        fulfilment.limit, late, answer_due_at, rules.reminder_at(now, 0, terms, calendar=calendar),
    )  # fmt: skip
    await execute_many(
        "INSERT INTO delivery_file (id, delivery_id, file_id) VALUES ($1, $2, $3)",
        [(new_id(), delivery_id, file.id) for file in kept],
    )
    await set_due(contract, answer_due_at)
    await _drop_request(fulfilment, now=now)
    await record(
        "delivery.made", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "no": no, "late_days": late,
            "milestone": fulfilment.milestone.no, "limit_days": fulfilment.milestone.days, "due_at": utc_text(fulfilment.limit),
            "answer_due_at": utc_text(answer_due_at), "files": [file.sha256 for file in kept],
        },
        private={"person": viewer.person_name},
    )  # fmt: skip
    await tell(
        contract.owner_id, N_("{agency} delivered the results of {project}: accept or return them."),
        link=f"{contract.project_url}#fulfilment", cause=f"delivery.made:{delivery_id}",
        facts={"agency": contract.agency_name, "project": contract.title}, now=now,
    )  # fmt: skip
    return delivery_id


async def _drop_request(fulfilment: Fulfilment, *, now: datetime) -> None:
    """Whoever delivers needs no other time: what was asked and is not answered has no effect any more."""
    request = fulfilment.request
    if request is None:
        return
    await execute("UPDATE clock_change SET answer = 'lapsed', answered_at = $2 WHERE id = $1", request.id, now)
    await record(
        "clock.lapsed", subject=fulfilment.contract.project_number, by="market", at=now,
        data={"contract": fulfilment.contract.number, "no": request.no, "milestone": fulfilment.milestone.no},
    )  # fmt: skip


async def accept(project_number: str, *, viewer: Viewer, calendar: Calendar, now: datetime) -> Fulfilment:
    """The owner accepts the delivery that waits; the same acceptance sent twice is recorded once."""
    async with transaction():
        fulfilment = await lock_fulfilment(await access_for_answer(viewer, project_number))
        check_not_ended(fulfilment)
        if rules.check_accepting(fulfilment.facts):
            await _accept(fulfilment, Decision.ACCEPTED, viewer=viewer, calendar=calendar, now=now)
    return await access_for_answer(viewer, project_number)


async def accept_by_silence(project_id: UUID, delivery_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """What the contract says of an owner that does not answer. False when it has answered, or is just doing so."""
    async with transaction():
        fulfilment = await _take_for_sweep(project_id, delivery_id)
        if fulfilment is None or not rules.silence_accepts(fulfilment.facts[-1], now=now):
            return False
        await _accept(fulfilment, Decision.BY_SILENCE, viewer=None, calendar=calendar, now=now)
    return True


async def _accept(
    fulfilment: Fulfilment, decision: Decision, *, viewer: Viewer | None, calendar: Calendar, now: datetime
) -> None:
    """The delivery is accepted, and with it its milestone: the next one begins, or the service is finished."""
    last = fulfilment.last
    assert last is not None
    await execute(
        "UPDATE delivery SET decision = $2, decided_by = $3, decided_at = $4 WHERE id = $1",
        last.id, str(decision), viewer.person_id if viewer else None, now,
    )  # fmt: skip
    await execute("UPDATE contract_milestone SET accepted_at = $2 WHERE id = $1", fulfilment.milestone.id, now)
    if fulfilment.following is not None:
        await _begin(fulfilment.contract, fulfilment.following, calendar=calendar, now=now)
    else:
        await move_project(
            fulfilment.contract.project_id, expect=Stage.FULFILMENT, to=Stage.ACCEPTED, due_at=None, accepted_at=now
        )
    await _publish_acceptance(fulfilment, last, decision, viewer, now=now)


async def _begin(contract: ContractView, milestone: MilestoneView, *, calendar: Calendar, now: datetime) -> None:
    due_at = calendar.add_working_days(now, milestone.days)
    await execute("UPDATE contract_milestone SET started_at = $2, due_at = $3 WHERE id = $1", milestone.id, now, due_at)
    await set_due(contract, due_at)


async def _publish_acceptance(
    fulfilment: Fulfilment, last: DeliveryView, decision: Decision, viewer: Viewer | None, *, now: datetime
) -> None:
    """`delivery.accepted` finishes the service; a milestone before the last is its own kind of act."""
    contract, final = fulfilment.contract, fulfilment.following is None
    await record(
        "delivery.accepted" if final else "milestone.accepted", subject=contract.project_number,
        by=viewer.organisation_code if viewer else "market", at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "owner": contract.owner_code, "no": last.no,
            "milestone": fulfilment.milestone.no, "by_silence": decision is Decision.BY_SILENCE,
        },
        private={"person": viewer.person_name} if viewer else None,
    )  # fmt: skip
    text = (
        N_("The results of {project} are accepted.")
        if final
        else N_("Milestone {no} of {project} is accepted; the next one begins.")
    )
    for organisation_id in (contract.owner_id, contract.agency_id):
        await tell(
            organisation_id, text, link=contract.project_url, cause=f"delivery.accepted:{last.id}",
            facts={"project": contract.title, "no": fulfilment.milestone.no}, now=now,
        )  # fmt: skip


async def return_delivery(
    project_number: str, reasons: Sequence[Reason], *, viewer: Viewer, calendar: Calendar, now: datetime
) -> Fulfilment:
    """The owner returns the delivery that waits, item by item. Raises Refusal when the time or the returns are over."""
    async with transaction():
        fulfilment = await lock_fulfilment(await access_for_answer(viewer, project_number))
        check_not_ended(fulfilment)
        rules.check_return(fulfilment.facts, fulfilment.terms, now=fulfilment.answering_at(now))
        await _return(fulfilment, reasons, viewer=viewer, calendar=calendar, now=now)
    return await access_for_answer(viewer, project_number)


async def _return(
    fulfilment: Fulfilment, reasons: Sequence[Reason], *, viewer: Viewer, calendar: Calendar, now: datetime
) -> None:
    contract, last = fulfilment.contract, fulfilment.last
    assert last is not None
    items = [{"where": one.where, "what": one.what} for one in reasons]
    due_at = rules.correction_limit(fulfilment.limit, now, fulfilment.terms, calendar=calendar)
    await execute(
        "UPDATE delivery SET decision = $2, decided_by = $3, decided_at = $4, reasons = $5::jsonb, correction_due_at = $6"
        " WHERE id = $1",
        last.id, str(Decision.RETURNED), viewer.person_id, now, to_json(items), due_at,
    )  # fmt: skip
    await set_due(contract, due_at)
    await record(
        "delivery.returned", subject=contract.project_number, by=viewer.organisation_code, at=now,
        data={
            "contract": contract.number, "agency": contract.agency_code, "no": last.no,
            "times": rules.returns_so_far(fulfilment.facts) + 1, "reasons": items, "due_at": utc_text(due_at),
        },
        private={"person": viewer.person_name},
    )  # fmt: skip
    await tell(
        contract.agency_id, N_("Delivery {no} of {project} was returned: correct it and deliver again."),
        link=f"{contract.project_url}#fulfilment", cause=f"delivery.returned:{last.id}",
        facts={"no": last.no, "project": contract.title}, now=now,
    )  # fmt: skip


async def remind(project_id: UUID, delivery_id: UUID, *, calendar: Calendar, now: datetime) -> bool:
    """Reminds the owner once more. False when it has answered, or is just doing so."""
    async with transaction():
        fulfilment = await _take_for_sweep(project_id, delivery_id)
        last = fulfilment.last if fulfilment else None
        if fulfilment is None or last is None or last.remind_at is None or now < last.remind_at:
            return False
        await _remind(fulfilment.contract, last, calendar=calendar, now=now)
    return True


async def _remind(contract: ContractView, last: DeliveryView, *, calendar: Calendar, now: datetime) -> None:
    after = rules.after_reminder(last.delivered, answer_terms(contract), now=now, calendar=calendar)
    await execute(
        "UPDATE delivery SET reminded = $2, remind_at = $3, answer_due_at = $4 WHERE id = $1",
        last.id, after.reminded, after.remind_at, after.answer_due_at,
    )  # fmt: skip
    await set_due(contract, after.answer_due_at)
    await tell(
        contract.owner_id, N_("Reminder {no}: answer the delivery for {project}, or your silence accepts it."),
        link=f"{contract.project_url}#fulfilment", cause=f"delivery.reminded:{last.id}:{after.reminded}",
        facts={"no": after.reminded, "project": contract.title}, now=now,
    )  # fmt: skip


async def set_due(contract: ContractView, due_at: datetime | None) -> None:
    """When the step that is waited for now is due; the stage stays what it is."""
    await execute(
        "UPDATE project SET due_at = $2 WHERE id = $1 AND stage = $3",
        contract.project_id,
        due_at,
        str(Stage.FULFILMENT),
    )


async def lock_fulfilment(seen: Fulfilment) -> Fulfilment:
    """The same, as it is now, with the project locked: every act on a delivery takes this lock first."""
    await lock_project(seen.contract.project_id)
    return await fulfilment_in(await contract_by_id(seen.contract.id))


async def _take_for_sweep(project_id: UUID, delivery_id: UUID) -> Fulfilment | None:
    """The fulfilment whose last delivery this is, locked; None while somebody acts on it, or when it was answered."""
    if not await fetch_value(
        "SELECT true FROM project WHERE id = $1 AND stage = 'fulfilment' FOR NO KEY UPDATE SKIP LOCKED", project_id
    ):
        return None
    row = await fetch_one(
        f"SELECT d.contract_id FROM delivery d WHERE d.id = $1 AND d.decision IS NULL AND NOT EXISTS ({OPEN_PAUSES})",
        delivery_id,
    )
    if row is None:
        return None
    return await fulfilment_in(await contract_by_id(row["contract_id"]))


async def _delivery(contract_id: UUID, delivery_id: UUID) -> DeliveryView:
    for one in await deliveries_of(contract_id):
        if one.id == delivery_id:
            return one
    raise NotFound
