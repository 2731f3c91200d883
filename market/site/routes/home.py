"""The front page."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from agencies.queries.directory import entry_notices
from market.catalogue.queries import catalogue_at
from market.kernel.i18n import speaking
from market.register.acts import act_name
from market.register.queries import entries
from market.site.charts import small_bars
from market.site.queries.figures import headline
from market.site.queries.home import newest_results, open_notices
from market.site.words import DEFINITIONS
from market.web.context import arrived_at
from market.web.kept import KEPT
from market.web.pages import locale_of, render
from projects.page.views import item_names, short_region

AnyRequest = Request[Any, Any, Any]
SHOWN = 6
ENTRIES_SHOWN = 4


@get("/", opt=KEPT)
async def home_page(request: AnyRequest) -> Response[str]:
    now = arrived_at(request)
    catalogue = await catalogue_at(now)
    total, months = await headline()
    notices, open_count = await open_notices(now, limit=SHOWN)
    entering_count, entering = await entry_notices()
    with speaking(locale_of(request)):
        bars = small_bars(months)
        names = {one.number: item_names(one.service_items, catalogue) for one in notices}
        regions = {notice.region_code for notice in notices} | {agency.region_code for agency in entering}
        places = {code: short_region(code, catalogue) for code in regions}
    return render(
        request, "site/home.html", total=total, bars=bars, notices=notices, open_count=open_count, names=names,
        places=places, results=await newest_results(limit=SHOWN), entering=entering[:ENTRIES_SHOWN],
        entering_count=entering_count, acts=await entries(None, before=None, limit=5), act_name=act_name,
        definitions=DEFINITIONS,
    )  # fmt: skip


routes: list[Any] = [home_page]
