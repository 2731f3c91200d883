"""Finding service items by words."""

from __future__ import annotations

from market.catalogue.rules.catalogue import Catalogue, Requirement, ServiceItem
from market.catalogue.rules.wording import Wording


def find_items(catalogue: Catalogue, text: str) -> tuple[ServiceItem, ...]:
    """Items in which every word of the text occurs: in code, name, result, law, regulator or qualification,
    in either language. All items where there are no words."""
    words = text.casefold().split()
    return tuple(item for item in catalogue.items if all(word in said_of(item, catalogue) for word in words))


def said_of(item: ServiceItem, catalogue: Catalogue) -> str:
    """Everything that is said of the item, folded, in both languages."""
    wordings = [
        item.name,
        item.result,
        *(catalogue.regulator(code).name for code in item.regulators),
        *(catalogue.qualification(need.qualification).name for need in item.requirements),
        *(_speciality(need, catalogue) for need in item.requirements if need.speciality),
        *(catalogue.qualification(code).name for code in item.related),
    ]
    said = " ".join(f"{wording.zh} {wording.en}" for wording in wordings)
    return f"{item.code} {item.legal_basis} {said}".casefold()


def _speciality(need: Requirement, catalogue: Catalogue) -> Wording:
    return catalogue.qualification(need.qualification).speciality(need.speciality).name
