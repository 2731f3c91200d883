"""Disputes with their proposals, found by number, contract, payment or state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.kernel.money import Money
from market.register.queries import Entry, history_of
from projects.contracts.queries import ContractView, MilestoneView, contract_by_id, milestones_of
from projects.contracts.rules import Side, Step
from projects.disputes import rules
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
OPEN: Final = "d.decided_at IS NULL AND d.withdrawn_at IS NULL AND d.overtaken_at IS NULL"
UNFINISHED: Final = "d.executed_at IS NULL AND d.withdrawn_at IS NULL AND d.overtaken_at IS NULL"


async def dispute_views(sql: str, *args: Any) -> list[DisputeView]:
    """`sql`: what follows FROM. `d` is the dispute, `p` its payment, `r` what the outcome left to be paid, `m` its milestone."""
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
    return _only(await dispute_views("WHERE d.number = $1", number))


async def dispute_by_id(dispute_id: UUID) -> DisputeView:
    return _only(await dispute_views("WHERE d.id = $1", dispute_id))


def _only(found: Sequence[DisputeView]) -> DisputeView:
    if not found:
        raise NotFound
    return found[0]


async def disputes_of(contract_ids: Sequence[UUID]) -> list[DisputeView]:
    """Of these contracts, oldest first."""
    return await dispute_views("WHERE d.contract_id = ANY($1) ORDER BY d.opened_at, d.id", list(contract_ids))


async def disputes_in(project_number: str) -> list[DisputeView]:
    return await dispute_views(
        "JOIN contract c ON c.id = d.contract_id JOIN project j ON j.id = c.project_id WHERE j.number = $1"
        " ORDER BY d.opened_at, d.id", project_number,
    )  # fmt: skip


async def standing_dispute(milestone_id: UUID) -> DisputeView | None:
    """The one that was not withdrawn: there is at most one."""
    found = await dispute_views("WHERE d.milestone_id = $1 AND d.withdrawn_at IS NULL", milestone_id)
    return found[0] if found else None


async def is_involved(person_id: UUID, found: DisputeView) -> bool:
    """Whether this person belongs to one of the sides."""
    involved: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM membership WHERE person_id = $1 AND organisation_id = ANY ($2) AND until IS NULL)",
        person_id, [found.contract.owner_id, found.contract.agency_id],
    )  # fmt: skip
    return involved


async def unfinished_of(organisation_id: UUID) -> list[DisputeView]:
    """In which this organisation is a side."""
    return await dispute_views(
        f"JOIN contract c ON c.id = d.contract_id WHERE $1 IN (c.owner_id, c.agency_id) AND {UNFINISHED}"
        " ORDER BY d.opened_at, d.id",
        organisation_id,
    )


async def about_payable(reference: str) -> DisputeView | None:
    """The dispute about this payment, or the one that left it to be paid; not a withdrawn one."""
    found = await dispute_views("WHERE $1 IN (p.reference, r.reference) AND d.withdrawn_at IS NULL", reference)
    return found[0] if found else None


async def open_disputes() -> list[DisputeView]:
    return await dispute_views(f"WHERE {OPEN} ORDER BY d.opened_at, d.id")


async def unfinished() -> list[DisputeView]:
    return await dispute_views(f"WHERE {UNFINISHED} ORDER BY d.opened_at, d.id")


async def milestone_by(contract: ContractView, no: int) -> MilestoneView:
    for one in await milestones_of([contract.id]):
        if one.no == no:
            return one
    raise NotFound


async def ruling_entry(found: DisputeView) -> Entry | None:
    """The register entry of the ruling or of the settlement."""
    kinds = ("dispute.ruled", "dispute.settled")
    acts = [one for one in await history_of(found.contract.project_number) if one.kind in kinds]
    return next((one for one in acts if one.data["dispute"] == found.number), None)
