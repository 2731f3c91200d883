"""Disputes that a visitor of the demonstration finds: a complaint that a regulator is dealing with, so that signing stands
still, and an earlier one after which it annulled a selection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from market.demo import complaints
from market.demo.agencies import Agent
from market.demo.selection import object_to, reject
from market.demo.world import World
from market.kernel.db import fetch
from market.web.viewer import Viewer
from projects.complaints.queries import ComplaintView
from projects.complaints.rules import Remedy, State
from projects.queries import ProjectView, project_by_id
from projects.selection.objections.queries import objections_of
from projects.selection.sign_ups.queries import took_part

Act = Callable[[], Awaitable[None]]


class Dispute:
    """One dispute over whichever result is under notice when it begins."""

    def __init__(self, world: World, agents: Sequence[Agent], regulator: Viewer) -> None:
        self.world, self.agents, self.regulator = world, agents, regulator
        self.complaint: ComplaintView | None = None

    async def begin(self) -> None:
        """Objected, stated, rejected, complained about and accepted; nothing where it has begun or no result suits."""
        if self.complaint is not None:
            return
        for project in await self._results():
            objector = await self._loser(project)
            if objector is not None:
                await self._complain(project, objector)
                return

    async def annul(self) -> None:
        """The regulator upholds the complaint and annuls the selection."""
        if self.complaint is not None and self.complaint.state is State.ACCEPTED:
            await complaints.uphold(self.world, self.complaint, self.regulator, Remedy.ANNUL)

    async def _results(self) -> list[ProjectView]:
        """Under notice, and nobody has objected yet."""
        rows = await fetch(
            "SELECT id FROM project WHERE stage = 'result_notice' AND result_notice_ends_at > $1 ORDER BY number",
            self.world.now,
        )
        found = [await project_by_id(row["id"]) for row in rows]
        return [one for one in found if not await objections_of(one.id)]

    async def _loser(self, project: ProjectView) -> Viewer | None:
        for agent in self.agents:
            if agent.id != project.winner_id and await took_part(project.id, agent.id):
                return agent.viewer
        return None

    async def _complain(self, project: ProjectView, objector: Viewer) -> None:
        objection = await object_to(self.world, objector, project)
        await reject(self.world, objection)
        filed = await complaints.complain(self.world, objection, objector, "执业人员注册信息查询结果")
        self.complaint = await complaints.accept(self.world, filed, self.regulator)
