"""Every route of experts as every kind of visitor."""

from __future__ import annotations

import re

from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, register_organisation
from market.demo import experts as cast
from market.demo.agencies import EVERY_ROLE, credit_code, operator_of
from market.demo.world import World
from market.web.viewer import Viewer
from tests.access.experts import EXPECTATIONS
from tests.experts.conftest import Court
from tests.visitor import Visitor


async def somebody(world: World, kind: str, number: int, *, scope: tuple[str, str] | None = None) -> Viewer:
    person = NewPerson(login=f"{kind}{number}", name="王立", phone="13800000002", password_hash="!")
    organisation = NewOrganisation(
        kind=kind, code=credit_code(500_000 + number), name=f"{kind} {number}", legal_representative="王立",
        region_code="370200", address="青岛市", phone="053280000018",
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now, scope=scope)
    return Viewer(person.id, person.name, organisation.id, kind, organisation.name, organisation.code, EVERY_ROLE)


async def everybody(court: Court, expert: cast.ExpertPerson) -> dict[str, Viewer]:
    world, owner = court.world, court.owner
    colleague = NewPerson(login="colleague", name="李莉", phone="13800000003", password_hash="!")
    assert owner.organisation_id is not None
    await add_colleague(owner.organisation_id, colleague, Roles(handler=True), now=world.now)
    return {
        "owner": owner, "colleague": Viewer(colleague.id, colleague.name, owner.organisation_id),
        "other_owner": await somebody(world, "public_body", 2), "winning_agency": court.agents[0].viewer,
        "other_agency": court.agents[1].viewer, "expert": expert.viewer, "operator": await operator_of(world),
        "regulator": await somebody(world, "regulator", 4, scope=("3702", "")),
        "regulator_out_of_scope": await somebody(world, "regulator", 5, scope=("44", "")),
    }  # fmt: skip


async def test_every_route_as_every_kind_of_visitor(court: Court, client, sign_in) -> None:
    await court.drawn()
    seat = (await cast.seats(court.project))[0]
    expert = next(one for one in court.experts if one.code == seat.code)
    known = {"member_id": str(seat.id), "code": seat.code, "agency": court.agents[0].code}
    viewers = await everybody(court, expert)
    visitors: dict[str, Visitor] = {"anonymous": client} | {
        name: await sign_in(viewer) for name, viewer in viewers.items()
    }
    wrong = []
    for (method, path), expected in EXPECTATIONS.items():
        address = re.sub(r"\{(\w+):\w+\}", lambda match: known[match.group(1)], path)
        for name, status in expected.items():
            visitor = visitors[name]
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != status:
                wrong.append((method, path, name, answer.status_code, status))
    assert wrong == []


async def test_another_experts_seat_does_not_exist(court: Court, sign_in) -> None:
    await court.drawn()
    first, second, _ = await cast.seats(court.project)
    other = next(one for one in court.experts if one.code == second.code)
    visitor = await sign_in(other.viewer)
    assert (await visitor.get(f"/expert/panels/{first.id}")).status_code == 404
    assert (await visitor.send_form(f"/expert/panels/{first.id}/accept", {"no_conflict": "on"})).status_code == 404
    assert (await visitor.send_form(f"/expert/panels/{first.id}/marks", {})).status_code == 404
