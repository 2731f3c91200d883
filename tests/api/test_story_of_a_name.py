"""What an agency's good name is made of, by its program: cases, questions, ratings, honours, and lists of other authorities."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from market.demo import cases
from market.demo.agencies import Agent, admit_agencies, operator_of, paper, some_agency
from market.demo.ratings import rate_both
from market.demo.world import World
from market.kernel.calendar import BEIJING, beijing_date
from market.web.viewer import Viewer
from ratings.cases.rules import Appeal, Measure, Sanction, Violation
from ratings.flags import actions as flag_actions
from ratings.periods import add_months
from tests.api.conftest import Enter, Program
from tests.beginnings import Beginning, begins_with
from tests.contracts.award import Award, accepted, recall
from tests.flags.conftest import Ring, result_is_published, ring
from tests.ratings.people import open_regulator
from tests.ratings.test_evaluations import rating_of

__all__ = ["ring"]
PIECE = {"name": "材料.pdf", "content": base64.b64encode(paper("材料").content).decode()}
PAUSE = Sanction(Measure.PAUSE, 6)


@dataclass
class Bench:
    agents: list[Agent]
    recorder: Viewer
    judge: Viewer


async def founded(world: World) -> Bench:
    agents = await admit_agencies(world, [some_agency(number) for number in (1, 2)])
    recorder = await open_regulator(world, 1, "3702")
    return Bench(agents, recorder, await cases.colleague_of(world, recorder, "regulator-1b", "孙敏"))


beginning = begins_with({"bench": founded, "award": accepted, "ring": result_is_published})


@pytest.fixture
def bench(beginning: Beginning, world: World) -> Bench:
    found: Bench = beginning.memory
    return found


@pytest.fixture
def award(beginning: Beginning, world: World) -> Award:
    return recall(beginning, world)


@pytest.fixture
async def agency(bench: Bench, enter: Enter) -> Program:
    """The first agency's; the second tries everything as well."""
    program = await enter(bench.agents[0].viewer)
    program.strangers = [await enter(bench.agents[1].viewer)]
    return program


async def test_a_case_is_answered_appealed_against_and_repaired(bench: Bench, agency: Program, world: World) -> None:
    number = await cases.open_case(world, bench.agents[0].id, bench.recorder, violation=Violation.OVERCHARGE)
    statement = {"text": "我公司按合同收费，附收款凭证，请予核实。", "files": [PIECE]}
    await cases.notify(world, number, bench.recorder, PAUSE)
    await agency.is_refused("stateInCase", "invalid", {"text": "不"}, number=number)
    await agency.does("stateInCase", statement, number=number)
    await cases.past_defence(world, number)
    appeal = {"appeal": "收费依据已在主管部门备案，决定未予采信，请求撤销。", "files": [PIECE]}
    await agency.is_refused("appeal", "case.moved_on", appeal, number=number)
    await cases.decide(world, number, bench.judge, PAUSE)
    repair = {
        "correction": "已退回多收费用并完成内部整改，整改报告和退款凭证见附件。",
        "pledge": "承诺今后严格按合同约定收费，主动接受监督检查。",
    }
    await agency.is_refused("askForRepair", "case.repair_early", repair, number=number)
    await agency.does("appeal", appeal, number=number)
    await cases.decide_appeal(world, number, await cases.colleague_of(world, bench.recorder, "regulator-1c", "林静"),
                              Appeal.UPHELD)  # fmt: skip
    world.clock.set(add_months(world.now, 3))
    await agency.does("askForRepair", {**repair, "files": [PIECE]}, number=number)


async def test_an_honour_is_proposed(bench: Bench, agency: Program, world: World) -> None:
    honour = {"level": "county", "title": "优秀测绘工程一等奖", "issuer": "青岛市自然资源和规划局", "certificate": "青建字12号",
              "awarded_on": beijing_date(world.now).isoformat(), "file": PIECE}  # fmt: skip
    await agency.is_refused("proposeHonour", "invalid", {**honour, "level": "galaxy"})
    agency.strangers = []  # it is one's own name; there is nobody else's
    await agency.does("proposeHonour", honour)


async def test_a_list_is_handed_in(bench: Bench, world: World, enter: Enter, agency: Program) -> None:
    operator = await enter(await operator_of(world))
    operator.strangers = [agency]
    content = f"code,name,entered_on,until\n{bench.agents[0].code},甲,2026-05-01,\n".encode("gbk")
    upload = {"list": "judgment_defaulters", "source": "中国执行信息公开网", "queried_at": f"{world.now.astimezone(BEIJING):%Y-%m-%dT%H:%M}",
              "file": {"name": "list.csv", "content": base64.b64encode(content).decode()}}  # fmt: skip
    await operator.is_refused("importList", "invalid", {**upload, "source": ""})
    await operator.does("importList", upload)


async def test_a_question_is_answered(ring: Ring, enter: Enter) -> None:
    world, flag = ring.world, await ring.flag("price_steps")
    await flag_actions.take_up(flag.id, viewer=ring.regulator, now=world.now)
    question = await flag_actions.ask(
        flag.id,
        ring.winner.id,
        "请说明贵机构报价的测算依据。",
        viewer=ring.regulator,
        calendar=world.calendar,
        now=world.now,
    )
    agency = await enter(ring.winner.viewer)
    agency.strangers = [await enter(next(one for one in ring.agents if one != ring.winner).viewer)]
    await agency.is_refused("answerQuestion", "invalid", {"answer": ""}, question_id=question)
    await agency.does("answerQuestion", {"answer": "按工日和设备台班测算，附测算表。"}, question_id=question)


async def test_a_low_rating_is_replied_to(award: Award, enter: Enter) -> None:
    world = award.world
    await rate_both(world, award.number, award.owner, award.winner, 2)
    await world.settle()
    rating = (await rating_of(award, "owner")).id
    agency = await enter(award.winner)
    agency.strangers = [await enter(award.losers[0])]
    await agency.is_refused("replyToRating", "invalid", {"reply": "不"}, rating_id=rating)
    await agency.does("replyToRating", {"reply": "附图已于次日补齐，电话记录可查，请予核实。"}, rating_id=rating)
