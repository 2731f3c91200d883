"""Writing entries of the lists, inside the transaction of the decision or event that puts an agency there or takes
it off. Who may decide, and what follows for sign-up, is the business of the packages above."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from market.kernel.db import execute, require_transaction
from market.kernel.ids import new_id
from market.register.actions import record
from market.register.queries import utc_text
from ratings.lists.announcements import tell_of_listing
from ratings.lists.rules import ListEntry


@dataclass(frozen=True)
class NewEntry:
    """`by`: code of the deciding organisation, or "market"; `evidence_id`: the register entry it rests on."""

    list: str
    organisation_id: UUID
    code: str
    reason: str
    by: str
    person_id: UUID | None
    evidence_id: UUID
    from_at: datetime
    until_at: datetime
    id: UUID = field(default_factory=new_id)


async def enter(new: NewEntry, *, now: datetime) -> UUID:
    """Puts an organisation on a list and records it; the unique index refuses a second entry. Returns its id."""
    require_transaction()
    await execute(
        "INSERT INTO list_entry (id, list, organisation_id, reason, decided_by, evidence_id, decided_at, from_at,"
        " until_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        new.id, new.list, new.organisation_id, new.reason, new.person_id, new.evidence_id, now, new.from_at, new.until_at,
    )  # fmt: skip
    data = {
        "entry": str(new.id), "list": new.list, "organisation": new.code, "reason": new.reason,
        "evidence": str(new.evidence_id), "from": utc_text(new.from_at), "until": utc_text(new.until_at),
    }  # fmt: skip
    await record("list.entered", subject=new.code, by=new.by, data=data, at=now)
    await tell_of_listing(new.id)
    return new.id


async def take_off(entry: ListEntry, *, reason: str, by: str, person_id: UUID | None, now: datetime) -> bool:
    """Ends an entry and records it; False when it had ended already."""
    require_transaction()
    touched = await execute(
        "UPDATE list_entry SET removed_at = $2, removal_reason = $3, removed_by = $4 WHERE id = $1 AND removed_at IS NULL",
        entry.id, now, reason, person_id,
    )  # fmt: skip
    if touched:
        data = {"entry": str(entry.id), "list": entry.list, "organisation": entry.code, "reason": reason}
        await record("list.removed", subject=entry.code, by=by, data=data, at=now)
        await tell_of_listing(entry.id)
    return bool(touched)
