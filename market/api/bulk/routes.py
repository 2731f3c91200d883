"""The pages of tables: template, sending, what the trial found, confirming, what became of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, Parameter

from market.api.bulk import actions, queries
from market.api.bulk.kinds import KINDS, NAMES, NOTICES, SIGN_UPS, columns_of, example_of, headings_of, label_of
from market.api.bulk.queries import RowView, RunView
from market.api.bulk.sheets import MOST_ROWS, cell_place, read_aside, results_csv, template_csv, template_xlsx
from market.kernel.errors import FormInvalid, NotFound
from market.kernel.i18n import N_, speaking, translate
from market.web.context import arrived_at, running
from market.web.display import say
from market.web.downloads import csv_response
from market.web.forms import Fields
from market.web.pages import locale_of, render
from market.web.receipts import redirect
from market.web.viewer import Viewer, require_viewer

AnyRequest = Request[Any, Any, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 20
SHOWN = ("all", "bad", "refused")


def kind_of(viewer: Viewer) -> str:
    return NOTICES if viewer.is_owner else SIGN_UPS


def sender(request: AnyRequest) -> Viewer:
    return require_viewer(request, "owner", "agency", role="handler")


@get("/bulk")
async def bulk_page(request: AnyRequest) -> Response[Any]:
    return await _page(request, {})


async def _page(request: AnyRequest, errors: Any, *, status: int = 200) -> Response[Any]:
    viewer = sender(request)
    assert viewer.organisation_id is not None
    kind = kind_of(viewer)
    with speaking(locale_of(request)):
        columns = [
            (name, label_of(kind, name), cell) for name, cell in zip(columns_of(kind), example_of(kind), strict=True)
        ]
    return render(
        request, "bulk/send.html", status=status, errors=errors, kind=kind, names=NAMES, columns=columns, most=MOST_ROWS,
        runs=await queries.runs_of(viewer.organisation_id),
    )  # fmt: skip


@get("/bulk/template/{name:str}")
async def template(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """notices.xlsx, notices.csv, sign_ups.xlsx, sign_ups.csv"""
    kind, _, ending = name.partition(".")
    if kind not in KINDS or ending not in {"xlsx", "csv"}:
        raise NotFound
    with speaking(locale_of(request)):
        headings, example = headings_of(kind), example_of(kind)
    if ending == "csv":
        return csv_response(template_csv(headings, example), name)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(template_xlsx(headings, example), media_type=XLSX, headers=headers)


@post("/bulk")
async def send(request: AnyRequest) -> Response[Any]:
    """Keeps the table and tries it: nothing is posted or signed up before it is confirmed."""
    viewer, fields = sender(request), Fields(await request.form())
    limit = running(request).settings.upload_limit_bytes
    try:
        part = fields.form.get("file")
        name = getattr(part, "filename", "") or ""
        if not name:
            fields.wrong("file", N_("Please choose a file: {label}."), label=translate(N_("Table")))
        fields.check()
        run_id = await received(viewer, kind_of(viewer), name, await part.read(limit + 1), request)  # type: ignore[union-attr]
    except FormInvalid as invalid:
        return await _page(request, invalid.errors, status=422)
    return redirect(
        request, f"/bulk/{run_id}", notice=N_("The table is here. Its rows are tried now; nothing is done yet.")
    )


async def received(viewer: Viewer, kind: str, name: str, content: bytes, request: AnyRequest) -> UUID:
    return await actions.send(viewer, kind, name, await read_aside(name, content), now=arrived_at(request))


def told(request: AnyRequest, run: RunView, row: RowView) -> dict[str, Any]:
    """One row with its cells named as spreadsheets name them."""
    with speaking(locale_of(request)):
        mistakes = [
            {
                "cell": cell_place(run.columns, name, row.line),
                "column": label_of(run.kind, name) if name else "",
                "text": say(one),
            }
            for name, messages in sorted((row.errors or {}).items(), key=lambda one: _place(run.columns, one[0]))
            for one in messages
        ]
        what = row.values.get("title") or row.values.get("project") or ""
        return {"line": row.line, "what": what, "mistakes": mistakes, "outcome": row.outcome, "href": row.href,
                "said": say(row.said) if row.said else ""}  # fmt: skip


def _place(columns: Sequence[str], name: str) -> int:
    return columns.index(name) if name in columns else -1


@get("/bulk/{run_id:uuid}")
async def run_page(
    request: AnyRequest, run_id: FromPath[UUID], show: FromQuery[str] = "all",
    page: FromQuery[Annotated[int, Parameter(ge=1, le=10_000)]] = 1,
) -> Response[Any]:  # fmt: skip
    viewer = sender(request)
    run, shown = await queries.access_run(viewer, run_id), show if show in SHOWN else "all"
    rows = await queries.rows_of(run.id, only=shown)
    return render(
        request, "bulk/run.html", run=run, rows=[told(request, run, row) for row in rows[(page - 1) * PAGE : page * PAGE]],
        total=len(rows), page=page, pages=max(1, -(-len(rows) // PAGE)), shown=shown, names=NAMES,
        may_publish=viewer.has_role("signatory"), notices=run.kind == NOTICES,
    )  # fmt: skip


@post("/bulk/{run_id:uuid}/confirm")
async def confirm(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    viewer, fields = sender(request), Fields(await request.form())
    run = await queries.access_run(viewer, run_id)
    publish = run.kind == NOTICES and fields.choice("what", N_("What is done"), ("drafts", "publish")) == "publish"
    fields.check()
    if publish:
        viewer = require_viewer(request, "owner", role="signatory")
    await actions.confirm(viewer, run, publish=publish, now=arrived_at(request))
    return redirect(request, run.url, notice=N_("Confirmed. The rows are carried out one after the other."))


@get("/bulk/{run_id:uuid}/results.csv")
async def results(request: AnyRequest, run_id: FromPath[UUID]) -> Response[bytes]:
    """Every row with what is wrong with it or what became of it, to correct the table by."""
    run = await queries.access_run(sender(request), run_id)
    lines = [told(request, run, row) for row in await queries.rows_of(run.id)]
    with speaking(locale_of(request)):
        head = [
            translate(text)
            for text in (N_("Row"), N_("What"), N_("Cell"), N_("What is wrong"), N_("What became of it"), N_("Address"))
        ]
        states = {"done": translate(N_("row done")), "refused": translate(N_("not carried out")), None: ""}
    url = running(request).settings.public_url
    table = [
        [one["line"], one["what"], " ".join(dict.fromkeys(bad["cell"] for bad in one["mistakes"])),
         " ".join(bad["text"] for bad in one["mistakes"]) or one["said"], states[one["outcome"]], url + one["href"] if one["href"] else ""]
        for one in lines
    ]  # fmt: skip
    return csv_response(results_csv([head, *table]), f"results-{run.id}.csv")


routes: list[Any] = [bulk_page, template, send, run_page, confirm, results]
