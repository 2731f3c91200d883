"""Who can be a party of a case, and who watches over it: an agency as its desk does, an owner by its seat and by the
departments of what it buys, an expert by the region in which the list keeps it, for those who watch over all industries."""

from __future__ import annotations

from typing import Final

from agencies.queries import oversight
from market.accounts.queries import OrganisationView, organisation, organisation_by_code
from market.kernel.db import fetch, fetch_value
from market.kernel.errors import NotFound
from market.oversight.queries import ALL_INDUSTRIES, departments_of, of_services, watched, within
from market.oversight.rules import in_scope
from market.web.viewer import Viewer
from ratings.cases.rules import Party, party_of

_BUYS: Final = f"""({ALL_INDUSTRIES} OR EXISTS (SELECT 1 FROM project p WHERE p.owner_id = o.id
  AND {of_services("p.service_items", "p.catalogue_version")}))"""
# $1 … $5: the viewer's `Watch`; o: the party, a: the agency that it is, if it is one.
WATCHED_PARTY: Final = f"""((o.kind = 'agency' AND {oversight.WATCHED_AGENCY})
  OR (o.kind <> 'agency' AND {watched(within("o.region_code"), _BUYS)}))"""


async def access_party(viewer: Viewer, code: str) -> OrganisationView:
    """An agency, owner or expert whom the viewer watches over, by credit code or by an expert's public code. Raises
    NotFound."""
    typed = code.strip().upper()
    found = await organisation_by_code(typed) or await _expert(typed)
    if found is None or found.kind in ("regulator", "operator") or not await watches_party(viewer, found):
        raise NotFound
    return found


async def _expert(code: str) -> OrganisationView | None:
    organisation_id = await fetch_value("SELECT organisation_id FROM expert WHERE code = $1", code)
    return await organisation(organisation_id) if organisation_id else None


async def watches_party(viewer: Viewer, party: OrganisationView) -> bool:
    """The operator watches over all of them."""
    if party.kind == "agency":
        return await oversight.watches(viewer, party)
    return viewer.is_operator or (
        viewer.is_regulator
        and in_scope(viewer.scopes, regions=(party.region_code,), departments=await _departments(party))
    )


async def _departments(party: OrganisationView) -> frozenset[str]:
    """Of the items that an owner has bought here, each by the catalogue of its project."""
    if party_of(party.kind) is Party.EXPERT:
        return frozenset()
    rows = await fetch(
        "SELECT catalogue_version AS version, array_agg(DISTINCT item) AS items FROM project, unnest(service_items) AS item"
        " WHERE owner_id = $1 GROUP BY 1",
        party.id,
    )
    return frozenset().union(*[await departments_of(row["items"], row["version"]) for row in rows])
