"""The statistics as pages, tables and JSON: for the public over the whole market, for regulators over their field. All of
them show one answer, counted in one place (market.site.figures.counting)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath

from market.catalogue.queries import catalogue_at, rulebook_in_force
from market.kernel.errors import NotFound
from market.kernel.i18n import speaking
from market.site.figures import panels, views
from market.site.figures.asking import Errors, answered_by, as_query, read
from market.site.figures.counting import Books, count, prefixes, regions_used
from market.site.figures.each import FIGURES
from market.site.figures.files import Named, as_json, csv_file
from market.site.figures.kept import KeptAnswers
from market.site.figures.model import Answer, Asked, Figure
from market.site.figures.names import name_of, named_owners
from market.site.figures.scope import Scope, scope_of
from market.web.context import arrived_at, running
from market.web.display import say
from market.web.downloads import csv_response
from market.web.kept import KEPT
from market.web.pages import locale_of, render
from market.web.viewer import require_viewer

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Desk:
    """Where figures stand: on the public pages or on the regulator's desk. `home`: the address of the overview."""

    home: str
    scope: Scope | None
    books: Books
    kept: KeptAnswers

    @property
    def figures(self) -> Mapping[str, Figure]:
        return {name: one for name, one in FIGURES.items() if self.scope is not None or not one.regulators_only}


async def public(request: AnyRequest) -> Desk:
    return await _desk(request, "/statistics", None)


async def regulators(request: AnyRequest) -> Desk:
    viewer = require_viewer(request, "regulator")
    return await _desk(request, "/regulator/figures", await scope_of(viewer))


async def _desk(request: AnyRequest, home: str, scope: Scope | None) -> Desk:
    now = arrived_at(request)
    book = await rulebook_in_force(running(request).settings.site_region, now)
    state = request.app.state
    if "answers" not in state:
        state.answers = KeptAnswers()
    return Desk(home, scope, Books(await catalogue_at(now), book), state.answers)


async def answered(
    request: AnyRequest, desk: Desk, figure: Figure, asked: Asked, *, used: Sequence[str] | None = None
) -> Answer:
    """`used`: `regions_of(desk)`, where the caller has it."""
    known, now = answered_by(figure, asked), arrived_at(request)
    return await desk.kept.answer(
        figure, known, desk.scope, partial(count, figure, known, scope=desk.scope, books=desk.books, now=now, used=used)
    )


async def namer(answer: Answer, desk: Desk, *, short: bool = False) -> Named:
    owners = await named_owners(answer)
    return lambda key: name_of(key, answer.by, answer.figure, desk.books.catalogue, owners, short=short)


async def regions_of(desk: Desk) -> list[str]:
    """The places to choose from: those of the desk's field."""
    return [code for code in await regions_used() if code.startswith(prefixes(Asked(), desk.scope))]


async def overview(request: AnyRequest, desk: Desk) -> Response[str]:
    asked, errors = read(request.query_params, desk.books.catalogue)
    used, fields = await regions_of(desk), desk.scope.fields if desk.scope else ()
    answers = [await answered(request, desk, figure, asked, used=used) for figure in desk.figures.values()]
    names = [await namer(answer, desk, short=True) for answer in answers]
    with speaking(locale_of(request)):
        cards = [views.card(answer, named, asked, desk.home) for answer, named in zip(answers, names, strict=True)]
        filters = views.filters(request, asked, desk.books.catalogue, used, now=arrived_at(request))
        field_names = views.field_names(fields, desk.books.catalogue)
    return render(
        request, "site/figures/overview.html", status=422 if errors else 200, cards=cards, filters=filters, errors=errors,
        home=desk.home, as_of=min(answer.as_of for answer in answers), query_string=urlencode(as_query(asked)),
        scoped=desk.scope is not None, fields=field_names,
    )  # fmt: skip


async def one_figure(request: AnyRequest, desk: Desk, name: str) -> Response[Any]:
    """The page of one figure, or with a name that ends in .csv or .json its file."""
    plain, _, kind = name.partition(".")
    figure = desk.figures.get(plain)
    if figure is None or kind not in ("", "csv", "json") or (kind == "" and plain != name):
        raise NotFound
    asked, errors = read(request.query_params, desk.books.catalogue, figure)
    if errors and kind:
        return _refused(request, errors)
    answer = await answered(request, desk, figure, asked)
    named = await namer(answer, desk)
    if kind == "csv":
        with speaking(locale_of(request)):
            return csv_response(csv_file(answer, named), name)
    if kind == "json":
        with speaking(locale_of(request)):
            return Response(as_json(answer, named, address=_address(request, desk, answer)))
    return await _page(request, desk, asked, answer, errors)


def _refused(request: AnyRequest, errors: Errors) -> Response[dict[str, Any]]:
    """A file of something else than what was asked for would be believed: there is none."""
    with speaking(locale_of(request)):
        return Response(
            {"errors": {name: [say(one) for one in told] for name, told in errors.items()}}, status_code=422
        )


def _address(request: AnyRequest, desk: Desk, answer: Answer) -> str:
    query = urlencode(as_query(answer.asked))
    return f"{running(request).settings.public_url}{desk.home}/{answer.figure.id}" + (f"?{query}" if query else "")


async def _page(request: AnyRequest, desk: Desk, asked: Asked, answer: Answer, errors: Errors) -> Response[str]:
    named, full = await namer(answer, desk, short=True), await namer(answer, desk)
    used = await regions_of(desk)
    with speaking(locale_of(request)):
        shown = views.page(answer, asked, named, full, desk.home, others=desk.figures)
        filters = views.filters(
            request, asked, desk.books.catalogue, used, now=arrived_at(request), figure=answer.figure
        )
    return render(
        request, "site/figures/figure.html", status=422 if errors else 200, shown=shown, filters=filters, errors=errors,
        answer=answer, figure=answer.figure, home=desk.home, address=_address(request, desk, answer),
        query_string=urlencode(as_query(asked)), scoped=desk.scope is not None, book=desk.books.rulebook,
    )  # fmt: skip


@get("/statistics", opt=KEPT)
async def statistics_page(request: AnyRequest) -> Response[str]:
    return await overview(request, await public(request))


@get("/statistics.json")
async def statistics_json(request: AnyRequest) -> Response[dict[str, Any]]:
    """All public figures under the same filters, each with its own address."""
    desk = await public(request)
    asked, errors = read(request.query_params, desk.books.catalogue)
    if errors:
        return _refused(request, errors)
    answers = [await answered(request, desk, figure, asked) for figure in desk.figures.values()]
    names = [await namer(answer, desk) for answer in answers]
    with speaking(locale_of(request)):
        told = [
            as_json(answer, named, address=_address(request, desk, answer))
            for answer, named in zip(answers, names, strict=True)
        ]
    return Response({"filters": as_query(asked), "figures": {one["figure"]: one for one in told}})


@get("/statistics/{name:str}", opt=KEPT)
async def statistics_figure(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    return await one_figure(request, await public(request), name)


@get("/regulator/figures")
async def regulator_figures(request: AnyRequest) -> Response[str]:
    return await overview(request, await regulators(request))


@get("/regulator/figures/{name:str}")
async def regulator_figure(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    return await one_figure(request, await regulators(request), name)


__all__ = ["panels", "routes"]
routes: list[Any] = [statistics_page, statistics_json, statistics_figure, regulator_figures, regulator_figure]
