"""What was typed into a notice: how it becomes a Notice, and how a Notice becomes answers again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from litestar.datastructures import FormMultiDict

from market.catalogue.rules import Catalogue, Needs, QualificationType, UnknownCode, covered
from market.catalogue.rules import Requirement as CatalogueRequirement
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import local_input
from market.web.forms import Fields
from projects.eligibility import Requirement
from projects.posting.answers.method import (
    METHOD_LABELS,
    METHOD_LONGEST,
    method_values,
    read_amounts,
    read_method,
    read_terms,
    signs_up,
)
from projects.posting.answers.milestones import milestone_values, read_milestones
from projects.posting.rules import Notice
from projects.selection.methods.method import Method

Values = Mapping[str, Any]
LABELS: Final[Mapping[str, str]] = {
    "title": N_("Project name"),
    "investment_code": N_("Code of the investment project"),
    "investment_name": N_("Name of the investment project"),
    "approval_matter": N_("Approval that needs this service"),
    "approval_number": N_("Serial number of the approval"),
    "bundle_code": N_("Bundle"),
    "service_items": N_("Service items"),
    "service_mode": N_("One agency for all items"),
    "region_code": N_("Region of the project"),
    "scale": N_("Scale of the project"),
    "content": N_("Content of the service"),
    "service_days": N_("Time limit of the service"),
    "service_time_note": N_("Notes on the time limit"),
    "milestones": N_("Milestones"),
    "funding": N_("Source of funds"),
    "fiscal_percent": N_("Share of fiscal funds"),
    "estimate": N_("Is there a budget?"),
    "budget": N_("Budget"),
    "price": N_("Price"),
    "price_note": N_("Notes on the price"),
    "requirement_mode": N_("Which of the qualifications"),
    "requirements": N_("Qualifications"),
    "practitioners_needed": N_("Number of practitioners"),
    "practitioner_profession": N_("Their profession"),
    "other_requirements": N_("Other requirements"),
    "avoided": N_("Avoided agencies"),
    "contact_name": N_("Contact"),
    "contact_phone": N_("Phone of the contact"),
    "complaint_phone": N_("Phone for complaints"),
    "remarks": N_("Remarks"),
    **METHOD_LABELS,
    "sign_up_closes_at": N_("Sign-up closes"),
    "not_excluded": N_("Nothing that may not be bought here"),
    "reason": N_("Reason"),
}
NEED: Final = "need:"  # need:<qualification>:<speciality> -> "no", or "=" and the least level
NOT_ASKED: Final = "no"
MOST_ITEMS: Final = 20
# Characters that fit, by name of the field.
LONGEST: Final[Mapping[str, int]] = {
    "title": 80, "scale": 300, "content": 5000, "service_time_note": 300, "investment_code": 40, "investment_name": 120,
    "approval_matter": 120, "approval_number": 60, "price_note": 300, "practitioner_profession": 60, "other_requirements": 2000,
    "remarks": 2000, "contact_name": 40, "contact_phone": 30, "complaint_phone": 30, "avoided_code": 18, "avoided_reason": 200,
    **METHOD_LONGEST,
}  # fmt: skip


def form_of(values: Values) -> FormMultiDict:
    """A draft as if it had been sent just now."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        pairs += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
    return FormMultiDict(pairs)


def need_name(need: CatalogueRequirement) -> str:
    return f"{NEED}{need.qualification}:{need.speciality}"


def offered_needs(items: Iterable[str], catalogue: Catalogue) -> list[CatalogueRequirement]:
    """What the catalogue allows as conditions for these items, each qualification and speciality once."""
    found: dict[str, CatalogueRequirement] = {}
    for code in items:
        for need in catalogue.item(code).requirements:
            found.setdefault(need_name(need), need)
    return list(found.values())


def levels_allowed(kind: QualificationType, need: CatalogueRequirement) -> list[str]:
    """The catalogue's level and all that it covers, best first; [""] where there are no levels."""
    if not need.level:
        return [""]
    allowed = covered(kind, need.level) | {need.level}
    return [level.code for level in kind.levels if level.code in allowed]


def known_items(values: Values, catalogue: Catalogue) -> list[str]:
    """The service items chosen so far: those of the bundle and those ticked."""
    codes = list(values.get("service_items", []))
    if bundle := values.get("bundle_code"):
        codes += _bundle_items(bundle, catalogue)
    known = {item.code for item in catalogue.items}
    return [code for code in dict.fromkeys(codes) if code in known][:MOST_ITEMS]


def _bundle_items(code: str, catalogue: Catalogue) -> tuple[str, ...]:
    try:
        return catalogue.bundle(code).items
    except UnknownCode:
        return ()


def chosen_needs(values: Values, items: Iterable[str], catalogue: Catalogue) -> tuple[Requirement, ...]:
    """The qualifications asked for. What the owner has not answered yet stands at the catalogue's level."""
    chosen = []
    for need in offered_needs(items, catalogue):
        answer = values.get(need_name(need), f"={need.level}")
        if answer.startswith("="):
            chosen.append(Requirement(need.qualification, answer[1:], need.speciality))
    return tuple(sorted(chosen, key=lambda one: (one.qualification_type, one.speciality)))


def usual_mode(items: Iterable[str], catalogue: Catalogue) -> str:
    """`any` where the catalogue itself is content with one of several qualifications."""
    return "any" if any(catalogue.item(code).needs is Needs.ANY for code in items) else "all"


def avoided_rows(values: Values) -> list[tuple[str, str]]:
    """(code, reason) of every line in which something was typed."""
    codes, reasons = values.get("avoided_code", []), values.get("avoided_reason", [])
    reasons = [*reasons, *[""] * len(codes)]
    return [
        (code.strip().upper(), reason.strip())
        for code, reason in zip(codes, reasons, strict=False)
        if code.strip() or reason.strip()
    ]


def parse(values: Values, catalogue: Catalogue, *, now: datetime) -> Notice:
    """The complete notice. Raises FormInvalid with everything that is missing or wrong. `now` closes the sign-up of a
    notice that comes with its result."""
    fields = Fields(form_of(values))
    method = read_method(fields)
    items = known_items(values, catalogue)
    if not items:
        fields.wrong("service_items", N_("{label}: choose at least one."), label=_label("service_items"))
    if unknown := sorted(set(values.get("service_items", [])) - {item.code for item in catalogue.items}):
        fields.wrong(
            "service_items",
            N_("The catalogue in force has no {codes}."),
            codes=", ".join(one[:20] for one in unknown[:5]),
        )
    closes_at = _closes_at(fields, method, now)
    notice = Notice(
        **_job(fields, items, catalogue), **_money(fields, method), **_demand(fields, values, items, catalogue),
        **_contacts(fields), milestones=read_milestones(fields, values), **read_terms(fields, values, method, closes_at), avoided=_avoided(fields, values),
        sign_up_closes_at=closes_at,
    )  # fmt: skip
    if not fields.flag("not_excluded"):
        fields.wrong(
            "not_excluded",
            N_("Please confirm that this job is nothing that may not be bought here."),
        )
    fields.check()
    return notice


def _label(name: str) -> Message:
    return Message(LABELS[name])


def _text(fields: Fields, name: str, *, required: bool = False, least: int = 0) -> str:
    return fields.text(name, LABELS[name], max_length=LONGEST[name], min_length=least, required=required)


def _job(fields: Fields, items: list[str], catalogue: Catalogue) -> dict[str, Any]:
    mode = fields.choice("service_mode", LABELS["service_mode"], ("all", "any"), required=len(items) > 1)
    return {
        "title": _text(fields, "title", least=6, required=True),
        "service_items": tuple(items),
        "service_mode": mode or "all",
        "bundle_code": fields.choice(
            "bundle_code", LABELS["bundle_code"], [one.code for one in catalogue.bundles], required=False
        )
        or None,
        "region_code": fields.choice("region_code", LABELS["region_code"], [one.code for one in catalogue.regions]),
        "scale": _text(fields, "scale", required=True),
        "content": _text(fields, "content", least=20, required=True),
        "service_days": fields.integer("service_days", LABELS["service_days"], low=1, high=1000) or 1,
        "service_time_note": _text(fields, "service_time_note"),
        "investment_code": _text(fields, "investment_code") or None,
        "investment_name": _text(fields, "investment_name"),
        "approval_matter": _text(fields, "approval_matter"),
        "approval_number": _text(fields, "approval_number"),
    }


def _closes_at(fields: Fields, method: Method, now: datetime) -> datetime:
    if not signs_up(method):
        return now
    return fields.moment("sign_up_closes_at", LABELS["sign_up_closes_at"]) or now


def _money(fields: Fields, method: Method) -> dict[str, Any]:
    budget = fields.money("budget", LABELS["budget"]) if _has_budget(fields) else None
    return {
        "fiscal_share": _fiscal_share(fields),
        "budget_fen": budget.fen if budget else None,
        "price_note": _text(fields, "price_note"),
        **read_amounts(fields, method, budget),
    }


def _has_budget(fields: Fields) -> bool:
    return fields.choice("estimate", LABELS["estimate"], ("yes", "no")) == "yes"


def _fiscal_share(fields: Fields) -> int:
    funding = fields.choice("funding", LABELS["funding"], ("none", "all", "part"))
    if funding != "part":
        return BASIS_POINTS if funding == "all" else 0
    percent = fields.integer("fiscal_percent", LABELS["fiscal_percent"], low=1, high=99)
    return (percent or 1) * 100


def _demand(fields: Fields, values: Values, items: list[str], catalogue: Catalogue) -> dict[str, Any]:
    needs = chosen_needs(values, items, catalogue)
    _check_levels(fields, needs, catalogue)
    mode = fields.choice("requirement_mode", LABELS["requirement_mode"], ("all", "any"), required=len(needs) > 1)
    return {
        "requirement_mode": mode or "all",
        "requirements": needs,
        "practitioners_needed": fields.integer(
            "practitioners_needed", LABELS["practitioners_needed"], low=0, high=50, required=False
        )
        or 0,
        "practitioner_profession": _text(fields, "practitioner_profession"),
        "other_requirements": _text(fields, "other_requirements"),
        "remarks": _text(fields, "remarks"),
    }


def _check_levels(fields: Fields, needs: Iterable[Requirement], catalogue: Catalogue) -> None:
    for need in needs:
        known = {level.code for level in catalogue.qualification(need.qualification_type).levels} | {""}
        if need.level not in known:
            fields.wrong("requirements", N_("{label}: choose one of the options."), label=_label("requirements"))


def _contacts(fields: Fields) -> dict[str, Any]:
    return {
        "contact_name": _text(fields, "contact_name", required=True),
        "contact_phone": _phone(fields, "contact_phone"),
        "complaint_phone": _phone(fields, "complaint_phone"),
    }


def _phone(fields: Fields, name: str) -> str:
    text = _text(fields, name, required=True)
    digits = sum(char.isdigit() for char in text)
    if text and (digits < 7 or any(char not in "0123456789+-() 转" for char in text)):
        fields.wrong(
            name, N_("{label}: please give a phone number such as 0532-85911234 or 13812345678."), label=_label(name)
        )
    return text


def _avoided(fields: Fields, values: Values) -> tuple[tuple[str, str], ...]:
    rows = avoided_rows(values)
    codes = [code for code, _ in rows]
    for code, reason in rows:
        if not code or len(reason) < 4:
            fields.wrong(
                "avoided", N_("Each avoided agency needs its credit code and a reason that everybody can read.")
            )
            break
    if len(set(codes)) < len(codes):
        fields.wrong("avoided", N_("An agency is named twice among the avoided ones."))
    return tuple(sorted(rows))


def values_of(notice: Notice) -> dict[str, Any]:
    """The notice as form values: to amend it, or to post a failed project again."""
    values: dict[str, Any] = {
        "title": notice.title, "service_items": list(notice.service_items), "service_mode": notice.service_mode,
        "bundle_code": notice.bundle_code or "", "region_code": notice.region_code, "scale": notice.scale,
        "content": notice.content, "service_days": str(notice.service_days), "service_time_note": notice.service_time_note,
        "investment_code": notice.investment_code or "", "investment_name": notice.investment_name,
        "approval_matter": notice.approval_matter, "approval_number": notice.approval_number,
        "price_note": notice.price_note, "contact_name": notice.contact_name, "contact_phone": notice.contact_phone,
        "complaint_phone": notice.complaint_phone, "requirement_mode": notice.requirement_mode,
        "practitioners_needed": str(notice.practitioners_needed), "practitioner_profession": notice.practitioner_profession,
        "other_requirements": notice.other_requirements, "remarks": notice.remarks, "not_excluded": "on",
        "avoided_code": [code for code, _ in notice.avoided], "avoided_reason": [reason for _, reason in notice.avoided],
        "sign_up_closes_at": local_input(notice.sign_up_closes_at),
    }  # fmt: skip
    return values | milestone_values(notice) | _money_values(notice) | method_values(notice)


def _money_values(notice: Notice) -> dict[str, str]:
    part = 0 < notice.fiscal_share < BASIS_POINTS
    return {
        "funding": "part" if part else ("all" if notice.fiscal_share else "none"),
        "fiscal_percent": str(notice.fiscal_share // 100) if part else "",
        "estimate": "no" if notice.budget_fen is None else "yes",
        "budget": Money(notice.budget_fen).yuan_text if notice.budget_fen is not None else "",
        "price": Money(notice.price_fen).yuan_text if notice.price_fen is not None else "",
    }


def need_values(notice: Notice, catalogue: Catalogue) -> dict[str, str]:
    """The answers about qualifications: the levels asked for, "not asked" for what the catalogue offers beside them."""
    asked = {(one.qualification_type, one.speciality): one.level for one in notice.requirements}
    answers = {}
    for need in offered_needs(notice.service_items, catalogue):
        level = asked.get((need.qualification, need.speciality))
        answers[need_name(need)] = NOT_ASKED if level is None else f"={level}"
    return answers
