"""How the regulator deals with the leads of the screens: week by week it takes up what waits, asks those concerned, and
judges. Some are founded and some are not, so that every screen has a record; a few are left for a visitor to take up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from market.demo import schemes
from market.demo.agencies import EVERY_ROLE
from market.demo.story import STORY_ENDS, City
from market.kernel.db import fetch_one
from market.web.viewer import Viewer
from ratings.flags import actions
from ratings.flags.actions import Closing
from ratings.flags.queries.desk import Filters, FlagView, access_flag, flags, questions_to, taken_waiting

WEEK: Final = timedelta(days=7)
ROUNDS: Final = 9
ALL_AT_ONCE: Final = 100
FOUNDED, UNFOUNDED = "founded", "unfounded"
# Screen -> how its leads end, and why.
JUDGED: Final[Mapping[str, tuple[str, str]]] = {
    "price_steps": (FOUNDED, "各家报价依次相差同一金额，被询问机构均不能提供各自的测算依据，线索属实。"),
    "spread_and_distance": (FOUNDED, "落选三家报价集中且无测算过程，与中选机构多次同场，线索属实。"),
    "equal_prices": (FOUNDED, "两家报价精确到分完全一致，无共同计价公式可以解释，线索属实。"),
    "near_ceiling": (UNFOUNDED, "最高限价按财政评审价再下浮后确定，余地很小，仅凭报价贴近限价不能认定。"),
    "low_price": (UNFOUNDED, "已提交书面成本说明，控制点成果和作业队伍均在现场，工时、人员与设备核对无误。"),
    "shared_identity": (FOUNDED, "两家机构登记的联系电话由同一人使用，经办人员在同一单位参保，线索属实。"),
    "same_origin": (FOUNDED, "两家机构承认由同一人在同一台电脑上先后提交，线索属实。"),
    "empty_entries": (UNFOUNDED, "该机构数次报价均超过最高限价，系误读计价单位，已当面提醒，未发现他人因此得益。"),
    "tailored": (FOUNDED, "所要求的注册测绘师人数明显超过任务需要，业主不能说明理由，线索属实。"),
    "short_window": (FOUNDED, "同类公告通常开放四至五个工作日，本项目只开放三个工作日且仅一家报名，业主不能说明紧迫理由，线索属实。"),
    "quiet_notice": (UNFOUNDED, "业主出具上级通知，任务须于当日发布；报名时间符合规则手册最低要求。"),
    "direct_share": (FOUNDED, "四个项目均以熟悉场地为由直接选取同一机构，未履行比选，线索属实。"),
    "contract_price": (FOUNDED, "补充协议仅增价款、未增工作内容，业主与机构均不能提供新增测量范围的依据，线索属实。"),
    "expert_marks": (FOUNDED, "该专家对三家机构的评分均与其余专家相去甚远且无具体理由，与中选机构存在未申报的合作关系，线索属实。"),
    "late_payment": (FOUNDED, "四笔款项到期后均未支付，业主承认资金挪作他用，线索属实。"),
    "two_agencies": (FOUNDED, "社会保险记录显示该人员只在其中一家机构缴纳，另一家登记有误，已责令更正。"),
}  # fmt: skip
# The two with one switchboard share an office building and nothing else.
SWITCHBOARD: Final = (UNFOUNDED, "两家机构在同一写字楼办公，登记的是物业总机；营业执照、股东和参保单位均无关联。")
ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "low_price": ("请书面说明该报价如何覆盖工时、人员、设备和税费，并附证明材料。", "本项目沿用我公司上年度布设的控制点，外业组就在邻近标段，附工时测算表和控制点成果清单。"),
    "late_payment": ("请说明四笔款项逾期未付的原因和付款安排。", "因项目贷款未到位，款项暂被调剂使用，计划于下季度支付。"),
}  # fmt: skip
LAST_QUESTION: Final = "请说明贵机构多次与另两家机构一同报名抽取而从不参加价格竞争的原因。"


def plan_flag_reviews(city: City) -> None:
    """A round every week once the schemes have been played; the last question is still open when the story ends."""
    desk = FlagDesk(city)
    for week in range(ROUNDS):
        city.script.at(STORY_ENDS - (ROUNDS - week) * WEEK, desk.go_round)
    city.script.at(STORY_ENDS - timedelta(days=2), desk.ask_the_shells)


class FlagDesk:
    def __init__(self, city: City) -> None:
        self.city, self.world = city, city.world

    @property
    def regulator(self) -> Viewer:
        return self.city.regulator

    async def go_round(self) -> None:
        """What was taken up a week ago is judged, what has come meanwhile is taken up."""
        for flag in await taken_waiting(self.regulator, limit=ALL_AT_ONCE):
            await self._judge(await access_flag(self.regulator, flag.id))
        for flag in await self._open():
            if flag.screen in JUDGED:
                await actions.take_up(flag.id, viewer=self.regulator, now=self.world.now)
                await self._ask(flag)

    async def _open(self) -> list[FlagView]:
        return await flags(self.regulator, Filters(state="open"), size=ALL_AT_ONCE)

    async def _ask(self, flag: FlagView) -> None:
        if flag.screen not in ASKED:
            return
        question, answer = ASKED[flag.screen]
        party = flag.parties[0].id
        await self._question(flag, party, question)
        speaker = await _speaker(party)
        for one in await questions_to(party):
            await actions.answer(one.id, answer, viewer=speaker, now=self.world.now)

    async def _question(self, flag: FlagView, party: UUID, question: str) -> None:
        await actions.ask(
            flag.id, party, question, viewer=self.regulator, calendar=self.world.calendar, now=self.world.now
        )

    async def _judge(self, flag: FlagView) -> None:
        same_house = {party.name for party in flag.parties} <= schemes.SWITCHBOARD
        outcome, reason = SWITCHBOARD if same_house and flag.screen == "shared_identity" else JUDGED[flag.screen]
        await actions.close(flag.id, Closing(outcome, reason), viewer=self.regulator, now=self.world.now)

    async def ask_the_shells(self) -> None:
        for flag in await self._open():
            if flag.screen == "phantom_pool":
                await actions.take_up(flag.id, viewer=self.regulator, now=self.world.now)
                await self._question(flag, flag.parties[0].id, LAST_QUESTION)


async def _speaker(organisation_id: UUID) -> Viewer:
    """Whoever signs for a party."""
    row = await fetch_one(
        "SELECT p.id AS person, p.name AS person_name, o.kind, o.name, o.code FROM organisation o"
        " JOIN membership m ON m.organisation_id = o.id AND m.until IS NULL AND m.signatory"
        " JOIN person p ON p.id = m.person_id WHERE o.id = $1 ORDER BY m.since, p.id LIMIT 1", organisation_id,
    )  # fmt: skip
    assert row is not None
    return Viewer(
        row["person"], row["person_name"], organisation_id, row["kind"], row["name"], row["code"], EVERY_ROLE, ()
    )
