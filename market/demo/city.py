"""The demonstration city: half a year of a living market, the same every time, made by the same actions as the pages.

Money, delays and quarrels are chosen so that every stage, every refusal and every lamp can be seen somewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from agencies.queries import facts_of
from agencies.rules import AuthorisedDetails, Certificate, Decision
from market.accounts.actions import NewOrganisation, NewPerson, Roles, add_colleague, register_organisation
from market.accounts.passwords import QUICK, hash_password
from market.demo import cast, scenes, selections
from market.demo.agencies import EVERY_ROLE, Agent, NewAgency, Person, credit_code, review, submit_agency
from market.demo.contracts import (
    accept_delivery,
    current_contract,
    deliver_results,
    refuse_contract,
    return_results,
    sign_contract,
)
from market.demo.disputes import Dispute
from market.demo.payments import pay_by_bank, register_alipay
from market.demo.projects import closing_time, publish_values
from market.demo.script import Script
from market.demo.selection import object_to, reject, uphold
from market.demo.world import World
from market.kernel.calendar import BEIJING
from market.kernel.errors import Refusal
from market.kernel.money import Money
from market.site.demo_accounts import PASSWORD
from market.web.display import local_input
from market.web.viewer import ANONYMOUS, Scope, Viewer
from projects.eligibility import assess
from projects.posting.actions import start_draft
from projects.queries import ProjectView, demand_of, project_by_number
from projects.rules import Stage
from projects.selection import actions as selection
from projects.selection.queries import sign_up_of
from ratings.evaluations.actions import GiveRating, give_rating
from ratings.evaluations.rules import DIMENSIONS

STORY_BEGINS = datetime(2025, 12, 1, 9, 0, tzinfo=BEIJING)
STORY_ENDS = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
PROJECTS = 90
IN_NARROW_SCOPE = 108  # by its number a job of housing in the district of the second regulator
RING_FROM = 4
ONE_TELEPHONE = {37: 38}  # two cost consultants with one switchboard
LAST_DAYS, FORGOTTEN = timedelta(days=14), 3
TROUBLED = "青岛崂光测绘有限公司"  # refuses what it wins, until it may not sign up any more
MODEL = "青岛海岳测绘有限公司"  # always in time, always praised
EAGER = frozenset(
    {TROUBLED, MODEL, "青岛禹迹水利咨询有限公司", "青岛明算工程造价咨询有限公司", "青岛碧澜环境科技有限公司"}
)
LATE_COMERS = (("晨曦工程咨询", 4, None), ("渤海测绘", 0, Decision.RETURN), ("新睿造价咨询", 5, Decision.ACCEPT))


@dataclass
class City:
    world: World
    random: Random
    script: Script
    password_hash: str
    owners: list[Viewer] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    regulator: Viewer = ANONYMOUS
    forgotten: list[str] = field(default_factory=list)
    ring: str = ""


async def build_city(world: World, progress: Callable[[datetime], None]) -> None:
    """Plays the whole story; the world's clock stands at STORY_ENDS afterwards."""
    city = City(world, Random(20260616), Script(world, STORY_ENDS), await hash_password(PASSWORD, hasher=QUICK))
    await _institutions(city)
    await _owners(city)
    _plan_agencies(city)
    _plan_projects(city)
    _plan_scenes(city)
    await city.script.play(progress)
    await _unfinished(city)
    for agent in city.agents:
        await register_alipay(world, agent.viewer)


async def _organisation(
    city: City, kind: str, name: str, code: str, login: str, *, region: str, scope: tuple[str, str] | None = None
) -> Viewer:
    person = NewPerson(login=login, name=cast.person_name(len(login) * 13 + sum(map(ord, login))), phone="13800000000",
                       password_hash=city.password_hash)  # fmt: skip
    organisation = NewOrganisation(
        kind=kind, code=code, name=name, legal_representative=cast.person_name(sum(map(ord, name))), region_code=region,
        address="青岛市", phone="0532-85900000", complaint_phone="0532-85912345",
    )  # fmt: skip
    await register_organisation(organisation, person, now=city.world.now, scope=scope)
    scopes = (Scope(*scope),) if scope else ()
    return Viewer(person.id, person.name, organisation.id, kind, name, code, EVERY_ROLE, scopes)


async def _institutions(city: City) -> None:
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


async def _owners(city: City) -> None:
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


def _plan_agencies(city: City) -> None:
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


def _plan_scenes(city: City) -> None:
    """Single scenes of the last weeks, each of which a visitor should find."""
    world = city.world
    city.script.at(STORY_ENDS - timedelta(days=8, hours=1), scenes.decide_lists(world, city.regulator))
    city.script.at(STORY_ENDS - timedelta(days=6, hours=-5), scenes.withdraw_newest(world, city.owners))
    city.script.at(STORY_ENDS - timedelta(days=4, hours=-1), scenes.amend_newest(world, city.owners))
    city.script.at(STORY_ENDS - timedelta(hours=18), scenes.object_now(world))
    for days, annulled in ((30, True), (6, False)):
        _dispute(city, STORY_ENDS - timedelta(days=days), annulled=annulled)
    city.script.at(STORY_ENDS - timedelta(hours=17), scenes.change_ones_mind(world))
    city.script.at(STORY_ENDS - timedelta(days=8), _publish(city, PROJECTS, closes_at=STORY_ENDS))
    city.script.at(STORY_ENDS - timedelta(days=3), _publish(city, IN_NARROW_SCOPE))


def _dispute(city: City, moment: datetime, *, annulled: bool) -> None:
    """Looked for during two days, until a result is under notice that somebody lost."""
    dispute = Dispute(city.world, city.agents, city.regulator)
    for hours in range(0, 48, 6):
        city.script.at(moment + timedelta(hours=hours), dispute.begin)
    if annulled:
        city.script.at(moment + timedelta(days=12), dispute.annul)


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


# --- projects -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plot:
    """What is to become of a project, beside the ordinary course."""

    few: bool = False
    refuses: bool = False
    lapses: bool = False
    objection: str = ""
    late: int = 0
    returned: bool = False
    silent: bool = False
    marks: int = 5
    abandons: bool = False
    social: bool = False
    lonely: bool = False


def _plot(number: int) -> Plot:
    """By its number, so that every ending occurs and the city is the same every time."""
    return Plot(
        few=number % 13 == 6, refuses=number % 17 == 4, lapses=number % 29 == 11,
        objection={7: "rejected", 19: "upheld", 33: "reopen"}.get(number % 40, ""), late=(number % 7 == 3) * (1 + number % 5),
        returned=number % 8 == 5, silent=number % 23 == 9, marks=2 if number % 19 == 8 else 4 + (number % 3 > 0),
        abandons=number % 31 == 15, social=number % 12 in (1, 7), lonely=number % 2 == 1,
    )  # fmt: skip


def _plan_projects(city: City) -> None:
    """From the middle of December on, denser towards the end, so that every stage is alive when the story stops."""
    begin = STORY_BEGINS + timedelta(days=14)
    span = STORY_ENDS - begin - timedelta(hours=20)
    for number in range(PROJECTS):
        share = 1 - (1 - number / PROJECTS) ** 1.4
        moment = begin + timedelta(seconds=int(span.total_seconds() * share))
        moment = moment.astimezone(BEIJING).replace(
            hour=9 + number % 8, minute=number * 7 % 60, second=0, microsecond=0
        )
        city.script.at(moment, _publish(city, number))


def _values(city: City, owner: Viewer, number: int, plot: Plot) -> dict[str, Any]:
    job = cast.JOBS[number * 7 % len(cast.JOBS)]
    region = next((row[2] for row in cast.OWNERS if row[0] == owner.organisation_name), "370202")
    item = city.world.catalogue.item(job.item)
    price = job.yuan * city.random.randint(86, 112) // 100 // 500 * 500
    budget = price * city.random.randint(104, 138) // 100 // 500 * 500
    place = cast.PLACES[(number * 5 + 3) % len(cast.PLACES)]
    needs = {f"need:{need.qualification}:{need.speciality}": f"={need.level}" for need in item.requirements[:1]}
    return {
        "title": job.title.format(place=place), "service_items": [job.item], "service_mode": "all", "bundle_code": "",
        "region_code": region, "scale": f"约 {city.random.randint(8, 60)} 公顷", "service_days": str(min(item.days, 40)),
        "service_time_note": "", "content": job.content, "investment_code": "", "investment_name": "", "approval_matter": "",
        "approval_number": "", "funding": "none" if plot.social or owner.organisation_kind != "public_body" else "all",
        "fiscal_percent": "", "estimate": "no" if number % 21 == 20 else "yes",
        "budget": "" if number % 21 == 20 else Money(budget * 100).yuan_text, "price": Money(price * 100).yuan_text,
        "price_note": "", "requirement_mode": "any", "practitioners_needed": "1" if number % 6 == 0 and item.practitioner else "0",
        "practitioner_profession": item.practitioner.zh if number % 6 == 0 and item.practitioner else "", "other_requirements": "",
        "contact_name": owner.person_name, "contact_phone": "0532-85900000", "complaint_phone": "0532-85912345", "remarks": "",
        "avoided_code": [], "avoided_reason": [], "not_excluded": "on", **needs,
        "sign_up_closes_at": local_input(closing_time(city.world, 4 + number % 3)),
    }  # fmt: skip


def _publish(city: City, number: int, closes_at: datetime | None = None) -> Callable[[], Any]:
    async def act() -> None:
        plot, owner = _plot(number), city.owners[number % len(city.owners)]
        values = await _notice(city, owner, number, plot)
        if closes_at is not None:
            values["sign_up_closes_at"] = local_input(closes_at)
        try:
            project = await publish_values(city.world, owner, values)
        except Refusal:
            return  # a notice that the rules refuse (splitting) stays a draft, as it would for its owner
        await _collect_entries(city, project, plot)
        city.script.past(project.sign_up_closes_at, _follow(city, project.number, owner, plot))

    return act


async def _notice(city: City, owner: Viewer, number: int, plot: Plot) -> dict[str, Any]:
    """The job's notice with what its method states."""
    values = _values(city, owner, number, plot)
    yuan = int(Money.parse(values["price"]).fen // 100)
    method = "draw" if plot.few or number >= PROJECTS else selections.method_of(number, yuan)
    able = [agent for agent in city.agents if set(values["service_items"]) <= await _offered(agent)]
    more = await selections.method_values(
        city.world, owner, method, yuan=yuan, budget=max(yuan, int(Money.parse(values["budget"] or "0").fen // 100)),
        able=able, days=4 + number % 3,
    )  # fmt: skip
    return values | more


async def _offered(agent: Agent) -> frozenset[str]:
    return (await facts_of([agent.id]))[0].service_items


async def _collect_entries(city: City, project: ProjectView, plot: Plot) -> None:
    able = await _able(city, project)
    city.random.shuffle(able)
    able.sort(key=lambda agent: agent.name not in EAGER)  # some take part in everything they may
    wanted = city.random.randint(0, 2) if plot.few else city.random.randint(3, 7)
    if project.fiscal_share == 0 and plot.lonely:
        wanted = 1  # private funds: one is enough, and some small jobs interest nobody else
    agreed = _agreed(city, project, able[:wanted])
    window = project.sign_up_closes_at - city.world.now
    for agent in able[:wanted]:
        moment = city.world.now + window * city.random.randint(3, 97) / 100
        city.script.at(moment, selections.enter(city.world, city.random, project.number, agent, agreed.get(agent.code)))
    selections.bid_in_rounds(city.world, city.script, city.random, project, able[:wanted])


def _agreed(city: City, project: ProjectView, agents: list[Agent]) -> dict[str, int]:
    """Once in the story a ring agrees on its bids, so that the screens have something to find."""
    if city.ring or project.method != "lowest_price" or len(agents) < RING_FROM:
        return {}
    city.ring = project.number
    return selections.equal_steps(project, agents)


async def _able(city: City, project: ProjectView) -> list[Agent]:
    demand = await demand_of(project.id)
    facts = {one.id: one for one in await facts_of([agent.id for agent in city.agents])}
    return [
        agent for agent in city.agents
        if agent.id in facts and assess(demand, facts[agent.id], catalogue=city.world.catalogue, at=city.world.now).eligible
    ]  # fmt: skip


async def _winner(city: City, project: ProjectView) -> Agent | None:
    return next((agent for agent in city.agents if agent.id == project.winner_id), None)


def _after_draw(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        if project.stage is not Stage.RESULT_NOTICE or project.result_notice_ends_at is None:
            return
        if plot.abandons:
            await _abandon_place(city, project)
        if plot.objection:
            await _object(city, project, owner, plot)
            return
        city.script.past(project.result_notice_ends_at, _contract(city, number, owner, plot))

    return act


async def _abandon_place(city: City, project: ProjectView) -> None:
    """Somebody in the pool who was not drawn gives up the place, and pays for it with credit."""
    for agent in city.agents:
        if agent.name != MODEL and agent.id != project.winner_id and await sign_up_of(project.id, agent.id) is not None:
            await selection.abandon(project.id, agent.id, now=city.world.now)
            return


async def _object(city: City, project: ProjectView, owner: Viewer, plot: Plot) -> None:
    objection = await object_to(city.world, owner, project)

    async def answer() -> None:
        if plot.objection == "rejected":
            await reject(city.world, objection)
        else:
            await uphold(city.world, objection, exclude=project.winner_id if plot.objection == "upheld" else None)
        again = await project_by_number(project.number)
        city.script.at(
            again.due_at or city.world.now, _follow(city, project.number, owner, replace(plot, objection=""))
        )

    city.script.at(city.world.now + timedelta(hours=20), answer)


def _follow(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    """Looks again where a project went its own way (redrawn, reopened) until it has a result."""

    async def act() -> None:
        project = await project_by_number(number)
        if project.stage is Stage.RESULT_NOTICE:
            await _after_draw(city, number, owner, plot)()
        elif project.stage is Stage.CONTRACTING:
            await _contract(city, number, owner, plot)()
        elif project.stage is Stage.EVALUATION:
            await selections.score_soon(city.world, city.script, city.random, number)()
            city.script.at(city.world.now + timedelta(hours=15), _follow(city, number, owner, plot))
        elif project.stage in {Stage.SIGN_UP, Stage.DRAWING}:
            city.script.at(
                max(project.due_at or city.world.now, city.world.now) + timedelta(hours=1),
                _follow(city, number, owner, plot),
            )

    return act


def _contract(city: City, number: str, owner: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        winner = await _winner(city, project)
        if project.stage is not Stage.CONTRACTING or winner is None:
            return
        course = Plot() if winner.name == MODEL else plot
        later = timedelta(hours=city.random.randint(5, 90))
        city.script.at(city.world.now + later, _sign(city, number, owner, winner, course))

    return act


def _sign(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        contract = await current_contract(number)
        if plot.refuses or winner.name == TROUBLED:
            await refuse_contract(city.world, contract, winner.viewer)
            again = await project_by_number(number)
            city.script.at(
                again.due_at or city.world.now + timedelta(hours=1),
                _follow(city, number, owner, replace(plot, refuses=False)),
            )
            return
        if plot.lapses:
            await sign_contract(city.world, contract, owner)
            city.script.past(contract.sign_due_at, _follow(city, number, owner, replace(plot, lapses=False)))
            return
        await sign_contract(city.world, contract, winner.viewer)

        async def owner_signs() -> None:
            await sign_contract(city.world, contract, owner)
            in_force = await current_contract(number)
            assert in_force.delivery_due_at is not None
            lead = timedelta(days=-2 * plot.late) if plot.late else timedelta(days=city.random.randint(1, 4), hours=8)
            moment = max(in_force.delivery_due_at - lead, city.world.now + timedelta(days=1))
            city.script.at(moment, _deliver(city, number, owner, winner, plot))

        city.script.at(city.world.now + timedelta(hours=city.random.randint(2, 60)), owner_signs)

    return act


def _deliver(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        if city.world.now > STORY_ENDS - LAST_DAYS and len(city.forgotten) < FORGOTTEN and winner.name != MODEL:
            city.forgotten.append(number)  # still not delivered when the story stops: somebody's lamp is red
            return
        await deliver_results(city.world, number, winner.viewer, "成果报告", "附图")
        if plot.silent:
            return
        city.script.at(
            city.world.now + timedelta(hours=city.random.randint(10, 80)), _answer(city, number, owner, winner, plot)
        )

    return act


def _answer(city: City, number: str, owner: Viewer, winner: Agent, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        if plot.returned:
            await return_results(city.world, number, owner)
            again = replace(plot, returned=plot.marks <= 2, marks=plot.marks + (plot.marks <= 2))
            city.script.at(city.world.now + timedelta(days=3), _deliver(city, number, owner, winner, again))
            return
        await accept_delivery(city.world, number, owner)
        city.script.at(
            city.world.now + timedelta(days=12), partial(pay_by_bank, city.world, number, owner, winner.viewer)
        )
        for hours, side, viewer in ((20, "owner", owner), (44, "agency", winner.viewer)):
            if plot.silent or (side == "agency" and plot.marks == 4):
                continue
            city.script.at(city.world.now + timedelta(hours=hours), _rate(city, number, side, viewer, plot))

    return act


def _rate(city: City, number: str, side: Any, viewer: Viewer, plot: Plot) -> Callable[[], Any]:
    async def act() -> None:
        project = await project_by_number(number)
        names = city.world.rulebook.texts(DIMENSIONS[side])
        best = plot.marks if side == "owner" else 4
        marks = {name: max(1, min(5, best - (place == city.random.randint(0, 6)))) for place, name in enumerate(names)}
        low = min(marks.values()) <= 2
        reasons = "成果两次退回才合格，沟通多次无人响应，影响了后续审批。" if low else ""
        await give_rating(
            project, side, GiveRating(marks, reasons), acting=viewer, calendar=city.world.calendar, now=city.world.now
        )

    return act


async def _unfinished(city: City) -> None:
    """A draft that waits for its owner to go on."""
    values = _values(city, city.owners[0], 3, Plot())
    await start_draft(city.owners[0], {**values, "price": ""}, now=city.world.now)


__all__ = ["STORY_BEGINS", "STORY_ENDS", "build_city"]
