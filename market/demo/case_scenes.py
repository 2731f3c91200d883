"""Cases that a visitor of the demonstration finds, one in every state: recorded, notified, to be decided, decided, under
appeal, annulled, repaired, and one that led onto the restricted list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from market.demo import cases
from market.demo.agencies import Agent
from market.demo.cases import ONE_YEAR, Steps
from market.demo.story import MODEL, STORY_ENDS, TROUBLED, City
from market.kernel.db import fetch_value
from market.web.viewer import Viewer
from ratings.cases.rules import Appeal, Measure, Sanction, Violation

Act = Callable[[], Awaitable[None]]
WARNING = Sanction(Measure.WARNING)
PAUSE, HALF_YEAR = Sanction(Measure.PAUSE, 3), Sanction(Measure.PAUSE, 6)
OVERCHARGED = "业主提供的付款凭证显示，除合同价外另收“加急费”8,000元，未见补充协议。"
SUBCONTRACTED = "现场抽查发现外业人员的社会保险均在另一家公司缴纳，作业记录由该公司出具。"
EXPIRED = "报名材料所附检验检测机构资质认定证书已于报名前到期，未按规定更新。"
UNSIGNED = "中选后无正当理由拒绝签订合同，业主两次书面催告均未答复。"
LATE = "两个项目的成果分别逾期九个和十二个工作日提交，均未申请顺延。"


def plan_cases(city: City) -> None:
    """Who records and who decides is found when the first case begins."""
    day = timedelta(days=1)
    plans: tuple[tuple[int, int, Violation, str, Sanction, tuple[tuple[int, str], ...]], ...] = (
        # (days before the end, whose place among the agencies, what, facts, measure, steps: (days later, what))
        (150, 9, Violation.OVERCHARGE, OVERCHARGED, Sanction(Measure.PAUSE, 12), ((1, "notify"), (4, "state"), (12, "decide"), (105, "ask"), (110, "grant"))),
        (70, 11, Violation.FRAUD, cases.FACTS, ONE_YEAR, ((1, "notify"), (3, "state"), (13, "decide"))),
        (60, 13, Violation.ILLEGAL_SUBCONTRACT, SUBCONTRACTED, HALF_YEAR, ((2, "notify"), (4, "state"), (14, "decide"), (20, "appeal"), (35, "annul"))),
        (24, -1, Violation.SIGN_REFUSED, UNSIGNED, HALF_YEAR, ((1, "notify"), (14, "decide"))),
        (26, 15, Violation.EXPIRED_CERTIFICATE, EXPIRED, WARNING, ((1, "notify"), (14, "decide"), (20, "appeal"))),
        (20, 17, Violation.ILLEGAL_SUBCONTRACT, SUBCONTRACTED, HALF_YEAR, ((1, "notify"), (3, "heard"))),
        (6, 1, Violation.POOR_PERFORMANCE, LATE, WARNING, ((4, "notify"),)),
        (1, 19, Violation.OVERCHARGE, OVERCHARGED, PAUSE, ()),
    )  # fmt: skip
    city.script.at(STORY_ENDS - 151 * day, _appoint(city))
    for before, place, violation, facts, sanction, later in plans:
        story = CaseStory(city, place, violation, facts, sanction)
        begins = STORY_ENDS - before * day + timedelta(hours=1)
        city.script.at(begins, story.open)
        for after, step in later:
            city.script.at(begins + after * day, getattr(story, step))


def _appoint(city: City) -> Act:
    async def act() -> None:
        await cases.colleague_of(city.world, city.regulator, "regulator1b", "孙敏", city.password_hash)

    return act


class CaseStory:
    """One case, step by step. `place`: of the firm among the agencies; -1: the one that refuses what it wins."""

    def __init__(self, city: City, place: int, violation: Violation, facts: str, sanction: Sanction) -> None:
        self.city, self.place, self.violation, self.facts, self.sanction = city, place, violation, facts, sanction
        self.steps: Steps | None = None

    def _firm(self) -> Agent:
        agents = [one for one in self.city.agents if one.name != MODEL]
        if self.place < 0:
            return next(one for one in agents if one.name == TROUBLED)
        return agents[self.place]

    async def open(self) -> None:
        world, firm = self.city.world, self._firm()
        recorder, judge, third = await self._officials()
        event_id = await fetch_value(
            "SELECT id FROM credit_event WHERE organisation_id = $1 AND kind = $2 ORDER BY occurred_at DESC LIMIT 1",
            firm.id, str(self.violation),
        )  # fmt: skip
        number = await cases.open_case(
            world, firm.id, recorder, violation=self.violation, facts=self.facts, event_id=event_id,
            legal_cause="中介超市入驻承诺书第三条、第六条；平台信用管理规则",
        )  # fmt: skip
        self.steps = Steps(world, number, firm.viewer, recorder, judge, third)

    async def _officials(self) -> tuple[Viewer, Viewer, Viewer]:
        known = await cases.officials(self.city.world)
        recorder = self.city.regulator
        judge = next(
            one
            for one in known
            if one.organisation_id == recorder.organisation_id and one.person_id != recorder.person_id
        )
        return recorder, judge, next(one for one in known if one.is_operator)

    async def notify(self) -> None:
        await self._at.notify(self.sanction)

    async def state(self) -> None:
        await self._at.state()

    async def heard(self) -> None:
        await self._at.state(asks_hearing=True)

    async def decide(self) -> None:
        await self._at.decide(self.sanction)

    async def appeal(self) -> None:
        await self._at.appeal()

    async def annul(self) -> None:
        await self._at.decide_appeal(Appeal.ANNULLED)

    async def ask(self) -> None:
        await self._at.ask_repair()

    async def grant(self) -> None:
        await self._at.grant_repair()

    @property
    def _at(self) -> Steps:
        assert self.steps is not None
        return self.steps
