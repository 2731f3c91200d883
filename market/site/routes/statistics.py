"""The figures as a page, as tables to download, and as JSON: always the same numbers under the same filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath

from market.catalogue.queries import catalogue_at
from market.catalogue.rules import Catalogue
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import N_, locale, speaking, translate
from market.site.charts import charts
from market.site.exports import FILES, Names, as_json, csv_file
from market.site.forms import as_query, parse_filters
from market.site.queries.figures import figures, regions_used
from market.site.rules.figures import Figures, Filters
from market.site.words import DEFINITIONS
from market.web.context import arrived_at
from market.web.display import say
from market.web.kept import KEPT
from market.web.pages import locale_of, render, url_with
from projects.page.views import region_name, short_region
from projects.selection.methods import METHODS

AnyRequest = Request[Any, Any, Any]


def namer(catalogue: Catalogue, *, short: bool = False) -> Names:
    """Names of months, regions, classes and methods in the current locale. Groups of regions differ at one level only,
    so that on the page the short name says enough."""
    region = short_region if short else region_name

    def named(group: str, key: str) -> str:
        if group == "regions":
            return region(key, catalogue)
        if group == "classes":
            return catalogue.service_class(key).name.to(locale())
        return translate(METHODS[key].name) if group == "methods" else key

    return named


async def asked(request: AnyRequest) -> tuple[Figures, Catalogue, Mapping[str, list[Message]]]:
    catalogue = await catalogue_at(arrived_at(request))
    filters, errors = parse_filters(request.query_params, catalogue)
    return await figures(filters, book=catalogue), catalogue, errors


@get("/statistics", opt=KEPT)
async def statistics_page(request: AnyRequest) -> Response[str]:
    found, catalogue, errors = await asked(request)
    used = await regions_used()
    with speaking(locale_of(request)):
        named = namer(catalogue, short=True)
        regions = [(code, region_name(code, catalogue)) for code in _with_chosen(used, found.filters)]
        classes = [(one.code, one.name.to(locale())) for one in catalogue.classes]
        drawn, active = charts(found, named), _active(request, found.filters, namer(catalogue))
    return render(
        request, "site/statistics.html", status=422 if errors else 200, figures=found, total=found.total, charts=drawn,
        regions=regions, catalogue=catalogue, query_string=urlencode(as_query(found.filters)), chosen=as_query(found.filters),
        region_code=region_code(found.filters), errors=errors, named=named, DEFINITIONS=DEFINITIONS, active=active,
        class_options=classes,
    )  # fmt: skip


def region_code(filters: Filters) -> str:
    return filters.region.ljust(6, "0") if filters.region else ""


def _with_chosen(codes: list[str], filters: Filters) -> list[str]:
    """The regions to choose from; the one that is chosen is among them even where nothing was ever posted."""
    return sorted({*codes, region_code(filters)} - {""})


def _active(request: AnyRequest, filters: Filters, named: Names) -> list[dict[str, str]]:
    """The filters in force as chips, each with the address without it."""
    told = {
        "region": named("regions", region_code(filters)) if filters.region else "",
        "class": named("classes", filters.service_class) if filters.service_class else "",
        "from": translate(N_("from {day}"), day=filters.since) if filters.since else "",
        "to": translate(N_("to {day}"), day=filters.until) if filters.until else "",
    }
    return [{"label": label, "href": url_with(request, **{name: None})} for name, label in told.items() if label]


@get("/statistics.json")
async def statistics_json(request: AnyRequest) -> Response[dict[str, Any]]:
    found, catalogue, errors = await asked(request)
    with speaking(locale_of(request)):
        if errors:
            told = {name: [say(message) for message in messages] for name, messages in errors.items()}
            return Response({"errors": told}, status_code=422)
        return Response(as_json(found, namer(catalogue)))


@get("/statistics/{name:str}")
async def statistics_file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """funnel.csv, months.csv, regions.csv, classes.csv, methods.csv, direct.csv, times.csv"""
    table = name.removesuffix(".csv")
    if table not in FILES or table == name:
        raise NotFound
    found, catalogue, _ = await asked(request)
    with speaking(locale_of(request)):
        content = csv_file(table, found, namer(catalogue))
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


routes: list[Any] = [statistics_page, statistics_json, statistics_file]
