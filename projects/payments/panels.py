"""The money's part of the project page: for everybody that it is secured or paid, for those concerned how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.payments.panels import explained
from market.payments.queries import payables_about
from market.web.panels import Panel, panel
from market.web.viewer import Viewer

AnyRequest = Request[Any, Any, Any]


@panel("project", order=75)
async def money_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Nothing before a contract is in force. The price is public with the contract; who paid how is not."""
    payables = await payables_about(key)
    if not payables:
        return None
    concerned = viewer.is_operator or any(viewer.organisation_id in {one.payer_id, one.payee_id} for one in payables)
    return Panel("payments/_panel.html", {"payables": payables, "concerned": concerned, "explained": explained})
