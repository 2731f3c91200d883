"""Drafts and notices as their pages show them, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.catalogue.rules import Catalogue, Rulebook, UnknownCode
from market.catalogue.rules import Requirement as CatalogueRequirement
from market.kernel.i18n import N_, locale, translate
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import moment, money, percent, say
from projects.eligibility import Requirement, requirement_name
from projects.milestones import PlannedMilestone
from projects.posting.answers import LABELS, avoided_rows, known_items, levels_allowed, need_name, offered_needs
from projects.posting.method_views import QUOTE_NAMES, amount_rows, criteria_text, needed_answers, selection_rows
from projects.posting.queries import Draft, Tally
from projects.posting.rules import Finding, Notice
from projects.rules import Criterion, Stage

AVOIDED_ROWS: Final = 3
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
CHECK_NAMES: Final[Mapping[str, str]] = {
    "posting.must_tender": N_("Limits and funds"),
    "posting.window_too_short": N_("Sign-up window"),
    "posting.window_over": N_("Sign-up window"),
    "posting.direct_limit": N_("Direct selection"),
    "posting.few_experts": N_("Panel of experts"),
    "posting.price_weight": N_("Weights"),
    "posting.bidding_hours": N_("Live bidding"),
    "posting.few_invited": N_("Chosen agencies"),
    "posting.invited_avoided": N_("Chosen agencies"),
    "posting.invited_unfit": N_("Chosen agencies"),
    "posting.closes_on_holiday": N_("Sign-up window"),
    "posting.above_catalogue": N_("Qualifications"),
    "posting.requirements_all": N_("Qualifications"),
    "posting.milestones": N_("Milestones"),
    "posting.restriction": N_("Fair competition"),
    "posting.splitting": N_("Splitting"),
    "posting.nobody_matches": N_("Matching agencies"),
    "posting.few_match": N_("Matching agencies"),
    "posting.too_many_reposts": N_("Posted again"),
    "posting.paused": N_("Posting paused"),
}
FAILING_TEXTS: Final[Mapping[str, str]] = {
    "qualification": N_("{n} lack the qualification"),
    "practitioners": N_("{n} have too few practitioners"),
    "avoided": N_("{n} are on your list of avoided agencies"),
    "affiliated": N_("{n} are affiliated with you"),
    "suspended": N_("{n} are suspended"),
    "restricted": N_("{n} are on the restricted list"),
    "listed": N_("{n} are on a list of another authority"),
}
STAGE_TITLES: Final[tuple[tuple[str, tuple[Stage, ...]], ...]] = (
    (N_("Open for sign-up or bids"), (Stage.SIGN_UP,)),
    (N_("Being selected"), (Stage.DRAWING, Stage.EVALUATION, Stage.RESULT_NOTICE)),
    (N_("Contract being signed"), (Stage.CONTRACTING,)),
    (N_("In service"), (Stage.FULFILMENT,)),
    (N_("Accepted, to be rated"), (Stage.ACCEPTED,)),
    (N_("Failed"), (Stage.FAILED,)),
    (N_("Closed, withdrawn or terminated"), (Stage.CLOSED, Stage.WITHDRAWN, Stage.TERMINATED)),
)


def form_sections(values: Mapping[str, Any], items: Sequence[str], errors: Mapping[str, Any]) -> list[dict[str, str]]:
    """The progress list beside the form."""
    filled = {name for name, value in values.items() if value} | ({"service_items"} if items else set())
    by_method = needed_answers(values)
    return [
        {"id": section, "label": translate(title),
         "state": _state(fields, (*needed, *by_method.get(section, ())), filled, errors)}
        for section, title, fields, needed in SECTIONS
    ]  # fmt: skip


def _state(fields: Iterable[str], needed: Sequence[str], filled: set[str], errors: Mapping[str, Any]) -> str:
    if any(name in errors for name in fields):
        return "error"
    return "done" if all(name in filled for name in needed) else "todo"


def error_labels() -> dict[str, str]:
    return {name: translate(label) for name, label in LABELS.items()}


def item_groups(catalogue: Catalogue, chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Service items by class, for check boxes; a class with something chosen stands open."""
    groups = []
    for one in catalogue.classes:
        items = catalogue.items_in(one.code)
        options = [
            {"value": item.code, "label": f"{item.name.to(locale())}", "chosen": item.code in chosen} for item in items
        ]
        picked = sum(item.code in chosen for item in items)
        groups.append(
            {
                "code": one.code,
                "name": one.name.to(locale()),
                "about": one.about.to(locale()),
                "options": options,
                "picked": picked,
            }
        )
    return groups


def need_fields(values: Mapping[str, Any], items: Sequence[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    """One select field for each qualification that the catalogue allows as a condition."""
    return [_need_field(need, values, catalogue) for need in offered_needs(items, catalogue)]


def _need_field(need: CatalogueRequirement, values: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    kind = catalogue.qualification(need.qualification)
    options = []
    for level in levels_allowed(kind, need):
        text = (
            translate(N_("{level} or better"), level=kind.level(level).name.to(locale()))
            if level
            else translate(N_("must hold it"))
        )
        options.append((f"={level}", text))
    label = requirement_name(Requirement(need.qualification, "", need.speciality), catalogue).to(locale())
    return {
        "name": need_name(need), "label": label, "options": options,
        "value": values.get(need_name(need), f"={need.level}"), "href": f"/catalogue/qualifications/{kind.code}",
    }  # fmt: skip


def professions(items: Sequence[str], catalogue: Catalogue, chosen: str) -> list[tuple[str, str]]:
    """Professions that the catalogue knows for the chosen items, else all; values are the Chinese names."""
    known = [catalogue.item(code) for code in items] or list(catalogue.items)
    names = {item.practitioner.zh: item.practitioner.to(locale()) for item in known if item.practitioner}
    if chosen:
        names.setdefault(chosen, chosen)
    return sorted(names.items())


def region_options(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Regions below the nation with their full names."""
    return [(one.code, catalogue.region_name(one.code, locale())) for one in catalogue.regions if one.tier != "nation"]


def avoided_fields(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = avoided_rows(values)
    return rows + [("", "")] * max(AVOIDED_ROWS - len(rows), 1)


def failing_texts(tally: Tally) -> list[str]:
    return [translate(text, n=tally.failing[rule]) for rule, text in FAILING_TEXTS.items() if tally.failing.get(rule)]


def draft_lines(drafts: Iterable[Draft], catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {"draft": draft, "title": draft.title or translate(N_("Notice without a name")),
         "services": [_item_name(code, catalogue) for code in known_items(draft.values, catalogue)],
         "missing": sum(one["state"] == "todo" for one in form_sections(draft.values, known_items(draft.values, catalogue), {}))}
        for draft in drafts
    ]  # fmt: skip


def _item_name(code: str, catalogue: Catalogue) -> str:
    try:
        return catalogue.item(code).name.to(locale())
    except UnknownCode:
        return code


def grouped_by_stage(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The owner's projects under the headings of their stages; empty headings are left out."""
    rows = list(rows)
    groups = [
        {"title": translate(title), "rows": [row for row in rows if row["stage"] in stages]}
        for title, stages in STAGE_TITLES
    ]
    return [group for group in groups if group["rows"]]


def finding_items(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Publishing checks for the check-list macro: met, not met, or (a warning) neither."""
    passed = {"passed": True, "refused": False, "warning": None}
    return [
        {"passed": passed[one.outcome], "label": translate(CHECK_NAMES.get(one.code, one.code)), "found": say(one.message),
         "rule": one.rule, "todo": say(one.todo) if one.todo and one.outcome != "passed" else None}
        for one in findings
    ]  # fmt: skip


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


def _what_rows(notice: Notice, catalogue: Catalogue) -> list[tuple[str, str]]:
    rows = [
        ("title", notice.title),
        ("service_items", "、".join(_item_name(code, catalogue) for code in notice.service_items)),
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
