"""From the account pages' forms to commands, with all errors at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from litestar.datastructures import FormMultiDict
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from market.accounts.actions import NewOrganisation, NewPerson, Roles
from market.accounts.passwords import digest, seal
from market.accounts.rules import PASSWORD_LENGTH, SELF_SERVICE_KINDS
from market.catalogue.rules import Catalogue, UnknownCode
from market.kernel.calendar import beijing_date
from market.kernel.clock import wall_now
from market.kernel.i18n import N_
from market.kernel.settings import Secret
from market.web.forms import Fields

ID_NUMBER = "id-number"


@dataclass(frozen=True)
class SignUp:
    organisation: NewOrganisation
    founder: NewPerson
    password: str


def parse_sign_up(form: FormMultiDict, *, key: Secret, code_for_person: str, catalogue: Catalogue) -> SignUp:
    """An organisation (or a natural person) with its first account. `code_for_person`: our code for a natural person."""
    fields = Fields(form)
    kind = fields.choice("kind", N_("I come as"), SELF_SERVICE_KINDS)
    single = kind in {"natural_person", "expert"}
    person, password = _person(fields)
    if single:
        person = _with_id_number(fields, person, key)
        organisation = _of_person(fields, kind, person, code_for_person, catalogue)
    else:
        organisation = _organisation(fields, kind, catalogue)
    if not fields.flag("terms"):
        fields.wrong("terms", N_("Please confirm that you have read the terms."))
    fields.check()
    return SignUp(organisation, person, password)


def _organisation(fields: Fields, kind: str, catalogue: Catalogue) -> NewOrganisation:
    phone = _phone(fields, "organisation_phone", N_("Telephone of the organisation"))
    return NewOrganisation(
        kind=kind,
        code=fields.credit_code("code", N_("Unified social credit code")),
        name=fields.text("organisation_name", N_("Name of the organisation"), max_length=100, min_length=2),
        legal_representative=fields.text("legal_representative", N_("Legal representative"), max_length=50),
        region_code=_region(fields, "region_code", catalogue),
        address=fields.text("address", N_("Address"), max_length=200),
        phone=phone,
        complaint_phone=_phone(fields, "complaint_phone", N_("Telephone for complaints"), required=False) or phone,
        parent_code=fields.credit_code("parent_code", N_("Code of the parent organisation"), required=False) or None,
    )


def _of_person(fields: Fields, kind: str, person: NewPerson, code: str, catalogue: Catalogue) -> NewOrganisation:
    return NewOrganisation(
        kind=kind, code=code, name=person.name, legal_representative=person.name, region_code=_region(fields, "region_code", catalogue),
        address=fields.text("address", N_("Address"), max_length=200, required=False), phone=person.phone,
        complaint_phone=person.phone,
    )  # fmt: skip


def _region(fields: Fields, name: str, catalogue: Catalogue, *, required: bool = True) -> str:
    region = fields.text(name, N_("Region"), max_length=6, required=required)
    try:
        return catalogue.region(region).code if region else ""
    except UnknownCode:
        fields.wrong(name, N_("Choose a region of the list."))
        return ""


def _phone(fields: Fields, name: str, label: str, *, required: bool = True) -> str:
    text = fields.text(name, label, max_length=20, required=required)
    digits = text.replace("-", "").replace(" ", "").removeprefix("+86")
    if text and not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 12):
        fields.wrong(name, N_("This is no telephone number: 7 to 12 digits, such as 13800138000 or 0532-85912345."))
    return text


def _person(fields: Fields, *, prefix: str = "") -> tuple[NewPerson, str]:
    login = fields.text(f"{prefix}login", N_("Sign-in name"), max_length=60, min_length=3).lower()
    if any(char.isspace() for char in login):
        fields.wrong(f"{prefix}login", N_("The sign-in name must not contain spaces."))
    person = NewPerson(
        login=login,
        name=fields.text(f"{prefix}name", N_("Your name"), max_length=50),
        phone=_phone(fields, f"{prefix}phone", N_("Mobile number")),
        email=fields.text(f"{prefix}email", N_("E-mail"), max_length=120, required=False),
        password_hash="",
    )
    return person, parse_new_password(fields, prefix=prefix, login=login)


def parse_new_password(fields: Fields, *, prefix: str = "", login: str = "") -> str:
    password = fields.form.get(f"{prefix}password")
    password = password if isinstance(password, str) else ""
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        fields.wrong(
            f"{prefix}password",
            N_("A password has at least {low} characters; a short sentence is easy to remember."),
            low=low,
        )
    elif login and login in password.lower():
        fields.wrong(f"{prefix}password", N_("The password must not contain the sign-in name."))
    elif len(set(password)) < 4:
        fields.wrong(f"{prefix}password", N_("This password is too simple: use more different characters."))
    if f"{prefix}password_again" in fields.form and fields.form[f"{prefix}password_again"] != password:
        fields.wrong(f"{prefix}password_again", N_("The two passwords differ."))
    return password


def _with_id_number(fields: Fields, person: NewPerson, key: Secret) -> NewPerson:
    """Sealed for the one person who may read it, and a keyed digest to find a second account of the same person."""
    text = fields.text("id_number", N_("ID number"), max_length=18).upper()
    try:
        number = ric.validate(text) if text else ""
    except ValidationError:
        fields.wrong("id_number", N_("This is no valid ID number (18 characters; its last one is a check digit)."))
        number = ""
    if number and ric.get_birth_date(number) > beijing_date(wall_now()):
        fields.wrong("id_number", N_("This is no valid ID number (18 characters; its last one is a check digit)."))
    return replace(
        person, id_number_sealed=seal(key, ID_NUMBER, number), id_number_digest=digest(key, ID_NUMBER, number)
    )


@dataclass(frozen=True)
class Colleague:
    person: NewPerson
    password: str
    roles: Roles


def parse_colleague(form: FormMultiDict) -> Colleague:
    fields = Fields(form)
    person, password = _person(fields)
    roles = parse_roles(fields)
    fields.check()
    return Colleague(person, password, roles)


def parse_roles(fields: Fields) -> Roles:
    chosen = fields.choices("roles", N_("Roles"), ("admin", "handler", "signatory"))
    return Roles("admin" in chosen, "handler" in chosen, "signatory" in chosen)


@dataclass(frozen=True)
class NewInstitution:
    organisation: NewOrganisation
    founder: NewPerson
    password: str
    region_prefix: str
    department: str


def parse_institution(form: FormMultiDict, catalogue: Catalogue) -> NewInstitution:
    """A regulator as the operator sets it up: organisation, first person, and what it watches over."""
    fields = Fields(form)
    organisation = _organisation(fields, "regulator", catalogue)
    person, password = _person(fields)
    region = _region(fields, "scope_region", catalogue, required=False).rstrip("0")
    departments = {regulator.code for regulator in catalogue.regulators}
    department = fields.choice("scope_department", N_("Industry it watches over"), departments, required=False)
    fields.check()
    return NewInstitution(organisation, person, password, region, department)


@dataclass(frozen=True)
class Profile:
    name: str
    phone: str
    email: str


def parse_profile(form: FormMultiDict) -> Profile:
    fields = Fields(form)
    profile = Profile(
        name=fields.text("name", N_("Your name"), max_length=50),
        phone=_phone(fields, "phone", N_("Mobile number")),
        email=fields.text("email", N_("E-mail"), max_length=120, required=False),
    )
    fields.check()
    return profile
