"""The agency writes its application, section by section, and hands it in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from obstore.store import ObjectStore

from agencies.actions.agency_row import (
    Terms,
    check_version,
    keep_file,
    lock_agency,
    lock_editable,
    move,
    touch,
    unaccept_rows,
)
from agencies.queries.application import AgencyView, application_of, dossier_of
from agencies.queries.commitment import CommitmentText, text_in_force
from agencies.rules import OPEN_STAGES, SECTION_NAMES, Act, FirmDetails, gaps
from market.accounts.queries import organisation
from market.catalogue.rules import Catalogue
from market.kernel.calendar import beijing_date
from market.kernel.db import execute, fetch_value, to_json, transaction
from market.kernel.errors import Message, NotFound, Refusal
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.web.viewer import Viewer

_OPEN = """
INSERT INTO agency (organisation_id, stage, introduction, service_items) VALUES ($1, 'draft', '', '{}')
ON CONFLICT (organisation_id) DO NOTHING
"""
_FIRM_OF_ORGANISATION = """
UPDATE organisation SET name = $2, legal_representative = $3, region_code = $4, address = $5, phone = $6,
    complaint_phone = $7, parent_code = $8
WHERE id = $1
"""
_FIRM_OF_AGENCY = """
UPDATE agency SET introduction = $2, established_on = $3, registered_capital_fen = $4, branch_of = $5,
    branch_file_id = CASE WHEN $5::text IS NULL THEN NULL ELSE coalesce($6, branch_file_id) END
WHERE organisation_id = $1
"""


async def open_application(organisation_id: UUID, now: datetime) -> None:
    """The first visit to the entry page; later ones change nothing."""
    if (await organisation(organisation_id)).kind != "agency":
        raise NotFound
    async with transaction():
        await execute(_OPEN, organisation_id)


async def save_firm(
    agency_id: UUID, details: FirmDetails, branch_letter: Upload | None, *, acting: Viewer, store: ObjectStore,
    terms: Terms, now: datetime,
) -> None:  # fmt: skip
    """Before entry it takes effect at once; afterwards it is a proposal."""
    file_id = await keep_file(store, branch_letter, acting, now)
    async with transaction():
        agency = await lock_editable(agency_id)
        _check_branch(agency, details, has_letter=bool(file_id or agency.branch_file_id))
        if agency.stage in OPEN_STAGES:
            await apply_firm(agency_id, details, file_id)
        else:
            _check_difference(bool(details.differing(agency.firm)) or file_id is not None)
            await _propose(agency, "firm", details.to_json(), file_id, acting, now)
        await touch(agency, terms)


async def apply_firm(agency_id: UUID, details: FirmDetails, branch_file_id: UUID | None) -> None:
    await execute(
        _FIRM_OF_ORGANISATION, agency_id, details.name, details.legal_representative, details.region_code,
        details.address, details.phone, details.complaint_phone, details.parent_code,
    )  # fmt: skip
    await execute(
        _FIRM_OF_AGENCY, agency_id, details.introduction, details.established_on, details.registered_capital_fen,
        details.branch_of, branch_file_id,
    )  # fmt: skip


def _check_branch(agency: AgencyView, details: FirmDetails, *, has_letter: bool) -> None:
    if details.branch_of == agency.code or details.parent_code == agency.code:
        raise Refusal("agency.own_parent", N_("An agency cannot be its own head office or parent."))
    if details.branch_of and not has_letter:
        raise Refusal("agency.branch_letter", N_("A branch needs the letter in which its head office authorises it."),
                      todo=N_("Go back, choose the scan of the letter and save again."))  # fmt: skip


async def save_services(agency_id: UUID, items: list[str], *, acting: Viewer, terms: Terms, now: datetime) -> None:
    chosen = sorted(items)
    async with transaction():
        agency = await lock_editable(agency_id)
        if agency.stage in OPEN_STAGES:
            await apply_services(agency_id, chosen)
        else:
            _check_difference(chosen != sorted(agency.service_items))
            await _propose(agency, "services", {"service_items": chosen}, None, acting, now)
        await touch(agency, terms)


async def apply_services(agency_id: UUID, items: list[str]) -> None:
    await execute("UPDATE agency SET service_items = $2 WHERE organisation_id = $1", agency_id, items)


async def save_licence(
    agency_id: UUID, licence: Upload, *, acting: Viewer, store: ObjectStore, terms: Terms, now: datetime
) -> None:
    file_id = await keep_file(store, licence, acting, now)
    assert file_id is not None
    async with transaction():
        agency = await lock_editable(agency_id)
        if agency.stage in OPEN_STAGES:
            await apply_licence(agency_id, file_id)
        else:
            await _propose(agency, "licence", {}, file_id, acting, now)
        await touch(agency, terms)


async def apply_licence(agency_id: UUID, file_id: UUID) -> None:
    await execute("UPDATE agency SET licence_file_id = $2 WHERE organisation_id = $1", agency_id, file_id)


async def accept_commitment(
    agency_id: UUID, sha256: str, *, acting: Viewer, terms: Terms, now: datetime
) -> CommitmentText:
    """A signatory accepts the text in force; `sha256` says which text was on the page."""
    text = text_in_force(now)
    if sha256 != text.sha256:
        raise Refusal("agency.other_commitment", N_("The commitment letter was changed after you opened the page."),
                      todo=N_("Reload the page, read the letter and accept it then."))  # fmt: skip
    async with transaction():
        agency = await lock_editable(agency_id)
        await execute(
            "INSERT INTO agency_commitment VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT ON CONSTRAINT agency_commitment_once DO NOTHING",
            new_id(), agency_id, text.version, text.sha256, acting.person_id, now,
        )  # fmt: skip
        await touch(agency, terms)
    return text


async def submit(agency_id: UUID, *, version: int, catalogue: Catalogue, terms: Terms, now: datetime) -> None:
    """Hands the application in for review. Refusal names the first gap and counts the others."""
    async with transaction():
        agency = await lock_agency(agency_id)
        check_version(agency, version)
        found = gaps(
            application_of(await dossier_of(agency)), catalogue=catalogue,
            commitment_version=text_in_force(now).version, today=beijing_date(now),
        )  # fmt: skip
        if found:
            raise Refusal(
                "entry.incomplete", N_("The application is not complete. {section}: {gap}"), count=len(found),
                section=Message(SECTION_NAMES[found[0].section]), gap=found[0].message,
                todo=N_("Open the application: each open point is listed at its section."),
            )  # fmt: skip
        await move(agency, Act.SUBMIT, submitted_at=now, returned_at=None, due_at=terms.due("entry.review_days", now))


async def withdraw_application(agency_id: UUID) -> None:
    """Takes a submitted application back to correct it before anybody has decided."""
    async with transaction():
        await move(await lock_agency(agency_id), Act.WITHDRAW, submitted_at=None, due_at=None)


async def apply_again(agency_id: UUID, *, now: datetime) -> None:
    """After a refusal or an exit: a new application that starts from what is still there. Not while a removal runs."""
    async with transaction():
        agency = await lock_agency(agency_id)
        removed_until = await fetch_value("SELECT removed_until FROM agency_standing WHERE agency_id = $1", agency_id)
        if removed_until is not None and now < removed_until:
            raise Refusal("agency.removed", N_("Your agency is removed from the market until {until}."), rule="case.removal_months",
                          todo=N_("Apply again after that day; the decision says how to appeal."),
                          until=removed_until)  # fmt: skip
        await move(
            agency, Act.APPLY_AGAIN, due_at=None, submitted_at=None, returned_at=None, notice_started_at=None,
            notice_ends_at=None, admitted_at=None, refused_at=None, exited_at=None, corrections_used=0,
            refusal_reason="", exit_reason="",
        )  # fmt: skip
        await unaccept_rows(agency_id)


async def withdraw_change(agency_id: UUID, change_id: UUID, *, terms: Terms, now: datetime) -> None:
    """Takes back a proposal for one of the sections; what stands goes on standing."""
    async with transaction():
        agency = await lock_editable(agency_id)
        ended = await execute(
            "UPDATE agency_change SET ended_at = $3 WHERE id = $2 AND agency_id = $1 AND ended_at IS NULL",
            agency_id, change_id, now,
        )  # fmt: skip
        if not ended:
            raise NotFound
        await touch(agency, terms)


async def _propose(
    agency: AgencyView, section: str, proposed: dict[str, Any], file_id: UUID | None, acting: Viewer, now: datetime
) -> None:
    await execute(
        "UPDATE agency_change SET ended_at = $3 WHERE agency_id = $1 AND section = $2 AND ended_at IS NULL",
        agency.id, section, now,
    )  # fmt: skip
    await execute(
        "INSERT INTO agency_change VALUES ($1, $2, $3, $4, $5, 'pending', '', NULL, $6, $7, NULL)",
        new_id(), agency.id, section, to_json(proposed), file_id, acting.person_id, now,
    )  # fmt: skip


def _check_difference(differs: bool) -> None:
    if not differs:
        raise Refusal("agency.nothing_changed", N_("Nothing differs from what is in force, so there is nothing to review."),
                      todo=N_("Change what you want changed, then save again."))  # fmt: skip
