"""The agency's row: locked, moved from stage to stage, and its count of waiting changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from agencies.queries.application import AgencyView, find_agency
from agencies.rules import OPEN_STAGES, TRANSITIONS, Act, Facts, Stage, stage_of
from agencies.search import tell_search
from market.catalogue.rules import Rulebook, deadline
from market.kernel.calendar import Calendar
from market.kernel.db import execute, fetch_value, require_transaction
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import Upload, keep
from market.kernel.i18n import N_
from market.web.viewer import Viewer


@dataclass(frozen=True)
class Terms:
    """What time limits are counted with: the rulebook in force and the market's working days."""

    rulebook: Rulebook
    calendar: Calendar

    def due(self, rule: str, start: datetime) -> datetime:
        return deadline(self.rulebook, rule, start, self.calendar)


_FACTS = tuple(Facts.__dataclass_fields__)
_WAITING = """
SELECT min(since) FROM (
    SELECT proposed_at AS since FROM agency_change WHERE agency_id = $1 AND ended_at IS NULL AND review = 'pending'
    UNION ALL SELECT created_at FROM agency_qualification
              WHERE agency_id = $1 AND ended_at IS NULL AND review = 'pending'
    UNION ALL SELECT since FROM agency_practitioner WHERE agency_id = $1 AND left_at IS NULL AND review = 'pending'
    UNION ALL SELECT since FROM agency_authorised_person WHERE agency_id = $1 AND left_at IS NULL AND review = 'pending'
) AS waiting
"""


async def lock_agency(agency_id: UUID) -> AgencyView:
    """The agency as it stands, held against other acts until the transaction ends."""
    require_transaction()
    await execute("SELECT 1 FROM agency WHERE organisation_id = $1 FOR NO KEY UPDATE", agency_id)
    agency = await find_agency(agency_id)
    if agency is None:
        raise NotFound
    return agency


async def lock_editable(agency_id: UUID) -> AgencyView:
    """Locked, and in a stage in which the agency may change what it says of itself."""
    agency = await lock_agency(agency_id)
    if agency.stage not in OPEN_STAGES and agency.stage is not Stage.ADMITTED:
        raise Refusal(
            "agency.not_editable", N_("Your application cannot be changed in its present stage."),
            todo=N_("While it is under review you may withdraw it, correct it and submit it again."), stage=agency.stage.value,
        )  # fmt: skip
    return agency


def check_version(agency: AgencyView, version: int) -> None:
    """Refuses an act that was prepared on an older state of the agency than the present one."""
    if agency.version != version:
        raise Refusal(
            "agency.changed_meanwhile", N_("This agency was changed, or decided upon, after you opened the page."),
            todo=N_("Reload the page, look again, and decide on what you see then; nothing of yours was recorded."),
        )  # fmt: skip


async def move(agency: AgencyView, act: Act, *, due_at: datetime | None, **changes: Any) -> Stage:
    """Writes the facts of an act and the stage that follows from them. Refusal where the stage does not allow it."""
    to = TRANSITIONS.get((agency.stage, act))
    if to is None:
        raise Refusal(
            "agency.wrong_stage", N_("This is not possible in the present stage of the entry."), stage=agency.stage.value,
        )  # fmt: skip
    known = Facts(**{name: getattr(agency, name) for name in _FACTS})
    follows = stage_of(replace(known, **{name: value for name, value in changes.items() if name in _FACTS}))
    if follows is not to:
        raise RuntimeError(f"the facts of {act} make {follows}, not {to}")
    await _update(agency.id, {"stage": to.value, "due_at": due_at, **changes})
    return to


async def _update(agency_id: UUID, changes: dict[str, Any]) -> None:
    """Column names come from our own code only."""
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
    await execute(
        f"UPDATE agency SET {columns}, version = version + 1 WHERE organisation_id = $1", agency_id, *changes.values()
    )
    await tell_search(agency_id)


async def touch(agency: AgencyView, terms: Terms) -> None:
    """After each edit: a new version, and for an admitted agency what now waits for review and until when."""
    since = await fetch_value(_WAITING, agency.id) if agency.stage is Stage.ADMITTED else None
    due = terms.due("entry.change_review_days", since) if since else None
    await _update(agency.id, {"changes_since": since, "changes_due_at": due})


async def keep_file(store: ObjectStore, upload: Upload | None, acting: Viewer, now: datetime) -> UUID | None:
    """Before the transaction: stores the upload, if there is one."""
    if upload is None:
        return None
    assert acting.organisation_id is not None
    assert acting.person_id is not None
    return (await keep(store, upload, owner=acting.organisation_id, by=acting.person_id, now=now)).id


async def unaccept_rows(agency_id: UUID) -> None:
    """An agency that is not entered holds nothing accepted: its practitioners are free for others."""
    for table, ended in (
        ("agency_qualification", "ended_at"), ("agency_practitioner", "left_at"), ("agency_authorised_person", "left_at"),
    ):  # fmt: skip
        await execute(
            f"UPDATE {table} SET review = 'pending' WHERE agency_id = $1 AND {ended} IS NULL AND review = 'accepted'",
            agency_id,
        )
