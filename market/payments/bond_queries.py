"""Bonds as pages show them. Who may see them is for the pages of the contract to decide."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, fetch_value
from market.kernel.money import Money
from market.payments.bond_rules import BondFacts, BondStanding, Ended, Mode, bond_is_missing, bond_standing


@dataclass(frozen=True)
class DemandView:
    """`left_fen`: what Alipay still has frozen and nobody was promised; `moving_fen`: promised, Alipay's answer awaited."""

    id: UUID
    reference: str
    subject: str
    title: str
    agency_id: UUID
    agency_name: str
    beneficiary_id: UUID
    beneficiary_name: str
    mode: Mode
    amount_fen: int
    demanded_at: datetime
    due_at: datetime | None
    retained_reference: str | None
    returns_at: datetime | None
    ended: Ended | None
    ended_at: datetime | None
    end_reason: str
    frozen_until: datetime | None
    left_fen: int
    moving_fen: int
    captured_fen: int
    returned_fen: int
    guaranteed_until: date | None
    guaranteed_fen: int
    given_once: bool
    offered: bool
    guarantee_unanswered: bool
    claimed: bool
    claim_unanswered: bool

    @property
    def url(self) -> str:
        return f"/contracts/{self.reference}/bond"

    @property
    def amount(self) -> Money:
        return Money(self.amount_fen)

    @property
    def left(self) -> Money:
        return Money(self.left_fen)

    @property
    def facts(self) -> BondFacts:
        return BondFacts(**{one.name: getattr(self, one.name) for one in fields(BondFacts)})

    def standing(self, now: datetime) -> BondStanding:
        return bond_standing(self.facts, now=now)

    def is_missing(self, now: datetime) -> bool:
        return bond_is_missing(self.facts, now=now)


_LEFT = "b.total_fen - b.unfrozen_fen - b.captured_fen - b.reserved_fen"
_BONDS = (
    "LEFT JOIN LATERAL (SELECT max(b.expires_at) FILTER (WHERE b.state = 'frozen') AS frozen_until,"
    f" coalesce(sum({_LEFT}) FILTER (WHERE b.state = 'frozen'), 0)::bigint AS left_fen, coalesce(sum(b.reserved_fen), 0)::bigint AS moving_fen,"
    " coalesce(sum(b.captured_fen), 0)::bigint AS captured_fen, coalesce(sum(b.unfrozen_fen), 0)::bigint AS returned_fen,"
    " coalesce(bool_or(b.state = 'asked'), false) AS waits, count(b.frozen_at) AS given FROM bond b WHERE b.demand_id = d.id) f ON true"
    " LEFT JOIN LATERAL (SELECT max(g.valid_until) FILTER (WHERE g.answer = 'confirmed' AND g.returned_at IS NULL) AS guaranteed_until,"
    " coalesce(max(g.amount_fen) FILTER (WHERE g.answer = 'confirmed' AND g.returned_at IS NULL), 0) AS guaranteed_fen,"
    " coalesce(bool_or(g.answer IS NULL), false) AS waits, count(*) FILTER (WHERE g.answer = 'confirmed') AS given FROM bank_guarantee g WHERE g.demand_id = d.id) g ON true"
)
_DEMANDS = (
    "SELECT d.id, d.reference, d.subject, d.title, d.agency_id, a.name AS agency_name, d.beneficiary_id, o.name AS beneficiary_name,"
    " d.mode, d.amount_fen, d.demanded_at, d.due_at, d.retained_reference, d.returns_at, d.ended, d.ended_at, d.end_reason,"
    " f.frozen_until, f.left_fen, f.moving_fen, f.captured_fen, f.returned_fen, g.guaranteed_until, g.guaranteed_fen,"
    " f.given + g.given > 0 AS given_once, f.waits OR g.waits AS offered, g.waits AS guarantee_unanswered,"
    " EXISTS (SELECT 1 FROM bond_claim c WHERE c.demand_id = d.id AND c.granted_fen IS NULL) AS claimed,"
    " EXISTS (SELECT 1 FROM bond_claim c WHERE c.demand_id = d.id AND c.answer IS NULL) AS claim_unanswered"
    " FROM bond_demand d JOIN organisation a ON a.id = d.agency_id JOIN organisation o ON o.id = d.beneficiary_id"
)


def _view(row: dict[str, Any]) -> DemandView:
    ended = Ended(row["ended"]) if row["ended"] else None
    return DemandView(**{**row, "mode": Mode(row["mode"]), "ended": ended})


async def demand_of(reference: str) -> DemandView | None:
    """`reference`: the contract's number."""
    row = await fetch_one(f"{_DEMANDS} {_BONDS} WHERE d.reference = $1", reference)
    return _view(row) if row else None


async def is_retained(payable_reference: str) -> bool:
    """Whether this payment is held back as a bond."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM bond_demand WHERE retained_reference = $1 AND ended_at IS NULL)",
        payable_reference,
    )
    return found


async def demands_about(organisation_id: UUID) -> list[DemandView]:
    """All that this organisation gives or is given and that have not ended, the oldest first."""
    rows = await fetch(
        f"{_DEMANDS} {_BONDS} WHERE $1 IN (d.agency_id, d.beneficiary_id) AND d.ended_at IS NULL ORDER BY d.demanded_at, d.id",
        organisation_id,
    )
    return [_view(row) for row in rows]


@dataclass(frozen=True)
class FreezeView:
    id: UUID
    state: str
    total_fen: int
    code: str
    auth_no: str | None
    unfrozen_fen: int
    captured_fen: int
    reserved_fen: int
    created_at: datetime
    frozen_at: datetime | None
    expires_at: datetime
    expired_at: datetime | None


@dataclass(frozen=True)
class GuaranteeView:
    id: UUID
    number: str
    bank: str
    amount_fen: int
    valid_until: date
    file_id: UUID
    given_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None
    returned_at: datetime | None


@dataclass(frozen=True)
class ClaimView:
    id: UUID
    no: int
    amount_fen: int
    reason: str
    claimed_at: datetime
    answer: str | None
    answer_reason: str
    answered_at: datetime | None
    granted_fen: int | None
    ruling: str
    ruled_at: datetime | None

    @property
    def waits_for_agency(self) -> bool:
        return self.answer is None and self.granted_fen is None

    @property
    def waits_for_ruling(self) -> bool:
        return self.answer == "refused" and self.granted_fen is None


def _columns(kind: type[Any]) -> str:
    return ", ".join(one.name for one in fields(kind))


async def freezes_of(demand_id: UUID) -> list[FreezeView]:
    """The latest first."""
    rows = await fetch(
        f"SELECT {_columns(FreezeView)} FROM bond WHERE demand_id = $1 ORDER BY created_at DESC, id DESC", demand_id
    )
    return [FreezeView(**row) for row in rows]


async def guarantees_of(demand_id: UUID) -> list[GuaranteeView]:
    rows = await fetch(
        f"SELECT {_columns(GuaranteeView)} FROM bank_guarantee WHERE demand_id = $1 ORDER BY given_at DESC, id DESC",
        demand_id,
    )
    return [GuaranteeView(**row) for row in rows]


async def claims_of(demand_id: UUID) -> list[ClaimView]:
    rows = await fetch(f"SELECT {_columns(ClaimView)} FROM bond_claim WHERE demand_id = $1 ORDER BY no DESC", demand_id)
    return [ClaimView(**row) for row in rows]
