"""Reading contracts. Everybody may know the key terms; the full text is for those whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from market.catalogue import queries as catalogue_queries
from market.catalogue.rules import Rulebook
from market.kernel.calendar import Calendar
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.lamps import Colour, LampRule, lamp
from market.kernel.money import Money
from market.register.queries import Entry
from market.web.viewer import Viewer
from projects.contracts.clauses import composed
from projects.contracts.rules import Ending, Facts, Side, State, Step, signing_step, state_of
from projects.contracts.terms import Terms
from projects.oversight import watches
from projects.rules import Stage

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class ContractView:
    """One contract with what its pages say of the project and the parties."""

    id: UUID
    number: str
    project_id: UUID
    project_number: str
    project_stage: Stage
    title: str
    region_code: str
    service_items: tuple[str, ...]
    service_days: int
    catalogue_version: str
    rulebook_version: str
    owner_id: UUID
    owner_code: str
    owner_name: str
    agency_id: UUID
    agency_code: str
    agency_name: str
    price_fen: int
    terms: Terms
    terms_sha256: str
    created_at: datetime
    sign_due_at: datetime
    owner_signed_at: datetime | None
    owner_signer: str | None
    agency_signed_at: datetime | None
    agency_signer: str | None
    in_force_at: datetime | None
    ended: Ending | None
    ended_at: datetime | None
    end_reason: str
    delivery_due_at: datetime | None
    held_since: datetime | None

    @property
    def url(self) -> str:
        return f"/contracts/{self.number}"

    @property
    def project_url(self) -> str:
        return f"/projects/{self.project_number}"

    @property
    def price(self) -> Money:
        return Money(self.price_fen)

    @property
    def facts(self) -> Facts:
        return Facts(**{one.name: getattr(self, one.name) for one in fields(Facts)})

    @property
    def state(self) -> State:
        return state_of(self.facts)

    @property
    def signing(self) -> Step | None:
        return signing_step(self.facts, since=self.created_at)

    def side_of(self, organisation_id: UUID | None) -> Side | None:
        if organisation_id is None:
            return None
        return {self.owner_id: Side.OWNER, self.agency_id: Side.AGENCY}.get(organisation_id)

    def name_of(self, side: Side) -> str:
        return self.owner_name if side == Side.OWNER else self.agency_name

    def code_of(self, side: Side) -> str:
        return self.owner_code if side == Side.OWNER else self.agency_code

    def signer_of(self, side: Side) -> str | None:
        return self.owner_signer if side == Side.OWNER else self.agency_signer

    def organisation_of(self, side: Side) -> UUID:
        return self.owner_id if side == Side.OWNER else self.agency_id


@dataclass(frozen=True)
class MilestoneView:
    """One milestone of a contract in force, with its own clock."""

    id: UUID
    contract_id: UUID
    no: int
    title: str
    share: int
    price_fen: int
    days: int
    started_at: datetime | None
    due_at: datetime | None
    accepted_at: datetime | None

    @property
    def runs(self) -> bool:
        return self.started_at is not None and self.accepted_at is None


@dataclass(frozen=True)
class LitStep:
    """A waiting step with its lamp. `days_left`: working days, negative when overdue."""

    step: Step
    colour: Colour
    days_left: int


_ELSEWHERE = {
    "project_number": "p.number", "project_stage": "p.stage", "title": "p.title", "region_code": "p.region_code",
    "service_items": "p.service_items", "service_days": "p.service_days", "catalogue_version": "p.catalogue_version",
    "rulebook_version": "p.rulebook_version", "owner_code": "o.code", "owner_name": "o.name", "agency_code": "a.code",
    "agency_name": "a.name", "owner_signer": "ps.name", "agency_signer": "pa.name",
    # The terms say until when it was to be signed; what was suspended is added to that.
    "sign_due_at": "coalesce((SELECT h.sign_due_at FROM signing_hold h WHERE h.contract_id = c.id AND h.sign_due_at IS NOT NULL"
                   " ORDER BY h.until DESC LIMIT 1), c.sign_due_at)",
    "held_since": "(SELECT min(h.since) FROM signing_hold h WHERE h.project_id = c.project_id AND h.until IS NULL)",
}  # fmt: skip
_COLUMNS = ", ".join(f"{_ELSEWHERE.get(one.name, 'c.' + one.name)} AS {one.name}" for one in fields(ContractView))
CONTRACT_SQL = (
    f"SELECT {_COLUMNS} FROM contract c JOIN project p ON p.id = c.project_id JOIN organisation o ON o.id = c.owner_id"
    " JOIN organisation a ON a.id = c.agency_id LEFT JOIN person ps ON ps.id = c.owner_signed_by"
    " LEFT JOIN person pa ON pa.id = c.agency_signed_by"
)

# Objections to a result that still stands; those to an annulled one hold nothing back.
OPEN_OBJECTIONS = (
    "SELECT 1 FROM objection o JOIN selection_round r ON r.id = o.round_id WHERE r.annulled_at IS NULL"
    " AND o.answered_at IS NULL AND o.withdrawn_at IS NULL"
)
# What a complaint holds until it is decided.
OPEN_HOLDS = "SELECT 1 FROM signing_hold h WHERE h.until IS NULL"


def contract_view(row: dict[str, Any]) -> ContractView:
    return ContractView(**{
        **row,
        "project_stage": Stage(row["project_stage"]),
        "service_items": tuple(row["service_items"]),
        "terms": Terms.from_json(from_json(row["terms"])),
        "ended": Ending(row["ended"]) if row["ended"] else None,
    })  # fmt: skip


async def contract_by_number(number: str) -> ContractView:
    """Everybody may know that there is one, and its key terms. Raises NotFound."""
    return _found(await fetch_one(f"{CONTRACT_SQL} WHERE c.number = $1", number))


async def contract_by_id(contract_id: UUID) -> ContractView:
    return _found(await fetch_one(f"{CONTRACT_SQL} WHERE c.id = $1", contract_id))


async def contracts_of(project_number: str) -> list[ContractView]:
    """All contracts of a project, the latest first: more than one where an earlier winner did not sign."""
    rows = await fetch(f"{CONTRACT_SQL} WHERE p.number = $1 ORDER BY c.created_at DESC, c.id DESC", project_number)
    return [contract_view(row) for row in rows]


async def milestones_of(contract_ids: Sequence[UUID]) -> list[MilestoneView]:
    """Of contracts in force, in their order."""
    columns = ", ".join(one.name for one in fields(MilestoneView))
    rows = await fetch(
        f"SELECT {columns} FROM contract_milestone WHERE contract_id = ANY($1) ORDER BY contract_id, no",
        list(contract_ids),
    )
    return [MilestoneView(**row) for row in rows]


async def terms_entry(contract: ContractView) -> Entry | None:
    """The register entry that says which terms are to be signed: the last that were agreed, else those of the result."""
    return await act_of(contract, "contract.draft_agreed") or await act_of(contract, "contract.opened")


async def access_as_party(viewer: Viewer, number: str) -> tuple[ContractView, Side]:
    """The contract and the viewer's side of it; NotFound for everybody else."""
    contract = await contract_by_number(number)
    side = contract.side_of(viewer.organisation_id)
    if side is None:
        raise NotFound
    return contract, side


async def access_full_text(viewer: Viewer, number: str) -> ContractView:
    """For the parties, the operator, and the regulators whose field it is; NotFound for everybody else."""
    contract = await contract_by_number(number)
    if not await may_read_all(viewer, contract):
        raise NotFound
    return contract


async def may_read_all(viewer: Viewer, contract: ContractView) -> bool:
    if contract.side_of(viewer.organisation_id) is not None or viewer.is_operator:
        return True
    return await watches(viewer, contract)


async def rulebook_of(contract: ContractView) -> Rulebook:
    return await catalogue_queries.rulebook(contract.rulebook_version)


async def full_terms(contract: ContractView) -> Terms:
    """The terms with their wording: as signed, or for a contract from before the wording was signed, as it reads."""
    terms = contract.terms
    if terms.articles:
        return terms
    catalogue = await catalogue_queries.catalogue(contract.catalogue_version)
    return composed(terms, [catalogue.item(code).name for code in terms.service_items])


def lit(step: Step, book: Rulebook, *, now: datetime, calendar: Calendar) -> LitStep:
    # Limits end at midnight, so their last day is the one that this midnight ends.
    last_moment = step.due_at - _INSTANT
    rule = LampRule(book.share("lamp.yellow_share"), book.working_days("lamp.yellow_days"))
    colour = lamp(now, step.since, last_moment, calendar=calendar, rule=rule)
    return LitStep(step, colour, calendar.working_days_between(now, last_moment))


async def waiting_signatures(organisation_id: UUID) -> list[ContractView]:
    """Contracts that wait for this organisation's own signature."""
    rows = await fetch(
        f"{CONTRACT_SQL} WHERE c.in_force_at IS NULL AND c.ended IS NULL"
        " AND ((c.owner_id = $1 AND c.owner_signed_at IS NULL) OR (c.agency_id = $1 AND c.agency_signed_at IS NULL))"
        f" AND NOT EXISTS ({OPEN_HOLDS} AND h.project_id = c.project_id) ORDER BY sign_due_at",
        organisation_id,
    )
    return [contract_view(row) for row in rows]


async def due_results(now: datetime) -> list[UUID]:
    """Projects whose result notice is over and that no open objection and no complaint holds back."""
    rows = await fetch(
        "SELECT id FROM project p WHERE stage = 'result_notice' AND result_notice_ends_at <= $1"
        f" AND NOT EXISTS ({OPEN_OBJECTIONS} AND o.project_id = p.id)"
        f" AND NOT EXISTS ({OPEN_HOLDS} AND h.project_id = p.id) ORDER BY result_notice_ends_at LIMIT 100",
        now,
    )
    return [row["id"] for row in rows]


async def due_signings(now: datetime) -> list[tuple[UUID, UUID]]:
    """(project, contract) where the time to sign is over."""
    # What the terms say is the earliest; what a suspension added to it is asked of the few that are left.
    rows = await fetch(
        "SELECT c.project_id, c.id FROM contract c WHERE c.in_force_at IS NULL AND c.ended IS NULL AND c.sign_due_at <= $1"
        f" AND {_ELSEWHERE['sign_due_at']} <= $1 AND NOT EXISTS ({OPEN_HOLDS} AND h.project_id = c.project_id)"
        " ORDER BY c.sign_due_at LIMIT 100",
        now,
    )
    return [(row["project_id"], row["id"]) for row in rows]


async def act_of(contract: ContractView, kind: str, side: Side | None = None) -> Entry | None:
    """The register entry of an act on this contract, for receipts."""
    row = await fetch_one(
        "SELECT * FROM register_entry WHERE subject = $1 AND kind = $2 AND data->>'contract' = $3"
        " AND ($4::text IS NULL OR data->>'side' = $4) ORDER BY written DESC LIMIT 1",
        contract.project_number, kind, contract.number, side,
    )  # fmt: skip
    return Entry(**{**row, "data": from_json(row["data"])}) if row else None


def _found(row: dict[str, Any] | None) -> ContractView:
    if row is None:
        raise NotFound
    return contract_view(row)
