"""Conduct beside the ordinary cases, for a visitor of the demonstration: owners that are parties of a case, talks that were
held and that are set, honours that were accepted and that wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from market.demo import cases
from market.demo.agencies import paper
from market.demo.story import MODEL, STORY_ENDS, City
from market.kernel.calendar import beijing_date
from market.web.viewer import Viewer
from ratings.cases import actions
from ratings.cases.actions import Minutes
from ratings.cases.rules import Measure, Sanction, Violation
from ratings.honours import actions as honours
from ratings.honours import queries
from ratings.honours.actions import NewHonour
from ratings.honours.rules import Level

Act = Callable[[], Awaitable[None]]
LAW = "《保障中小企业款项支付条例》；中介超市业主服务协议"
UNPAID = "两个项目的服务费用在验收后逾期六十日以上未支付，中介机构书面催告三次未获答复。"
TAILORED = "采购公告要求“近三年内承担过本单位同类项目”，符合条件的机构只有一家，且与项目需要无关。"
LATE = "三个项目的成果逾期提交，其中一个逾期十二个工作日，未申请顺延。"
SAID = "监管部门指出三次逾期及其影响；机构说明系项目负责人离职所致，承诺一个月内补齐人员，并按月报送进度。"
PLACE = "青岛市市南区东海西路 17 号政务服务中心 301 室"
REPORT, TALK, PAUSE = Sanction(Measure.REPORT), Sanction(Measure.TALK), Sanction(Measure.PAUSE, 1)


def plan_conduct(city: City) -> None:
    told = Conduct(city)
    steps: tuple[tuple[float, Act], ...] = (
        (62, told.open_report), (61, told.notify), (45, told.decide), (44, told.open_talk), (43, told.notify), (30, told.decide),
        (29, told.set_talk), (25, told.hold_talk), (20, told.open_talk_to_come), (19, told.notify), (4, told.decide), (3, told.set_talk),
        (6, told.accuse_owner), (5.5, told.notify), (70, told.propose_accepted), (66, told.accept), (2, told.propose_waiting),
    )  # fmt: skip
    for days, act in steps:
        city.script.at(STORY_ENDS - timedelta(days=days, hours=-5), act)


class Conduct:
    """Acts one after the other; each goes on with the case or honour that was opened last for it."""

    def __init__(self, city: City) -> None:
        self.city, self.world = city, city.world
        self.opened: list[tuple[str, Sanction]] = []
        self.honour: UUID | None = None

    @property
    def _regulator(self) -> Viewer:
        return self.city.regulator

    async def _open(self, party: UUID | None, violation: Violation, facts: str, law: str, sanction: Sanction) -> None:
        assert party is not None
        number = await cases.open_case(
            self.world, party, self._regulator, violation=violation, facts=facts, legal_cause=law
        )
        self.opened.append((number, sanction))

    async def open_report(self) -> None:
        await self._open(self.city.owners[5].organisation_id, Violation.LATE_PAYMENT, UNPAID, LAW, REPORT)

    async def accuse_owner(self) -> None:
        owner = self.city.owners[1].organisation_id
        await self._open(owner, Violation.TAILORED_REQUIREMENTS, TAILORED, "《优化营商环境条例》第十三条", PAUSE)

    async def open_talk(self) -> None:
        await self._open(self._agent(3), Violation.POOR_PERFORMANCE, LATE, "中介超市入驻承诺书第五条", TALK)

    async def open_talk_to_come(self) -> None:
        await self._open(self._agent(5), Violation.POOR_PERFORMANCE, LATE, "中介超市入驻承诺书第五条", TALK)

    def _agent(self, place: int) -> UUID:
        return [one for one in self.city.agents if one.name != MODEL][place].id

    async def notify(self) -> None:
        number, sanction = self.opened[-1]
        await cases.notify(self.world, number, self._regulator, sanction)

    async def decide(self) -> None:
        number, sanction = self._latest_but_owner()
        known = await cases.officials(self.world)
        judge = next(one for one in known if one.is_operator)
        await cases.decide(self.world, number, judge, sanction)

    def _latest_but_owner(self) -> tuple[str, Sanction]:
        return [one for one in self.opened if one[1] is not PAUSE][-1]

    async def set_talk(self) -> None:
        number, _ = self._latest_but_owner()
        at = self.world.now + timedelta(days=4)
        await actions.set_talk(number, at, PLACE, viewer=self._regulator, now=self.world.now)

    async def hold_talk(self) -> None:
        number, _ = self._latest_but_owner()
        minutes = Minutes("监管局市场科二人；机构总经理、技术负责人各一人", SAID, (paper("约谈记录"),))
        await actions.write_talk(
            number, minutes, viewer=self._regulator, files=self.world.running.files, now=self.world.now
        )

    async def propose_accepted(self) -> None:
        self.honour = await self._propose(
            0, Level.NATION, "全国优秀测绘工程银奖", "中国地理信息主管部门", "国测奖〔2026〕18 号"
        )

    async def propose_waiting(self) -> None:
        await self._propose(
            1, Level.CITY, "青岛市优秀工程咨询成果二等奖", "青岛市发展和改革委员会", "青发改〔2026〕77 号"
        )

    async def _propose(self, place: int, level: Level, title: str, issuer: str, certificate: str) -> UUID:
        world = self.world
        new = NewHonour(
            level, title, issuer, certificate, beijing_date(world.now - timedelta(days=20)), paper("获奖证书")
        )
        return await honours.propose(
            new,
            viewer=self.city.agents[place].viewer,
            files=world.running.files,
            calendar=world.calendar,
            now=world.now,
        )

    async def accept(self) -> None:
        assert self.honour is not None
        honour = await queries.honour(self.honour)
        await honours.decide(honour, "accepted", "", viewer=self._regulator, now=self.world.now)
