"""A result that was objected to, the objection answered: the point from which complaints start."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from market.demo.complaints import complain
from market.demo.selection import object_to, reject, uphold
from market.demo.world import World
from market.web.viewer import Viewer
from projects.complaints.queries import ComplaintView, complaint_by_id, complaints_of
from tests.contracts.award import Award


@dataclass
class Dispute:
    """`objector` was not drawn; `regulator` has the project in its scope."""

    award: Award
    objector: Viewer
    objection: UUID
    regulator: Viewer

    @property
    def world(self) -> World:
        return self.award.world

    async def reject(self) -> None:
        await reject(self.world, self.objection)

    async def uphold(self) -> None:
        """The winner is drawn out; a further draw is made."""
        await uphold(self.world, self.objection, exclude=self.award.winner.organisation_id)
        await self.world.run_past(self.world.now)

    async def complain(self, viewer: Viewer | None = None) -> ComplaintView:
        return await complain(self.world, self.objection, viewer or self.objector)

    async def complaint(self) -> ComplaintView:
        """The only one, as it stands now."""
        (found,) = await complaints_of((await self.award.project()).id)
        return await complaint_by_id(found.id)


async def make_dispute(award: Award, regulator: Viewer) -> Dispute:
    objector = award.losers[0]
    objection = await object_to(award.world, objector, await award.project())
    return Dispute(award, objector, objection, regulator)
