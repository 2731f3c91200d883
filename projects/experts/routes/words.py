"""What experts' pages are made with: words of the catalogue, lamps, names of states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from litestar import Request

from market.catalogue.queries import catalogue_at, rulebook, rulebook_in_force
from market.catalogue.rules import Catalogue, Rulebook, UnknownCode
from market.kernel.i18n import N_
from market.kernel.lamps import Colour, LampRule, lamp
from market.web.context import arrived_at, running
from market.web.pages import locale_of
from projects.experts.rules import Stage

AnyRequest = Request[Any, Any, Any]
PAGE: Final = 20
STAGE_NAMES: Final = {
    Stage.DRAFT: N_("not handed in"),
    Stage.SUBMITTED: N_("under review"),
    Stage.RETURNED: N_("returned for correction"),
    Stage.ADMITTED: N_("in the pool"),
    Stage.REFUSED: N_("refused"),
    Stage.EXITED: N_("left the pool"),
}
STAGE_KINDS: Final = {Stage.ADMITTED: "green", Stage.SUBMITTED: "amber", Stage.RETURNED: "red", Stage.REFUSED: "red"}
END_NAMES: Final = {
    "declined": N_("declined"),
    "absent": N_("did not answer or score in time"),
    "conflict": N_("conflict of interest"),
}
PROPOSAL_FAULTS: Final = {
    "missing": N_("no file was handed in"),
    "other_file": N_("the bid names another file than was handed in"),
    "unreadable": N_("the key in the bid does not open the file"),
}


async def book_in_force(request: AnyRequest) -> Rulebook:
    return await rulebook_in_force(running(request).settings.site_region, arrived_at(request))


async def lit(request: AnyRequest, version: str | None, since: datetime, due_at: datetime | None) -> Colour:
    """The lamp of a step, by the rulebook of a project (`version`) or the one in force."""
    book = await rulebook(version) if version else await book_in_force(request)
    rule = LampRule(book.share("lamp.yellow_share"), book.working_days("lamp.yellow_days"))
    return lamp(arrived_at(request), since, due_at, calendar=running(request).calendar, rule=rule)


class Names:
    """Codes of classes, items and regions as words of the page's language."""

    def __init__(self, catalogue: Catalogue, locale: str) -> None:
        self.catalogue = catalogue
        self.locale = locale

    def speciality(self, code: str) -> str:
        try:
            if len(code) == 1:
                return self.catalogue.service_class(code).name.to(self.locale)
            return self.catalogue.item(code).name.to(self.locale)
        except UnknownCode:
            return code

    def specialities(self, codes: Iterable[str]) -> list[str]:
        return [self.speciality(code) for code in codes]

    def region(self, code: str) -> str:
        try:
            return self.catalogue.region_name(code, self.locale)
        except UnknownCode:
            return code


async def names_of(request: AnyRequest) -> Names:
    return Names(await catalogue_at(arrived_at(request)), locale_of(request))
