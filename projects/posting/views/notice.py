"""A notice and its changes as their pages show them, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.catalogue.rules import Catalogue, Rulebook, UnknownCode
from market.kernel.i18n import N_, locale, translate
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import moment, money, percent
from projects.eligibility import Requirement, requirement_name
from projects.milestones import PlannedMilestone
from projects.posting.answers import LABELS
from projects.posting.rules import Notice
from projects.posting.views.method import QUOTE_NAMES, amount_rows, criteria_text, selection_rows
from projects.rules import Criterion

FIELD_LABELS: Final[Mapping[str, str]] = {
    **LABELS, "budget_fen": LABELS["budget"], "price_fen": LABELS["price"], "fiscal_share": LABELS["fiscal_percent"],
    "ceiling_fen": LABELS["ceiling"], "floor_fen": LABELS["floor"],
}  # fmt: skip
# The sections of the form: id, title, the fields in it, and which of them must be filled.
SECTIONS: Final[tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("what", N_("What is needed"), ("title", "bundle_code", "service_items", "service_mode"), ("title", "service_items")),
    ("job", N_("The job"), ("region_code", "scale", "content", "service_days", "service_time_note", "milestones", "investment_code",
                            "investment_name", "approval_matter", "approval_number"),
     ("region_code", "scale", "content", "service_days")),
    ("selection", N_("How the agency is selected"), ("method", "access", "access_reason", "invited", "criteria", "price_weight",
                                                     "credit_weight", "bidding_starts_at", "tender_number",
                                                     "tender_platform", "documents"), ("method",)),
    ("money", N_("Money"), ("funding", "fiscal_percent", "estimate", "budget", "price", "quote", "ceiling", "floor",
                            "smallest_discount", "largest_discount", "price_note"), ("funding", "estimate")),
    ("agencies", N_("Who may take part"), ("requirements", "requirement_mode", "practitioners_needed",
                                           "practitioner_profession", "other_requirements", "avoided"), ()),
    ("contact", N_("Contact"), ("contact_name", "contact_phone", "complaint_phone", "remarks"),
     ("contact_name", "contact_phone", "complaint_phone")),
    ("closing", N_("Closing time"), ("sign_up_closes_at", "not_excluded"), ("not_excluded",)),
)  # fmt: skip


def notice_sections(
    notice: Notice, names: Mapping[str, str], catalogue: Catalogue, rulebook: Rulebook
) -> list[dict[str, Any]]:
    """The whole notice, section by section, for the check page. `names`: code of an avoided or chosen agency -> its
    name."""
    rows = {
        "what": _what_rows(notice, catalogue),
        "job": _job_rows(notice, catalogue),
        "selection": selection_rows(notice, names, rulebook),
        "money": _money_rows(notice),
        "agencies": _agency_rows(notice, names, catalogue),
        "contact": [("contact_name", notice.contact_name), ("contact_phone", notice.contact_phone),
                    ("complaint_phone", notice.complaint_phone), ("remarks", notice.remarks)],
        "closing": [] if notice.tendered else [("sign_up_closes_at", moment(notice.sign_up_closes_at))],
    }  # fmt: skip
    return [
        {"id": section, "title": translate(title), "rows": _shown(rows[section])}
        for section, title, _, _ in SECTIONS
        if rows[section]
    ]


def _shown(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(translate(LABELS[name]), text or translate(N_("none"))) for name, text in rows]


def item_name(code: str, catalogue: Catalogue) -> str:
    try:
        return catalogue.item(code).name.to(locale())
    except UnknownCode:
        return code


def _what_rows(notice: Notice, catalogue: Catalogue) -> list[tuple[str, str]]:
    rows = [
        ("title", notice.title),
        ("service_items", "、".join(item_name(code, catalogue) for code in notice.service_items)),
    ]
    if len(notice.service_items) > 1:
        rows.append(
            ("service_mode", translate(N_("all of them") if notice.service_mode == "all" else N_("any one of them")))
        )
    return rows


def _job_rows(notice: Notice, catalogue: Catalogue) -> list[tuple[str, str]]:
    return [
        ("region_code", catalogue.region_name(notice.region_code, locale())), ("scale", notice.scale), ("content", notice.content),
        ("service_days", translate(N_("{days} working days"), days=notice.service_days)), ("service_time_note", notice.service_time_note), ("milestones", milestones_text(notice.milestones)),
        ("investment_code", notice.investment_code or ""), ("investment_name", notice.investment_name),
        ("approval_matter", notice.approval_matter), ("approval_number", notice.approval_number),
    ]  # fmt: skip


def _money_rows(notice: Notice) -> list[tuple[str, str]]:
    budget = money(Money(notice.budget_fen)) if notice.budget_fen is not None else translate(N_("no estimate was made"))
    return [("funding", funds_text(notice.fiscal_share)), ("budget", budget), *amount_rows(notice),
            ("price_note", notice.price_note)]  # fmt: skip


def funds_text(fiscal_share: int) -> str:
    if fiscal_share == 0:
        return translate(N_("Private funds"))
    if fiscal_share == BASIS_POINTS:
        return translate(N_("Fiscal funds"))
    return translate(N_("{fiscal} fiscal funds, {social} private funds"), fiscal=percent(fiscal_share),
                     social=percent(BASIS_POINTS - fiscal_share))  # fmt: skip


def _agency_rows(notice: Notice, names: Mapping[str, str], catalogue: Catalogue) -> list[tuple[str, str]]:
    needs = "；".join(requirement_name(need, catalogue).to(locale()) for need in notice.requirements)
    people = translate(N_("{n} with the profession {profession}"), n=notice.practitioners_needed,
                       profession=notice.practitioner_profession or translate(N_("any")))  # fmt: skip
    rows = [("requirements", needs)]
    if len(notice.requirements) > 1:
        rows.append(
            (
                "requirement_mode",
                translate(N_("all of them") if notice.requirement_mode == "all" else N_("any one of them")),
            )
        )
    return [*rows, ("practitioners_needed", people if notice.practitioners_needed else ""),
            ("other_requirements", notice.other_requirements),
            ("avoided", "；".join(f"{names.get(code, code)}（{reason}）" for code, reason in notice.avoided))]  # fmt: skip


def milestones_text(milestones: Iterable[PlannedMilestone]) -> str:
    """One a line: what is delivered, its share, its time."""
    return "\n".join(
        translate(N_("{no}. {title}: {share}, {days} working days"), no=no, title=one.title, share=percent(one.share), days=one.days)
        for no, one in enumerate(milestones, 1)
    )  # fmt: skip


def requirement_text(need: Requirement, catalogue: Catalogue) -> str:
    try:
        return requirement_name(need, catalogue).to(locale())
    except UnknownCode:
        return need.qualification_type


@dataclass(frozen=True)
class Change:
    """One line of an amendment's before-and-after."""

    label: str
    before: str
    after: str


def changes_of(changes: Mapping[str, Any], catalogue: Catalogue) -> list[Change]:
    return [
        Change(
            translate(FIELD_LABELS.get(name, name)),
            value_text(name, pair[0], catalogue),
            value_text(name, pair[1], catalogue),
        )
        for name, pair in changes.items()
    ]


def value_text(name: str, value: Any, catalogue: Catalogue) -> str:
    """A notice's value as people read it; `value` as the register keeps it (JSON)."""
    if value in (None, "", []):
        return translate(N_("none"))
    match name:
        case "budget_fen" | "price_fen" | "ceiling_fen" | "floor_fen":
            return money(Money(value))
        case "smallest_discount" | "largest_discount" | "price_weight" | "credit_weight":
            return percent(value)
        case "quote":
            return translate(QUOTE_NAMES[value])
        case "criteria":
            return criteria_text(Criterion(*one) for one in value)
        case "milestones":
            return milestones_text(PlannedMilestone(*one) for one in value)
        case "invited":
            return "；".join(value)
        case "sign_up_closes_at" | "bidding_starts_at":
            return moment(datetime.fromisoformat(value))
        case "requirements":
            return "；".join(requirement_text(Requirement(*one), catalogue) for one in value)
        case "requirement_mode":
            return translate(N_("all of them") if value == "all" else N_("any one of them"))
        case "avoided":
            return "；".join(f"{code}（{reason}）" for code, reason in value)
        case _:
            return str(value)
