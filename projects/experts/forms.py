"""What browsers send to experts' pages, as commands: every error of a form at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from litestar.datastructures import FormMultiDict
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from market.catalogue.rules import Catalogue
from market.kernel.calendar import end_of_day
from market.kernel.i18n import N_
from market.web.forms import Fields
from projects.experts.actions import Application, Declared
from projects.experts.rules import FULL_MARK, GRADES, Mark, Stage

MOST_CONFLICTS = 30
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9]")
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_ACCOUNT = re.compile(r"[0-9]{8,30}")
LABELS = {
    "specialities": N_("Specialities"),
    "profession": N_("Profession"),
    "title": N_("Professional title"),
    "employer_name": N_("Employer"),
    "employer_code": N_("Unified social credit code of the employer"),
    "id_number": N_("Identity card number"),
    "phone": N_("Telephone"),
    "bank_name": N_("Bank"),
    "account": N_("Bank account for fees"),
    "conflicts": N_("Conflicts of interest"),
    "decision": N_("Decision"),
    "reason": N_("Reason"),
    "until": N_("Suspended until"),
    "held_on": N_("Held on"),
    "subject": N_("Subject of the training"),
    "hours": N_("Hours"),
    "year": N_("Year"),
    "grade": N_("Grade"),
    "note": N_("Note"),
    "fee": N_("Fee"),
    "no_conflict": N_("No conflict of interest"),
    "marks": N_("Marks"),
}
DECISIONS = {"admit": Stage.ADMITTED, "return": Stage.RETURNED, "refuse": Stage.REFUSED}


@dataclass(frozen=True)
class ReviewCommand:
    decision: Stage
    reason: str
    version: int


@dataclass(frozen=True)
class Suspension:
    """`until`: None ends a suspension."""

    until: datetime | None
    reason: str
    version: int


@dataclass(frozen=True)
class Training:
    held_on: date
    subject: str
    hours: int


@dataclass(frozen=True)
class Assessment:
    year: int
    grade: str
    note: str


@dataclass(frozen=True)
class ServiceRecord:
    fee_fen: int | None
    grade: str | None
    note: str


def parse_application(
    form: FormMultiDict, catalogue: Catalogue, *, identified: bool, reachable: bool, paid: bool, open_: bool
) -> tuple[Application, list[Declared]]:
    """`identified`, `reachable`, `paid`: the number is on file, so an empty field keeps it. `open_`: not admitted yet."""
    fields = Fields(form)
    known = {one.code for one in catalogue.classes} | {item.code for item in catalogue.items}
    application = Application(
        specialities=tuple(fields.choices("specialities", LABELS["specialities"], known, required=open_)),
        profession=fields.text("profession", LABELS["profession"], max_length=60, required=open_),
        title=fields.text("title", LABELS["title"], max_length=60, required=open_),
        employer_name=fields.text("employer_name", LABELS["employer_name"], max_length=100),
        employer_code=fields.credit_code("employer_code", LABELS["employer_code"], required=False) or None,
        id_number=_id_number(fields, required=open_ and not identified),
        phone=_matching(fields, "phone", _PHONE, required=not reachable),
        bank_name=fields.text("bank_name", LABELS["bank_name"], max_length=60),
        account=_matching(fields, "account", _ACCOUNT, required=not paid),
    )
    conflicts = _conflicts(fields, form)
    fields.check()
    return application, conflicts


def _id_number(fields: Fields, *, required: bool) -> str:
    text = fields.text("id_number", LABELS["id_number"], max_length=18, required=required).upper()
    if text and not _is_id_number(text):
        fields.wrong(
            "id_number", N_("This is no valid identity card number (18 characters; its last one is a check digit).")
        )
        return ""
    return text


def _is_id_number(text: str) -> bool:
    """GB 11643. The place is not judged: numbers outlive the divisions whose code they begin with."""
    if not _ID_NUMBER.fullmatch(text) or ric.calc_check_digit(text) != text[-1]:
        return False
    try:
        return bool(ric.get_birth_date(text))
    except ValidationError:
        return False


def _matching(fields: Fields, name: str, pattern: re.Pattern[str], *, required: bool) -> str:
    text = fields.text(name, LABELS[name], max_length=30, required=required).replace(" ", "")
    if text and not pattern.fullmatch(text):
        fields.wrong(name, N_("Write the number with digits only."))
        return ""
    return text


def _conflicts(fields: Fields, form: FormMultiDict) -> list[Declared]:
    codes, reasons = (
        [one.strip() for one in form.getall(name, []) if isinstance(one, str)]
        for name in ("conflict_code", "conflict_reason")
    )
    rows = [(code.upper(), reason[:200]) for code, reason in zip(codes, reasons, strict=False) if code or reason]
    for code, _ in rows:
        if not uscc.is_valid(code):
            fields.wrong("conflicts", N_("{code} is no valid unified social credit code."), code=code or "—")
    if len({code for code, _ in rows}) < len(rows):
        fields.wrong("conflicts", N_("An organisation is named twice."))
    if len(rows) > MOST_CONFLICTS:
        fields.wrong("conflicts", N_("At most {most} organisations."), most=MOST_CONFLICTS)
    return [Declared(code, reason) for code, reason in rows]


def parse_review(form: FormMultiDict) -> ReviewCommand:
    fields = Fields(form)
    decision = fields.choice("decision", LABELS["decision"], DECISIONS)
    reason = fields.text("reason", LABELS["reason"], max_length=500, required=decision in {"return", "refuse"})
    version = _version(fields)
    fields.check()
    return ReviewCommand(DECISIONS[decision], reason, version)


def _version(fields: Fields) -> int:
    return fields.integer("version", N_("Version of the page"), low=1, high=10**9) or 0


def parse_reason(form: FormMultiDict, name: str = "reason") -> str:
    fields = Fields(form)
    reason = fields.text(name, LABELS["reason"], max_length=500, min_length=2)
    fields.check()
    return reason


def parse_suspension(form: FormMultiDict, *, now: datetime) -> Suspension:
    fields = Fields(form)
    day = fields.day("until", LABELS["until"], required=False)
    until = end_of_day(day) if day else None
    if until is not None and until <= now:
        fields.wrong("until", N_("This day is over already."))
    reason = fields.text("reason", LABELS["reason"], max_length=500, required=day is not None)
    version = _version(fields)
    fields.check()
    return Suspension(until, reason, version)


def parse_training(form: FormMultiDict, *, today: date) -> Training:
    fields = Fields(form)
    held_on = fields.day("held_on", LABELS["held_on"])
    if held_on is not None and held_on > today:
        fields.wrong("held_on", N_("This day has not come yet."))
    subject = fields.text("subject", LABELS["subject"], max_length=120)
    hours = fields.integer("hours", LABELS["hours"], low=1, high=1000)
    fields.check()
    assert held_on is not None
    assert hours is not None
    return Training(held_on, subject, hours)


def parse_assessment(form: FormMultiDict, *, today: date) -> Assessment:
    fields = Fields(form)
    year = fields.integer("year", LABELS["year"], low=2000, high=today.year)
    grade = fields.choice("grade", LABELS["grade"], GRADES)
    note = fields.text("note", LABELS["note"], max_length=500, required=False)
    fields.check()
    assert year is not None
    return Assessment(year, grade, note)


def parse_service(form: FormMultiDict) -> ServiceRecord:
    fields = Fields(form)
    fee = fields.money("fee", LABELS["fee"], required=False, positive=False)
    grade = fields.choice("grade", LABELS["grade"], GRADES, required=False) or None
    note = fields.text("note", LABELS["note"], max_length=500, required=False)
    fields.check()
    return ServiceRecord(fee.fen if fee else None, grade, note)


def parse_acceptance(form: FormMultiDict) -> None:
    fields = Fields(form)
    if not fields.flag("no_conflict"):
        fields.wrong(
            "no_conflict",
            N_("Accept only if you have no conflict of interest with any of the parties; otherwise say so below."),
        )
    fields.check()


def parse_marks(form: FormMultiDict, agencies: Iterable[str], criteria: int) -> list[Mark]:
    """The whole sheet; an empty field is a mark that is still open."""
    fields = Fields(form)
    marks = [_mark(fields, agency, no) for agency in agencies for no in range(1, criteria + 1)]
    fields.check()
    return marks


def parse_whatever_is_a_mark(form: FormMultiDict, agencies: Iterable[str], criteria: int) -> list[Mark]:
    """For saving while somebody types: what is no mark yet is left out and said at the end."""
    found = []
    for agency in agencies:
        for no in range(1, criteria + 1):
            fields = Fields(form)
            mark = _mark(fields, agency, no)
            if not fields.errors:
                found.append(mark)
    return found


def _mark(fields: Fields, agency: str, no: int) -> Mark:
    mark = fields.integer(f"mark-{agency}-{no}", N_("Mark"), low=0, high=FULL_MARK, required=False)
    reason = fields.text(f"reason-{agency}-{no}", LABELS["reason"], max_length=500, required=False)
    return Mark(agency, no, mark, reason)


def values_of(marks: Iterable[Mark]) -> dict[str, str]:
    """The sheet as its form shows it."""
    values = {f"mark-{one.agency}-{one.criterion}": "" if one.mark is None else str(one.mark) for one in marks}
    return values | {f"reason-{one.agency}-{one.criterion}": one.reason for one in marks}
