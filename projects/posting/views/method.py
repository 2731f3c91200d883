"""How the agency is selected, as the form and the check page show it, in the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from market.catalogue.rules import Rulebook
from market.kernel.i18n import N_, translate
from market.kernel.money import Money
from market.web.display import moment, money, percent, say
from projects.experts.actions import size_for
from projects.posting.answers import method as answers
from projects.posting.answers.milestones import milestone_fields
from projects.posting.queries import AgencyChoice
from projects.posting.rules import Notice
from projects.rules import Criterion
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind, Method, Need
from projects.selection.methods.terms import BiddingTerms, Terms, numbers_of

LEAST_ROWS: Final = 4
SPARE_ROWS: Final = 2
# What an owner has to say for a method, in the order of the form.
_STATED: Final[Mapping[str, str]] = {
    answers.PRICE: N_("a fixed price"),
    answers.BIDS: N_("a ceiling"),
    answers.CRITERIA: N_("criteria with their weights"),
    answers.LIVE: N_("when live bidding starts"),
    answers.PICK: N_("one agency and the reason"),
    answers.TENDER: N_("the agency, the notice and its file"),
}
_ENTRIES: Final[Mapping[EntryKind, str]] = {
    EntryKind.SIGN_UP: N_("Agencies sign up, without a price."),
    EntryKind.SEALED_BID: N_("Agencies send sealed bids that nobody can open before the announced moment."),
    EntryKind.NONE: N_("Nobody signs up: the result is published with the notice."),
}
_LIVE_ENTRY: Final = N_("Agencies sign up, then bid live; who cannot be online leaves a sealed reserve price.")
_NAMED_ENTRY: Final = N_("The agency that the notice names accepts or declines, at the price of the notice.")
# Said before criteria and weights are known.
_MERIT: Final = N_(
    "Experts drawn by lot mark the criteria that you publish; their mean, the price and the credit score are weighed as you state."
    " The highest total wins. Every expert's marks are published."
)


def sample_terms(rulebook: Rulebook) -> Terms:
    """Terms of no project: only the rulebook's numbers are said of them."""
    bidding = BiddingTerms(rulebook.integer("selection.rounds.count"), rulebook.integer("selection.rounds.minutes"))
    return Terms(project="", chain="", round=0, minimum=1, numbers=numbers_of(rulebook), bidding=bidding)


def plain_sentence(method: Method, rulebook: Rulebook) -> str:
    """How a method decides, before a notice states its weights."""
    if Need.CRITERIA in method.needs:
        return translate(_MERIT)
    return say(method.sentence(sample_terms(rulebook)))


def method_cards(values: Mapping[str, Any], rulebook: Rulebook) -> list[dict[str, Any]]:
    """One radio card for each method: its own sentence, what the owner has to state, what agencies hand in."""
    chosen = answers.method_of(values)
    return [_card(method, rulebook, chosen=method is chosen) for method in METHODS.values()]


def _card(method: Method, rulebook: Rulebook, *, chosen: bool) -> dict[str, Any]:
    asked = answers.asks(method)
    stated = [translate(text) for group, text in _STATED.items() if group in asked]
    if Need.FLOOR in method.needs:
        stated.append(translate(N_("a floor")))
    return {
        "value": method.code, "label": translate(method.name), "sentence": plain_sentence(method, rulebook),
        "stated": translate(N_(", ")).join(stated), "entry": translate(_entry(method)),
        "asks": " ".join(sorted(asked)), "chosen": chosen, "limit": _limit(method, rulebook),
    }  # fmt: skip


def _entry(method: Method) -> str:
    if method.live:
        return _LIVE_ENTRY
    return _NAMED_ENTRY if method.alone and method.entry is EntryKind.SIGN_UP else _ENTRIES[method.entry]


def _limit(method: Method, rulebook: Rulebook) -> str | None:
    if answers.PICK not in answers.asks(method):
        return None
    return translate(
        N_("With fiscal funds only below {limit}, or after {after} failed selections of the job. Your share of direct picks is public."),
        limit=money(rulebook.money("posting.free_pick_below")), after=rulebook.integer("selection.failed.direct_after"),
    )  # fmt: skip


def group_names(group: str) -> str:
    """The methods for which a group of questions is asked."""
    return translate(N_(", ")).join(translate(one.name) for one in METHODS.values() if group in answers.asks(one))


def _with_floor() -> str:
    return translate(N_(", ")).join(translate(one.name) for one in METHODS.values() if Need.FLOOR in one.needs)


def method_context(values: Mapping[str, Any], rulebook: Rulebook) -> dict[str, Any]:
    """What the fields of the selection need."""
    return {
        "methods": method_cards(values, rulebook), "chosen_method": answers.method_of(values),
        "asked": answers.asks(answers.method_of(values)), "criteria": criterion_fields(values),
        "milestones": milestone_fields(values),
        "group_names": {group: group_names(group) for group in (*_STATED, answers.ACCESS)} | {"floor": _with_floor()},
        "price_weights": tuple(percent(rulebook.share(f"selection.scored.price_weight_{end}")) for end in ("min", "max")),
        "rounds": rulebook.integer("selection.rounds.count"), "minutes": rulebook.integer("selection.rounds.minutes"),
        "panels": panels(rulebook), "least_invited": rulebook.integer("selection.invitation.minimum"),
        "scored_window": rulebook.working_days("signup.min_window_scored"),
        "shares": {name: str(values.get(name, "")) for name in ("price_weight", "credit_weight")},
    }  # fmt: skip


def panels(rulebook: Rulebook) -> dict[str, Any]:
    large = rulebook.money("selection.scored.large_above")
    return {"small": size_for(large.fen, rulebook), "large": size_for(large.fen + 1, rulebook), "above": large}


def criterion_fields(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = answers.criterion_rows(values)
    return rows + [("", "", "")] * max(LEAST_ROWS - len(rows), SPARE_ROWS)


def choices_shown(choices: Iterable[AgencyChoice], text: str, most: int = 12) -> dict[str, Any]:
    """The agencies already named, then those that fit the words, at most so many, those that qualify first."""
    everybody = list(choices)
    words = text.strip().lower().split()
    found = [
        one for one in everybody if not one.chosen and all(word in f"{one.name} {one.code}".lower() for word in words)
    ]
    found.sort(key=lambda one: (not one.fit, one.name))
    return {
        "chosen": [one for one in everybody if one.chosen],
        "found": found[:most],
        "more": max(len(found) - most, 0),
    }


def needed_answers(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """section -> the answers that the chosen method needs in it."""
    method = answers.method_of(values)
    asked = answers.asks(method)
    selection: list[str] = []
    if answers.CRITERIA in asked:
        selection += ["criterion_name", "price_weight", "credit_weight"]
    if asked & {answers.PICK, answers.TENDER} or values.get("access") == "invited":
        selection += ["invited_code"] + ([] if answers.TENDER in asked else ["access_reason"])
    selection += ["bidding_starts_at"] if answers.LIVE in asked else []
    selection += ["tender_number", "tender_platform"] if answers.TENDER in asked else []
    return {"selection": tuple(selection), "money": tuple(_needed_amounts(values, method, asked)),
            "closing": ("sign_up_closes_at",) if answers.signs_up(method) else ()}  # fmt: skip


def _needed_amounts(values: Mapping[str, Any], method: Method, asked: frozenset[str]) -> list[str]:
    if answers.PRICE in asked:
        return ["price"]
    needed = ["ceiling"] if values.get("estimate") == "no" else []
    if values.get("quote") == "discount":
        return [*needed, "smallest_discount", "largest_discount"]
    return [*needed, "floor"] if Need.FLOOR in method.needs else needed


def selection_rows(notice: Notice, names: Mapping[str, str], rulebook: Rulebook) -> list[tuple[str, str]]:
    """The section for the check page. `names`: code of an agency -> its name."""
    method = METHODS[notice.method]
    rows = [("method", f"{translate(method.name)}\n{plain_sentence(method, rulebook)}")]
    if notice.access == "invited":
        rows.append(("invited", agencies_text(notice.invited, names)))
    else:
        rows.append(("access", translate(OPEN)))
    if notice.access_reason and not notice.tendered:
        rows.append(("access_reason", notice.access_reason))
    if notice.criteria:
        experts = translate(N_("{n} experts, drawn by lot"), n=size_for(notice.ceiling_fen or 0, rulebook))
        rows += [("criteria", f"{criteria_text(notice.criteria)}\n{experts}"), ("price_weight", percent(notice.price_weight)),
                 ("credit_weight", percent(notice.credit_weight))]  # fmt: skip
    if notice.bidding_starts_at:
        rows.append(("bidding_starts_at", moment(notice.bidding_starts_at)))
    if notice.tendered:
        rows += [("tender_number", notice.tender_number), ("tender_platform", notice.tender_platform)]
    return rows


OPEN: Final = N_("open to every agency that qualifies")
QUOTE_NAMES: Final = {"price": N_("a price"), "discount": N_("a discount off the ceiling")}


def agencies_text(codes: Iterable[str], names: Mapping[str, str]) -> str:
    return "；".join(f"{names[code]}（{code}）" if code in names else code for code in codes)


def criteria_text(criteria: Iterable[Criterion]) -> str:
    return "\n".join(f"{one.name} {percent(one.weight)}：{one.description}" for one in criteria)


def consequences(notice: Notice) -> list[str]:
    """What publication sets going, for the check page."""
    return [
        translate(N_("The notice gets its number and its register entry, and everybody can read it.")),
        *_then(notice),
    ]


def _then(notice: Notice) -> list[str]:
    method, closes_at = METHODS[notice.method], moment(notice.sign_up_closes_at)
    if notice.tendered:
        return [translate(N_("The result of the tender stands under public notice at once; then the contract opens."))]
    if method.alone:
        return [
            translate(N_("The agency that you named is told; it takes the job until {time} or leaves it."), time=closes_at),
            translate(N_("Its result stands under public notice before you sign the contract.")),
        ]  # fmt: skip
    sealed = method.entry is EntryKind.SEALED_BID and not method.live
    entering = _SEALED if sealed else _SIGN_UP
    live = [translate(_LIVE, time=moment(notice.bidding_starts_at))] if notice.bidding_starts_at else []
    return [translate(_BOUND), translate(entering, time=closes_at), *live, translate(_SELECTED)]


_BOUND: Final = N_(
    "In the same moment the selection is bound to a round of the public beacon that nobody can know yet."
)
_SEALED: Final = N_("Agencies that qualify can send sealed bids until {time}; nobody can open them before that round.")
_SIGN_UP: Final = N_("Agencies that qualify can sign up until {time}; their names stay sealed until then.")
_LIVE: Final = N_(
    "The agencies of the pool bid live from {time} on; who cannot be online leaves a sealed reserve price."
)
_SELECTED: Final = N_(
    "Then the agency is selected by the rules of the method, and the result stands under public notice before you sign the contract."
)


def amount_rows(notice: Notice) -> list[tuple[str, str]]:
    """What the winner works for, or between which limits agencies quote."""
    if notice.ceiling_fen is None:
        return [("price", money(Money(notice.price_fen)) if notice.price_fen is not None else "")]
    rows = [("quote", translate(QUOTE_NAMES[notice.quote])), ("ceiling", money(Money(notice.ceiling_fen)))]
    if notice.quote == "discount":
        return [*rows, ("smallest_discount", percent(notice.smallest_discount)),
                ("largest_discount", percent(notice.largest_discount))]  # fmt: skip
    return [*rows, ("floor", money(Money(notice.floor_fen)) if notice.floor_fen else "")]
