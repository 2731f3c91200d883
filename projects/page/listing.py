"""The filters, chips and lines of the two lists, in the page's language."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from litestar import Request
from markupsafe import Markup

from market.catalogue.rules import Catalogue, Region
from market.kernel.i18n import N_, locale, translate
from market.web.pages import url_with
from projects.page.queries import MOST_PAGES, PAGE, Line, ListQuery
from projects.page.rules import STAGE_KINDS, stage_name
from projects.page.views import item_names, region_name, short_region
from projects.selection.methods import METHODS

AnyRequest = Request[Any, Any, Any]
GROUP_NAMES: Final = {
    "sign_up": N_("Open for sign-up or bids"), "selecting": N_("Being selected"), "working": N_("At work"), "done": N_("Accepted"),
    "ended": N_("Failed or withdrawn"),
}  # fmt: skip
BAND_NAMES: Final = {
    "-10": N_("Below ¥100,000"), "10-30": N_("¥100,000 – 300,000"), "30-100": N_("¥300,000 – 1,000,000"),
    "100-": N_("¥1,000,000 and more"),
}  # fmt: skip
_OPTIONS: dict[tuple[str, str, int], Markup] = {}
SORT_NAMES: Final = {"newest": N_("Newest"), "closing": N_("Closing first"), "price": N_("Highest price")}


def list_context(
    request: AnyRequest, asked: ListQuery, lines: list[Line], total: int, catalogue: Catalogue
) -> dict[str, Any]:
    return {
        "lines": [line_view(line, catalogue) for line in lines], "total": total, "asked": asked,
        "pages": pages_for(total), "groups": _groups(request, asked, catalogue), "active": _active(request, asked, catalogue),
        "sorts": [{"label": translate(label), "href": url_with(request, sort=key, page=None), "current": asked.sort == key}
                  for key, label in SORT_NAMES.items()],
        "regions": _regions(catalogue, asked.region), "hidden": _hidden(asked),
    }  # fmt: skip


def results_context(lines: list[Line], total: int, catalogue: Catalogue, *, failed: bool, page: int) -> dict[str, Any]:
    return {"lines": [line_view(line, catalogue) for line in lines], "total": total, "failed": failed, "page": page,
            "pages": pages_for(total)}  # fmt: skip


def pages_for(total: int) -> int:
    return min(ceil(total / PAGE), MOST_PAGES)


def line_view(line: Line, catalogue: Catalogue) -> dict[str, Any]:
    """One project in a list, with its codes turned into names."""
    return {
        "line": line, "services": item_names(line.service_items, catalogue), "region": short_region(line.region_code, catalogue),
        "stage": translate(stage_name(line.stage, line.method)), "method": translate(METHODS[line.method].name), "kind": STAGE_KINDS.get(line.stage, "plain"),
    }  # fmt: skip


def _option(request: AnyRequest, label: str, current: bool, **address: Any) -> dict[str, Any]:
    return {"label": label, "href": url_with(request, page=None, **address), "current": current}


def _groups(request: AnyRequest, asked: ListQuery, catalogue: Catalogue) -> list[dict[str, Any]]:
    def options(name: str, current: str, pairs: list[tuple[str, str]], **resets: Any) -> list[dict[str, Any]]:
        everything = _option(request, translate(N_("All")), not current, **{name: None, **resets})
        return [everything, *(_option(request, label, current == key, **{name: key, **resets}) for key, label in pairs)]

    stages = options("stage", asked.stage, [(key, translate(label)) for key, label in GROUP_NAMES.items()], soon=None)
    soon = _option(request, translate(N_("Closing within 48 hours")), asked.soon, soon="1", stage=None)
    stages[0]["current"] = not asked.stage and not asked.soon
    return [
        {"label": translate(N_("Stage")), "options": [*stages[:2], soon, *stages[2:]]},
        {"label": translate(N_("Class")), "options": options(
            "cls", asked.service_class, [(one.code, one.name.to(locale())) for one in catalogue.classes], item=None)},
        {"label": translate(N_("Method")), "options": options(
            "method", asked.method, [(one.code, translate(one.name)) for one in METHODS.values()])},
        {"label": translate(N_("Price")), "options": options(
            "band", asked.band, [(key, translate(label)) for key, label in BAND_NAMES.items()])},
    ]  # fmt: skip


def _active(request: AnyRequest, asked: ListQuery, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The filters that no row of chips shows as chosen: words, region, service item."""
    found = []
    if asked.text:
        found.append(
            {
                "label": translate(N_("Containing: {words}"), words=asked.text),
                "href": url_with(request, q=None, page=None),
            }
        )
    if asked.region:
        found.append({"label": region_name(asked.region, catalogue), "href": url_with(request, region=None, page=None)})
    if asked.item:
        found.append(
            {"label": item_names([asked.item], catalogue)[0][1], "href": url_with(request, item=None, page=None)}
        )
    return found


def _region_options(version: str, language: str, regions: tuple[Region, ...]) -> Markup:
    """Every region for the select field, indented by its tier. The same for every visitor, so it is written once."""
    key = (version, language, len(regions))
    if key not in _OPTIONS:
        depth = {"province": "", "city": "\u3000", "county": "\u3000\u3000"}
        option = Markup('<option value="{}">{}</option>')
        shown = [
            option.format(one.code, depth[one.tier] + one.name.to(language)) for one in regions if one.tier in depth
        ]
        _OPTIONS[key] = Markup("").join(shown)
    return _OPTIONS[key]


def _regions(catalogue: Catalogue, chosen: str) -> Markup:
    options = _region_options(catalogue.version, locale(), catalogue.regions)
    marked = str(options).replace(f'value="{chosen}"', f'value="{chosen}" selected') if chosen else options
    return Markup(marked)  # noqa: S704  (our own options; `chosen` is letters and digits)


def _hidden(asked: ListQuery) -> dict[str, str]:
    """The filters that the search form carries along."""
    pairs = {"cls": asked.service_class, "item": asked.item, "stage": asked.stage, "method": asked.method, "band": asked.band,
             "soon": "1" if asked.soon else "", "sort": asked.sort if asked.sort != "newest" else ""}  # fmt: skip
    return {name: value for name, value in pairs.items() if value}
