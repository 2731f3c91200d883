"""How a published project selects its agency: in words, in figures, and what happens when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from market.catalogue.rules import Rulebook
from market.kernel.calendar import add_calendar_days
from market.kernel.i18n import N_, translate
from market.kernel.money import BASIS_POINTS
from market.web.display import percent, say
from projects.posting.views.method import QUOTE_NAMES
from projects.queries import ProjectView
from projects.rules import Criterion
from projects.selection.bids.rules import Bidding
from projects.selection.bids.rules import bidding_of as bidding_kind
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind, Method, Need
from projects.selection.methods.terms import Quote, Terms, numbers_of
from projects.selection.rounds.announced import bidding_of, least, limits_of, merit_of
from projects.selection.rounds.rules import entries_close
from projects.selection.sign_ups.way_in import WAYS_IN


def announced(project: ProjectView, rulebook: Rulebook, criteria: Sequence[Criterion]) -> Terms:
    """What the notice says, as its method reads it; without the beacon's round, which no sentence needs."""
    return Terms(
        project=project.number, chain="", round=0, minimum=least(project, rulebook), numbers=numbers_of(rulebook),
        price_fen=project.price_fen if project.ceiling_fen is None else None, limits=limits_of(project),
        quote=Quote(project.quote), bidding=bidding_of(project, rulebook), merit=merit_of(project, rulebook, criteria),
    )  # fmt: skip


def method_shown(
    project: ProjectView, rulebook: Rulebook, criteria: Sequence[Criterion], public_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Everything about the method on the page of a project, in the page's language."""
    method, terms = METHODS[project.method], announced(project, rulebook, criteria)
    return {
        "name": translate(method.name), "sentence": say(method.sentence(terms)), "checkable": translate(method.checkable),
        "sealed": _bids_sealed(method), "alone": method.alone, "tendered": method.entry is EntryKind.NONE,
        "discounts": (percent(project.smallest_discount), percent(project.largest_discount)),
        "quote": translate(QUOTE_NAMES[project.quote]), "weights": weight_rows(project, criteria),
        "panel_size": terms.merit.panel_size if terms.merit else None, "dates": dates(project, rulebook, public_at, now),
    }  # fmt: skip


def weight_rows(project: ProjectView, criteria: Sequence[Criterion]) -> list[dict[str, str]]:
    """Criteria, price and credit with their weights, and the whole; empty where nothing is weighed."""
    if project.price_weight is None or project.credit_weight is None:
        return []
    scored = [{"name": one.name, "about": one.description, "weight": percent(one.weight)} for one in criteria]
    price = translate(N_("lowest valid price ÷ own price"))
    credit = translate(N_("credit score on the day of the opening"))
    return [
        *scored,
        {"name": translate(N_("Price")), "about": price, "weight": percent(project.price_weight)},
        {"name": translate(N_("Credit")), "about": credit, "weight": percent(project.credit_weight)},
        {"name": translate(N_("Together")), "about": "", "weight": percent(BASIS_POINTS)},
    ]


def dates(project: ProjectView, rulebook: Rulebook, public_at: datetime | None, now: datetime) -> list[dict[str, Any]]:
    """The announced way to the result, earliest first: entries for the timeline macro. `public_at`: when the committed
    beacon round appears."""
    method = METHODS[project.method]
    if method.entry is EntryKind.NONE:
        return []
    found = [(project.sign_up_closes_at, _close_name(project), "lock")]
    if project.bidding_starts_at:
        found += [(project.bidding_starts_at, N_("Live bidding starts"), "clock"),
                  (entries_close(project, rulebook), N_("Live bidding ends"), "clock")]  # fmt: skip
    if public_at:
        found.append((public_at, _round_name(project), "dice-5" if method.entry is EntryKind.SIGN_UP else "lock-open"))
    if Need.CRITERIA in method.needs:
        days = rulebook.working_days("expert.marks_days")
        found += (
            [(public_at, N_("Experts are drawn by lot; each has {days} working days to score"), "users")]
            if public_at
            else []
        )
    else:
        days = rulebook.calendar_days("result.notice_days")
        earliest = add_calendar_days(public_at or project.sign_up_closes_at, days)
        ends_at = project.result_notice_ends_at or earliest
        found.append((ends_at, N_("End of the public notice of the result, {days} days"), "gavel"))
    return [
        {"at": at, "title": translate(title, days=days), "icon": icon, "future": now < at} for at, title, icon in found
    ]


def _close_name(project: ProjectView) -> str:
    method = METHODS[project.method]
    if method.alone:
        return N_("Until then the agency takes the job or leaves it")
    return N_("Sealed bids arrive until then") if _bids_sealed(method) else WAYS_IN[method.code].closes


def _bids_sealed(method: Method) -> bool:
    """Is a sealed bid what one takes part by?"""
    return bidding_kind(method.code) is Bidding.REQUIRED


def _round_name(project: ProjectView) -> str:
    method = METHODS[project.method]
    if method.entry is EntryKind.SIGN_UP:
        return N_("The announced beacon round appears and the draw is made")
    if method.live:
        return N_("The announced beacon round appears and the reserve prices open")
    return N_("The announced beacon round appears and all bids open together")
