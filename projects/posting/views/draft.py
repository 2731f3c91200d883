"""The form of a draft, its checks, and lists of drafts and projects as their pages show them, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from market.catalogue.rules import Catalogue
from market.catalogue.rules import Requirement as CatalogueRequirement
from market.kernel.i18n import N_, locale, translate
from market.web.display import say
from projects.eligibility import Requirement, requirement_name
from projects.posting.answers import LABELS, avoided_rows, known_items, levels_allowed, need_name, offered_needs
from projects.posting.queries import Draft, Tally
from projects.posting.rules import Finding
from projects.posting.views.method import needed_answers
from projects.posting.views.notice import SECTIONS, item_name
from projects.rules import Stage

AVOIDED_ROWS: Final = 3
CHECK_NAMES: Final[Mapping[str, str]] = {
    "posting.must_tender": N_("Limits and funds"),
    "posting.window_too_short": N_("Sign-up window"),
    "posting.window_over": N_("Sign-up window"),
    "posting.direct_limit": N_("Direct selection"),
    "posting.reason": N_("Reason"),
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
    "posting.listed": N_("Lists of other authorities"),
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
         "services": [item_name(code, catalogue) for code in known_items(draft.values, catalogue)],
         "missing": sum(one["state"] == "todo" for one in form_sections(draft.values, known_items(draft.values, catalogue), {}))}
        for draft in drafts
    ]  # fmt: skip


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
