from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from litestar import Request

from agencies.rules import IMPORTED_LISTS
from market.kernel.calendar import beijing_date
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from ratings.imported.queries import history_of_code, owner_of, waiting_uploads


@panel("agency", order=20)
async def agency_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Other authorities' lists that name this agency, past ones too; nothing where none ever did."""
    return await _listings(key, now, "aside")


@panel("owner", order=20)
async def owner_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """The same of an owner, who may be a debtor to those who work for it."""
    return await _listings(key, now, "main")


@panel("project", order=8)
async def project_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """A word to agencies before they sign up: the owner of this project stands on such a list."""
    code = await owner_of(key)
    listed = [one for one in await history_of_code(code or "") if one.bars(beijing_date(now))]
    if not listed:
        return None
    return Panel("ratings/_imported_owner.html", {"listed": listed, "list_names": IMPORTED_LISTS, "code": code}, "main")


async def _listings(code: str, now: datetime, place: Literal["main", "aside"]) -> Panel | None:
    listed = await history_of_code(code)
    if not listed:
        return None
    rows = [(one, one.bars(beijing_date(now))) for one in listed]
    return Panel("ratings/_imported.html", {"rows": rows, "list_names": IMPORTED_LISTS}, place)


@waiting("ratings.imported")
async def to_confirm(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Uploads that somebody else of the operator has to confirm."""
    if not viewer.is_operator:
        return []
    text = N_("Confirm what {source} shows of the list “{list}”")
    return [
        Waiting(
            Message(text, {"source": one.source, "list": Message(IMPORTED_LISTS[one.list])}),
            f"/operator/lists/{one.id}", one.uploaded_at, None,
        )
        for one in await waiting_uploads()
        if one.uploaded_by != viewer.person_id
    ]  # fmt: skip
