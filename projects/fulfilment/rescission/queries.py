"""Reading warnings, notices and settlements, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.oversight.queries import watch_of
from market.payments.queries import payables_about
from market.payments.rules import Standing
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView, contract_by_id
from projects.contracts.rules import Side
from projects.fulfilment.queries import Fulfilment
from projects.fulfilment.rescission.rules import Facts, Ground, Notice, Outcome, Overdue, Warned
from projects.fulfilment.rules import Turn
from projects.oversight import WATCHED_PROJECT
from projects.payments.milestones import reference_of

_UNPAID = frozenset({Standing.TO_PAY, Standing.PAYING})


@dataclass(frozen=True)
class WarningView:
    id: UUID
    contract_id: UUID
    no: int
    ground: Ground
    side: Side
    milestone: int
    overdue_since: datetime
    reason: str
    warned_at: datetime
    cure_due_at: datetime

    @property
    def facts(self) -> Warned:
        return Warned(self.ground, self.milestone, self.cure_due_at)


@dataclass(frozen=True)
class NoticeView:
    id: UUID
    contract_id: UUID
    no: int
    ground: Ground
    milestone: int | None
    side: Side
    reason: str
    settlement_fen: int
    notified_at: datetime
    objection_due_at: datetime
    objection: str
    objected_at: datetime | None
    decide_due_at: datetime | None
    decision: str | None
    decision_reason: str
    decided_settlement_fen: int | None
    decided_at: datetime | None
    outcome: Outcome | None
    ended_at: datetime | None

    @property
    def facts(self) -> Notice:
        objected = self.objected_at is not None
        return Notice(self.side, self.ground, self.milestone, self.objection_due_at, objected, self.outcome)

    @property
    def settled_fen(self) -> int:
        """What is paid for work in hand: as the notice says, or as the regulator decided."""
        return self.settlement_fen if self.decided_settlement_fen is None else self.decided_settlement_fen


async def warnings_of(contract_id: UUID) -> list[WarningView]:
    """The latest first."""
    columns = ", ".join(one.name for one in fields(WarningView))
    rows = await fetch(f"SELECT {columns} FROM contract_warning WHERE contract_id = $1 ORDER BY no DESC", contract_id)
    return [WarningView(**{**row, "ground": Ground(row["ground"]), "side": Side(row["side"])}) for row in rows]


_NOTICES = (
    f"SELECT {', '.join('w.milestone' if one.name == 'milestone' else f'r.{one.name}' for one in fields(NoticeView))}"
    " FROM contract_rescission r LEFT JOIN contract_warning w ON w.id = r.warning_id"
)


def _notice(row: dict[str, Any]) -> NoticeView:
    outcome = Outcome(row["outcome"]) if row["outcome"] else None
    return NoticeView(**{**row, "ground": Ground(row["ground"]), "side": Side(row["side"]), "outcome": outcome})


async def notices_of(contract_id: UUID) -> list[NoticeView]:
    """The latest first."""
    return [_notice(row) for row in await fetch(f"{_NOTICES} WHERE r.contract_id = $1 ORDER BY r.no DESC", contract_id)]


async def facts_of(fulfilment: Fulfilment, *, now: datetime) -> Facts:
    """What is late on either side, and whether the agency is barred."""
    return Facts(
        _late_delivery(fulfilment, now), await _late_payment(fulfilment, now), await _is_barred(fulfilment, now)
    )


def _late_delivery(fulfilment: Fulfilment, now: datetime) -> Overdue | None:
    """Nothing is late while the clock stands."""
    if fulfilment.turn is not Turn.DELIVERY or fulfilment.stop is not None or now < fulfilment.limit:
        return None
    return Overdue(fulfilment.milestone.no, fulfilment.limit)


async def _late_payment(fulfilment: Fulfilment, now: datetime) -> Overdue | None:
    """The first accepted milestone that is not paid in its time. Money that Alipay holds is paid."""
    contract = fulfilment.contract
    owed = {one.reference: one for one in await payables_about(contract.project_number)}
    for one in fulfilment.milestones:
        payable = owed.get(reference_of(contract.number, one.no))
        if one.accepted_at is None or payable is None or payable.due_at is None:
            continue
        if payable.due_at <= now and payable.standing in _UNPAID:
            return Overdue(one.no, payable.due_at)
    return None


async def _is_barred(fulfilment: Fulfilment, now: datetime) -> bool:
    row = await fetch_one(
        "SELECT a.exited_at, greatest(s.restricted_until, s.removed_until) AS barred_until FROM agency a LEFT JOIN agency_standing s ON s.agency_id = a.organisation_id"
        " WHERE a.organisation_id = $1",
        fulfilment.contract.agency_id,
    )
    if row is None:
        return False
    barred = row["barred_until"] is not None and row["barred_until"] > now
    return row["exited_at"] is not None or barred


async def open_notices() -> list[tuple[str, UUID]]:
    """(project number, notice) of all that have no outcome and no objection: few at any time."""
    rows = await fetch(
        "SELECT p.number, r.id FROM contract_rescission r JOIN contract c ON c.id = r.contract_id"
        " JOIN project p ON p.id = c.project_id WHERE r.outcome IS NULL AND (r.objected_at IS NULL OR p.stage <> 'fulfilment')"
        " ORDER BY r.objection_due_at LIMIT 200"
    )
    return [(row["number"], row["id"]) for row in rows]


_WAITING = f"{_NOTICES} JOIN contract c ON c.id = r.contract_id JOIN project p ON p.id = c.project_id AND p.stage = 'fulfilment'"


async def notices_to_answer(organisation_id: UUID) -> list[tuple[ContractView, NoticeView]]:
    """Notices of the other side that this organisation may object to."""
    rows = await fetch(
        f"{_WAITING} WHERE r.outcome IS NULL AND r.objected_at IS NULL"
        " AND ((r.side = 'owner' AND c.agency_id = $1) OR (r.side = 'agency' AND c.owner_id = $1)) ORDER BY r.objection_due_at",
        organisation_id,
    )
    return [(await contract_by_id(row["contract_id"]), _notice(row)) for row in rows]


async def warnings_to_cure(organisation_id: UUID, now: datetime) -> list[tuple[ContractView, WarningView]]:
    """Warnings whose time to cure runs, for the side that was warned."""
    rows = await fetch(
        "SELECT w.contract_id, w.no FROM contract_warning w JOIN contract c ON c.id = w.contract_id"
        " JOIN project p ON p.id = c.project_id AND p.stage = 'fulfilment' WHERE w.cure_due_at > $2"
        " AND ((w.side = 'owner' AND c.agency_id = $1) OR (w.side = 'agency' AND c.owner_id = $1)) ORDER BY w.cure_due_at",
        organisation_id, now,
    )  # fmt: skip
    found = []
    for row in rows:
        warning = next(one for one in await warnings_of(row["contract_id"]) if one.no == row["no"])
        found.append((await contract_by_id(row["contract_id"]), warning))
    return found


async def objections_to_decide(viewer: Viewer) -> list[tuple[ContractView, NoticeView]]:
    """Notices with an objection in this regulator's field."""
    rows = await fetch(
        f"{_WAITING} WHERE r.outcome IS NULL AND r.objected_at IS NOT NULL AND {WATCHED_PROJECT}"
        " ORDER BY r.decide_due_at LIMIT 200",
        *(await watch_of(viewer)).values,
    )
    return [(await contract_by_id(row["contract_id"]), _notice(row)) for row in rows]


@dataclass(frozen=True)
class Settlement:
    """The statement at the end of a contract, and who has confirmed it."""

    contract_id: UUID
    statement: dict[str, Any]
    sha256: str
    made_at: datetime
    owner_confirmed_at: datetime | None
    agency_confirmed_at: datetime | None

    def confirmed_at(self, side: Side) -> datetime | None:
        return self.owner_confirmed_at if side == Side.OWNER else self.agency_confirmed_at


async def settlement_of(contract_id: UUID) -> Settlement | None:
    columns = ", ".join(one.name for one in fields(Settlement))
    row = await fetch_one(f"SELECT {columns} FROM contract_settlement WHERE contract_id = $1", contract_id)
    return Settlement(**{**row, "statement": from_json(row["statement"])}) if row else None


async def settlements_to_confirm(organisation_id: UUID) -> list[tuple[ContractView, Settlement]]:
    rows = await fetch(
        "SELECT s.contract_id FROM contract_settlement s JOIN contract c ON c.id = s.contract_id"
        " WHERE (c.owner_id = $1 AND s.owner_confirmed_at IS NULL) OR (c.agency_id = $1 AND s.agency_confirmed_at IS NULL)"
        " ORDER BY s.made_at",
        organisation_id,
    )
    found = [(await contract_by_id(row["contract_id"]), await settlement_of(row["contract_id"])) for row in rows]
    return [(contract, one) for contract, one in found if one is not None]
