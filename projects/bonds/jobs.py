"""What follows for a bond from the acts of its contract."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.times import load_calendar
from market.register.acts import on_act
from market.register.queries import entry
from projects.bonds import actions

on_act("contract.in_force", "projects.bonds.begin")
on_act("delivery.accepted", "projects.bonds.finish")
on_act("contract.terminated", "projects.bonds.finish")
for kind in ("contract.refused", "contract.lapsed", "contract.annulled"):
    on_act(kind, "projects.bonds.void")


@job("projects.bonds.begin")
async def begin(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await actions.begin(act.data["contract"], calendar=await load_calendar(), at=act.at)


@job("projects.bonds.finish")
async def finish(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await actions.finish(act.data["contract"], calendar=await load_calendar(), at=act.at)


@job("projects.bonds.void")
async def void(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    await actions.void(act.data["contract"], now=clock.now())
