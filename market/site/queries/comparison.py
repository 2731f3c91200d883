"""Agencies side by side: what each may do, how each has done, as anybody may read it on their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agencies.queries.directory import PublicAgency, access_public
from market.catalogue.queries import rulebook_in_force
from market.kernel.calendar import beijing_date
from market.kernel.db import fetch
from market.kernel.errors import NotFound
from market.kernel.money import divide_half_up
from market.web.viewer import Viewer
from ratings.credit.queries import Account, agency_account
from ratings.evaluations.queries import agency_summary
from ratings.evaluations.rules import Summary

MOST = 4

_RECORDS = """
SELECT p.winner_id AS agency_id, count(*) AS selected, count(p.signed_at) AS signed, count(p.accepted_at) AS fulfilled,
  count(p.accepted_at) FILTER (WHERE NOT EXISTS (SELECT 1 FROM contract c JOIN delivery d ON d.contract_id = c.id
    WHERE c.project_id = p.id AND d.late_days > 0)) AS on_time,
  count(*) FILTER (WHERE p.service_items && $2::text[]) AS alike
FROM project p WHERE p.winner_id = ANY ($1) AND p.result_final_at IS NOT NULL GROUP BY 1
"""


@dataclass(frozen=True)
class Record:
    """Projects with a final result: `on_time` of the `fulfilled`; `alike`: with one of the services all have in common."""

    selected: int = 0
    signed: int = 0
    fulfilled: int = 0
    on_time: int = 0
    alike: int = 0

    @property
    def on_time_rate(self) -> int | None:
        """Basis points, half up."""
        return divide_half_up(self.on_time * 10_000, self.fulfilled) if self.fulfilled else None


@dataclass(frozen=True)
class Compared:
    agency: PublicAgency
    account: Account
    ratings: Summary
    record: Record
    certificates: tuple[tuple[str, str], ...]  # kind and level, each once
    practitioners: int

    @property
    def code(self) -> str:
        return self.agency.dossier.agency.code


@dataclass(frozen=True)
class Comparison:
    """`shared`: services that all of them offer."""

    agencies: tuple[Compared, ...]
    shared: tuple[str, ...]
    unknown: tuple[str, ...]


async def compare(viewer: Viewer, codes: Sequence[str], now: datetime) -> Comparison:
    """At most MOST agencies, in the order asked for. A code that names no public agency is told, not an error."""
    found: list[PublicAgency] = []
    unknown: list[str] = []
    for code in list(dict.fromkeys(codes))[:MOST]:
        try:
            if not (code.isascii() and code.isalnum()):
                raise NotFound
            found.append(await access_public(viewer, code))
        except NotFound:
            unknown.append(code)
    shared = _shared(found)
    records = await _records([one.dossier.agency.id for one in found], shared)
    agencies = [await _compared(one, records.get(one.dossier.agency.id, Record()), now) for one in found]
    return Comparison(tuple(agencies), shared, tuple(unknown))


def _shared(found: Sequence[PublicAgency]) -> tuple[str, ...]:
    if len(found) < 2:
        return ()
    common = set.intersection(*(set(one.dossier.agency.service_items) for one in found))
    return tuple(item for item in found[0].dossier.agency.service_items if item in common)


async def _records(agency_ids: Sequence[UUID], items: Sequence[str]) -> dict[UUID, Record]:
    rows = await fetch(_RECORDS, list(agency_ids), list(items))
    return {row.pop("agency_id"): Record(**row) for row in rows}


async def _compared(one: PublicAgency, record: Record, now: datetime) -> Compared:
    agency, today = one.dossier.agency, beijing_date(now)
    held = [
        row
        for row in one.dossier.qualifications
        if row.review == "accepted" and row.valid_from <= today <= row.valid_until
    ]
    return Compared(
        agency=one,
        account=await agency_account(agency.code, now),
        ratings=await agency_summary(agency.id, await rulebook_in_force(agency.firm.region_code, now)),
        record=record,
        certificates=tuple(dict.fromkeys((row.qualification_type, row.level) for row in held)),
        practitioners=sum(row.review == "accepted" and row.valid_until >= today for row in one.dossier.practitioners),
    )
