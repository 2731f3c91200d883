"""Which regulators watch over a project and over what follows from it: by its region, and by the departments that its own
catalogue gives its services."""

from __future__ import annotations

from typing import Final, Protocol
from uuid import UUID

from market.oversight import queries as oversight
from market.oversight.queries import departments_of, of_services, watched, within
from market.oversight.rules import in_scope
from market.web.viewer import Viewer

# $1 … $5: the viewer's `Watch`; p: the project.
WATCHED_PROJECT: Final = watched(within("p.region_code"), of_services("p.service_items", "p.catalogue_version"))


class Watched(Protocol):
    """A project, or what belongs to one: contract, objection, complaint."""

    @property
    def region_code(self) -> str: ...
    @property
    def service_items(self) -> tuple[str, ...]: ...
    @property
    def catalogue_version(self) -> str: ...


async def watches(viewer: Viewer, watched: Watched) -> bool:
    """Nobody but regulators watches over projects."""
    return viewer.is_regulator and in_scope(
        viewer.scopes, regions=(watched.region_code,), departments=await _departments(watched)
    )


async def regulators_of(watched: Watched) -> list[UUID]:
    """The regulators in whose scope this lies."""
    return await oversight.regulators_of(watched.region_code, await _departments(watched))


async def _departments(watched: Watched) -> frozenset[str]:
    return await departments_of(watched.service_items, watched.catalogue_version)
