"""The catalogue of the market: regions, service items, and what an agency must hold to perform them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from market.catalogue.rules.wording import Source, Wording

NATION = "100000"
T = TypeVar("T")


class UnknownCode(KeyError):
    """The catalogue has nothing of this kind under this code."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code

    def __str__(self) -> str:
        return f"the catalogue has no {self.kind} {self.code!r}"


class Tier(StrEnum):
    """The levels of regions; a county-level unit may stand directly below its province."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Needs(StrEnum):
    """Whether one of the things listed is enough, or all of them are needed."""

    ANY = "any"
    ALL = "all"


class Force(StrEnum):
    """What the law says of a qualification today. Only the first two may be a condition of taking part."""

    REQUIRED = "required"
    FILING = "filing"
    VOLUNTARY = "voluntary"
    ABOLISHED = "abolished"


@dataclass(frozen=True)
class Region:
    """An administrative division with its six-digit national code (GB/T 2260)."""

    code: str
    name: Wording
    tier: Tier
    parent: str


@dataclass(frozen=True)
class Regulator:
    code: str
    name: Wording


@dataclass(frozen=True)
class ServiceClass:
    code: str
    name: Wording
    about: Wording


@dataclass(frozen=True)
class Level:
    """A level of a qualification. It covers all lower ones unless `covers` names them;
    `every_speciality` spares the holder from listing specialities."""

    code: str
    name: Wording
    covers: tuple[str, ...] | None = None
    every_speciality: bool = False


@dataclass(frozen=True)
class Speciality:
    code: str
    name: Wording


@dataclass(frozen=True)
class QualificationType:
    """`levels`: best first, empty where there is only one. `validity_years`: None where it does not expire.
    `verified`: whether name, levels and force were checked against the regulation."""

    code: str
    name: Wording
    regulator: str
    force: Force
    levels: tuple[Level, ...] = ()
    specialities: tuple[Speciality, ...] = ()
    validity_years: int | None = None
    legal_basis: str = ""
    note: Wording | None = None
    verified: bool = False

    @property
    def may_be_required(self) -> bool:
        return self.force in (Force.REQUIRED, Force.FILING)

    def level(self, code: str) -> Level:
        for level in self.levels:
            if level.code == code:
                return level
        raise UnknownCode(f"level of {self.code}", code)

    def speciality(self, code: str) -> Speciality:
        for speciality in self.specialities:
            if speciality.code == code:
                return speciality
        raise UnknownCode(f"speciality of {self.code}", code)


@dataclass(frozen=True)
class Requirement:
    """A qualification with its least level and its speciality; an empty code means "any"."""

    qualification: str
    level: str = ""
    speciality: str = ""


@dataclass(frozen=True)
class ServiceItem:
    """`requirements`: what may be a condition of taking part, `needs` says whether any or all of them.
    `related`: voluntary or abolished qualifications, never a condition.
    `days`: usual working days, a proposal for the owner. `verified`: the item is named in `source`."""

    code: str
    service_class: str
    name: Wording
    result: Wording
    regulators: tuple[str, ...]
    days: int
    source: str
    verified: bool
    needs: Needs = Needs.ANY
    requirements: tuple[Requirement, ...] = ()
    related: tuple[str, ...] = ()
    practitioner: Wording | None = None
    legal_basis: str = ""
    note: Wording | None = None

    @property
    def needs_practitioners(self) -> bool:
        return self.practitioner is not None


@dataclass(frozen=True)
class Bundle:
    """Items bought together; `needs` says whether one agency must be able to perform all of them or any."""

    code: str
    name: Wording
    about: Wording
    items: tuple[str, ...]
    needs: Needs
    source: str
    verified: bool


@dataclass(frozen=True)
class Held:
    """A qualification as an agency holds it."""

    qualification: str
    level: str = ""
    specialities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Catalogue:
    """One immutable version of the catalogue. Lookups raise UnknownCode."""

    version: str
    effective_from: date
    sources: tuple[Source, ...]
    regions: tuple[Region, ...]
    regulators: tuple[Regulator, ...]
    classes: tuple[ServiceClass, ...]
    qualifications: tuple[QualificationType, ...]
    items: tuple[ServiceItem, ...]
    bundles: tuple[Bundle, ...]

    def region(self, code: str) -> Region:
        return _find(self._regions, "region", code)

    def region_path(self, code: str) -> tuple[Region, ...]:
        """From the province down to the region itself; empty for the whole country."""
        path: list[Region] = []
        while code != NATION:
            path.insert(0, self.region(code))
            code = path[0].parent
        return tuple(path)

    def region_name(self, code: str, locale: str) -> str:
        """The full name: 山东省青岛市市南区, or Shinan District, Qingdao, Shandong."""
        names = [region.name.to(locale) for region in self.region_path(code)] or [self.region(code).name.to(locale)]
        return ", ".join(reversed(names)) if locale.startswith("en") else "".join(names)

    def regions_in(self, parent: str) -> tuple[Region, ...]:
        """The regions directly below one."""
        return self._children.get(parent, ())

    def within(self, code: str, region: str) -> bool:
        """Whether `code` is the region or lies in it."""
        return region == NATION or region in {part.code for part in self.region_path(code)}

    def regulator(self, code: str) -> Regulator:
        return _find(self._regulators, "regulator", code)

    def service_class(self, code: str) -> ServiceClass:
        return _find(self._classes, "service class", code)

    def item(self, code: str) -> ServiceItem:
        return _find(self._items, "service item", code)

    def items_in(self, service_class: str) -> tuple[ServiceItem, ...]:
        return tuple(item for item in self.items if item.service_class == service_class)

    def qualification(self, code: str) -> QualificationType:
        return _find(self._qualifications, "qualification", code)

    def items_needing(self, qualification: str) -> tuple[ServiceItem, ...]:
        """Items for which this qualification is a condition."""
        return tuple(
            item for item in self.items if any(need.qualification == qualification for need in item.requirements)
        )

    def bundle(self, code: str) -> Bundle:
        return _find(self._bundles, "bundle", code)

    def items_of(self, bundle: Bundle) -> tuple[ServiceItem, ...]:
        return tuple(self.item(code) for code in bundle.items)

    def bundles_with(self, item: str) -> tuple[Bundle, ...]:
        return tuple(bundle for bundle in self.bundles if item in bundle.items)

    def source(self, code: str) -> Source:
        return _find(self._sources, "source", code)

    def level_at_least(self, qualification: str, held: str, wanted: str) -> bool:
        """Whether a holder of level `held` may do what asks for `wanted` ("" asks for none)."""
        return level_at_least(self.qualification(qualification), held, wanted)

    def meets(self, requirement: Requirement, held: Iterable[Held]) -> bool:
        """Whether one of the qualifications held satisfies the requirement."""
        kind = self.qualification(requirement.qualification)
        return any(_meets(kind, requirement, one) for one in held if one.qualification == kind.code)

    def missing(self, item: str, held: Iterable[Held]) -> tuple[Requirement, ...]:
        """The requirements that keep the holder from performing the item; empty when it may."""
        owned = tuple(held)
        found = self.item(item)
        unmet = tuple(need for need in found.requirements if not self.meets(need, owned))
        if found.needs is Needs.ANY and len(unmet) < len(found.requirements):
            return ()
        return unmet

    @cached_property
    def _regions(self) -> Mapping[str, Region]:
        return {region.code: region for region in self.regions}

    @cached_property
    def _children(self) -> Mapping[str, tuple[Region, ...]]:
        below: dict[str, list[Region]] = {}
        for region in self.regions:
            below.setdefault(region.parent, []).append(region)
        return {parent: tuple(regions) for parent, regions in below.items()}

    @cached_property
    def _regulators(self) -> Mapping[str, Regulator]:
        return {regulator.code: regulator for regulator in self.regulators}

    @cached_property
    def _classes(self) -> Mapping[str, ServiceClass]:
        return {one.code: one for one in self.classes}

    @cached_property
    def _items(self) -> Mapping[str, ServiceItem]:
        return {item.code: item for item in self.items}

    @cached_property
    def _qualifications(self) -> Mapping[str, QualificationType]:
        return {kind.code: kind for kind in self.qualifications}

    @cached_property
    def _bundles(self) -> Mapping[str, Bundle]:
        return {bundle.code: bundle for bundle in self.bundles}

    @cached_property
    def _sources(self) -> Mapping[str, Source]:
        return {source.code: source for source in self.sources}


def jurisdictions(region: str) -> tuple[str, ...]:
    """The region and what it lies in, nearest first: 370202, 370200, 370000, 100000."""
    around = (region, f"{region[:4]}00", f"{region[:2]}0000", NATION)
    return tuple(dict.fromkeys(around))


def level_at_least(kind: QualificationType, held: str, wanted: str) -> bool:
    """Levels are compared by what they cover, because some do not compare: labour work is no lower survey grade."""
    if not wanted:
        return True
    kind.level(wanted)
    return bool(held) and (held == wanted or wanted in covered(kind, held))


def covered(kind: QualificationType, level: str) -> frozenset[str]:
    """The levels below one: those it names, and theirs, or else all that follow it."""
    found = kind.level(level)
    if found.covers is None:
        codes = [one.code for one in kind.levels]
        return frozenset(codes[codes.index(level) + 1 :])
    return frozenset(found.covers).union(*(covered(kind, below) for below in found.covers))


def _meets(kind: QualificationType, requirement: Requirement, held: Held) -> bool:
    if not level_at_least(kind, held.level, requirement.level):
        return False
    every = bool(held.level) and kind.level(held.level).every_speciality
    return every or not requirement.speciality or requirement.speciality in held.specialities


def _find(mapping: Mapping[str, T], kind: str, code: str) -> T:
    if code not in mapping:
        raise UnknownCode(kind, code)
    return mapping[code]
