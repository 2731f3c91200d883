"""Every page of contracts and deliveries, for everybody who might ask for it."""

from __future__ import annotations

from dataclasses import replace

from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, give_scope, register_organisation
from market.demo.agencies import EVERY_ROLE, credit_code, operator_of
from market.demo.contracts import deliver_results, sign_both
from market.demo.projects import open_owner
from market.demo.world import World
from market.web.viewer import Viewer
from projects.contracts.documents.queries import documents_of
from tests.access.contracts import EXPECTATIONS, SITUATIONS
from tests.contracts.award import Award, SignIn
from tests.contracts.proposing import propose
from tests.visitor import Visitor


async def organisation_of(world: World, kind: str, number: int, scope: str | None = None) -> Viewer:
    person = NewPerson(login=f"{kind}{number}", name="高洁", phone="13800000008", password_hash="!")
    made = NewOrganisation(
        kind=kind, code=credit_code(900 + number, kind="11"), name=f"{kind} {number}", legal_representative="高洁",
        region_code="370203", address="", phone="",
    )  # fmt: skip
    await register_organisation(made, person, now=world.now)
    if scope is not None:
        await give_scope(made.id, scope, "")
    return Viewer(person.id, person.name, made.id, kind, made.name, made.code, EVERY_ROLE)


async def cast(award: Award) -> dict[str, Viewer]:
    world, owner = award.world, award.owner
    assert owner.organisation_id is not None
    colleague = NewPerson(login="colleague", name="陈芳", phone="13800000009", password_hash="!")
    await add_colleague(owner.organisation_id, colleague, Roles(handler=True), now=world.now)
    return {
        "owner": owner,
        "colleague": replace(owner, person_id=colleague.id),
        "other_owner": await open_owner(world, name="青岛市市北区教育和体育局", code=credit_code(8, kind="11")),
        "winning_agency": award.winner,
        "other_agency": award.losers[0],
        "expert": await organisation_of(world, "expert", 1),
        "regulator": await organisation_of(world, "regulator", 2, "3702"),
        "regulator_out_of_scope": await organisation_of(world, "regulator", 3, "4401"),
        "operator": await operator_of(world),
    }


async def answers(
    situation: str, addresses: dict[str, str], people: dict[str, Viewer], sign_in: SignIn, anonymous: Visitor
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Where the answer differs from the expectation: (method, path, who) -> (expected, given)."""
    visitors = {name: await sign_in(viewer) for name, viewer in people.items()} | {"anonymous": anonymous}
    wrong = {}
    for (method, path), expected in EXPECTATIONS.items():
        if SITUATIONS[method, path] != situation:
            continue
        for who, visitor in visitors.items():
            address = addresses[path]
            answer = await (visitor.get(address) if method == "GET" else visitor.send_form(address))
            if answer.status_code != expected[who]:
                wrong[method, path, who] = (expected[who], answer.status_code)
    return wrong


async def test_everybody_gets_the_answer_that_is_written_down(award: Award, sign_in: SignIn, client: Visitor) -> None:
    people = await cast(award)
    contract = await award.run_past_notice()
    addresses = {path: path.replace("{number:str}", contract.number) for _, path in EXPECTATIONS}
    assert await answers("signing", addresses, people, sign_in, client) == {}

    await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    delivery = await deliver_results(award.world, award.number, award.winner)
    (document,) = await documents_of(contract.id)
    change = await propose(award, award.owner)
    filled = {
        "no:int": str(change.no),
        "document_id:uuid": str(document.id),
        "delivery_id:uuid": str(delivery.id),
        "file_id:uuid": str(delivery.files[0].id),
    }
    for _, path in EXPECTATIONS:
        address = path.replace("{number:str}", contract.number if path.startswith("/contracts") else award.number)
        for name, value in filled.items():
            address = address.replace(f"{{{name}}}", value)
        addresses[path] = address
    assert await answers("delivered", addresses, people, sign_in, client) == {}
