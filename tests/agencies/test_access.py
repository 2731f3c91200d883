"""Every route of agencies as every kind of visitor."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, register_organisation
from market.demo import agencies as cast
from market.web.viewer import Viewer
from tests.access.agencies import EXPECTATIONS
from tests.visitor import Visitor


async def somebody(world, kind: str, number: int, *, scope: tuple[str, str] | None = None) -> Viewer:
    person = NewPerson(login=f"{kind}{number}", name="王立", phone="13800000002", password_hash="!")
    organisation = NewOrganisation(
        kind=kind, code=cast.credit_code(500_000 + number), name=f"{kind} {number}", legal_representative="王立",
        region_code="370200", address="青岛市", phone="053280000018",
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now, scope=scope)
    return Viewer(person.id, person.name, organisation.id, kind, organisation.name, organisation.code, cast.EVERY_ROLE)


async def colleague_of(world, viewer: Viewer) -> Viewer:
    person = NewPerson(login="colleague", name="李莉", phone="13800000003", password_hash="!")
    assert viewer.organisation_id is not None
    await add_colleague(viewer.organisation_id, person, Roles(handler=True), now=world.now)
    return Viewer(person.id, person.name, viewer.organisation_id)


async def everybody(world) -> dict[str, Viewer]:
    own, other = await cast.admit_agencies(world, [cast.some_agency(1), cast.some_agency(2)])
    owner = await somebody(world, "enterprise", 1)
    return {
        "winning_agency": own.viewer, "other_agency": other.viewer, "owner": owner,
        "colleague": await colleague_of(world, owner), "other_owner": await somebody(world, "public_body", 2),
        "expert": await somebody(world, "expert", 3), "operator": await cast.operator_of(world),
        "regulator": await somebody(world, "regulator", 4, scope=("3702", "")),
        "regulator_out_of_scope": await somebody(world, "regulator", 5, scope=("44", "")),
    }  # fmt: skip


async def test_every_route_as_every_kind_of_visitor(world, client, sign_in) -> None:
    viewers = await everybody(world)
    visitors: dict[str, Visitor] = {"anonymous": client} | {
        name: await sign_in(viewer) for name, viewer in viewers.items()
    }
    agent = cast.Agent(viewers["winning_agency"])
    wrong = []

    def filled(match: re.Match[str]) -> str:
        return known[match[1]]

    # What takes something away comes last, and the agency itself last of all.
    for (method, path), expected in sorted(
        EXPECTATIONS.items(), key=lambda item: "remove" in item[0][1] and item[0][0] == "POST"
    ):
        for name, status in sorted(expected.items(), key=lambda item: item[0] == "winning_agency"):
            dossier = await cast.dossier(agent)
            rows = {
                "qualifications": dossier.qualifications,
                "practitioners": dossier.practitioners,
                "authorised": dossier.authorised,
            }
            known = {
                "code": agent.code, "version": "2025-1", "file_id": str(dossier.agency.licence_file_id), "change_id": str(uuid4()),
                "row_id": str(next((found[0].id for kind, found in rows.items() if f"/{kind}/" in path), "")),
            }  # fmt: skip
            address = re.sub(r"\{(\w+):\w+\}", filled, path)
            visitor = visitors[name]
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != status:
                wrong.append((method, path, name, answer.status_code, status))
    assert wrong == []


async def test_drafts_are_nobodys_but_the_agencys(world, client, sign_in) -> None:
    agent = await cast.sign_up_agency(world, cast.some_agency(1))
    await cast.fill_in(world, agent, cast.some_agency(1))
    operator, own = await sign_in(await cast.operator_of(world)), await sign_in(agent.viewer)
    assert (await client.get(f"/agencies/{agent.code}")).status_code == 404
    assert (await operator.get(f"/operator/entries/{agent.code}")).status_code == 404
    assert (await own.get(f"/agencies/{agent.code}")).status_code == 200
    handler = await sign_in(await colleague_of(world, agent.viewer))
    assert (await handler.send_form("/agency/commitment")).status_code == 403
    assert (await handler.send_form("/agency/exit")).status_code == 403
    assert (await handler.send_form("/agency/licence")).status_code == 422


async def test_a_file_that_is_no_paper_of_the_agency_stays_closed(world, sign_in) -> None:
    from market.kernel.files import keep

    agent = await cast.admit_agency(world, cast.some_agency(1))
    file = await keep(
        world.running.files, cast.paper("成果"), owner=agent.id, by=agent.viewer.person_id or UUID(int=0), now=world.now
    )
    operator = await sign_in(await cast.operator_of(world))
    assert (await operator.get(f"/agency-files/{file.id}")).status_code == 404
