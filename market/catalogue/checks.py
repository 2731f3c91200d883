"""What must hold inside one version of catalogue or rulebook beyond the types of its fields.

Each check yields problems as sentences for the person who edits the data file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from market.catalogue.rules import (
    NATION,
    Bundle,
    Catalogue,
    Level,
    QualificationType,
    Region,
    Regulator,
    Requirement,
    Rule,
    Rulebook,
    ServiceClass,
    ServiceItem,
    Source,
    Speciality,
    Tier,
    Unit,
    Wording,
)

UNREAD = "default"  # the source of what nobody but this platform has written down
WHOLE = 10_000
_ITEM_CODE = re.compile(r"[A-Z][0-9]{3}")
_REGION_CODE = re.compile(r"[1-9][0-9]{5}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULE_KEY = re.compile(r"[a-z]+(\.[a-z_]+)+")
# What the system can do: rules whose values are names of ways that exist in code, or that hold in any case.
POSSIBLE: Mapping[str, frozenset[bool | str]] = {
    "entry.barred_lists": frozenset(
        {"bribery", "judgment_defaulters", "serious_violators", "abnormal_operations", "tax_offenders"}
    ),
    "selection.scored.price_formula": frozenset({"lowest-over-own"}),
    "objection.blocks_contract": frozenset({True}),
}
_PARENTS = {
    Tier.PROVINCE: {Tier.NATION},
    Tier.CITY: {Tier.PROVINCE},
    Tier.COUNTY: {Tier.PROVINCE, Tier.CITY},
}


def rulebook_problems(book: Rulebook) -> list[str]:
    known = {source.code for source in book.sources}
    groups = {group.code for group in book.groups}
    problems = [f"rule {rule.key}: {problem}" for rule in book.listed for problem in _rule(rule, book, known, groups)]
    problems += [f"group {code}: has no rules" for code in sorted(groups - {rule.group for rule in book.listed})]
    problems += [f"source {code}: no rule cites it" for code in sorted(known - {rule.source for rule in book.listed})]
    problems += _region_code("jurisdiction", book.jurisdiction)
    problems += _wordings("title", book.title)
    return problems


def _rule(rule: Rule, book: Rulebook, sources: set[str], groups: set[str]) -> Iterator[str]:
    if not _RULE_KEY.fullmatch(rule.key):
        yield "the key is not of the form group.name"
    if rule.group not in groups:
        yield f"no group {rule.group!r}"
    if rule.source not in sources:
        yield f"no source {rule.source!r}"
    if rule.verified and rule.source == UNREAD:
        yield "a platform default cannot be verified"
    if rule.effective_from > book.effective_from:
        yield "takes effect later than the rulebook"
    if impossible := [value for value in rule.values if value not in POSSIBLE.get(rule.key, rule.values)]:
        yield f"the system cannot follow {impossible!r}"
    yield from _value(rule)
    yield from _region_code("jurisdiction", rule.jurisdiction)
    yield from _wordings("title", rule.title, rule.note)


def _value(rule: Rule) -> Iterator[str]:
    kind = {Unit.FLAG: bool, Unit.TEXT: str}.get(rule.unit, int)
    if not rule.values or any(type(value) is not kind for value in rule.values):
        yield f"{rule.unit} takes {kind.__name__}, not {rule.value!r}"
    elif kind is int and any(int(value) < 0 for value in rule.values):
        yield "is negative"
    elif rule.unit is Unit.BASIS_POINTS and any(int(value) > WHOLE for value in rule.values):
        yield "is more than the whole"


def catalogue_problems(catalogue: Catalogue) -> list[str]:
    return list(
        chain(
            _regions(catalogue),
            _names(catalogue),
            *(_of("qualification", kind.code, _qualification(kind, catalogue)) for kind in catalogue.qualifications),
            *(_of("item", item.code, _item(item, catalogue)) for item in catalogue.items),
            *(_of("bundle", bundle.code, _bundle(bundle, catalogue)) for bundle in catalogue.bundles),
            _empty_classes(catalogue),
        )
    )


def _of(kind: str, code: str, problems: Iterable[str]) -> Iterator[str]:
    return (f"{kind} {code}: {problem}" for problem in problems)


def _regions(catalogue: Catalogue) -> Iterator[str]:
    tiers = {region.code: region.tier for region in catalogue.regions}
    if tiers.get(NATION) is not Tier.NATION:
        yield f"region {NATION}: the whole country is missing"
    for region in catalogue.regions:
        yield from _of("region", region.code, _region(region, tiers))


def _region(region: Region, tiers: dict[str, Tier]) -> Iterator[str]:
    yield from _region_code("code", region.code)
    if region.tier is Tier.NATION:
        return
    if region.parent not in tiers:
        yield f"parent {region.parent!r} is missing"
    elif tiers[region.parent] not in _PARENTS[region.tier]:
        yield f"a {region.tier} cannot lie in a {tiers[region.parent]}"
    elif region.parent != NATION and not region.code.startswith(region.parent.rstrip("0")):
        yield f"does not begin like its parent {region.parent}"


def _names(catalogue: Catalogue) -> Iterator[str]:
    """Every name of the catalogue in both languages, every code in its form."""
    named_ones: list[Region | Regulator | ServiceClass] = [
        *catalogue.regions,
        *catalogue.regulators,
        *catalogue.classes,
    ]
    for named in named_ones:
        yield from _of(type(named).__name__.lower(), named.code, _wordings("name", named.name))
    for one in catalogue.classes:
        yield from _of("class", one.code, _wordings("about", one.about))
    for source in catalogue.sources:
        yield from _of("source", source.code, _wordings("title", source.title))
    slugs: list[Regulator | QualificationType | Bundle | Source] = [
        *catalogue.regulators,
        *catalogue.qualifications,
    ]
    slugs += [*catalogue.bundles, *catalogue.sources]
    for code in (one.code for one in slugs):
        if not _SLUG.fullmatch(code):
            yield f"{code!r}: codes are lower-case words joined by hyphens"


def _qualification(kind: QualificationType, catalogue: Catalogue) -> Iterator[str]:
    if kind.regulator not in {regulator.code for regulator in catalogue.regulators}:
        yield f"no regulator {kind.regulator!r}"
    if kind.validity_years is not None and kind.validity_years < 1:
        yield "a validity has at least one year"
    yield from _wordings("name", kind.name, kind.note)
    yield from _levels(kind)
    yield from _twice("speciality", [speciality.code for speciality in kind.specialities])
    parts: list[Level | Speciality] = [*kind.levels, *kind.specialities]
    for part in parts:
        yield from _wordings(f"name of {part.code}", part.name)


def _levels(kind: QualificationType) -> Iterator[str]:
    codes = [level.code for level in kind.levels]
    yield from _twice("level", codes)
    for position, level in enumerate(kind.levels):
        for below in level.covers or ():
            if below not in codes:
                yield f"level {level.code} covers no level {below!r}"
            elif codes.index(below) <= position:
                yield f"level {level.code} covers {below}, which stands above it"


def _item(item: ServiceItem, catalogue: Catalogue) -> Iterator[str]:
    if not _ITEM_CODE.fullmatch(item.code) or not item.code.startswith(item.service_class):
        yield "the code is its class letter and three digits"
    if item.service_class not in {one.code for one in catalogue.classes}:
        yield f"no class {item.service_class!r}"
    if item.days < 1:
        yield "takes at least one working day"
    if not item.regulators:
        yield "has no regulator"
    known = {regulator.code for regulator in catalogue.regulators}
    yield from (f"no regulator {code!r}" for code in item.regulators if code not in known)
    yield from _cited(item.source, item.verified, catalogue)
    yield from _wordings("wording", item.name, item.result, item.practitioner, item.note)
    for need in item.requirements:
        yield from _requirement(need, catalogue)
    yield from _related(item, catalogue)


def _requirement(need: Requirement, catalogue: Catalogue) -> Iterator[str]:
    kind = next(
        (kind for kind in catalogue.qualifications if kind.code == need.qualification),
        None,
    )
    if kind is None:
        yield f"no qualification {need.qualification!r}"
        return
    if not kind.may_be_required:
        yield f"{kind.code} is {kind.force} and may not be a condition"
    if need.level and need.level not in {level.code for level in kind.levels}:
        yield f"{kind.code} has no level {need.level!r}"
    if need.speciality and need.speciality not in {speciality.code for speciality in kind.specialities}:
        yield f"{kind.code} has no speciality {need.speciality!r}"


def _related(item: ServiceItem, catalogue: Catalogue) -> Iterator[str]:
    forces = {kind.code: kind.may_be_required for kind in catalogue.qualifications}
    for code in item.related:
        if code not in forces:
            yield f"no qualification {code!r}"
        elif forces[code]:
            yield f"{code} is in force: it belongs to the requirements"


def _bundle(bundle: Bundle, catalogue: Catalogue) -> Iterator[str]:
    if len(bundle.items) < 2:
        yield "joins at least two items"
    yield from _twice("item", list(bundle.items))
    known = {item.code for item in catalogue.items}
    yield from (f"no item {code!r}" for code in bundle.items if code not in known)
    yield from _cited(bundle.source, bundle.verified, catalogue)
    yield from _wordings("wording", bundle.name, bundle.about)


def _cited(source: str, verified: bool, catalogue: Catalogue) -> Iterator[str]:
    if source not in {one.code for one in catalogue.sources}:
        yield f"no source {source!r}"
    if verified and source == UNREAD:
        yield "what nobody else has written down cannot be verified"


def _empty_classes(catalogue: Catalogue) -> Iterator[str]:
    used = {item.service_class for item in catalogue.items}
    return (f"class {one.code}: has no items" for one in catalogue.classes if one.code not in used)


def _wordings(place: str, *wordings: Wording | None) -> Iterator[str]:
    for wording in wordings:
        if wording is not None and not (wording.zh.strip() and wording.en.strip()):
            yield f"{place}: both languages are needed"


def _region_code(place: str, code: str) -> Iterator[str]:
    if not _REGION_CODE.fullmatch(code):
        yield f"{place}: {code!r} is no six-digit region code"


def _twice(kind: str, codes: list[str]) -> Iterator[str]:
    return (f"{kind} {code} is listed twice" for code in sorted({code for code in codes if codes.count(code) > 1}))
