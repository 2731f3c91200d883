"""The schemes of `market.demo.schemes`, played: six contests with agreed prices, five draws filled by shell firms, direct
picks that are paid late, and a notice that one firm can meet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from agencies.rules import AuthorisedDetails
from market.beacon.timelock import seal
from market.demo import schemes
from market.demo.agencies import Agent, NewAgency, Person, credit_code, review, some_agency, submit_agency
from market.demo.bids import belonging_of
from market.demo.contracts import accept_delivery, deliver_results, sign_both
from market.demo.payments import pay_by_bank
from market.demo.projects import open_owner, publish_project
from market.demo.rigging_scenes import Rigging, raise_price
from market.demo.selection import offer_of
from market.demo.story import City
from market.demo.world import BEACON_PAUSE
from market.kernel.calendar import BEIJING
from market.kernel.errors import Refusal
from market.kernel.money import Money
from market.web.display import local_input
from market.web.viewer import Viewer
from projects.posting.rules.window import earliest_close
from projects.queries import ProjectView, project_by_number
from projects.selection.bids.actions import submit_bid
from projects.selection.bids.text import write
from projects.selection.sign_ups.actions import SealedBid, abandon, sign_up
from projects.selection.sign_ups.origins import Mark, marks_of

Act = Callable[[], Awaitable[None]]
DAY: Final = timedelta(days=1)
ONE_DEVICE: Final = "a-browser-that-two-firms-share"
REASON: Final = "该机构熟悉场地情况，继续委托可沿用已有控制点成果。"


def plan_collusion(city: City, after: timedelta = 60 * DAY) -> None:
    """Begins when the city has found its pace; eight weeks later the last result is out, and six later payments are late."""
    scheme = Collusion(city)
    begins = city.world.now + after
    city.script.at(begins + timedelta(hours=2), scheme.enter)
    for place, contest in enumerate(schemes.CONTESTS):
        city.script.at(_morning(begins + (21 + 6 * place) * DAY), scheme.contest(contest))
    for title in schemes.PICKS:
        city.script.at(_morning(begins + 23 * DAY), scheme.pick(title))
    for title in schemes.DRAWS:
        city.script.at(_morning(begins + 31 * DAY), scheme.draw(title))
    city.script.at(_late_evening(begins + 40 * DAY), scheme.tailor)
    for place, title in enumerate(schemes.RIGGED_DRAWS):
        city.script.at(_morning(begins + (46 + place) * DAY), scheme.rig(title))
    city.script.at(_morning(begins + 52 * DAY), scheme.rig_panel)


def _morning(day: datetime) -> datetime:
    return day.astimezone(BEIJING).replace(hour=10, minute=20, second=0, microsecond=0)


def _late_evening(day: datetime) -> datetime:
    return day.astimezone(BEIJING).replace(hour=21, minute=40, second=0, microsecond=0)


class Collusion:
    def __init__(self, city: City) -> None:
        self.city, self.world, self.script = city, city.world, city.script
        self.ring: list[Agent] = []
        self.shells: list[Agent] = []
        self.drawn: list[ProjectView] = []
        self.rigging = Rigging(city, self.ring)

    async def enter(self) -> None:
        """Firms and owners; the firms are admitted when their public notice is over."""
        self.owner = await open_owner(
            self.world, name=schemes.RING_OWNER, code=credit_code(900, kind="12"), login="owner-ring"
        )
        self.filled = await open_owner(
            self.world, name=schemes.FILLED_OWNER, code=credit_code(902, kind="12"), login="owner-filled"
        )
        self.picking = await open_owner(
            self.world, name=schemes.PICKING_OWNER, code=credit_code(901), kind="enterprise", login="owner-picking"
        )
        await self.rigging.enter()
        for place, name in enumerate((*schemes.RING, *schemes.SHELLS)):
            agent = await submit_agency(self.world, _firm(name, place))
            await review(self.world, agent)
            (self.ring if name in schemes.RING else self.shells).append(agent)

    def contest(self, contest: schemes.Contest) -> Act:
        async def act() -> None:
            project = await publish_project(
                self.world, self.owner, method="lowest_price", title=contest.title, price="", budget="153000",
                ceiling="152000", floor="45000", working_days=4,
            )  # fmt: skip
            for agent, yuan in zip(self.ring, contest.bids, strict=True):
                await self._bid(agent, project, Money.parse(yuan).fen)
            if contest in schemes.FILLED:
                await self._bid(self.shells[0], project, Money.parse(schemes.EMPTY_BID).fen)
            self.script.past(project.sign_up_closes_at, self._follow(project, self.owner))

        return act

    async def _bid(self, agent: Agent, project: ProjectView, fen: int) -> None:
        given = await belonging_of(project, agent)
        sealed = SealedBid(given.nonce, seal(self.world.beacon.chain, given.round, write(given, fen, None)), "browser")
        assert agent.viewer.person_id is not None
        await submit_bid(
            project.id, agent.id, await offer_of(self.world, agent, project), sealed, by=agent.viewer.person_id,
            now=self.world.now, marks=self._marks(agent, project),
        )  # fmt: skip

    def _marks(self, agent: Agent, project: ProjectView) -> tuple[Mark, ...]:
        """The second and the third of the ring hand in at one desk."""
        shared = agent in self.ring[1:3]
        return marks_of(
            self.world.settings.secret_key, project.id, device=ONE_DEVICE if shared else agent.code, address=""
        )

    async def _sign_up(self, agent: Agent, project: ProjectView) -> None:
        assert agent.viewer.person_id is not None
        await sign_up(
            project.id, agent.id, await offer_of(self.world, agent, project), by=agent.viewer.person_id,
            now=self.world.now,
        )  # fmt: skip

    def draw(self, title: str) -> Act:
        """Filled by the shells alone. Whoever lost twice gives up its place twice."""

        async def act() -> None:
            project = await publish_project(self.world, self.filled, title=title, working_days=4)
            for agent in self.shells:
                await self._sign_up(agent, project)
            self.drawn.append(project)
            self.script.past(project.sign_up_closes_at, self._follow(project, self.filled))
            if title == schemes.DRAWS[-1]:
                self.script.past(project.sign_up_closes_at, self._give_up)

        return act

    async def _give_up(self) -> None:
        drawn = [await project_by_number(project.number) for project in self.drawn]
        for agent in self.shells:
            lost = [project for project in drawn if project.winner_id not in (None, agent.id)]
            if len(lost) >= 2:
                for project in lost[:2]:
                    with suppress(Refusal):  # after the first the market may have closed that door
                        await abandon(project.id, agent.id, now=self.world.now)
                return

    def pick(self, title: str) -> Act:
        """One firm is named every time; it delivers, and is not paid."""

        async def act() -> None:
            friend = self.ring[3]
            project = await publish_project(
                self.world, self.picking, method="direct", title=title, invited_code=[friend.code], access_reason=REASON,
                funding="none", working_days=4, service_days="5",
            )  # fmt: skip
            await self._sign_up(friend, project)
            self.script.past(project.sign_up_closes_at, self._follow(project, self.picking))

        return act

    def _follow(self, project: ProjectView, owner: Viewer) -> Act:
        """Once the result is final the contract is signed."""

        async def act() -> None:
            found = await project_by_number(project.number)
            winner = next((one for one in (*self.ring, *self.shells) if one.id == found.winner_id), None)
            if winner is not None and found.result_notice_ends_at is not None:
                self.script.past(found.result_notice_ends_at, self._sign(project.number, owner, winner.viewer))

        return act

    def _sign(self, number: str, owner: Viewer, agency: Viewer) -> Act:
        async def act() -> None:
            contract = await sign_both(self.world, number, owner, agency)
            if contract.title == schemes.RAISED:
                self.script.at(self.world.now + DAY, partial(raise_price, self.world, number, owner, agency))
            self.script.at(self.world.now + 2 * DAY, self._deliver(number, owner, agency))

        return act

    def _deliver(self, number: str, owner: Viewer, agency: Viewer) -> Act:
        """The work is accepted; the owner that names its firm does not pay for it."""

        async def act() -> None:
            await deliver_results(self.world, number, agency)
            await accept_delivery(self.world, number, owner)
            if owner is not self.picking:
                await pay_by_bank(self.world, number, owner, agency)

        return act

    def rig(self, title: str) -> Act:
        async def act() -> None:
            project = await self.rigging.draw(title)
            self.script.past(project.sign_up_closes_at, self._follow(project, self.rigging.owner))

        return act

    async def rig_panel(self) -> None:
        project = await self.rigging.contest()
        scored_at = project.sign_up_closes_at + timedelta(hours=3)
        self.script.sweep_at(project.sign_up_closes_at + BEACON_PAUSE)
        self.script.at(scored_at, partial(self.rigging.score, project.number))
        self.script.at(scored_at + timedelta(hours=2), self._follow(project, self.rigging.scored))

    async def tailor(self) -> None:
        """Late in the evening, with a short time to sign up, for as many practitioners as one firm has."""
        values: dict[str, Any] = {
            "practitioners_needed": str(PEOPLE), "practitioner_profession": "注册测绘师", "budget": "60000", "price": "52000",
        }  # fmt: skip
        values["sign_up_closes_at"] = local_input(
            earliest_close(self.world.now, self.world.rulebook, self.world.calendar)
        )
        project = await publish_project(self.world, self.filled, title=schemes.TAILORED, **values)
        await self._sign_up(self.ring[0], project)


PEOPLE: Final = 7  # of the ring's first firm; nobody else in the city has as many


def _firm(name: str, place: int) -> NewAgency:
    """The second and the third have one switchboard; the second and the fourth show one certificate."""
    people = tuple(Person(f"测绘师{place}{number}") for number in range(PEOPLE if place == 0 else 2))
    if place in (1, 3):
        people = (replace(people[0], certificate_number="ZCCH370200881"), *people[1:])
    return some_agency(
        880 + place, name=name, login=f"ring{place + 1}", practitioners=people, address=f"青岛市市北区山东路{880 + place}号",
        phone=f"0532-8088{0 if place in (1, 2) else place:04d}", legal_representative=f"龚{'甲乙丙丁戊己庚'[place]}",
        authorised=(AuthorisedDetails(f"龚{'一二三四五六七'[place]}", f"1370000{place:04d}"),),
    )  # fmt: skip
