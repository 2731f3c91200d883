"""Tips that a visitor of the demonstration finds: one that waits, one that is asked about, one that was founded; and what
those who supervise said of a job beside its owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from market.demo.ratings import rate
from market.demo.story import STORY_ENDS, City
from market.kernel.db import fetch
from market.web.viewer import ANONYMOUS, Viewer
from ratings.evaluations.queries import open_to
from ratings.tips import actions, queries
from ratings.tips.actions import NewTip
from ratings.tips.rules import About, Outcome, follow_up_code

Act = Callable[[], Awaitable[None]]
PRESSED = (
    "该机构业务员两次上门，要求我单位在合同价外另付“协调费”，并称不付就拖延出报告。附通话记录时间：上周三、周五上午。"
)
HINTED = "评标当天有人在走廊里提前说出了中选机构的名称，当时结果尚未公布。在场的还有两家报名机构的代表。"
SLOW = "本市场的操作手册与实际页面不符，客服电话连续三天无人接听，影响报名。"
ASKED = "请说明当时在场的两家机构名称，以及听到的原话。"
FOUND = "经调阅通话记录并询问双方，反映情况属实。该机构已书面检查并退回款项，将另行立案处理。"


def plan_tips(city: City) -> None:
    told = Tips(city)
    steps: tuple[tuple[int, Act], ...] = (
        (40, told.tell_of_a_firm), (38, told.take_up), (25, told.answer), (9, told.tell_of_a_project), (8, told.take_up),
        (7, told.ask), (1, told.tell_of_the_market), (3, told.rate_beside_the_owner), (2, told.rate_beside_the_owner),
    )  # fmt: skip
    for days, act in steps:
        city.script.at(STORY_ENDS - timedelta(days=days, hours=-3), act)


class Tips:
    def __init__(self, city: City) -> None:
        self.city = city
        self.world = city.world

    @property
    def regulator(self) -> Viewer:
        return self.city.regulator

    async def tell_of_a_firm(self) -> None:
        await self._tell(About.FIRM, self.city.agents[21].viewer.organisation_code, PRESSED, self.city.owners[0])

    async def tell_of_a_project(self) -> None:
        rows = await fetch(
            "SELECT number FROM project WHERE stage IN ('result_notice', 'contracting') ORDER BY number LIMIT 1"
        )
        for row in rows:
            await self._tell(About.PROJECT, row["number"], HINTED)

    async def tell_of_the_market(self) -> None:
        await self._tell(About.MARKET, "", SLOW)

    async def _tell(self, about: About, reference: str, grounds: str, viewer: Viewer | None = None) -> None:
        subject = await queries.subject_of(about, reference)
        assert subject is not None
        form = f"{len(grounds):032x}"
        code = "" if viewer else follow_up_code(self.world.settings.secret_key.reveal().encode(), form)
        await actions.tell_tip(NewTip(subject, grounds, (), form, code), viewer=viewer or ANONYMOUS,
                               files=self.world.running.files, calendar=self.world.calendar, now=self.world.now)  # fmt: skip

    async def take_up(self) -> None:
        for tip in await queries.open_for(self.regulator):
            if tip.taken_at is None:
                await actions.take_up(tip.id, viewer=self.regulator, calendar=self.world.calendar, now=self.world.now)

    async def ask(self) -> None:
        for tip in await queries.open_for(self.regulator):
            await actions.ask(tip.id, ASKED, viewer=self.regulator, now=self.world.now)

    async def answer(self) -> None:
        for tip in await queries.open_for(self.regulator):
            await actions.answer(tip.id, Outcome.FOUNDED, FOUND, viewer=self.regulator, now=self.world.now)

    async def rate_beside_the_owner(self) -> None:
        for job in (await open_to(self.regulator, self.world.now))[:2]:
            await rate(self.world, job["number"], self.regulator, 4)
