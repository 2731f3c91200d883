"""An agency's own figures on its page: the market's, of this agency alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.accounts.queries import organisation_by_code
from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.site.figures.counting import Books, count
from market.site.figures.each import FIGURES
from market.site.figures.model import Asked
from market.web.panels import Panel, panel
from market.web.viewer import Viewer


@panel("agency", order=25)
async def agency_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """What it took part in, won and delivered; nothing before its first sign-up that may be told."""
    agency = await organisation_by_code(key)
    if agency is None or agency.kind != "agency":
        return None
    books = Books(await catalogue_at(now), await rulebook_in_force(agency.region_code, now))
    asked = Asked(agency=agency.id)
    acts, work = [
        (await count(FIGURES[name], asked, scope=None, books=books, now=now, used=())).total.values
        for name in ("activity", "delivery")
    ]
    if not acts["sign_ups"]:
        return None
    return Panel("site/figures/_agency.html", {"acts": acts, "work": work})
