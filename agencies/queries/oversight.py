"""Which agencies a regulator watches over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.accounts.queries import OrganisationView, organisation
from market.catalogue.queries import catalogue_at
from market.catalogue.rules import Catalogue, UnknownCode
from market.kernel.db import fetch_value
from market.web.viewer import Viewer


async def watches(viewer: Viewer, agency: OrganisationView, now: datetime) -> bool:
    """By the region of the agency's seat, and by the departments of the services it offers; the operator all of them."""
    if viewer.is_operator:
        return True
    if not viewer.is_regulator:
        return False
    near = [scope for scope in viewer.scopes if agency.region_code.startswith(scope.region_prefix)]
    if not near or any(not scope.department for scope in near):
        return bool(near)
    departments = await _departments(agency.id, await catalogue_at(now))
    return any(scope.department in departments for scope in near)


async def watches_agency(viewer: Viewer, agency_id: UUID, now: datetime) -> bool:
    return await watches(viewer, await organisation(agency_id), now)


async def _departments(agency_id: UUID, catalogue: Catalogue) -> frozenset[str]:
    found: set[str] = set()
    for code in await fetch_value("SELECT service_items FROM agency WHERE organisation_id = $1", agency_id) or ():
        try:
            found.update(catalogue.item(code).regulators)
        except UnknownCode:
            continue  # an item of an earlier catalogue, not traded any more
    return frozenset(found)
