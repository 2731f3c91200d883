"""Who can be a party of a case, and who watches over it: an agency as its desk does, an owner by its seat and by the
departments of what it buys, an expert by the region in which the list keeps it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agencies.queries.oversight import watches
from market.accounts.queries import OrganisationView, organisation, organisation_by_code
from market.catalogue.queries import catalogue_at
from market.catalogue.rules import UnknownCode
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.web.viewer import Viewer
from ratings.cases.rules import Party, party_of


async def access_party(viewer: Viewer, code: str, now: datetime) -> OrganisationView:
    """An agency, owner or expert whom the viewer watches over, by credit code or by an expert's public code. Raises
    NotFound."""
    typed = code.strip().upper()
    found = await organisation_by_code(typed) or await _expert(typed)
    if found is None or found.kind in ("regulator", "operator") or not await watches_party(viewer, found, now):
        raise NotFound
    return found


async def _expert(code: str) -> OrganisationView | None:
    organisation_id = await fetch_value("SELECT organisation_id FROM expert WHERE code = $1", code)
    return await organisation(organisation_id) if organisation_id else None


async def watches_party(viewer: Viewer, party: OrganisationView, now: datetime) -> bool:
    if party.kind == "agency" or viewer.is_operator:
        return await watches(viewer, party, now)
    if not viewer.is_regulator:
        return False
    near = [scope for scope in viewer.scopes if party.region_code.startswith(scope.region_prefix)]
    if not near or any(not scope.department for scope in near):
        return bool(near)
    departments = await _departments(party.id, now) if party_of(party.kind) is not Party.EXPERT else frozenset()
    return any(scope.department in departments for scope in near)


async def _departments(owner_id: UUID, now: datetime) -> frozenset[str]:
    """Of the items that an owner has bought here."""
    found: set[str] = set()
    catalogue = await catalogue_at(now)
    rows = await fetch("SELECT DISTINCT unnest(service_items) AS code FROM project WHERE owner_id = $1", owner_id)
    for row in rows:
        try:
            found.update(catalogue.item(row["code"]).regulators)
        except UnknownCode:
            continue  # an item of an earlier catalogue, not traded any more
    return frozenset(found)
