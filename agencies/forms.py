"""What browsers send, as commands: every error of a form at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from litestar.datastructures import FormMultiDict
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from agencies.rules import (
    LONG_TERM,
    AuthorisedDetails,
    Certificate,
    Decision,
    FirmDetails,
    PractitionerDetails,
    Verdict,
)
from market.catalogue.rules import Catalogue, QualificationType
from market.kernel.errors import NotFound
from market.kernel.files import Upload
from market.kernel.i18n import N_
from market.web.forms import Fields

_PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9]")
LABELS = {
    "name": N_("Name of the firm"),
    "legal_representative": N_("Legal representative"),
    "region_code": N_("Region"),
    "address": N_("Address"),
    "phone": N_("Telephone"),
    "complaint_phone": N_("Telephone for complaints"),
    "parent_code": N_("Controlled by (unified social credit code)"),
    "branch_of": N_("Head office (unified social credit code)"),
    "branch_letter": N_("Letter of the head office"),
    "introduction": N_("Introduction"),
    "established_on": N_("Established on"),
    "registered_capital": N_("Registered capital"),
    "service_items": N_("Service items"),
    "licence": N_("Business licence"),
    "agreed": N_("Acceptance of the commitment letter"),
    "qualification_type": N_("Kind of qualification"),
    "level": N_("Level"),
    "specialities": N_("Specialities"),
    "certificate_number": N_("Certificate number"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "scan": N_("Scan of the certificate"),
    "person_name": N_("Full name"),
    "id_number": N_("Identity card number"),
    "profession": N_("Profession"),
    "insurance": N_("Social-insurance record"),
    "authority": N_("Letter of authority"),
    "reason": N_("Reason"),
    "decision": N_("Decision"),
}


@dataclass(frozen=True)
class ReviewCommand:
    decision: Decision
    verdicts: tuple[Verdict, ...]
    reason: str
    version: int


def _phone(fields: Fields, name: str, *, required: bool = True) -> str:
    text = fields.text(name, LABELS[name], max_length=20, required=required)
    if text and not _PHONE.fullmatch(text):
        fields.wrong(name, N_("Write a telephone number with digits only, such as 0532-85910000 or 13800000001."))
    return text


async def parse_firm(
    form: FormMultiDict, *, catalogue: Catalogue, limit: int, today: date
) -> tuple[FirmDetails, Upload | None]:
    """The section "the firm", and the head office's letter when one was sent."""
    fields = Fields(form)
    capital = fields.money("registered_capital", LABELS["registered_capital"], required=False, positive=False)
    established = fields.day("established_on", LABELS["established_on"])
    if established is not None and established > today:
        fields.wrong("established_on", N_("This day has not come yet."))
    details = FirmDetails(
        name=fields.text("name", LABELS["name"], max_length=100),
        legal_representative=fields.text("legal_representative", LABELS["legal_representative"], max_length=40),
        region_code=fields.choice("region_code", LABELS["region_code"], {region.code for region in catalogue.regions}),
        address=fields.text("address", LABELS["address"], max_length=200, min_length=5),
        phone=_phone(fields, "phone"),
        complaint_phone=_phone(fields, "complaint_phone", required=False),
        parent_code=fields.credit_code("parent_code", LABELS["parent_code"], required=False) or None,
        branch_of=fields.credit_code("branch_of", LABELS["branch_of"], required=False) or None,
        introduction=fields.text("introduction", LABELS["introduction"], max_length=2000, min_length=20),
        established_on=established,
        registered_capital_fen=capital.fen if capital else None,
    )
    letter = await fields.upload("branch_letter", LABELS["branch_letter"], limit=limit, required=False)
    fields.check()
    return details, letter


def parse_services(form: FormMultiDict, *, catalogue: Catalogue) -> list[str]:
    fields = Fields(form)
    items = fields.choices("service_items", LABELS["service_items"], {item.code for item in catalogue.items})
    fields.check()
    return items


async def parse_licence(form: FormMultiDict, *, limit: int) -> Upload:
    fields = Fields(form)
    licence = await fields.upload("licence", LABELS["licence"], limit=limit)
    fields.check()
    assert licence is not None
    return licence


def parse_commitment(form: FormMultiDict) -> str:
    """The hash of the text that was on the page."""
    fields = Fields(form)
    if not fields.flag("agreed"):
        fields.wrong("agreed", N_("Tick the box if your agency accepts the commitment letter."))
    fields.check()
    return fields.raw("sha256")


async def parse_certificate(
    form: FormMultiDict, kind: QualificationType, *, limit: int, today: date, needs_scan: bool
) -> tuple[Certificate, Upload | None]:
    fields = Fields(form)
    level = fields.choice("level", LABELS["level"], {one.code for one in kind.levels}, required=bool(kind.levels))
    specialities = _specialities(fields, kind, level)
    number = fields.text("certificate_number", LABELS["certificate_number"], max_length=60)
    valid_from = fields.day("valid_from", LABELS["valid_from"])
    valid_until = LONG_TERM if fields.flag("long_term") else _last_day(fields, today)
    if valid_from and valid_until and valid_until < valid_from:
        fields.wrong("valid_until", N_("The last day comes before the first."))
    scan = await fields.upload("scan", LABELS["scan"], limit=limit, required=needs_scan)
    fields.check()
    assert valid_from is not None
    assert valid_until is not None
    return Certificate(kind.code, level, specialities, number, valid_from, valid_until), scan


def _specialities(fields: Fields, kind: QualificationType, level: str) -> tuple[str, ...]:
    """None where the type has none, or where the level covers every one of them."""
    every = any(one.code == level and one.every_speciality for one in kind.levels)
    if not kind.specialities or every:
        return ()
    allowed = {one.code for one in kind.specialities}
    return tuple(sorted(fields.choices("specialities", LABELS["specialities"], allowed)))


def _last_day(fields: Fields, today: date) -> date | None:
    day = fields.day("valid_until", LABELS["valid_until"])
    if day is not None and day < today:
        fields.wrong("valid_until", N_("This certificate has expired. Add the renewed one."))
    return day


async def parse_practitioner(
    form: FormMultiDict, *, professions: Sequence[str], limit: int, today: date, is_new: bool
) -> tuple[PractitionerDetails, Upload | None]:
    """The ID number may stay empty for somebody who is on the list already."""
    fields = Fields(form)
    name = fields.text("person_name", LABELS["person_name"], max_length=40)
    details = PractitionerDetails(
        name=name,
        id_number=_id_number(fields, required=is_new),
        profession=fields.choice("profession", LABELS["profession"], professions),
        certificate_number=fields.text("certificate_number", LABELS["certificate_number"], max_length=60),
        valid_until=LONG_TERM if fields.flag("long_term") else _last_day(fields, today) or today,
    )
    insurance = await fields.upload("insurance", LABELS["insurance"], limit=limit, required=is_new)
    fields.check()
    return details, insurance


def _id_number(fields: Fields, *, required: bool) -> str:
    """Checked digit by digit (GB 11643): region, day of birth, check digit."""
    text = fields.text("id_number", LABELS["id_number"], max_length=20, required=required)
    if not text:
        return ""
    try:
        number: str = ric.validate(text.upper())
    except ValidationError:
        fields.wrong(
            "id_number", N_("This is no valid identity card number (18 characters; the last one is a check digit).")
        )
        return ""
    return number


async def parse_authorised(
    form: FormMultiDict, *, limit: int, is_new: bool
) -> tuple[AuthorisedDetails, Upload | None, Upload | None]:
    fields = Fields(form)
    details = AuthorisedDetails(
        name=fields.text("person_name", LABELS["person_name"], max_length=40), phone=_phone(fields, "phone")
    )
    insurance = await fields.upload("insurance", LABELS["insurance"], limit=limit, required=is_new)
    authority = await fields.upload("authority", LABELS["authority"], limit=limit, required=is_new)
    fields.check()
    return details, insurance, authority


def parse_version(form: FormMultiDict) -> int:
    """The state of the agency that the page showed."""
    fields = Fields(form)
    version = fields.integer("version", N_("Version"), low=1, high=10**9)
    fields.check()
    assert version is not None
    return version


def parse_reason(form: FormMultiDict) -> str:
    fields = Fields(form)
    reason = fields.text("reason", LABELS["reason"], max_length=1000, min_length=5)
    fields.check()
    return reason


def parse_application_review(form: FormMultiDict, items: Sequence[str]) -> ReviewCommand:
    fields = Fields(form)
    decision = fields.choice("decision", LABELS["decision"], {one.value for one in Decision})
    verdicts = _verdicts(fields, items)
    refusing = decision == Decision.REFUSE
    reason = fields.text("reason", LABELS["reason"], max_length=1000, min_length=5, required=refusing)
    version = fields.integer("version", N_("Version"), low=1, high=10**9)
    fields.check()
    assert version is not None
    return ReviewCommand(Decision(decision), verdicts, reason, version)


def parse_changes_review(form: FormMultiDict, items: Sequence[str]) -> tuple[tuple[Verdict, ...], int]:
    fields = Fields(form)
    verdicts = _verdicts(fields, items)
    version = fields.integer("version", N_("Version"), low=1, high=10**9)
    fields.check()
    assert version is not None
    return verdicts, version


def _verdicts(fields: Fields, items: Sequence[str]) -> tuple[Verdict, ...]:
    return tuple(_verdict(fields, item) for item in items)


def _verdict(fields: Fields, item: str) -> Verdict:
    chosen = fields.choice(f"verdict-{item}", N_("Accept or return"), ("accept", "return"))
    reason = fields.text(f"reason-{item}", LABELS["reason"], max_length=500, required=chosen == "return")
    return Verdict(item, chosen == "accept", reason if chosen == "return" else "")


def wanted_type(catalogue: Catalogue, code: str) -> QualificationType:
    """The kind of qualification named in an address. Raises NotFound."""
    found = next((kind for kind in catalogue.qualifications if kind.code == code), None)
    if found is None:
        raise NotFound
    return found
