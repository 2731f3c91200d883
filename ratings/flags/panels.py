"""What waits on work benches because of flags."""

from __future__ import annotations

from datetime import datetime

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from ratings.flags.queries import desk
from ratings.flags.screens import SCREENS

MOST = 20


@waiting("ratings.flags.regulator")
async def to_review(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Those that nobody took up as one line, those taken up each by itself."""
    if not viewer.is_regulator:
        return []
    found = []
    if (new := await desk.untaken(viewer)) is not None:
        count, since, due_at = new
        found.append(Waiting(Message(N_("{count} red flags wait for review"), {"count": count}),
                             desk.listed(state="open"), since, due_at))  # fmt: skip
    return found + [
        Waiting(Message(SCREENS[one.screen].title), one.url, one.opened_at, one.due_at, one.number)
        for one in await desk.taken_waiting(viewer, limit=MOST)
        if one.screen in SCREENS
    ]


@waiting("ratings.flags.party")
async def to_answer(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Questions of an authority that wait for this organisation's account."""
    if viewer.organisation_id is None:
        return []
    text = N_("{authority} asks you for a written account.")
    return [
        Waiting(Message(text, {"authority": one.authority_name or ""}), f"/flags/questions/{one.id}", one.asked_at,
                one.answer_due_at, who=one.authority_name or "")
        for one in await desk.questions_to(viewer.organisation_id)
    ]  # fmt: skip
