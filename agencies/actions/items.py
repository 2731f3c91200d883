"""Qualifications, practitioners and authorised persons: added, corrected, replaced, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from agencies.actions.agency_row import Terms, keep_file, lock_editable, touch
from agencies.queries.application import AgencyView
from agencies.rules import OPEN_STAGES, AuthorisedDetails, Certificate, PractitionerDetails, Stage
from market.accounts.passwords import digest, seal
from market.kernel.db import execute, fetch_one, fetch_value, transaction
from market.kernel.errors import FormInvalid, Message, NotFound, Refusal
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Secret
from market.register.actions import record
from market.web.display import mask_id_number
from market.web.viewer import Viewer

PURPOSE = "agency practitioner"


@dataclass(frozen=True)
class RowKind:
    """The three kinds of rows differ only in their table and the names of two columns."""

    name: str
    table: str
    since: str
    ended: str


QUALIFICATION = RowKind("qualification", "agency_qualification", "created_at", "ended_at")
PRACTITIONER = RowKind("practitioner", "agency_practitioner", "since", "left_at")
AUTHORISED = RowKind("authorised", "agency_authorised_person", "since", "left_at")
KINDS = {kind.name: kind for kind in (QUALIFICATION, PRACTITIONER, AUTHORISED)}


async def save_qualification(
    agency_id: UUID, row_id: UUID | None, certificate: Certificate, scan: Upload | None, *, acting: Viewer,
    store: ObjectStore, terms: Terms, now: datetime,
) -> None:  # fmt: skip
    """A new certificate, or another content of one. Without a new scan the old one stays."""
    file_id = await keep_file(store, scan, acting, now)
    values = {
        "qualification_type": certificate.qualification_type, "level": certificate.level,
        "specialities": list(certificate.specialities), "certificate_number": certificate.certificate_number,
        "valid_from": certificate.valid_from, "valid_until": certificate.valid_until, "file_id": file_id,
        "warned_days": None,
    }  # fmt: skip
    async with transaction():
        await _save(QUALIFICATION, await lock_editable(agency_id), row_id, values, terms, now)


async def save_practitioner(
    agency_id: UUID, row_id: UUID | None, person: PractitionerDetails, insurance: Upload | None, *, acting: Viewer,
    store: ObjectStore, key: Secret, terms: Terms, now: datetime,
) -> None:  # fmt: skip
    """Without an ID number (only when the row exists) the person stays the same.
    FormInvalid when the person already works for another agency, or is listed here twice."""
    file_id = await keep_file(store, insurance, acting, now)
    values: dict[str, Any] = {
        "name": person.name, "profession": person.profession, "certificate_number": person.certificate_number,
        "valid_until": person.valid_until, "insurance_file_id": file_id, "warned_days": None,
    }  # fmt: skip
    if person.id_number:
        values |= _identity(key, person.id_number)
    async with transaction():
        agency = await lock_editable(agency_id)
        if person.id_number:
            await _check_free(agency_id, row_id, values["id_number_digest"])
        await _save(PRACTITIONER, agency, row_id, values, terms, now)


def _identity(key: Secret, id_number: str) -> dict[str, str]:
    return {
        "id_number_sealed": seal(key, PURPOSE, id_number),
        "id_number_digest": digest(key, PURPOSE, id_number),
        "id_number_masked": mask_id_number(id_number),
    }


async def _check_free(agency_id: UUID, row_id: UUID | None, person: str) -> None:
    """Asked first for a helpful answer; the unique indexes are the real guard."""
    elsewhere = await fetch_value(
        "SELECT 1 FROM agency_practitioner WHERE id_number_digest = $1 AND left_at IS NULL AND review = 'accepted'"
        " AND agency_id <> $2",
        person, agency_id,
    )  # fmt: skip
    if elsewhere:
        text = N_(
            "This person is bound to another agency. A person can work for one agency at a time: the other one has to take them off its list first."
        )
        raise FormInvalid({"id_number": [Message(text)]})
    listed = await fetch_value(
        "SELECT 1 FROM agency_practitioner WHERE id_number_digest = $1 AND left_at IS NULL AND agency_id = $2"
        " AND ($3::uuid IS NULL OR (id <> $3 AND replaces IS DISTINCT FROM $3))"
        " AND id IS DISTINCT FROM (SELECT replaces FROM agency_practitioner WHERE id = $3)",
        person, agency_id, row_id,
    )  # fmt: skip
    if listed:
        raise FormInvalid({"id_number": [Message(N_("This person is already on your list."))]})


async def save_authorised(
    agency_id: UUID, row_id: UUID | None, person: AuthorisedDetails, insurance: Upload | None, authority: Upload | None,
    *, acting: Viewer, store: ObjectStore, terms: Terms, now: datetime,
) -> None:  # fmt: skip
    values = {
        "name": person.name, "phone": person.phone,
        "insurance_file_id": await keep_file(store, insurance, acting, now),
        "authority_file_id": await keep_file(store, authority, acting, now),
    }  # fmt: skip
    async with transaction():
        await _save(AUTHORISED, await lock_editable(agency_id), row_id, values, terms, now)


async def remove_row(
    kind: RowKind, agency_id: UUID, row_id: UUID, *, acting: Viewer, terms: Terms, now: datetime
) -> None:
    """Ends a row. What was in force ends at once, without review, and the register says so."""
    async with transaction():
        agency = await lock_editable(agency_id)
        row = await _row(kind, agency, row_id)
        in_force = agency.stage is Stage.ADMITTED and row["review"] == "accepted"
        if in_force and kind is AUTHORISED:
            await _check_not_last(agency)
        await execute(
            f"UPDATE {kind.table} SET {kind.ended} = $2 WHERE {kind.ended} IS NULL AND (id = $1"
            " OR (replaces = $1 AND review <> 'accepted'))",
            row_id, now,
        )  # fmt: skip
        await touch(agency, terms)
        if in_force:
            change = {"item": kind.name, "act": "ended"}
            if kind is QUALIFICATION:
                change["certificate_number"] = row["certificate_number"]
            await record(
                "agency.changed", subject=agency.code, by=acting.organisation_code, data={"changes": [change]}, at=now
            )


async def _check_not_last(agency: AgencyView) -> None:
    count: int = await fetch_value(
        "SELECT count(*) FROM agency_authorised_person WHERE agency_id = $1 AND left_at IS NULL AND review = 'accepted'",
        agency.id,
    )
    if count <= 1:
        raise Refusal("agency.last_authorised", N_("This is the only person who may act for your agency."),
                      todo=N_("Name another authorised person first; take this one out once the other is accepted."))  # fmt: skip


async def _save(
    kind: RowKind, agency: AgencyView, row_id: UUID | None, values: dict[str, Any], terms: Terms, now: datetime
) -> None:
    """Into a new row; into the same row as long as nothing in force depends on it; else into a successor."""
    if row_id is None:
        await _insert(kind, agency, values, None, now)
    else:
        row = await _row(kind, agency, row_id)
        kept = _with_old_files(values, row)
        if agency.stage in OPEN_STAGES or row["review"] != "accepted":
            await _rewrite(kind, row_id, kept, now)
        else:
            await _replace(kind, agency, row, kept, now)
    await touch(agency, terms)


async def _row(kind: RowKind, agency: AgencyView, row_id: UUID) -> dict[str, Any]:
    row = await fetch_one(
        f"SELECT * FROM {kind.table} WHERE id = $1 AND agency_id = $2 AND {kind.ended} IS NULL", row_id, agency.id
    )
    if row is None:
        raise NotFound
    return row


def _with_old_files(values: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] if name.endswith("file_id") and value is None else value for name, value in values.items()}


async def _insert(
    kind: RowKind, agency: AgencyView, values: dict[str, Any], replaces: UUID | None, now: datetime
) -> None:
    row = {"id": new_id(), "agency_id": agency.id, "review": "pending", "replaces": replaces, kind.since: now, **values}
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await execute(f"INSERT INTO {kind.table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def _rewrite(kind: RowKind, row_id: UUID, values: dict[str, Any], now: datetime) -> None:
    changed = {**values, "review": "pending", "review_reason": "", "reviewed_at": None, kind.since: now}
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(changed, start=2))
    await execute(f"UPDATE {kind.table} SET {columns} WHERE id = $1", row_id, *changed.values())


async def _replace(
    kind: RowKind, agency: AgencyView, row: dict[str, Any], values: dict[str, Any], now: datetime
) -> None:
    """The row in force stays; its successor waits for review. An earlier successor that waits is dropped."""
    await execute(
        f"UPDATE {kind.table} SET {kind.ended} = $2 WHERE replaces = $1 AND review <> 'accepted' AND {kind.ended} IS NULL",
        row["id"], now,
    )  # fmt: skip
    if kind is PRACTITIONER:
        identity = ("id_number_sealed", "id_number_digest", "id_number_masked")
        values = {**{name: row[name] for name in identity}, **values}
    await _insert(kind, agency, values, row["id"], now)
