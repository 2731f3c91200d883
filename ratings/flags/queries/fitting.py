"""How many agencies could answer a notice, for many notices without asking the database about each agency each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from agencies.queries import facts_of
from agencies.rules import AgencyFacts
from market.catalogue.rules import Catalogue
from market.kernel.db import fetch
from projects.eligibility import Demand, assess


class Admitted:
    """The admitted agencies by what they offer, as they are on record at this moment."""

    def __init__(self, agencies: Sequence[AgencyFacts]) -> None:
        self._offering: defaultdict[str, list[AgencyFacts]] = defaultdict(list)
        for agency in agencies:
            for item in agency.service_items:
                self._offering[item].append(agency)

    @classmethod
    async def everybody(cls) -> Admitted:
        return cls(await facts_of(None))

    @classmethod
    async def offering(cls, items: Sequence[str]) -> Admitted:
        rows = await fetch(
            "SELECT organisation_id FROM agency WHERE stage = 'admitted' AND service_items && $1::text[]", list(items)
        )
        return cls(await facts_of([row["organisation_id"] for row in rows]) if rows else [])

    def matching(self, demand: Demand, catalogue: Catalogue, at: datetime, most: int) -> int:
        """How many could sign up at this moment; counted no further than one above `most`."""
        found = 0
        for agency in self._candidates(demand):
            found += assess(demand, agency, catalogue=catalogue, at=at).eligible
            if found > most:
                break
        return found

    def _candidates(self, demand: Demand) -> Sequence[AgencyFacts]:
        """Whoever offers none of the items is not looked at; where all are wanted, the rarest tells enough."""
        lists = [self._offering.get(item, []) for item in demand.service_items]
        if not lists:
            return ()
        if demand.service_mode == "all":
            return min(lists, key=len)
        return list({agency.id: agency for some in lists for agency in some}.values())
