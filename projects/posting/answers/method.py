"""The part of a notice that says how the agency is selected: answers read and typed, and typed values as answers again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import local_input, percent
from market.web.forms import Fields, percent_of
from projects.posting.rules import Notice
from projects.rules import Criterion
from projects.selection.methods import METHODS
from projects.selection.methods.method import EntryKind, Method, Need

Values = Mapping[str, Any]
METHOD_LABELS: Final[Mapping[str, str]] = {
    "method": N_("Method of selection"),
    "quote": N_("What agencies quote"),
    "ceiling": N_("Ceiling"),
    "floor": N_("Floor"),
    "smallest_discount": N_("Smallest discount"),
    "largest_discount": N_("Largest discount"),
    "access": N_("Open or by invitation"),
    "access_reason": N_("Reason for choosing these agencies"),
    "invited": N_("Chosen agencies"),
    "bidding_starts_at": N_("Live bidding starts"),
    "criteria": N_("Criteria and their weights"),
    "price_weight": N_("Weight of the price"),
    "credit_weight": N_("Weight of the credit score"),
    "tender_number": N_("Number of the result notice"),
    "tender_platform": N_("Platform of the tender"),
    "documents": N_("Documents"),
}
METHOD_LISTS: Final = ("invited_code", "criterion_name", "criterion_description", "criterion_weight")
# Characters that fit, by name of the field.
METHOD_LONGEST: Final[Mapping[str, int]] = {
    "access_reason": 500, "tender_number": 80, "tender_platform": 80, "invited_code": 18, "criterion_name": 40,
    "criterion_description": 300,
}  # fmt: skip
USUAL: Final = "draw"
MOST_CRITERIA: Final = 10
# What a method asks for in the form, in the form's order.
PRICE, BIDS, CRITERIA, LIVE, ACCESS, PICK, TENDER = "price", "bids", "criteria", "live", "access", "pick", "tender"


def asks(method: Method) -> frozenset[str]:
    """The groups of questions that a method needs; all others are not asked."""
    found = {PRICE} if Need.FIXED_PRICE in method.needs else set()
    found |= {BIDS} if Need.CEILING in method.needs else set()
    found |= {CRITERIA} if Need.CRITERIA in method.needs else set()
    found |= {LIVE} if method.live else set()
    if method.alone:
        return frozenset(found | ({PICK} if signs_up(method) else {TENDER}))
    return frozenset(found | {ACCESS})


def method_of(values: Values) -> Method:
    """The method chosen so far; the usual one until something known is chosen."""
    return METHODS.get(str(values.get("method") or USUAL), METHODS[USUAL])


def signs_up(method: Method) -> bool:
    """Whether agencies enter after publication. The result of an outside tender comes with its notice."""
    return method.entry is not EntryKind.NONE


def read_method(fields: Fields) -> Method:
    """A draft from before methods could be chosen says nothing: it is a draw."""
    code = fields.choice("method", METHOD_LABELS["method"], METHODS.keys(), required=False)
    return METHODS[code or USUAL]


def read_amounts(fields: Fields, method: Method, budget: Money | None) -> dict[str, Any]:
    """What the winner works for, or between which limits agencies quote."""
    asked = asks(method)
    found: dict[str, Any] = {"price_fen": None, "quote": "price"}
    if PRICE in asked:
        found["price_fen"] = _price(fields, budget)
    return found | (_limits(fields, method, budget) if BIDS in asked else {})


def _price(fields: Fields, budget: Money | None) -> int | None:
    price = fields.money("price", N_("Price"))
    if budget and price and price > budget:
        fields.wrong("price", N_("The price is above the budget."))
    return price.fen if price else None


def _limits(fields: Fields, method: Method, budget: Money | None) -> dict[str, Any]:
    """The ceiling is the budget unless a lower one is named. A floor belongs to prices, a range to discounts."""
    discount = fields.choice("quote", METHOD_LABELS["quote"], ("price", "discount"), required=False) == "discount"
    ceiling = fields.money("ceiling", METHOD_LABELS["ceiling"], required=budget is None) or budget
    if ceiling and budget and ceiling > budget:
        fields.wrong("ceiling", N_("The ceiling is above the budget of {budget}."), budget=budget)
    found = {"quote": "discount" if discount else "price", "ceiling_fen": ceiling.fen if ceiling else None}
    if discount:
        return found | _discounts(fields)
    floor = fields.money("floor", METHOD_LABELS["floor"], required=Need.FLOOR in method.needs)
    if floor and ceiling and floor >= ceiling:
        fields.wrong("floor", N_("The floor must lie below the ceiling of {ceiling}."), ceiling=ceiling)
    return found | {"floor_fen": floor.fen if floor else None}


def _discounts(fields: Fields) -> dict[str, Any]:
    names = ("smallest_discount", "largest_discount")
    smallest, largest = (fields.percent(name, METHOD_LABELS[name], high=BASIS_POINTS - 1) for name in names)
    if smallest is not None and largest is not None and smallest >= largest:
        fields.wrong("largest_discount", N_("The largest discount must be above the smallest."))
    return {"smallest_discount": smallest, "largest_discount": largest}


def read_terms(fields: Fields, values: Values, method: Method, closes_at: datetime | None) -> dict[str, Any]:
    """Who may enter, what experts score, when live bidding starts, which tender the result comes from."""
    asked = asks(method)
    found: dict[str, Any] = {"method": method.code, **_access(fields, values, asked)}
    found |= _scoring(fields, values) if CRITERIA in asked else {}
    found |= _live(fields, closes_at) if LIVE in asked else {}
    return found | (_tender(fields, values) if TENDER in asked else {})


def _access(fields: Fields, values: Values, asked: frozenset[str]) -> dict[str, Any]:
    choice = fields.choice("access", METHOD_LABELS["access"], ("open", "invited"), required=False)
    if ACCESS in asked and choice != "invited":
        return {"access": "open"}
    codes = invited_codes(values)
    _check_invited(fields, codes, one=ACCESS not in asked)
    invited = {"access": "invited", "invited": tuple(sorted(codes))}
    if TENDER in asked:
        return invited  # who won is a fact of the tender; its notice is the reason
    # Whether a direct pick needs one is for the rulebook, and found out with the other checks of the notice.
    reason = fields.text("access_reason", METHOD_LABELS["access_reason"], min_length=10, max_length=METHOD_LONGEST["access_reason"],
                         required=ACCESS in asked)  # fmt: skip
    return invited | {"access_reason": reason}


def _check_invited(fields: Fields, codes: list[str], *, one: bool) -> None:
    if not codes:
        fields.wrong("invited", N_("Please fill in: {label}."), label=Message(METHOD_LABELS["invited"]))
    if one and len(codes) > 1:
        fields.wrong("invited", N_("Name exactly one agency; you named {count}."), count=len(codes))
    if len(set(codes)) < len(codes):
        fields.wrong("invited", N_("An agency is named twice among the chosen ones."))


def invited_codes(values: Values) -> list[str]:
    """The credit codes typed so far."""
    return [code.strip().upper() for code in values.get("invited_code", []) if code.strip()]


def _scoring(fields: Fields, values: Values) -> dict[str, Any]:
    weights = {name: fields.percent(name, METHOD_LABELS[name]) for name in ("price_weight", "credit_weight")}
    criteria = _criteria(fields, criterion_rows(values))
    if not fields.errors.keys() & {"criteria", *weights}:
        total = sum(one.weight for one in criteria) + sum(weight or 0 for weight in weights.values())
        if total != BASIS_POINTS:
            fields.wrong(
                "criteria", N_("All weights together make {total}; they must make 100 %."), total=percent(total)
            )
    return {**weights, "criteria": criteria}


def criterion_rows(values: Values) -> list[tuple[str, str, str]]:
    """(name, description, weight) of every line in which something was typed."""
    names = values.get("criterion_name", [])
    columns = [
        [*values.get(name, []), *[""] * len(names)][: len(names)]
        for name in ("criterion_description", "criterion_weight")
    ]
    rows = [(name.strip(), about.strip(), weight.strip()) for name, about, weight in zip(names, *columns, strict=True)]
    return [row for row in rows if any(row)]


def _criteria(fields: Fields, rows: Iterable[tuple[str, str, str]]) -> tuple[Criterion, ...]:
    found = []
    for name, about, weight in rows:
        share = percent_of(weight)
        named = 2 <= len(name) <= METHOD_LONGEST["criterion_name"]
        described = 4 <= len(about) <= METHOD_LONGEST["criterion_description"]
        if not named or not described or not share or share > BASIS_POINTS:
            fields.wrong("criteria", N_("“{criterion}” needs a name of 2 to 40 characters, what is judged in 4 to 300, and a weight such as 25 or 12.5."),
                         criterion=name or "…")  # fmt: skip
        else:
            found.append(Criterion(name, about, share))
    if not found and "criteria" not in fields.errors:
        fields.wrong("criteria", N_("Name at least one criterion that experts score."))
    if len({one.name for one in found}) < len(found):
        fields.wrong("criteria", N_("A criterion is named twice."))
    if len(found) > MOST_CRITERIA:
        fields.wrong("criteria", N_("At most {most} criteria."), most=MOST_CRITERIA)
    return tuple(found)


def _live(fields: Fields, closes_at: datetime | None) -> dict[str, Any]:
    starts_at = fields.moment("bidding_starts_at", METHOD_LABELS["bidding_starts_at"])
    if starts_at and closes_at and starts_at <= closes_at:
        fields.wrong("bidding_starts_at", N_("Live bidding starts after sign-up has closed."))
    return {"bidding_starts_at": starts_at}


def _tender_text(fields: Fields, name: str) -> str:
    return fields.text(name, METHOD_LABELS[name], min_length=4, max_length=METHOD_LONGEST[name])


def _tender(fields: Fields, values: Values) -> dict[str, Any]:
    number = _tender_text(fields, "tender_number")
    platform = _tender_text(fields, "tender_platform")
    if not values.get("files"):
        fields.wrong("documents", N_("Attach the result notice of the tender: at least one file."))
    return {"tender_number": number, "tender_platform": platform, "access_reason": f"{platform} {number}"}


def method_values(notice: Notice) -> dict[str, Any]:
    """The notice's part as form values."""
    return {
        "method": notice.method, "quote": notice.quote, "ceiling": _yuan(notice.ceiling_fen), "floor": _yuan(notice.floor_fen),
        "smallest_discount": percent_text(notice.smallest_discount), "largest_discount": percent_text(notice.largest_discount),
        "access": notice.access, "access_reason": notice.access_reason, "invited_code": list(notice.invited),
        "bidding_starts_at": local_input(notice.bidding_starts_at) if notice.bidding_starts_at else "",
        "price_weight": percent_text(notice.price_weight), "credit_weight": percent_text(notice.credit_weight),
        "criterion_name": [one.name for one in notice.criteria],
        "criterion_description": [one.description for one in notice.criteria],
        "criterion_weight": [percent_text(one.weight) for one in notice.criteria],
        "tender_number": notice.tender_number, "tender_platform": notice.tender_platform,
    }  # fmt: skip


def _yuan(fen: int | None) -> str:
    return "" if fen is None else Money(fen).yuan_text


def percent_text(basis_points: int | None) -> str:
    """As the form asks for it: 12.5 for 1250."""
    return "" if basis_points is None else percent(basis_points).removesuffix(" %")
