"""What waits on work benches because of tips."""

from __future__ import annotations

from datetime import datetime

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import NATION
from market.kernel.calendar import Calendar
from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.web.panels import Waiting, waiting
from market.web.viewer import Viewer
from projects.contracts.queries import LitStep, lit
from projects.contracts.rules import Step
from ratings.tips import queries
from ratings.tips.queries import TipView
from ratings.tips.rules import State


async def lamp_of(tip: TipView, now: datetime, calendar: Calendar) -> LitStep | None:
    """The step that is on turn with its lamp; None once the tip has ended."""
    if tip.due is None:
        return None
    return lit(Step("tip", (), *tip.due), await rulebook_in_force(NATION, now), now=now, calendar=calendar)


@waiting("ratings.tips.authority")
async def to_handle(viewer: Viewer, now: datetime) -> list[Waiting]:
    if not (viewer.is_regulator or viewer.is_operator):
        return []
    texts = {State.TOLD: N_("Take up tip {number}."), State.TAKEN: N_("Answer tip {number}.")}
    return [_waiting(one, texts[one.state]) for one in await queries.open_for(viewer)]


@waiting("ratings.tips.teller")
async def to_reply(viewer: Viewer, now: datetime) -> list[Waiting]:
    """Questions of the authority to whoever told it under their name."""
    if viewer.person_id is None:
        return []
    asked = [one for one in await queries.told_by(viewer.person_id) if one.asked and one.due is not None]
    return [_waiting(one, N_("Answer the question about your tip {number}.")) for one in asked]


def _waiting(tip: TipView, text: str) -> Waiting:
    assert tip.due is not None
    since, due_at = tip.due
    return Waiting(Message(text, {"number": tip.number}), tip.url, since, due_at, tip.number, tip.authority_name or "")
