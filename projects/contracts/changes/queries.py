"""Reading changes. That there is one, what it changes in price, time and scope, and how it stands is public; special
terms and the document are for those whom the contract concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.kernel.money import Money
from market.payments.queries import payables_about
from market.payments.rules import Standing
from market.web.viewer import Viewer
from projects.contracts.changes.rules import Ending, Facts, Frame, Progress, added_limit, longest
from projects.contracts.changes.terms import ChangeTerms, Content, Limit, as_signed
from projects.contracts.clauses import signed_milestones
from projects.contracts.queries import (
    ContractView,
    access_full_text,
    contract_by_id,
    contract_by_number,
    milestones_of,
    rulebook_of,
)
from projects.contracts.rules import Side, Step
from projects.payments.milestones import reference_of


@dataclass(frozen=True)
class ChangeView:
    id: UUID
    contract_id: UUID
    no: int
    terms: ChangeTerms
    terms_sha256: str
    reason: str
    price_fen: int
    added_fen: int
    proposed_side: Side
    proposed_at: datetime
    answer_due_at: datetime
    sign_due_at: datetime | None
    owner_signed_by: UUID | None
    owner_signed_at: datetime | None
    owner_signer: str | None
    agency_signed_by: UUID | None
    agency_signed_at: datetime | None
    agency_signer: str | None
    in_force_at: datetime | None
    due_before: datetime | None
    due_after: datetime | None
    ended: Ending | None
    ended_at: datetime | None
    end_reason: str

    @property
    def number(self) -> str:
        return self.terms.number

    @property
    def facts(self) -> Facts:
        return Facts(self.proposed_side, self.answer_due_at, self.sign_due_at, self.in_force_at, self.ended)

    @property
    def price(self) -> Money:
        return Money(self.price_fen)

    @property
    def waits(self) -> bool:
        return self.in_force_at is None and self.ended is None

    def signed_at(self, side: Side) -> datetime | None:
        return self.owner_signed_at if side == Side.OWNER else self.agency_signed_at

    def signer_of(self, side: Side) -> str | None:
        return self.owner_signer if side == Side.OWNER else self.agency_signer

    @property
    def step(self) -> Step | None:
        """What is waited for, from whom, since when and until when."""
        turn = self.facts.turn
        if turn is None:
            return None
        since = self.signed_at(turn.other) or self.proposed_at
        return Step("change", (turn,), since, self.facts.due_at)


@dataclass(frozen=True)
class ChangeDocument:
    change_id: UUID
    file_id: UUID
    sha256: str
    text_size: int
    text_sha256: str
    owner_certificate_id: UUID
    agency_certificate_id: UUID
    made_at: datetime
    refused_at: None = None

    def certificate_of(self, side: Side) -> UUID:
        return self.owner_certificate_id if side is Side.OWNER else self.agency_certificate_id


_ELSEWHERE = {"owner_signer": "po.name", "agency_signer": "pa.name"}
_COLUMNS = ", ".join(f"{_ELSEWHERE.get(one.name, 'k.' + one.name)} AS {one.name}" for one in fields(ChangeView))
_CHANGES = (
    f"SELECT {_COLUMNS} FROM contract_change k LEFT JOIN person po ON po.id = k.owner_signed_by"
    " LEFT JOIN person pa ON pa.id = k.agency_signed_by"
)


def _view(row: dict[str, Any]) -> ChangeView:
    return ChangeView(**{
        **row,
        "terms": ChangeTerms.from_json(from_json(row["terms"])),
        "proposed_side": Side(row["proposed_side"]),
        "ended": Ending(row["ended"]) if row["ended"] else None,
    })  # fmt: skip


async def changes_of(contract_id: UUID) -> list[ChangeView]:
    """The latest first."""
    return [_view(row) for row in await fetch(f"{_CHANGES} WHERE k.contract_id = $1 ORDER BY k.no DESC", contract_id)]


async def change_of(contract_id: UUID, no: int) -> ChangeView:
    """Raises NotFound."""
    row = await fetch_one(f"{_CHANGES} WHERE k.contract_id = $1 AND k.no = $2", contract_id, no)
    if row is None:
        raise NotFound
    return _view(row)


def content_in_force(contract: ContractView, changes: Sequence[ChangeView]) -> Content:
    """What stands: as the last change in force says, else as the contract was signed. `changes`: the latest first."""
    last = next((one for one in changes if one.in_force_at is not None), None)
    return last.terms.after if last else as_signed(contract.terms, signed_milestones(contract.terms))


def added_so_far(changes: Sequence[ChangeView]) -> int:
    """What the supplements in force have added to the price, in fen."""
    return sum(one.added_fen for one in changes if one.in_force_at is not None)


async def frame_of(contract: ContractView, changes: Sequence[ChangeView]) -> Frame:
    """What a change of this contract is measured by, as things stand."""
    book = await rulebook_of(contract)
    share = contract.terms.supplement_max or book.share("contract.supplement_share_max")
    limit = Limit(added_limit(contract.price_fen, share), added_so_far(changes))
    days = longest(contract.terms.service_days, book.share("contract.change_days_share_max"))
    return Frame(await _progress(contract), limit, days)


async def _progress(contract: ContractView) -> tuple[Progress, ...]:
    rows = await fetch(
        "SELECT DISTINCT m.no FROM delivery d JOIN contract_milestone m ON m.id = d.milestone_id"
        " WHERE d.contract_id = $1 AND d.decision IS NULL",
        contract.id,
    )
    delivered = {row["no"] for row in rows}
    owed = {one.reference: one for one in await payables_about(contract.project_number)}
    return tuple(
        Progress(
            one.no, running=one.runs, delivered=one.no in delivered, accepted=one.accepted_at is not None,
            paid=(payable := owed.get(reference_of(contract.number, one.no))) is not None
            and (payable.standing is not Standing.TO_PAY or payable.blocked_at is not None),
        )
        for one in await milestones_of([contract.id])
    )  # fmt: skip


_DOCUMENT = ", ".join(one.name for one in fields(ChangeDocument) if one.name != "refused_at")


async def document_of(change_id: UUID) -> ChangeDocument | None:
    row = await fetch_one(f"SELECT {_DOCUMENT} FROM contract_change_document WHERE change_id = $1", change_id)
    return ChangeDocument(**row) if row else None


async def access_document(viewer: Viewer, number: str, no: int) -> StoredFile:
    """For those who may read the contract's full text; NotFound for everybody else."""
    contract = await access_full_text(viewer, number)
    made = await document_of((await change_of(contract.id, no)).id)
    if made is None:
        raise NotFound
    return await stored(made.file_id)


async def contract_and_change(number: str, no: int) -> tuple[ContractView, ChangeView]:
    """For everybody. Raises NotFound."""
    contract = await contract_by_number(number)
    return contract, await change_of(contract.id, no)


async def waiting_changes(organisation_id: UUID) -> list[tuple[ContractView, ChangeView]]:
    """Changes that wait for this organisation's answer or signature, the most urgent first."""
    rows = await fetch(
        f"{_CHANGES} JOIN contract c ON c.id = k.contract_id JOIN project p ON p.id = c.project_id"
        " WHERE k.in_force_at IS NULL AND k.ended IS NULL AND p.stage = 'fulfilment' AND $1 IN (c.owner_id, c.agency_id)"
        " ORDER BY coalesce(k.sign_due_at, k.answer_due_at)",
        organisation_id,
    )
    found = [(await contract_by_id(row["contract_id"]), _view(row)) for row in rows]
    return [(contract, one) for contract, one in found if one.facts.turn is contract.side_of(organisation_id)]


async def due_changes(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, change) whose time to be answered or signed is over."""
    rows = await fetch(
        "SELECT c.project_id, k.id FROM contract_change k JOIN contract c ON c.id = k.contract_id"
        " WHERE k.in_force_at IS NULL AND k.ended IS NULL AND k.answer_due_at <= $1"
        " AND coalesce(k.sign_due_at, k.answer_due_at) <= $1 ORDER BY k.answer_due_at LIMIT 100",
        now,
    )
    return [(row["project_id"], row["id"]) for row in rows]
