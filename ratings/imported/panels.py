from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from agencies.rules import IMPORTED_LISTS
from market.kernel.calendar import beijing_date
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from ratings.imported.queries import history_of_code, waiting_uploads


@panel("agency", order=20)
async def agency_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Other authorities' lists that name this agency, past ones too; nothing where none ever did."""
    listed = await history_of_code(key)
    if not listed:
        return None
    rows = [(one, one.bars(beijing_date(now))) for one in listed]
    return Panel("ratings/_imported.html", {"rows": rows, "list_names": IMPORTED_LISTS}, "aside")


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
