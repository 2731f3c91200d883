"""The pool as everybody sees it: codes, specialities, how often each scored and how far from the others; no names."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery

from market.web.kept import KEPT
from market.web.pages import render
from projects.experts.queries import pool
from projects.experts.queries.published import far_marks
from projects.experts.routes.words import PAGE, AnyRequest, book_in_force, names_of


@get("/experts", opt=KEPT)
async def pool_page(request: AnyRequest, speciality: FromQuery[str] = "", page: FromQuery[int] = 1) -> Response[Any]:
    names, book = await names_of(request), await book_in_force(request)
    classes = [one.code for one in names.catalogue.classes]
    chosen, page = (speciality if speciality in classes else None), min(max(page, 1), 10_000)
    total = await pool.public_count(chosen)
    lines = await pool.public_pool(chosen, limit=PAGE, offset=(page - 1) * PAGE)
    far = await far_marks([one.code for one in lines], limit=book.integer("expert.deviation"))
    return render(
        request, "experts/pool.html", lines=lines, far=far, total=total, page=page, pages=-(-total // PAGE), chosen=chosen,
        classes=classes, names=names, book=book,
    )  # fmt: skip


routes: list[Any] = [pool_page]
