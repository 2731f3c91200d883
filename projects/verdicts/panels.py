"""What approval authorities said: on the project's page, on the agency's, and the way there for the regulator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.web.panels import Panel, panel
from market.web.viewer import Viewer
from projects.contracts.queries import may_read_all
from projects.fulfilment.queries import fulfilment_of
from projects.oversight import watches
from projects.verdicts.queries import record_of, reports_of

AnyRequest = Request[Any, Any, Any]


@panel("project", order=73)
async def verdicts_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    """Every verdict with its corrections. Nothing before there is one, but for the regulator who can record the first."""
    fulfilment = await fulfilment_of(key)
    reports = await reports_of(fulfilment) if fulfilment else []
    if fulfilment is None or not reports:
        return None
    records = await watches(viewer, fulfilment.contract)
    if not (records or any(one.verdicts for one in reports)):
        return None
    return Panel("verdicts/_panel.html", {
        "reports": reports, "contract": fulfilment.contract, "records": records and viewer.has_role("signatory"),
        "full": await may_read_all(viewer, fulfilment.contract), "many": len(fulfilment.milestones) > 1,
    })  # fmt: skip


@panel("agency", order=45)
async def record_panel(request: AnyRequest, viewer: Viewer, key: str, now: datetime) -> Panel | None:
    record = await record_of(key)
    return Panel("verdicts/_record.html", {"record": record}) if record else None
