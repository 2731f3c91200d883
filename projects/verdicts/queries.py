"""Reading verdicts. What an authority decided is public; its letter is for those whom the contract concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from market.kernel.calendar import beijing_date
from market.kernel.db import fetch, fetch_one, from_json
from market.kernel.errors import NotFound
from market.kernel.files import StoredFile, stored
from market.oversight.queries import watch_of
from market.web.viewer import Viewer
from projects.contracts.queries import (
    CONTRACT_SQL,
    ContractView,
    contract_by_id,
    contract_view,
    may_read_all,
)
from projects.fulfilment.queries import DeliveryView, Fulfilment, Reason, fulfilment_of
from projects.fulfilment.rules import ACCEPTING
from projects.oversight import WATCHED_PROJECT, watches
from projects.verdicts import rules
from projects.verdicts.rules import Outcome, Said


@dataclass(frozen=True)
class VerdictView:
    """`corrects`: the number of the verdict whose place it takes; `corrected_by`: of the one that took its own."""

    id: UUID
    contract_id: UUID
    milestone: int
    delivery: int
    delivered_at: datetime
    no: int
    outcome: Outcome
    authority: str
    document_number: str
    decided_on: date
    reasons: tuple[Reason, ...]
    file_id: UUID | None
    file_name: str | None
    file_size: int | None
    file_sha256: str | None
    corrects: int | None
    corrected_by: int | None
    correction_reason: str
    recorder: str
    recorded_at: datetime

    @property
    def said(self) -> Said:
        return Said(self.no, self.outcome, self.decided_on, beijing_date(self.delivered_at), self.corrects)

    @property
    def holds(self) -> bool:
        return self.corrected_by is None and self.outcome is not Outcome.VOID


@dataclass(frozen=True)
class Report:
    """What was accepted of a milestone, with every verdict about it, oldest first."""

    milestone: int
    title: str
    delivery: DeliveryView
    verdicts: tuple[VerdictView, ...]

    @property
    def said(self) -> tuple[Said, ...]:
        return tuple(one.said for one in self.verdicts)

    @property
    def passed(self) -> bool:
        return rules.passed(self.said)

    @property
    def returns(self) -> int:
        return rules.returns(self.said)


_VERDICTS = """
SELECT v.id, v.contract_id, m.no AS milestone, d.no AS delivery, d.delivered_at, v.no, v.outcome, v.authority, v.document_number,
       v.decided_on, v.reasons, v.file_id, f.name AS file_name, f.size AS file_size, f.sha256 AS file_sha256,
       c.no AS corrects, l.no AS corrected_by, v.correction_reason, o.name AS recorder, v.recorded_at
FROM report_verdict v JOIN delivery d ON d.id = v.delivery_id JOIN contract_milestone m ON m.id = d.milestone_id
JOIN organisation o ON o.id = v.recorded_for LEFT JOIN stored_file f ON f.id = v.file_id
LEFT JOIN report_verdict c ON c.id = v.corrects_id LEFT JOIN report_verdict l ON l.corrects_id = v.id
"""


def _view(row: dict[str, Any]) -> VerdictView:
    return VerdictView(**{
        **row, "outcome": Outcome(row["outcome"]), "reasons": tuple(Reason(**one) for one in from_json(row["reasons"])),
    })  # fmt: skip


async def verdicts_of(contract_id: UUID) -> list[VerdictView]:
    """Oldest first."""
    return [_view(row) for row in await fetch(f"{_VERDICTS} WHERE v.contract_id = $1 ORDER BY v.no", contract_id)]


async def reports_of(fulfilment: Fulfilment) -> list[Report]:
    """The accepted delivery of each milestone that has one, with what authorities said about it."""
    verdicts = await verdicts_of(fulfilment.contract.id)
    return [
        Report(milestone.no, milestone.title, delivery, tuple(one for one in verdicts if one.milestone == milestone.no))
        for milestone in fulfilment.milestones
        for delivery in fulfilment.deliveries_of(milestone)
        if delivery.decision in ACCEPTING
    ]


async def access_as_regulator(viewer: Viewer, project_number: str) -> tuple[Fulfilment, list[Report]]:
    """For the regulators in whose field the project lies; NotFound for everybody else."""
    found = await fulfilment_of(project_number)
    if found is None or not await watches(viewer, found.contract):
        raise NotFound
    return found, await reports_of(found)


async def access_letter(viewer: Viewer, verdict_id: UUID) -> StoredFile:
    """The authority's letter for the parties, the operator and the regulators concerned; NotFound for others."""
    row = await fetch_one("SELECT contract_id, file_id FROM report_verdict WHERE id = $1", verdict_id)
    if row is None or row["file_id"] is None:
        raise NotFound
    if not await may_read_all(viewer, await contract_by_id(row["contract_id"])):
        raise NotFound
    return await stored(row["file_id"])


@dataclass(frozen=True)
class Waiting:
    """An accepted report in a regulator's field. `returns`: how often it was returned so far; `latest`: its last
    verdict that holds, None where nothing was recorded."""

    contract: ContractView
    accepted_at: datetime
    returns: int
    latest: Outcome | None


_HELD = (
    "SELECT v.outcome FROM report_verdict v WHERE v.contract_id = c.id AND v.outcome <> 'void'"
    " AND NOT EXISTS (SELECT 1 FROM report_verdict l WHERE l.corrects_id = v.id)"
)
_ACCEPTED = "(SELECT max(m.accepted_at) FROM contract_milestone m WHERE m.contract_id = c.id)"
_MORE = (
    f", {_ACCEPTED} AS accepted, ({_HELD} ORDER BY v.no DESC LIMIT 1) AS latest,"
    f" (SELECT count(*) FROM ({_HELD}) h WHERE h.outcome = 'returned') AS returns FROM contract c"
)
DESK_LIMIT = 200


async def desk_of(viewer: Viewer) -> list[Waiting]:
    """Reports in this regulator's field that their owners accepted, the latest first."""
    rows = await fetch(
        f"{CONTRACT_SQL.replace(' FROM contract c', _MORE, 1)} WHERE c.in_force_at IS NOT NULL AND {_ACCEPTED} IS NOT NULL"
        f" AND {WATCHED_PROJECT} ORDER BY accepted DESC LIMIT {DESK_LIMIT}",
        *(await watch_of(viewer)).values,
    )
    return [_waiting(row) for row in rows]


def _waiting(row: dict[str, Any]) -> Waiting:
    accepted, latest, returns = (row.pop(name) for name in ("accepted", "latest", "returns"))
    return Waiting(contract_view(row), accepted, returns, Outcome(latest) if latest else None)


@dataclass(frozen=True)
class Record:
    """How an agency's reports did before approval authorities. `first`: passed without ever being returned."""

    reports: int
    passed: int
    first: int
    returned: int
    recent: tuple[tuple[str, str, VerdictView], ...]


async def record_of(agency_code: str, *, limit: int = 5) -> Record | None:
    """None where nothing was ever recorded about this agency. `recent`: (project number, title, verdict)."""
    rows = await fetch(
        f"SELECT x.*, p.number, p.title FROM ({_VERDICTS}) x JOIN contract k ON k.id = x.contract_id"
        " JOIN project p ON p.id = k.project_id JOIN organisation a ON a.id = k.agency_id"
        " WHERE a.code = $1 AND x.outcome <> 'void' AND x.corrected_by IS NULL ORDER BY x.decided_on DESC, x.recorded_at DESC",
        agency_code,
    )
    if not rows:
        return None
    found = [(row.pop("number"), row.pop("title"), _view(row)) for row in rows]
    views = [view for _, _, view in found]
    reports = {(one.contract_id, one.milestone) for one in views}
    passed = {(one.contract_id, one.milestone) for one in views if one.outcome is Outcome.PASSED}
    returned = {(one.contract_id, one.milestone) for one in views if one.outcome is Outcome.RETURNED}
    return Record(len(reports), len(passed), len(passed - returned), len(returned), tuple(found[:limit]))
