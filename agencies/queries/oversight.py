"""Which agencies a regulator watches over: by the region of the seat, and by the departments of the services it offers. An
agency keeps no catalogue: all of them measure it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from market.accounts.queries import OrganisationView, organisation
from market.kernel.db import fetch_value
from market.oversight.queries import departments_of, of_services, watched, within
from market.oversight.rules import in_scope
from market.web.viewer import Viewer

# $1 … $5: the viewer's `Watch`; o: the organisation, a: the agency.
WATCHED_AGENCY: Final = watched(within("o.region_code"), of_services("a.service_items"))


async def watches(viewer: Viewer, agency: OrganisationView) -> bool:
    """The operator watches over all of them."""
    return viewer.is_operator or (
        viewer.is_regulator
        and in_scope(viewer.scopes, regions=(agency.region_code,), departments=await _departments(agency.id))
    )


async def watches_agency(viewer: Viewer, agency_id: UUID) -> bool:
    return await watches(viewer, await organisation(agency_id))


async def _departments(agency_id: UUID) -> frozenset[str]:
    offered = await fetch_value("SELECT service_items FROM agency WHERE organisation_id = $1", agency_id)
    return await departments_of(offered or ())
