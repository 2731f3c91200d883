"""Accepted honours on the agency's page, and proposed ones on the benches of those who decide about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request

from market.accounts.queries import organisation_by_code
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Panel, Waiting, panel, waiting
from market.web.viewer import Viewer
from ratings.honours import queries
from ratings.honours.rules import LEVELS


@panel("agency", order=33)
async def honours_panel(request: Request[Any, Any, Any], viewer: Viewer, key: str, now: datetime) -> Panel | None:
    agency = await organisation_by_code(key)
    found = await queries.accepted_of(agency.id) if agency else []
    return Panel("honours/_agency.html", {"honours": found, "levels": LEVELS}, "aside") if found else None


@waiting("ratings.honours")
async def to_decide(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not (viewer.is_regulator or viewer.is_operator) or not viewer.has_role("signatory"):
        return []
    text = N_("Decide about an honour of {agency}.")
    return [
        Waiting(Message(text, {"agency": one.name}), one.url, one.proposed_at, one.due_at, "", one.name)
        for one in await queries.open_for(viewer)
    ]
