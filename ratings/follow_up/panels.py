"""Calls that wait for the operator."""

from __future__ import annotations

from datetime import datetime

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from ratings.follow_up import queries


@waiting("ratings.follow_up")
async def to_call(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not viewer.is_operator:
        return []
    text = N_("Call the owner of {project} and ask how it was.")
    return [
        Waiting(Message(text, {"project": one.title}), one.url, one.drawn_at, one.due_at, one.number, one.owner_name)
        for one in await queries.to_call()
    ]
