"""What happens by itself (admission, lapse, warnings), and how an agency leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from agencies.actions.agency_row import check_version, lock_agency, move
from agencies.actions.items import PRACTITIONER, QUALIFICATION, RowKind
from agencies.actions.review import LAPSED, public_certificate, refuse
from agencies.queries.application import AgencyView, dossier_of
from agencies.rules import EXPIRED, Act, Stage, warning_due
from market.accounts.actions import tell
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch, fetch_one, transaction
from market.kernel.i18n import N_
from market.register.actions import record
from market.web.viewer import Viewer

_DUE = """
SELECT organisation_id FROM agency WHERE stage IN ('returned', 'notice') AND due_at <= $1
ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
# Whoever was admitted again since has applied.
_REMOVED = """
SELECT a.organisation_id FROM agency_standing s JOIN agency a ON a.organisation_id = s.agency_id
WHERE s.removed_until <= $1 AND a.stage = 'admitted' AND a.admitted_at < s.removed_until
ORDER BY s.removed_until LIMIT 1 FOR NO KEY UPDATE OF a SKIP LOCKED
"""
REMOVED: Final = N_("Removed by decision; the term is over, and it may apply for entry again.")
_EXPIRING = """
SELECT r.id, r.agency_id, r.certificate_number, r.valid_until, r.warned_days
FROM {table} r JOIN agency a ON a.organisation_id = r.agency_id AND a.stage = 'admitted'
WHERE r.{ended} IS NULL AND r.review = 'accepted' AND r.warned_days IS DISTINCT FROM -1
  AND r.valid_until <= $1::date + $2::integer
  AND (r.warned_days IS NULL OR r.valid_until < $1::date
       OR r.warned_days > (SELECT min(level) FROM unnest($3::integer[]) AS level WHERE r.valid_until <= $1::date + level))
ORDER BY r.valid_until LIMIT 200 FOR NO KEY UPDATE OF r SKIP LOCKED
"""


async def finish_one_due(now: datetime) -> bool:
    """One application whose time is up: the notice ended, or the correction did not come. False when there is none."""
    async with transaction():
        due = await fetch_one(_DUE, now)
        if due is None:
            return False
        agency = await lock_agency(due["organisation_id"])
        if agency.stage is Stage.NOTICE:
            await _admit(agency, now)
        else:
            await refuse(agency, Act.LAPSE, LAPSED, by="market", now=now)
    return True


async def _admit(agency: AgencyView, now: datetime) -> None:
    await move(agency, Act.ADMIT, admitted_at=now, due_at=None)
    await record("agency.admitted", subject=agency.code, by="market", data=await _public_facts(agency), at=now)
    text = N_("Your agency is admitted. You may sign up for projects now.")
    await tell(agency.id, text, link=f"/agencies/{agency.code}", cause=f"agency.admitted:{now.isoformat()}", now=now)


async def _public_facts(agency: AgencyView) -> dict[str, Any]:
    dossier = await dossier_of(agency)
    facts: dict[str, Any] = {
        "name": agency.name, "region": agency.firm.region_code, "branch_of": agency.firm.branch_of,
        "service_items": list(agency.service_items),
        "qualifications": [public_certificate(row) for row in dossier.qualifications if row.review == "accepted"],
        "practitioners": sum(row.review == "accepted" for row in dossier.practitioners),
    }  # fmt: skip
    if dossier.commitment:
        facts["commitment"] = {
            "version": dossier.commitment.text_version, "sha256": dossier.commitment.text_sha256,
            "accepted_at": dossier.commitment.accepted_at.isoformat(),
        }  # fmt: skip
    return facts


async def leave(agency_id: UUID, reason: str, *, version: int, acting: Viewer, now: datetime) -> None:
    """The agency leaves by itself. Its practitioners are free; what it has taken on it still has to finish."""
    async with transaction():
        agency = await lock_agency(agency_id)
        check_version(agency, version)
        await _exit(agency, reason, by=acting.organisation_code, now=now)


async def end_one_removed(now: datetime) -> bool:
    """An agency whose removal has run its term is out, and enters again by an application. False when there is none."""
    async with transaction():
        due = await fetch_one(_REMOVED, now)
        if due is None:
            return False
        agency = await lock_agency(due["organisation_id"])
        await _exit(agency, REMOVED, by="market", now=now)
        text = N_(
            "The term of your removal is over. You enter again by an application, as on the first day; what you had filled in is still there."
        )
        await tell(agency.id, text, link="/agency", cause=f"agency.removed:{now.isoformat()}", now=now)
    return True


async def _exit(agency: AgencyView, reason: str, *, by: str, now: datetime) -> None:
    await move(
        agency, Act.EXIT, exited_at=now, exit_reason=reason, due_at=None, changes_since=None, changes_due_at=None
    )
    for table, ended in (
        ("agency_practitioner", "left_at"), ("agency_authorised_person", "left_at"), ("agency_change", "ended_at"),
    ):  # fmt: skip
        await execute(f"UPDATE {table} SET {ended} = $2 WHERE agency_id = $1 AND {ended} IS NULL", agency.id, now)
    await record("agency.exited", subject=agency.code, by=by, data={"name": agency.name, "reason": reason}, at=now)


async def warn_expiring(now: datetime, warn_days: Sequence[int]) -> int:
    """Tells agencies of certificates that expire, once for each of the given numbers of days and once afterwards."""
    return sum([await _warn(kind, now, warn_days) for kind in (QUALIFICATION, PRACTITIONER)])


async def _warn(kind: RowKind, now: datetime, warn_days: Sequence[int]) -> int:
    today = beijing_date(now)
    async with transaction():
        sql = _EXPIRING.format(table=kind.table, ended=kind.ended)
        rows = await fetch(sql, today, max(warn_days, default=0), sorted(warn_days))
        for row in rows:
            level = warning_due(row["valid_until"], row["warned_days"], today=today, warn_days=warn_days)
            if level is not None:
                await _warn_one(kind, row, level, now)
    return len(rows)


async def _warn_one(kind: RowKind, row: dict[str, Any], level: int, now: datetime) -> None:
    await execute(f"UPDATE {kind.table} SET warned_days = $2 WHERE id = $1", row["id"], level)
    facts = {"number": row["certificate_number"], "until": row["valid_until"].isoformat()}
    text = N_(
        "Certificate {number} expires on {until}. Add the renewed one in time: it counts as soon as it is accepted."
    )
    if level == EXPIRED:
        text = N_("Certificate {number} expired on {until} and does not count any more. Add the renewed one.")
    await tell(
        row["agency_id"], text, link="/agency/changes", cause=f"agency.expiring:{row['id']}:{row['valid_until']}:{level}",
        now=now, facts=facts,
    )  # fmt: skip
