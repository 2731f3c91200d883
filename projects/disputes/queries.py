"""Reading disputes. That there is one, about how much and how it ended is public; what was said and shown is for the two
sides, the operator, and the regulators whose field it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile
from market.kernel.money import Money
from market.payments.queries import PayableView, payable_by
from market.payments.rules import SETTLES_ITSELF
from market.payments.rules import State as Trade
from market.register.queries import Entry, history_of
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView, MilestoneView, contract_by_id, milestones_of, watches
from projects.contracts.rules import Side, Step
from projects.disputes import rules
from projects.disputes.execution import Move, Outcome, Purse, next_move
from projects.disputes.rules import Division, Facts, Kind, Proposal, Proposer, State, division_of, state_of


@dataclass(frozen=True)
class ProposalView:
    no: int
    proposer: Proposer
    refund_fen: int
    reasons: str
    proposed_at: datetime
    due_at: datetime
    owner_answer: str | None
    owner_answered_at: datetime | None
    agency_answer: str | None
    agency_answered_at: datetime | None
    ended: str | None
    ended_at: datetime | None

    @property
    def facts(self) -> Proposal:
        return Proposal(**{one.name: getattr(self, one.name) for one in fields(Proposal)})


@dataclass(frozen=True)
class EvidenceView:
    """A file that one side put forward."""

    side: Side
    added_at: datetime
    file: StoredFile


@dataclass(frozen=True)
class TransferView:
    """What the agency said it transferred back."""

    paid_on: date
    bank_reference: str
    stated_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Told:
    """An instruction to Alipay, as the page of a dispute shows it."""

    id: UUID
    kind: str
    amount_fen: int
    request_no: str
    state: str
    tries: int
    answer: str
    created_at: datetime
    ended_at: datetime | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)


@dataclass(frozen=True)
class DisputeView:
    id: UUID
    number: str
    contract_id: UUID
    milestone_id: UUID
    milestone_no: int
    milestone_title: str
    payable_id: UUID
    payable_reference: str
    amount_fen: int
    side: Side
    kind: Kind
    claim_fen: int
    statement: str
    opened_at: datetime
    entry_id: UUID
    pause_id: UUID
    answer_due_at: datetime
    answer: str
    answered_at: datetime | None
    mediation_since: datetime | None
    mediation_due_at: datetime | None
    taken_at: datetime | None
    referred_at: datetime | None
    referral: str
    referral_reason: str
    ruling_due_at: datetime | None
    authority_id: UUID | None
    authority_name: str | None
    prepared_at: datetime | None
    heard_due_at: datetime | None
    owner_word: str
    owner_word_at: datetime | None
    agency_word: str
    agency_word_at: datetime | None
    outcome: str | None
    refund_fen: int | None
    legal_cause: str
    reasons: str
    decided_at: datetime | None
    refund_id: UUID | None
    release_id: UUID | None
    rest_id: UUID | None
    rest_reference: str | None
    back_fen: int | None
    back_due_at: datetime | None
    executed_at: datetime | None
    withdrawn_at: datetime | None
    overtaken_at: datetime | None
    contract: ContractView
    proposals: tuple[ProposalView, ...]

    @property
    def url(self) -> str:
        return f"/disputes/{self.number}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)

    @property
    def facts(self) -> Facts:
        return Facts(**{one.name: getattr(self, one.name) for one in fields(Facts)})

    @property
    def state(self) -> State:
        return state_of(self.facts)

    @property
    def is_open(self) -> bool:
        return self.state in rules.OPEN

    @property
    def division(self) -> Division | None:
        return None if self.refund_fen is None else division_of(self.refund_fen, self.amount_fen)

    @property
    def waiting(self) -> ProposalView | None:
        """The proposal that waits for its answers."""
        return next((one for one in self.proposals if one.ended is None), None)

    @property
    def step(self) -> Step | None:
        """What is waited for before the decision, from which sides, since when and until when. The operator and the
        regulator are no sides: where they are on turn, `who` is empty."""
        both = (Side.OWNER, Side.AGENCY)
        match self.state:
            case State.OPENED:
                return Step("answer", (self.side.other,), self.opened_at, self.answer_due_at)
            case State.MEDIATION:
                assert self.mediation_since is not None
                assert self.mediation_due_at is not None
                offer = self.waiting
                if offer is not None and offer.proposer is Proposer.OPERATOR:
                    who = tuple(one for one in both if offer.facts.answer_of(one) is None)
                    return Step("proposal", who, offer.proposed_at, offer.due_at)
                return Step("mediation", (), self.mediation_since, self.mediation_due_at)
            case State.REFERRED:
                assert self.referred_at is not None
                assert self.ruling_due_at is not None
                return Step("prepare", (), self.referred_at, self.ruling_due_at)
            case State.HEARING:
                assert self.prepared_at is not None
                assert self.ruling_due_at is not None
                return Step("rule", (), self.prepared_at, self.ruling_due_at)
        return None


_ELSEWHERE: Final = {
    "milestone_no": "m.no", "milestone_title": "m.title", "payable_reference": "p.reference", "authority_name": "a.name",
    "rest_reference": "r.reference",
}  # fmt: skip
_OWN = tuple(one.name for one in fields(DisputeView) if one.name not in {"contract", "proposals"})
_COLUMNS = ", ".join(f"{_ELSEWHERE.get(name, 'd.' + name)} AS {name}" for name in _OWN)
_DISPUTE = (
    f"SELECT {_COLUMNS} FROM dispute d"
    " JOIN contract_milestone m ON m.id = d.milestone_id JOIN payable p ON p.id = d.payable_id"
    " LEFT JOIN organisation a ON a.id = d.authority_id LEFT JOIN payable r ON r.id = d.rest_id"
)
_OPEN: Final = "d.decided_at IS NULL AND d.withdrawn_at IS NULL AND d.overtaken_at IS NULL"
_UNFINISHED: Final = "d.executed_at IS NULL AND d.withdrawn_at IS NULL AND d.overtaken_at IS NULL"


async def _views(sql: str, *args: Any) -> list[DisputeView]:
    rows = await fetch(f"{_DISPUTE} {sql}", *args)
    offers = await fetch(
        f"SELECT q.dispute_id, {', '.join('q.' + one.name for one in fields(ProposalView))} FROM dispute_proposal q"
        " WHERE q.dispute_id = ANY($1) ORDER BY q.dispute_id, q.no",
        [row["id"] for row in rows],
    ) if rows else []  # fmt: skip
    return [await _view(row, [one for one in offers if one["dispute_id"] == row["id"]]) for row in rows]


async def _view(row: dict[str, Any], offers: Sequence[dict[str, Any]]) -> DisputeView:
    return DisputeView(**{
        **row, "side": Side(row["side"]), "kind": Kind(row["kind"]), "contract": await contract_by_id(row["contract_id"]),
        "proposals": tuple(_proposal(one) for one in offers),
    })  # fmt: skip


def _proposal(row: dict[str, Any]) -> ProposalView:
    known = {one.name: row[one.name] for one in fields(ProposalView)}
    return ProposalView(**{**known, "proposer": Proposer(row["proposer"])})


async def dispute_by_number(number: str) -> DisputeView:
    return _only(await _views("WHERE d.number = $1", number))


async def dispute_by_id(dispute_id: UUID) -> DisputeView:
    return _only(await _views("WHERE d.id = $1", dispute_id))


def _only(found: Sequence[DisputeView]) -> DisputeView:
    if not found:
        raise NotFound
    return found[0]


async def disputes_of(contract_ids: Sequence[UUID]) -> list[DisputeView]:
    """Of these contracts, oldest first."""
    return await _views("WHERE d.contract_id = ANY($1) ORDER BY d.opened_at, d.id", list(contract_ids))


async def disputes_in(project_number: str) -> list[DisputeView]:
    return await _views(
        "JOIN contract c ON c.id = d.contract_id JOIN project j ON j.id = c.project_id WHERE j.number = $1"
        " ORDER BY d.opened_at, d.id", project_number,
    )  # fmt: skip


async def standing_dispute(milestone_id: UUID) -> DisputeView | None:
    """The one that was not withdrawn: there is at most one."""
    found = await _views("WHERE d.milestone_id = $1 AND d.withdrawn_at IS NULL", milestone_id)
    return found[0] if found else None


async def access_dispute(viewer: Viewer, number: str) -> DisputeView:
    """For both sides, the operator, and the regulators in whose field it lies; NotFound for everybody else."""
    found = await dispute_by_number(number)
    if (
        found.contract.side_of(viewer.organisation_id) is not None
        or viewer.is_operator
        or await in_field(viewer, found)
    ):
        return found
    raise NotFound


async def access_as_side(viewer: Viewer, number: str) -> tuple[DisputeView, Side]:
    found = await dispute_by_number(number)
    side = found.contract.side_of(viewer.organisation_id)
    if side is None:
        raise NotFound
    return found, side


async def access_as_authority(viewer: Viewer, number: str) -> DisputeView:
    """For the regulator that closed the evidence; before that, for all in whose field it lies."""
    found = await dispute_by_number(number)
    if not await in_field(viewer, found) or found.authority_id not in (None, viewer.organisation_id):
        raise NotFound
    return found


async def in_field(viewer: Viewer, found: DisputeView) -> bool:
    return viewer.is_regulator and await watches(viewer, found.contract)


async def is_involved(person_id: UUID, found: DisputeView) -> bool:
    """Whether this person belongs to one of the sides."""
    involved: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM membership WHERE person_id = $1 AND organisation_id = ANY ($2) AND until IS NULL)",
        person_id, [found.contract.owner_id, found.contract.agency_id],
    )  # fmt: skip
    return involved


async def disputes_for(viewer: Viewer, *, limit: int = 200) -> list[DisputeView]:
    """Those that this viewer may open: unfinished ones first, then the latest."""
    order = f"ORDER BY {_UNFINISHED} DESC, d.opened_at DESC, d.id DESC LIMIT {limit}"
    if viewer.is_operator:
        return await _views(order)
    if viewer.is_regulator:
        return [one for one in await _views(order) if await in_field(viewer, one)]
    return await _views(
        f"JOIN contract c ON c.id = d.contract_id WHERE $1 IN (c.owner_id, c.agency_id) {order}", viewer.organisation_id
    )


async def unfinished_of(organisation_id: UUID) -> list[DisputeView]:
    """In which this organisation is a side."""
    return await _views(
        f"JOIN contract c ON c.id = d.contract_id WHERE $1 IN (c.owner_id, c.agency_id) AND {_UNFINISHED}"
        " ORDER BY d.opened_at, d.id",
        organisation_id,
    )


async def about_payable(reference: str) -> DisputeView | None:
    """The dispute about this payment, or the one that left it to be paid; not a withdrawn one."""
    found = await _views("WHERE $1 IN (p.reference, r.reference) AND d.withdrawn_at IS NULL", reference)
    return found[0] if found else None


async def open_disputes() -> list[DisputeView]:
    return await _views(f"WHERE {_OPEN} ORDER BY d.opened_at, d.id")


async def unfinished() -> list[DisputeView]:
    return await _views(f"WHERE {_UNFINISHED} ORDER BY d.opened_at, d.id")


async def milestone_by(contract: ContractView, no: int) -> MilestoneView:
    for one in await milestones_of([contract.id]):
        if one.no == no:
            return one
    raise NotFound


async def evidence_of(dispute_id: UUID) -> list[EvidenceView]:
    rows = await fetch(
        "SELECT e.side, e.added_at, s.id, s.owner_organisation_id, s.name, s.media_type, s.size, s.sha256, s.uploaded_at"
        " FROM dispute_evidence e JOIN stored_file s ON s.id = e.file_id WHERE e.dispute_id = $1 ORDER BY e.added_at, e.id",
        dispute_id,
    )
    return [EvidenceView(Side(row.pop("side")), row.pop("added_at"), StoredFile(**row)) for row in rows]


async def access_evidence(viewer: Viewer, number: str, file_id: UUID) -> StoredFile:
    found = await access_dispute(viewer, number)
    for one in await evidence_of(found.id):
        if one.file.id == file_id:
            return one.file
    raise NotFound


async def transfers_of(dispute_id: UUID) -> list[TransferView]:
    """The latest first."""
    columns = ", ".join(one.name for one in fields(TransferView))
    rows = await fetch(
        f"SELECT {columns} FROM dispute_transfer WHERE dispute_id = $1 ORDER BY stated_at DESC, id DESC", dispute_id
    )
    return [TransferView(**row) for row in rows]


async def told(found: DisputeView) -> list[Told]:
    """What Alipay was told about this money since it was decided, oldest first."""
    columns = ", ".join(f"i.{one.name}" for one in fields(Told))
    rows = await fetch(
        f"SELECT {columns} FROM instruction i JOIN payment t ON t.id = i.payment_id WHERE t.payable_id = ANY($1)"
        " AND i.kind IN ('refund', 'settle') AND i.created_at >= $2 ORDER BY i.created_at, i.id",
        [one for one in (found.payable_id, found.rest_id) if one], found.decided_at or found.opened_at,
    )  # fmt: skip
    return [Told(**row) for row in rows]


@dataclass(frozen=True)
class Whereabouts:
    """Where the money of a dispute is, and what is to be done or waited for."""

    payable: PayableView
    rest: PayableView | None
    told: tuple[Told, ...]
    transfers: tuple[TransferView, ...]
    move: Move | None

    @property
    def settles_at(self) -> datetime | None:
        """When Alipay would release by itself what it holds."""
        held = self.payable.state is Trade.HELD and self.payable.paid_at is not None
        return self.payable.paid_at + SETTLES_ITSELF if held and self.payable.paid_at else None


async def whereabouts(found: DisputeView) -> Whereabouts:
    payable = await payable_by(found.payable_reference)
    assert payable is not None
    rest = await payable_by(found.rest_reference) if found.rest_reference else None
    orders, transfers = tuple(await told(found)), tuple(await transfers_of(found.id))
    move = _move(found, payable, rest, orders, transfers) if found.state is State.EXECUTING else None
    return Whereabouts(payable, rest, orders, transfers, move)


def _move(
    found: DisputeView, payable: PayableView, rest: PayableView | None, orders: Sequence[Told],
    transfers: Sequence[TransferView],
) -> Move:  # fmt: skip
    assert found.refund_fen is not None
    outcome = Outcome(
        refund_fen=found.refund_fen, refused=bool(orders) and orders[-1].state == "rejected",
        rest=purse_of(rest) if rest else None, back_fen=found.back_fen,
        back_confirmed=any(one.answer == "confirmed" for one in transfers),
    )  # fmt: skip
    return next_move(purse_of(payable), outcome)


def purse_of(payable: PayableView) -> Purse:
    return Purse(
        amount_fen=payable.amount_fen, state=payable.state, refunded_fen=payable.refunded_fen,
        reserved_fen=payable.reserved_fen, settled_fen=payable.settled_fen, by_bank=payable.transfer_confirmed,
        transfer_stated=payable.transfer_stated, release_wanted=payable.release_at is not None,
        disputed=payable.disputed_at is not None, cancelled=payable.cancelled_at is not None,
    )  # fmt: skip


async def ruling_entry(found: DisputeView) -> Entry | None:
    """The register entry of the ruling or of the settlement."""
    kinds = ("dispute.ruled", "dispute.settled")
    acts = [one for one in await history_of(found.contract.project_number) if one.kind in kinds]
    return next((one for one in acts if one.data["dispute"] == found.number), None)


async def due_answers(now: datetime) -> list[UUID]:
    """Disputes whose time for an answer is over."""
    return await _ids(f"{_OPEN} AND d.mediation_since IS NULL AND d.answer_due_at <= $1", now)


async def due_proposals(now: datetime) -> list[UUID]:
    rows = await fetch(
        "SELECT dispute_id FROM dispute_proposal WHERE ended IS NULL AND due_at <= $1 ORDER BY due_at LIMIT 100", now
    )
    return [row["dispute_id"] for row in rows]


async def due_mediations(now: datetime) -> list[UUID]:
    return await _ids(
        f"{_OPEN} AND d.referred_at IS NULL AND d.mediation_due_at <= $1 AND NOT EXISTS (SELECT 1 FROM dispute_proposal q"
        " WHERE q.dispute_id = d.id AND q.ended IS NULL AND q.proposer = 'operator')", now,
    )  # fmt: skip


async def due_looks(now: datetime) -> list[UUID]:
    """Decided disputes whose execution is to be looked at."""
    return await _ids("d.look_at <= $1", now)


async def held_for_long(now: datetime, guard: timedelta) -> list[tuple[UUID, str]]:
    """(dispute, its number) still open while Alipay has held the money so long that it will release it by itself."""
    rows = await fetch(
        f"SELECT d.id, d.number FROM dispute d JOIN payment t ON t.payable_id = d.payable_id AND t.state = 'held'"
        f" WHERE {_UNFINISHED} AND t.paid_at <= $1 AND NOT EXISTS (SELECT 1 FROM payment_alarm a"
        " WHERE a.kind = 'disputed_for_long' AND a.about = d.number) LIMIT 50",
        now - guard,
    )
    return [(row["id"], row["number"]) for row in rows]


async def overtaken(contract_number: str) -> list[UUID]:
    """Open disputes on milestones of this contract that were not accepted when it ended."""
    rows = await fetch(
        f"SELECT d.id FROM dispute d JOIN contract c ON c.id = d.contract_id JOIN contract_milestone m ON m.id = d.milestone_id"
        f" WHERE {_OPEN} AND c.number = $1 AND m.accepted_at IS NULL",
        contract_number,
    )
    return [row["id"] for row in rows]


async def _ids(condition: str, now: datetime) -> list[UUID]:
    rows = await fetch(f"SELECT d.id FROM dispute d WHERE {condition} ORDER BY d.opened_at LIMIT 100", now)
    return [row["id"] for row in rows]
