"""Those who supervise, in the tests of ratings."""

from __future__ import annotations

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.agencies import EVERY_ROLE, credit_code
from market.demo.world import World
from market.oversight.rules import Scope
from market.web.viewer import Viewer


async def open_regulator(world: World, number: int, region: str, department: str = "") -> Viewer:
    """Watches over a region (code prefix) and a department's industry ("" = all)."""
    code = credit_code(9000 + number, kind="11")
    person = NewPerson(login=f"regulator-{number}", name="郑明", phone="13900000000", password_hash="!")
    organisation = NewOrganisation(
        kind="regulator", code=code, name=f"监督管理局{number}", legal_representative="郑明", region_code="370200",
        address="市南区", phone="0532-85900000",
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now, scope=(region, department))
    return Viewer(person.id, person.name, organisation.id, "regulator", organisation.name, code, EVERY_ROLE,
                  (Scope(region, department),))  # fmt: skip
