"""Codes of the catalogue as words of the page's language; a code that the catalogue dropped stays visible as such."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from market.catalogue.rules import Catalogue, QualificationType, UnknownCode


@dataclass(frozen=True)
class Words:
    catalogue: Catalogue
    locale: str

    def item(self, code: str) -> str:
        try:
            return self.catalogue.item(code).name.to(self.locale)
        except UnknownCode:
            return code

    def items(self, codes: Iterable[str]) -> list[str]:
        return [self.item(code) for code in codes]

    def region(self, code: str) -> str:
        try:
            return self.catalogue.region_name(code, self.locale)
        except UnknownCode:
            return code

    def qualification(self, code: str, level: str = "") -> str:
        """With its level: 测绘资质 乙级."""
        try:
            kind = self.catalogue.qualification(code)
        except UnknownCode:
            return f"{code} {level}".strip()
        return f"{kind.name.to(self.locale)} {self.level(kind, level)}".strip()

    def level(self, kind: QualificationType, level: str) -> str:
        return next((one.name.to(self.locale) for one in kind.levels if one.code == level), level)

    def specialities(self, code: str, chosen: Iterable[str]) -> list[str]:
        try:
            kind = self.catalogue.qualification(code)
        except UnknownCode:
            return list(chosen)
        names = {one.code: one.name.to(self.locale) for one in kind.specialities}
        return [names.get(one, one) for one in chosen]

    def professions(self) -> list[tuple[str, str]]:
        """Every profession that the catalogue names; its Chinese name is what is stored."""
        known = {item.practitioner.zh: item.practitioner for item in self.catalogue.items if item.practitioner}
        return [(zh, wording.to(self.locale)) for zh, wording in sorted(known.items())]

    def profession(self, name: str) -> str:
        return dict(self.professions()).get(name, name)
