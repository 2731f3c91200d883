"""Who lives in the demonstration city: its institutions, its owners, and the agencies that enter one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agencies.rules import AuthorisedDetails, Certificate, Decision
from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, register_organisation
from market.demo import cast, scenes, selections
from market.demo.agencies import EVERY_ROLE, NewAgency, Person, credit_code, review, submit_agency
from market.demo.story import STORY_BEGINS, STORY_ENDS, City
from market.oversight.rules import Scope
from market.web.viewer import Viewer

ONE_TELEPHONE = {37: 38}  # two cost consultants with one switchboard
LATE_COMERS = (("晨曦工程咨询", 4, None), ("渤海测绘", 0, Decision.RETURN), ("新睿造价咨询", 5, Decision.ACCEPT))


async def _organisation(
    city: City, kind: str, name: str, code: str, login: str, *, region: str, scope: tuple[str, str] | None = None
) -> Viewer:
    alone = name if kind in {"natural_person", "expert"} else None
    person = NewPerson(login=login, name=alone or cast.person_name(len(login) * 13 + sum(map(ord, login))),
                       phone="13800000000", password_hash=city.password_hash)  # fmt: skip
    organisation = NewOrganisation(
        kind=kind, code=code, name=name, region_code=region,
        legal_representative=alone or cast.person_name(sum(map(ord, name))),
        address="青岛市", phone="0532-85900000", complaint_phone="0532-85912345",
    )  # fmt: skip
    await register_organisation(organisation, person, now=city.world.now, scope=scope)
    scopes = (Scope(*scope),) if scope else ()
    return Viewer(person.id, person.name, organisation.id, kind, name, code, EVERY_ROLE, scopes)


async def found_institutions(city: City) -> None:
    operator = await _organisation(city, "operator", "青岛市网上中介服务超市管理办公室", credit_code(1, region="370200", kind="11"),
                                   "operator1", region="370200")  # fmt: skip
    assert operator.organisation_id is not None
    second = NewPerson(login="operator2", name="于文静", phone="13800000002", password_hash=city.password_hash)
    await add_colleague(operator.organisation_id, second, Roles(handler=True, signatory=True), now=city.world.now)
    city.regulator = await _organisation(
        city, "regulator", "青岛市中介服务监督管理局", credit_code(2, region="370200", kind="11"), "regulator1",
        region="370200", scope=("3702", ""),
    )  # fmt: skip
    await _organisation(city, "regulator", "市北区住房和城乡建设局", credit_code(3, region="370203", kind="11"), "regulator2",
                        region="370203", scope=("370203", "housing"))  # fmt: skip
    first = await _organisation(city, "expert", "沈明远", "P0000000000000001", "expert1", region="370202")
    await selections.admit_experts(city.world, first, city.password_hash)


async def found_owners(city: City) -> None:
    for place, (name, kind, region, login) in enumerate(cast.OWNERS):
        code = credit_code(10 + place, region=region, kind="12" if kind == "public_body" else "91")
        city.owners.append(await _organisation(city, kind, name, code, login, region=region))
    first = city.owners[0].organisation_id
    assert first is not None
    colleague = NewPerson(login="owner1b", name="冯佳宁", phone="13800000003", password_hash=city.password_hash)
    await add_colleague(first, colleague, Roles(handler=True), now=city.world.now)
    city.owners.append(
        await _organisation(city, "natural_person", "吕素云", "P0000000000000002", "person1", region="370202")
    )


def plan_agencies(city: City) -> None:
    """Most enter in the first days; one every few weeks later, some of them still on their way at the end."""
    number = 0
    for group in cast.FIELDS:
        for name in group.agencies:
            number += 1
            late = number % 9 == 0
            day = city.random.randint(20, 150) if late else number % 5
            moment = STORY_BEGINS + timedelta(days=day, hours=number % 7)
            city.script.at(moment, _enter(city, _agency(city, group, name, number)))
    for name, place, then in LATE_COMERS:
        number += 1
        new = replace(_agency(city, cast.FIELDS[place], name, number), name=f"青岛{name}有限公司")
        city.script.at(STORY_ENDS - timedelta(days=2, hours=number % 5), scenes.apply_only(city.world, new, then))


def _agency(city: City, group: cast.Field, name: str, number: int) -> NewAgency:
    region = city.random.choice(["370202", "370203", "370211", "370212", "370213", "370214", "370215", "370281"])
    code = credit_code(1000 + number, region=region)
    suffix = group.name if group.name.endswith("事务所") else f"{group.name}有限公司"
    certificates = tuple(
        Certificate(one.qualification, one.level, one.specialities, f"{one.qualification[:2].upper()}-37{number:05d}-{place}",
                    one.valid_from, one.valid_until)
        for place, one in enumerate(cast.holdings_for(city.world.catalogue, group.items, number=number))
    )  # fmt: skip
    people = tuple(Person(cast.person_name(number * 5 + place), group.profession) for place in range(2 + number % 4))
    return NewAgency(
        name=f"青岛{name}{suffix}", code=code, login=f"agency{number}", region_code=region,
        legal_representative=cast.person_name(number * 3), address=f"青岛市{cast.PLACES[number % len(cast.PLACES)]}{number}号",
        introduction=f"从事{group.name}业务，服务政府投资和企业投资项目，执业人员 {len(people)} 名。", service_items=group.items,
        phone=f"0532-8{ONE_TELEPHONE.get(number, number):07d}", qualifications=certificates, practitioners=people, contact=cast.person_name(number * 5 + 17),
        authorised=(AuthorisedDetails(cast.person_name(number * 5 + 17), f"138{number:08d}"),), password_hash=city.password_hash,
    )  # fmt: skip


def _enter(city: City, new: NewAgency) -> Callable[[], Any]:
    async def act() -> None:
        agent = await submit_agency(city.world, new)

        async def decide() -> None:
            await review(city.world, agent)
            city.agents.append(agent)

        city.script.at(city.world.now + timedelta(hours=city.random.randint(2, 30)), decide)

    return act
