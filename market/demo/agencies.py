"""Agencies of tests and of the demonstration: signed up, applied, reviewed and admitted by the same actions that the
pages call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies import actions
from agencies.queries.application import Dossier, dossier_of, find_agency
from agencies.queries.commitment import text_in_force
from agencies.rules import AuthorisedDetails, Certificate, Decision, FirmDetails, PractitionerDetails, Verdict
from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.world import World
from market.kernel.db import fetch_one
from market.kernel.files import Upload
from market.web.viewer import Viewer

EVERY_ROLE = frozenset({"admin", "handler", "signatory"})
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


@dataclass(frozen=True)
class Agent:
    """An agency with the person who acts for it."""

    viewer: Viewer

    @property
    def id(self) -> UUID:
        assert self.viewer.organisation_id is not None
        return self.viewer.organisation_id

    @property
    def code(self) -> str:
        return self.viewer.organisation_code

    @property
    def name(self) -> str:
        return self.viewer.organisation_name


@dataclass(frozen=True)
class Person:
    """`id_number`: "" gives one that belongs to nobody."""

    name: str
    profession: str = "注册测绘师"
    certificate_number: str = ""
    valid_until: date = date(2029, 12, 31)
    id_number: str = ""


@dataclass(frozen=True)
class NewAgency:
    """What an agency says of itself; everything has a believable default."""

    name: str
    code: str
    login: str
    region_code: str = "370202"
    legal_representative: str = "韩立群"
    address: str = "青岛市市南区东海西路17号"
    phone: str = "053280000017"
    introduction: str = "专业技术服务机构，长期承担政府投资和企业投资项目的技术服务工作。"
    established_on: date = date(2008, 5, 6)
    registered_capital_fen: int | None = 5_000_000_00
    parent_code: str | None = None
    branch_of: str | None = None
    service_items: tuple[str, ...] = ("C001",)
    qualifications: tuple[Certificate, ...] = ()
    practitioners: tuple[Person, ...] = ()
    authorised: tuple[AuthorisedDetails, ...] = (AuthorisedDetails("孙晓梅", "13800000001"),)
    contact: str = "孙晓梅"
    password_hash: str = "!"  # noqa: S105  (a hash that no password has)


def credit_code(number: int, *, region: str = "370202", kind: str = "91") -> str:
    """A well-formed unified social credit code (GB 32100) that belongs to nobody we know."""
    body = f"{kind}{region}{number:09d}"
    total = sum(_CODE_CHARACTERS.index(char) * 3**place % 31 for place, char in enumerate(body))
    return body + _CODE_CHARACTERS[-total % 31]


def id_number(number: int, *, born: str = "19850617", region: str = "370202") -> str:
    """A well-formed identity number (GB 11643)."""
    body = f"{region}{born}{number % 1000:03d}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def paper(name: str) -> Upload:
    """A small PDF whose content, and so its hash, depends on its name."""
    return Upload(f"{name}.pdf", _PDF + name.encode(), "application/pdf")


def surveying_certificate(number: str = "乙测资字37500001", *, until: date = date(2029, 12, 31)) -> Certificate:
    return Certificate("surveying-mapping", "b", ("engineering",), number, date(2024, 1, 1), until)


def terms_of(world: World) -> actions.Terms:
    return actions.Terms(world.rulebook, world.calendar)


async def sign_up_agency(world: World, new: NewAgency) -> Agent:
    """The organisation with its first person; nothing of the application yet."""
    person = NewPerson(login=new.login, name=new.contact, phone="13800000001", password_hash=new.password_hash)
    organisation = NewOrganisation(
        kind="agency", code=new.code, name=new.name, legal_representative=new.legal_representative,
        region_code=new.region_code, address=new.address, phone=new.phone, parent_code=new.parent_code,
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now)
    await actions.open_application(organisation.id, world.now)
    return Agent(Viewer(person.id, person.name, organisation.id, "agency", new.name, new.code, EVERY_ROLE))


async def operator_of(world: World) -> Viewer:
    """The market's operator with somebody who holds every role; made when there is none yet."""
    row = await fetch_one(
        "SELECT o.id, o.name, o.code, p.id AS person_id, p.name AS person_name FROM organisation o"
        " JOIN membership m ON m.organisation_id = o.id AND m.until IS NULL AND m.handler AND m.signatory"
        " JOIN person p ON p.id = m.person_id WHERE o.kind = 'operator' ORDER BY o.created_at, m.since LIMIT 1"
    )
    if row is not None:
        return Viewer(row["person_id"], row["person_name"], row["id"], "operator", row["name"], row["code"], EVERY_ROLE)
    person = NewPerson(login="operator", name="周敏", phone="053285910000", password_hash="!")
    organisation = NewOrganisation(
        kind="operator", code=credit_code(1, kind="11"), name="中介超市管理办公室", legal_representative="周敏",
        region_code=world.settings.site_region, address="市政务服务中心三楼", phone="053285910000",
        complaint_phone="053285910012",
    )  # fmt: skip
    await register_organisation(organisation, person, now=world.now)
    return Viewer(person.id, person.name, organisation.id, "operator", organisation.name, organisation.code, EVERY_ROLE)


def firm_of(new: NewAgency) -> FirmDetails:
    return FirmDetails(
        name=new.name, legal_representative=new.legal_representative, region_code=new.region_code, address=new.address,
        phone=new.phone, complaint_phone=new.phone, parent_code=new.parent_code, branch_of=new.branch_of,
        introduction=new.introduction, established_on=new.established_on, registered_capital_fen=new.registered_capital_fen,
    )  # fmt: skip


async def fill_in(world: World, agent: Agent, new: NewAgency) -> None:
    """Every section, ready to be submitted."""
    where: dict[str, Any] = {
        "acting": agent.viewer,
        "store": world.running.files,
        "terms": terms_of(world),
        "now": world.now,
    }
    letter = paper(f"{new.code} 总部授权书") if new.branch_of else None
    await actions.save_firm(agent.id, firm_of(new), letter, **where)
    await actions.save_services(
        agent.id, list(new.service_items), acting=agent.viewer, terms=terms_of(world), now=world.now
    )
    await actions.save_licence(agent.id, paper(f"{new.code} 营业执照"), **where)
    await actions.accept_commitment(
        agent.id, text_in_force(world.now).sha256, acting=agent.viewer, terms=terms_of(world), now=world.now
    )
    for certificate in new.qualifications:
        scan = paper(f"{new.code} {certificate.certificate_number}")
        await actions.save_qualification(agent.id, None, certificate, scan, **where)
    for place, person in enumerate(new.practitioners):
        await add_practitioner(world, agent, person, place)
    for named in new.authorised:
        await actions.save_authorised(
            agent.id,
            None,
            named,
            paper(f"{new.code} {named.name} 社保"),
            paper(f"{new.code} {named.name} 授权"),
            **where,
        )


async def add_practitioner(world: World, agent: Agent, person: Person, place: int = 0) -> None:
    number = person.id_number or _unused_id_number(agent, place)
    details = PractitionerDetails(
        person.name,
        number,
        person.profession,
        person.certificate_number or f"{agent.code[-9:]}-{place:02d}",
        person.valid_until,
    )
    await actions.save_practitioner(
        agent.id, None, details, paper(f"{agent.code} {person.name} 社保"), acting=agent.viewer, store=world.running.files,
        key=world.settings.secret_key, terms=terms_of(world), now=world.now,
    )  # fmt: skip


def _unused_id_number(agent: Agent, place: int) -> str:
    """From the agency's code, so that no two agencies of a world share a person."""
    spread = sum(_CODE_CHARACTERS.index(char) * 31**power for power, char in enumerate(reversed(agent.code[8:17])))
    day, month, year = spread % 28 + 1, spread // 28 % 12 + 1, 1960 + spread // 336 % 40
    return id_number(spread // 13440 * 37 + place, born=f"{year}{month:02d}{day:02d}")


async def dossier(agent: Agent) -> Dossier:
    agency = await find_agency(agent.id)
    assert agency is not None
    return await dossier_of(agency)


async def submit_agency(world: World, new: NewAgency) -> Agent:
    """Signed up, filled in and handed in for review."""
    agent = await sign_up_agency(world, new)
    await fill_in(world, agent, new)
    await submit_again(world, agent)
    return agent


async def submit_again(world: World, agent: Agent) -> None:
    version = (await dossier(agent)).agency.version
    await actions.submit(agent.id, version=version, catalogue=world.catalogue, terms=terms_of(world), now=world.now)


async def review(
    world: World,
    agent: Agent,
    decision: Decision = Decision.ACCEPT,
    *,
    returned: dict[str, str] | None = None,
    reason: str = "",
) -> None:
    """The operator's decision on a submitted application; `returned`: item -> reason, everything else is accepted."""
    wrong = returned or {}
    found = await dossier(agent)
    verdicts = [Verdict(item, item not in wrong, wrong.get(item, "")) for item in actions.review_items(found)]
    await actions.review_application(
        agent.id, decision, verdicts, reason, version=found.agency.version, acting=await operator_of(world),
        catalogue=world.catalogue, terms=terms_of(world), now=world.now,
    )  # fmt: skip


async def admit_agencies(world: World, news: Sequence[NewAgency]) -> list[Agent]:
    """All submitted, accepted, and admitted when their common notice ends: the clock moves on to that moment."""
    agents = [await submit_agency(world, new) for new in news]
    for agent in agents:
        await review(world, agent)
    await world.run_until(max([await _notice_end(agent) for agent in agents], default=world.now))
    return agents


async def admit_agency(world: World, new: NewAgency) -> Agent:
    return (await admit_agencies(world, [new]))[0]


async def _notice_end(agent: Agent) -> datetime:
    agency = (await dossier(agent)).agency
    assert agency.notice_ends_at is not None
    return agency.notice_ends_at


def some_agency(number: int, **changes: object) -> NewAgency:
    """A complete surveying agency with two practitioners; a different one for each number."""
    values: dict[str, object] = {
        "name": f"青岛第{number}测绘有限公司", "code": credit_code(100_000 + number), "login": f"agency{number}",
        "qualifications": (surveying_certificate(f"乙测资字375{number:05d}"),),
        "practitioners": (Person("郑海峰"), Person("刘玉兰")),
    }  # fmt: skip
    return NewAgency(**{**values, **changes})  # type: ignore[arg-type]
