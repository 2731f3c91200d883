"""From stored facts to what the templates of the list, the project's page and the notice show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from market.beacon.rules import BeaconInvalid, Chain, round_time
from market.catalogue.rules import Catalogue, Rulebook, UnknownCode
from market.kernel.calendar import Calendar
from market.kernel.i18n import N_, locale, translate
from market.kernel.lamps import LampRule, lamp
from market.web.display import say, show
from projects.eligibility import Line
from projects.page.queries import Amendment, Details, Document
from projects.page.rules import Dated, steps
from projects.page.timeline import Happening
from projects.posting.views.notice import changes_of
from projects.queries import ProjectView
from projects.selection.sign_ups.showing import check_items

# Rules of the eligibility list that the catalogue explains, not the rulebook.
_CATALOGUE_RULES: Final = frozenset({"services", "qualification", "practitioners"})
_RULEBOOK_RULES: Final = {"admitted": "entry.notice_days", "one_bidder": "entry.branches_as_one"}


def stepper_steps(project: Dated, now: datetime, calendar: Calendar, rulebook: Rulebook) -> list[dict[str, Any]]:
    """The macro's steps, in the page's language, with a lamp on the one that is on turn."""
    rule = LampRule(rulebook.share("lamp.yellow_share"), rulebook.working_days("lamp.yellow_days"))
    shown = []
    for step in steps(project):
        one: dict[str, Any] = {"label": translate(step.label), "state": step.state, "at": step.at, "due": step.due,
                               "who": translate(step.who) if step.who else None}  # fmt: skip
        if step.state == "current" and step.since and step.due:
            one["lamp"] = lamp(now, step.since, step.due, calendar=calendar, rule=rule)
        shown.append(one)
    return shown


def eligibility_items(lines: Iterable[Line], project: ProjectView) -> list[dict[str, Any]]:
    """Check-list items with the date of the fact that decided and a link to the rule."""
    lines = tuple(lines)
    items = check_items(lines)
    for item, line in zip(items, lines, strict=True):
        if line.fact_date:
            item["found"] = translate(
                N_("{fact} Date of the fact: {date}"), fact=item["found"], date=line.fact_date.isoformat()
            )
        if line.rule in _CATALOGUE_RULES:
            item["rule_href"] = f"/catalogue/items/{project.service_items[0]}"
        elif line.rule in ("avoided", "affiliated"):
            item["rule_href"] = f"{project.url}/notice#requirements"
        item["rule"] = item["rule"] or _RULEBOOK_RULES.get(line.rule)
    return items


def item_names(codes: Iterable[str], catalogue: Catalogue) -> list[tuple[str, str]]:
    """(code, name in the page's language)."""
    return [(code, _item_name(code, catalogue)) for code in codes]


def _item_name(code: str, catalogue: Catalogue) -> str:
    try:
        return catalogue.item(code).name.to(locale())
    except UnknownCode:
        return code


def region_name(code: str, catalogue: Catalogue) -> str:
    try:
        return catalogue.region_name(code, locale())
    except UnknownCode:
        return code


def short_region(code: str, catalogue: Catalogue) -> str:
    """For list lines: the region itself without its province."""
    try:
        return catalogue.region(code).name.to(locale())
    except UnknownCode:
        return code


def amendments_shown(amendments: Iterable[Amendment], catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {"no": one.no, "at": one.made_at, "reason": one.reason, "restarts": one.restarts_window,
         "changes": changes_of(one.changes, catalogue)}
        for one in amendments
    ]  # fmt: skip


def committed_at(details: Details, chain: Chain, project: ProjectView) -> datetime | None:
    """When the committed round appears; None where the project is bound to a beacon that is not in force any more, or to
    none."""
    number = details.committed.beacon_round if details.committed else None
    if number is None or chain.hash != project.beacon_chain:
        return None
    try:
        return round_time(chain, number)
    except BeaconInvalid:
        return None


def timeline_rows(happenings: Iterable[Happening]) -> list[dict[str, Any]]:
    """Entries for the timeline macro, newest first."""
    rows = [
        {"at": one.at, "title": translate(one.title), "by": show(one.by), "text": say(one.note) if one.note else None,
         "number": one.number, "href": one.href, "icon": one.icon}
        for one in happenings
    ]  # fmt: skip
    return rows[::-1]


def document_rows(documents: Iterable[Document], project: ProjectView) -> list[dict[str, Any]]:
    return [
        {"name": one.label or one.name, "href": f"{project.url}/files/{one.id}", "kind": kind_of(one.name),
         "size": size_text(one.size), "hash": one.sha256}
        for one in documents
    ]  # fmt: skip


def kind_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].upper()


def size_text(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(size // 1024, 1)} KB"
