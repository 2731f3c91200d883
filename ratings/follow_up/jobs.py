"""A job that is finished is drawn for a follow-up call, or not, in the same moment."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from ratings.follow_up import actions


@job("ratings.follow_up.draw")
async def draw_lot(*, clock: Clock, entry_id: str) -> None:
    await actions.draw_lot(await entry(UUID(entry_id)), calendar=await load_calendar())


on_act("project.closed", "ratings.follow_up.draw")
