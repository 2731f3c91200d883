"""What may be asked of agencies: qualifications, and how many meet them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from market.catalogue.rules import Catalogue, Needs, Rulebook, ServiceItem
from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.eligibility import Requirement
from projects.posting.rules.notice import Finding, Notice


def check_qualifications(notice: Notice, catalogue: Catalogue) -> Finding:
    """Nothing may be asked for beyond what the catalogue allows as a condition for the items."""
    items = [catalogue.item(code) for code in notice.service_items]
    above = [need for need in notice.requirements if not any(_allowed(need, item, catalogue) for item in items)]
    if above:
        return _above_catalogue(catalogue.qualification(above[0].qualification_type).name)
    if notice.requirement_mode == "all" and (item := _asks_more_than_one_of(notice, items)):
        return Finding(
            "posting.requirements_all", "refused",
            Message(N_("For {item} the catalogue asks for any one of several qualifications; you ask for all of them."),
                    {"item": item.name}), None, Message(N_("Choose “any one of them”, or ask for only one.")),
        )  # fmt: skip
    return Finding("posting.above_catalogue", "passed",
                   Message(N_("The qualifications asked for are not above the catalogue's.")))  # fmt: skip


def _above_catalogue(name: Any) -> Finding:
    return Finding(
        "posting.above_catalogue", "refused",
        Message(N_("{qualification} is asked for at a higher level, or with another speciality, than the catalogue"
                   " allows for these service items."), {"qualification": name}),
        None, Message(N_("Lower the requirement to what the catalogue names.")),
    )  # fmt: skip


def _allowed(need: Requirement, item: ServiceItem, catalogue: Catalogue) -> bool:
    for known in item.requirements:
        same = known.qualification == need.qualification_type and need.speciality in ("", known.speciality)
        if same and (not need.level or _covers(catalogue, known.qualification, known.level, need.level)):
            return True
    return False


def _covers(catalogue: Catalogue, qualification: str, allowed: str, asked: str) -> bool:
    return bool(allowed) and catalogue.level_at_least(qualification, allowed, asked)


def _asks_more_than_one_of(notice: Notice, items: Iterable[ServiceItem]) -> ServiceItem | None:
    asked = {need.qualification_type for need in notice.requirements}
    for item in items:
        if item.needs is Needs.ANY and len(asked & {known.qualification for known in item.requirements}) > 1:
            return item
    return None


def check_matching(count: int, notice: Notice, rulebook: Rulebook) -> Finding:
    """A notice that nobody can answer is refused; one that too few can answer is published at the owner's risk."""
    least, rule = rulebook.integer("posting.matching_minimum"), "posting.matching_minimum"
    if count < least:
        return Finding(
            "posting.nobody_matches", "refused",
            Message(N_("{count} admitted agencies meet your requirements; at least {least} must."),
                    {"count": count, "least": least}),
            rule, Message(N_("Look at the count beside the form: it shows which requirement shuts agencies out.")),
        )  # fmt: skip
    if notice.picked:
        return Finding("posting.nobody_matches", "passed",
                       Message(N_("The agency that you name meets your requirements.")))  # fmt: skip
    key = "signup.minimum.state_funds" if notice.state_funds else "signup.minimum.social_funds"
    needed = rulebook.integer(key)
    if count < needed:
        return Finding("posting.few_match", "warning", Message(
            N_("Only {count} admitted agencies meet your requirements, and {needed} must sign up: the selection will"
               " probably fail."), {"count": count, "needed": needed}), key,
            Message(N_("Lower the requirements, or publish nevertheless.")))  # fmt: skip
    return Finding("posting.nobody_matches", "passed", Message(
        N_("{count} admitted agencies meet your requirements; {needed} must sign up."), {"count": count, "needed": needed}),
        key)  # fmt: skip


def check_invited(
    notice: Notice, eligible: Collection[str], names: Mapping[str, str], rulebook: Rulebook
) -> Finding | None:
    """Every agency that is invited can take part, and there are enough of them. `eligible`: credit codes of those that
    meet everything right now; `names`: of the invited ones. None where everybody may come."""
    if notice.access == "open":
        return None
    avoided = {code for code, _ in notice.avoided} & set(notice.invited)
    if avoided:
        return Finding("posting.invited_avoided", "refused",
                       Message(N_("{names}: invited and avoided at once."), {"names": _listed(avoided, names)}), None,
                       Message(N_("Take the agency off one of the two lists.")))  # fmt: skip
    if unfit := set(notice.invited) - set(eligible):
        return Finding("posting.invited_unfit", "refused",
                       Message(N_("{names}: does not meet the requirements of this notice today."), {"names": _listed(unfit, names)}),
                       None, Message(N_("Choose another agency, or look at the requirements and at the agency's public page.")))  # fmt: skip
    return None if notice.picked else _enough_invited(notice, rulebook)


def _enough_invited(notice: Notice, rulebook: Rulebook) -> Finding:
    rule, count = "selection.invitation.minimum", len(notice.invited)
    least = rulebook.integer(rule)
    if count < least:
        return Finding("posting.few_invited", "refused",
                       Message(N_("{count} agencies are invited; at least {least} must be."), {"count": count, "least": least}),
                       rule, Message(N_("Invite more agencies, or open the sign-up to all.")))  # fmt: skip
    return Finding("posting.few_invited", "passed", Message(
        N_("{count} agencies are invited; all of them meet the requirements today. Their names and your reason are public."),
        {"count": count}), rule)  # fmt: skip


def _listed(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return "、".join(names.get(code, code) for code in sorted(codes))
