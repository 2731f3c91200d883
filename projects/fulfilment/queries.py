"""Reading deliveries. That there is one, when and how late is public; what was delivered is for those it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from projects.contracts.queries import (
    CONTRACT_SQL,
    ContractView,
    MilestoneView,
    contract_by_id,
    contract_view,
    contracts_of,
    may_read_all,
    milestones_of,
)
from projects.contracts.rules import Side, State, Step
from projects.fulfilment.clock.rules import Change, Kind
from projects.fulfilment.rules import AnswerTerms, Decision, Delivered, Turn, current_limit, turn_of
from projects.oversight import WATCHED_PROJECT
from projects.rules import Stage


@dataclass(frozen=True)
class DeliveredFile:
    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True)
class Reason:
    """One thing that has to be put right: where it is, and what is wrong with it."""

    where: str
    what: str


@dataclass(frozen=True)
class DeliveryView:
    id: UUID
    contract_id: UUID
    milestone_id: UUID
    no: int
    statement: str
    practitioner: str | None
    deliverer: str
    delivered_at: datetime
    due_at: datetime
    late_days: int
    answer_due_at: datetime
    reminded: int
    remind_at: datetime | None
    decision: Decision | None
    reasons: tuple[Reason, ...]
    correction_due_at: datetime | None
    decider: str | None
    decided_at: datetime | None
    paused_since: datetime | None
    files: tuple[DeliveredFile, ...] = ()

    @property
    def delivered(self) -> Delivered:
        return Delivered(**{one.name: getattr(self, one.name) for one in fields(Delivered)})


@dataclass(frozen=True)
class ChangeView:
    """What was asked about the time of a milestone, and what became of it."""

    id: UUID
    contract_id: UUID
    milestone_id: UUID
    no: int
    kind: Kind
    cause: str
    days: int | None
    side: Side
    reason: str
    asked_at: datetime
    answer_due_at: datetime
    answer: str | None
    answered_at: datetime | None
    answer_reason: str
    ended_at: datetime | None
    due_before: datetime | None
    due_after: datetime | None
    revoked_at: datetime | None
    revoke_reason: str

    @property
    def facts(self) -> Change:
        return Change(**{one.name: getattr(self, one.name) for one in fields(Change)})

    @property
    def revocable(self) -> bool:
        return self.kind is Kind.SUSPENSION and self.answer == "agreed" and self.revoked_at is None


@dataclass(frozen=True)
class Fulfilment:
    """A contract in force with its milestones and all deliveries, oldest first. What is waited for is the milestone
    that runs, or after the last of them nothing."""

    contract: ContractView
    deliveries: tuple[DeliveryView, ...]
    milestones: tuple[MilestoneView, ...]
    changes: tuple[ChangeView, ...]

    @property
    def clock_facts(self) -> tuple[Change, ...]:
        return tuple(one.facts for one in self.changes if one.milestone_id == self.milestone.id)

    @property
    def stop(self) -> ChangeView | None:
        """The stop for which the clock stands now."""
        return next((one for one in self.changes if one.facts.stops), None)

    @property
    def request(self) -> ChangeView | None:
        """What was asked about the time and waits for its answer."""
        return next((one for one in self.changes if one.facts.waits), None)

    @property
    def milestone(self) -> MilestoneView:
        """The one whose clock runs; the last, when all are accepted."""
        return next((one for one in self.milestones if one.runs), self.milestones[-1])

    @property
    def following(self) -> MilestoneView | None:
        """The milestone after the one that runs."""
        return next((one for one in self.milestones if one.no == self.milestone.no + 1), None)

    @property
    def facts(self) -> tuple[Delivered, ...]:
        """The deliveries of this milestone."""
        return tuple(one.delivered for one in self.deliveries if one.milestone_id == self.milestone.id)

    def deliveries_of(self, milestone: MilestoneView) -> tuple[DeliveryView, ...]:
        return tuple(one for one in self.deliveries if one.milestone_id == milestone.id)

    @property
    def turn(self) -> Turn:
        return Turn.NOTHING if self.terminated else turn_of(self.facts)

    @property
    def terminated(self) -> bool:
        """Both sides ended the contract before its last milestone."""
        return self.contract.project_stage is Stage.TERMINATED

    @property
    def terms(self) -> AnswerTerms:
        return answer_terms(self.contract)

    @property
    def limit(self) -> datetime:
        assert self.milestone.due_at is not None
        return current_limit(self.milestone.due_at, self.facts)

    @property
    def last(self) -> DeliveryView | None:
        """The latest delivery of this milestone."""
        of_this = self.deliveries_of(self.milestone)
        return of_this[-1] if of_this else None

    def answering_at(self, now: datetime) -> datetime:
        """As of when the time to answer counts: it may stand still."""
        return (self.last.paused_since if self.last else None) or now

    @property
    def step(self) -> Step | None:
        """What is waited for now, from whom, since when, until when."""
        last = self.last
        match self.turn:
            case Turn.DELIVERY if self.stop is not None:
                return None
            case Turn.DELIVERY:
                since = last.decided_at if last else self.milestone.started_at
                assert since is not None
                return Step(Turn.DELIVERY, (Side.AGENCY,), since, self.limit)
            case Turn.ANSWER if last is not None and last.paused_since is None:
                return Step(Turn.ANSWER, (Side.OWNER,), last.delivered_at, last.answer_due_at)
        return None


def answer_terms(contract: ContractView) -> AnswerTerms:
    """The numbers as they were signed."""
    signed = contract.terms.acceptance
    return AnswerTerms(
        silence_days=signed.silence_days, reminder_days=signed.reminder_days, returns_max=signed.returns_max,
        correction_days=signed.correction_days,
    )  # fmt: skip


_DELIVERIES = """
SELECT d.id, d.contract_id, d.milestone_id, d.no, d.statement, ap.name AS practitioner, pd.name AS deliverer, d.delivered_at, d.due_at,
       d.late_days, d.answer_due_at, d.reminded, d.remind_at, d.decision, d.reasons, d.correction_due_at,
       pa.name AS decider, d.decided_at,
       (SELECT k.since FROM acceptance_pause k WHERE k.milestone_id = d.milestone_id AND k.until IS NULL) AS paused_since,
       coalesce((SELECT json_agg(json_build_array(f.id, f.name, f.media_type, f.size, f.sha256, f.uploaded_at)
                                 ORDER BY f.uploaded_at, f.id)
                 FROM delivery_file df JOIN stored_file f ON f.id = df.file_id WHERE df.delivery_id = d.id), '[]') AS files
FROM delivery d JOIN person pd ON pd.id = d.delivered_by
LEFT JOIN person pa ON pa.id = d.decided_by LEFT JOIN agency_practitioner ap ON ap.id = d.practitioner_id
WHERE d.contract_id = ANY($1) ORDER BY d.contract_id, d.no
"""


def delivery_view(row: dict[str, Any]) -> DeliveryView:
    return DeliveryView(**{
        **row,
        "decision": Decision(row["decision"]) if row["decision"] else None,
        "reasons": tuple(Reason(**one) for one in from_json(row["reasons"])),
        "files": tuple(_file(*one) for one in from_json(row["files"])),
    })  # fmt: skip


def _file(file_id: str, name: str, media_type: str, size: int, sha256: str, at: str) -> DeliveredFile:
    return DeliveredFile(UUID(file_id), name, media_type, size, sha256, datetime.fromisoformat(at))


async def deliveries_of(contract_id: UUID) -> tuple[DeliveryView, ...]:
    return tuple(delivery_view(row) for row in await fetch(_DELIVERIES, [contract_id]))


async def fulfilment_of(project_number: str) -> Fulfilment | None:
    """The contract of a project that came into force, with its deliveries; None before one did."""
    for contract in await contracts_of(project_number):
        if contract.state is State.IN_FORCE:
            return await fulfilment_in(contract)
    return None


async def fulfilment_in(contract: ContractView) -> Fulfilment:
    return Fulfilment(
        contract, await deliveries_of(contract.id), tuple(await milestones_of([contract.id])),
        tuple(await changes_of([contract.id])),
    )  # fmt: skip


async def changes_of(contract_ids: Sequence[UUID]) -> list[ChangeView]:
    """Oldest first."""
    columns = ", ".join(one.name for one in fields(ChangeView))
    rows = await fetch(
        f"SELECT {columns} FROM clock_change WHERE contract_id = ANY($1) ORDER BY contract_id, no", list(contract_ids)
    )
    return [ChangeView(**{**row, "kind": Kind(row["kind"]), "side": Side(row["side"])}) for row in rows]


async def access_to_clock(viewer: Viewer, project_number: str) -> tuple[Fulfilment, Side]:
    """For the parties; NotFound for everybody else."""
    found = await fulfilment_of(project_number)
    side = found.contract.side_of(viewer.organisation_id) if found else None
    if found is None or side is None:
        raise NotFound
    return found, side


async def access_readable(viewer: Viewer, project_number: str) -> Fulfilment:
    """For the parties, the operator, and the regulators whose field it is; NotFound for everybody else."""
    found = await fulfilment_of(project_number)
    if found is None or not await may_read_all(viewer, found.contract):
        raise NotFound
    return found


async def due_requests(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, request) whose time to be answered is over."""
    rows = await fetch(
        "SELECT c.project_id, k.id FROM clock_change k JOIN contract c ON c.id = k.contract_id"
        " WHERE k.answer IS NULL AND k.answer_due_at <= $1 ORDER BY k.answer_due_at LIMIT 100",
        now,
    )
    return [(row["project_id"], row["id"]) for row in rows]


async def access_for_delivery(viewer: Viewer, project_number: str) -> Fulfilment:
    """For the agency of the contract; NotFound for everybody else."""
    return await _access(viewer, project_number, Side.AGENCY)


async def access_for_answer(viewer: Viewer, project_number: str) -> Fulfilment:
    """For the owner of the project; NotFound for everybody else."""
    return await _access(viewer, project_number, Side.OWNER)


async def _access(viewer: Viewer, project_number: str, side: Side) -> Fulfilment:
    found = await fulfilment_of(project_number)
    if found is None or found.contract.side_of(viewer.organisation_id) is not side:
        raise NotFound
    return found


async def access_file(viewer: Viewer, delivery_id: UUID, file_id: UUID) -> StoredFile:
    """A delivered file for the parties, the operator and the regulators concerned; NotFound for everybody else."""
    row = await fetch_one(
        "SELECT d.contract_id FROM delivery d JOIN delivery_file df ON df.delivery_id = d.id"
        " WHERE d.id = $1 AND df.file_id = $2",
        delivery_id, file_id,
    )  # fmt: skip
    if row is None or not await may_read_all(viewer, await contract_by_id(row["contract_id"])):
        raise NotFound
    return await stored(file_id)


_IN_FULFILMENT = f"{CONTRACT_SQL} WHERE p.stage = 'fulfilment' AND c.in_force_at IS NOT NULL AND c.ended IS NULL"


async def running_of(organisation_id: UUID) -> list[Fulfilment]:
    """Contracts of this organisation that are being fulfilled."""
    return await _running(f"{_IN_FULFILMENT} AND (c.owner_id = $1 OR c.agency_id = $1)", organisation_id)


async def waiting_on(organisation_id: UUID) -> list[Fulfilment]:
    """Contracts in which this organisation is on turn: to deliver, or to answer a delivery."""
    mine = await running_of(organisation_id)
    return [one for one in mine if one.step and one.contract.side_of(organisation_id) in one.step.who]


async def waiting_requests(organisation_id: UUID) -> list[Fulfilment]:
    """Contracts in which the other side asked something about the time, and waits for this organisation."""
    sql = (
        f"{_IN_FULFILMENT} AND (c.owner_id = $1 OR c.agency_id = $1)"
        " AND EXISTS (SELECT 1 FROM clock_change k WHERE k.contract_id = c.id AND k.answer IS NULL)"
    )
    found = await _running(sql, organisation_id)
    return [one for one in found if one.request and one.contract.organisation_of(one.request.side) != organisation_id]


async def overdue_for(viewer: Viewer, now: datetime) -> list[Fulfilment]:
    """Contracts in a regulator's scope in which the step that is waited for is overdue, the longest first."""
    sql = f"{_IN_FULFILMENT} AND p.due_at <= $6 AND {WATCHED_PROJECT} ORDER BY p.due_at LIMIT 500"
    found = await _running(sql, *(await watch_of(viewer)).values, now)
    return [one for one in found if one.step and one.step.due_at <= now]


async def _running(sql: str, *args: Any) -> list[Fulfilment]:
    contracts = [contract_view(row) for row in await fetch(sql, *args)]
    ids = [contract.id for contract in contracts]
    deliveries = [delivery_view(row) for row in await fetch(_DELIVERIES, ids)] if ids else []
    milestones = await milestones_of(ids) if ids else []
    changes = await changes_of(ids) if ids else []
    return [
        Fulfilment(
            c, tuple(d for d in deliveries if d.contract_id == c.id), tuple(m for m in milestones if m.contract_id == c.id),
            tuple(k for k in changes if k.contract_id == c.id),
        )
        for c in contracts
    ]  # fmt: skip


# While one is open nobody is reminded of the deliveries `d` of its milestone, and silence accepts none.
OPEN_PAUSES = "SELECT 1 FROM acceptance_pause k WHERE k.milestone_id = d.milestone_id AND k.until IS NULL"


async def due_reminders(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, delivery) whose owner is to be reminded."""
    return await _due("d.remind_at <= $1 ORDER BY d.remind_at", now)


async def due_silences(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, delivery) that silence accepts: the time is over and every reminder was sent."""
    return await _due("d.remind_at IS NULL AND d.answer_due_at <= $1 ORDER BY d.answer_due_at", now)


async def _due(condition: str, now: datetime) -> list[tuple[UUID, UUID]]:
    rows = await fetch(
        "SELECT c.project_id, d.id FROM delivery d JOIN contract c ON c.id = d.contract_id"
        " JOIN project p ON p.id = c.project_id AND p.stage = 'fulfilment'"
        f" WHERE d.decision IS NULL AND NOT EXISTS ({OPEN_PAUSES}) AND {condition} LIMIT 100",
        now,
    )
    return [(row["project_id"], row["id"]) for row in rows]
