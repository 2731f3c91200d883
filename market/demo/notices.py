"""The notices of the demonstration city, and who takes part in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from agencies.queries import facts_of
from market.demo import cast, selections
from market.demo.agencies import Agent
from market.demo.courses import follow
from market.demo.projects import closing_time, publish_values
from market.demo.story import MODEL, PROJECTS, STORY_BEGINS, STORY_ENDS, TROUBLED, City, Plot, plot_of
from market.kernel.calendar import BEIJING
from market.kernel.errors import Refusal
from market.kernel.money import Money
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.eligibility import assess
from projects.posting.actions import start_draft
from projects.queries import ProjectView, demand_of

RING_FROM = 4
EAGER = frozenset(
    {TROUBLED, MODEL, "青岛禹迹水利咨询有限公司", "青岛明算工程造价咨询有限公司", "青岛碧澜环境科技有限公司"}
)


def plan_projects(city: City) -> None:
    """From the middle of December on, denser towards the end, so that every stage is alive when the story stops."""
    begin = STORY_BEGINS + timedelta(days=14)
    span = STORY_ENDS - begin - timedelta(hours=20)
    for number in range(PROJECTS):
        share = 1 - (1 - number / PROJECTS) ** 1.4
        moment = begin + timedelta(seconds=int(span.total_seconds() * share))
        moment = moment.astimezone(BEIJING).replace(
            hour=9 + number % 8, minute=number * 7 % 60, second=0, microsecond=0
        )
        city.script.at(moment, publish(city, number))


def job_values(city: City, owner: Viewer, number: int, plot: Plot) -> dict[str, Any]:
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
        "sign_up_closes_at": local_input(closing_time(city.world, 4 + number % 3)), **_milestones(number, min(item.days, 40)),
    }  # fmt: skip


_PARTS = {
    2: (("中间成果", 40), ("全部成果及技术报告", 60)),
    3: (("工作大纲及现场踏勘成果", 20), ("送审稿", 50), ("按审查意见修改后的终稿", 30)),
}


def _milestones(number: int, days: int) -> dict[str, list[str]]:
    """Some notices state the parts in which the work is delivered and paid."""
    parts = _PARTS.get({1: 2, 3: 3, 6: 2}.get(number % 9, 1), ())
    if days < 4 * len(parts):
        return {}
    times = [days * share // 100 for _, share in parts[:-1]]
    return {
        "milestone_title": [title for title, _ in parts], "milestone_share": [str(share) for _, share in parts],
        "milestone_days": [str(time) for time in (*times, days - sum(times))] if parts else [],
    }  # fmt: skip


def publish(city: City, number: int, closes_at: datetime | None = None) -> Callable[[], Any]:
    async def act() -> None:
        plot, owner = plot_of(number), city.owners[number % len(city.owners)]
        values = await _notice(city, owner, number, plot)
        if closes_at is not None:
            values["sign_up_closes_at"] = local_input(closes_at)
        try:
            project = await publish_values(city.world, owner, values)
        except Refusal:
            return  # a notice that the rules refuse (splitting) stays a draft, as it would for its owner
        await _collect_entries(city, project, plot)
        city.script.past(project.sign_up_closes_at, follow(city, project.number, owner, plot))

    return act


async def _notice(city: City, owner: Viewer, number: int, plot: Plot) -> dict[str, Any]:
    """The job's notice with what its method states."""
    values = job_values(city, owner, number, plot)
    yuan = int(Money.parse(values["price"]).fen // 100)
    method = "draw" if plot.few or number >= PROJECTS else selections.method_of(number, yuan)
    offered = {one.id: one.service_items for one in await facts_of([agent.id for agent in city.agents])}
    able = [agent for agent in city.agents if set(values["service_items"]) <= offered.get(agent.id, frozenset())]
    more = await selections.method_values(
        city.world, owner, method, yuan=yuan, budget=max(yuan, int(Money.parse(values["budget"] or "0").fen // 100)),
        able=able, days=4 + number % 3,
    )  # fmt: skip
    return values | more


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


async def leave_unfinished(city: City) -> None:
    """A draft that waits for its owner to go on."""
    values = job_values(city, city.owners[0], 3, Plot())
    await start_draft(city.owners[0], {**values, "price": ""}, now=city.world.now)
