"""Is an application complete? Every gap at once, each with the section in which it is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from market.catalogue.rules.catalogue import Catalogue, Held, ServiceItem, UnknownCode
from market.kernel.errors import Message
from market.kernel.i18n import N_


class Section(StrEnum):
    """The parts of the application, in the order in which they are filled in."""

    FIRM = "firm"
    SERVICES = "services"
    COMMITMENT = "commitment"
    LICENCE = "licence"
    QUALIFICATIONS = "qualifications"
    PRACTITIONERS = "practitioners"
    AUTHORISED = "authorised"


SECTION_NAMES = {
    Section.FIRM: N_("The firm"),
    Section.SERVICES: N_("Service items"),
    Section.COMMITMENT: N_("Commitment letter"),
    Section.LICENCE: N_("Business licence"),
    Section.QUALIFICATIONS: N_("Qualifications"),
    Section.PRACTITIONERS: N_("Practitioners"),
    Section.AUTHORISED: N_("Authorised persons"),
}


@dataclass(frozen=True)
class Gap:
    section: Section
    message: Message


@dataclass(frozen=True)
class ListedRow:
    """A qualification, practitioner or authorised person of the application. `files`: are all its documents there?"""

    label: str
    review: str
    files: bool
    valid_until: date | None = None


@dataclass(frozen=True)
class Application:
    introduction: str
    address: str
    phone: str
    established_on: date | None
    is_branch: bool
    has_branch_letter: bool
    service_items: tuple[str, ...]
    committed_version: str | None
    has_licence: bool
    held: tuple[Held, ...]
    qualifications: Sequence[ListedRow]
    practitioners: Sequence[ListedRow]
    authorised: Sequence[ListedRow]


def gaps(application: Application, *, catalogue: Catalogue, commitment_version: str, today: date) -> list[Gap]:
    """What keeps the application from being submitted; empty when nothing does."""
    return [
        *_firm(application),
        *_services(application, catalogue),
        *_commitment(application, commitment_version),
        *_licence(application),
        *_rows(Section.QUALIFICATIONS, application.qualifications, today),
        *_rows(Section.PRACTITIONERS, application.practitioners, today),
        *_authorised(application, today),
    ]


def uncovered(service_items: Iterable[str], held: Iterable[Held], catalogue: Catalogue) -> list[ServiceItem]:
    """The service items that the holder of these qualifications may not perform by law."""
    owned = tuple(held)
    known = [item for code in service_items if (item := _item(catalogue, code)) is not None]
    return [item for item in known if catalogue.missing(item.code, owned)]


def _item(catalogue: Catalogue, code: str) -> ServiceItem | None:
    try:
        return catalogue.item(code)
    except UnknownCode:
        return None


def _firm(application: Application) -> list[Gap]:
    found = []
    if not (application.introduction and application.address and application.phone and application.established_on):
        found.append(Gap(Section.FIRM, Message(N_("Fill in the particulars of the firm."))))
    if application.is_branch and not application.has_branch_letter:
        found.append(Gap(Section.FIRM, Message(N_("Add the letter in which the head office authorises the branch."))))
    return found


def _services(application: Application, catalogue: Catalogue) -> list[Gap]:
    if not application.service_items:
        return [Gap(Section.SERVICES, Message(N_("Choose the service items that you offer.")))]
    text = N_("{item} needs by law a qualification that is not among yours: add it, or leave the item out.")
    return [
        Gap(Section.SERVICES, Message(text, {"item": item.name}))
        for item in uncovered(application.service_items, application.held, catalogue)
    ]


def _commitment(application: Application, version: str) -> list[Gap]:
    if application.committed_version == version:
        return []
    return [Gap(Section.COMMITMENT, Message(N_("A signatory of your agency has to accept the commitment letter.")))]


def _licence(application: Application) -> list[Gap]:
    return (
        [] if application.has_licence else [Gap(Section.LICENCE, Message(N_("Add the scan of your business licence.")))]
    )


def _authorised(application: Application, today: date) -> list[Gap]:
    if not application.authorised:
        return [Gap(Section.AUTHORISED, Message(N_("Name at least one authorised person.")))]
    return _rows(Section.AUTHORISED, application.authorised, today)


def _rows(section: Section, rows: Sequence[ListedRow], today: date) -> list[Gap]:
    return [Gap(section, message) for row in rows for message in _row(row, today)]


def _row(row: ListedRow, today: date) -> list[Message]:
    found = []
    if row.review == "returned":
        found.append(Message(N_("{row} was returned: correct it or take it out."), {"row": row.label}))
    if not row.files:
        found.append(Message(N_("{row}: a document is missing."), {"row": row.label}))
    if row.valid_until is not None and row.valid_until < today:
        found.append(Message(N_("{row}: the certificate has expired."), {"row": row.label}))
    return found
