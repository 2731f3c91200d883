"""What approval authorities said about the city's reports: most passed, one came back twice, one record was mended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from market.demo.story import STORY_ENDS, City
from market.demo.verdicts import correct_verdict, record_verdict
from market.kernel.db import fetch_value
from projects.verdicts.queries import VerdictView
from projects.verdicts.rules import Outcome

Act = Callable[[], Awaitable[None]]
PASSES = (70, 60, 52, 40, 33, 26, 19, 11)  # days before the end of the story
_NEXT = """
SELECT p.number FROM project p JOIN contract c ON c.project_id = p.id AND c.in_force_at IS NOT NULL
WHERE p.accepted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM report_verdict v WHERE v.contract_id = c.id)
ORDER BY p.accepted_at LIMIT 1
"""


def plan_verdicts(city: City) -> None:
    for place, days in enumerate(PASSES):
        city.script.at(STORY_ENDS - timedelta(days=days), _decide(city, Outcome.PASSED, 11 + 7 * place))
    twice = _Twice(city)
    for days, act in ((29, twice.first), (16, twice.second), (5, twice.passed)):
        city.script.at(STORY_ENDS - timedelta(days=days, hours=2), act)
    city.script.at(STORY_ENDS - timedelta(days=8, hours=3), _mend(city))
    city.script.at(STORY_ENDS - timedelta(days=3, hours=1), _decide(city, Outcome.RETURNED, 96))


def _document(city: City, count: int) -> str:
    return f"青审批〔{city.world.now.year}〕{count}号"


async def _record(city: City, number: str, outcome: Outcome, count: int) -> VerdictView:
    milestone = await fetch_value(
        "SELECT max(m.no) FROM contract_milestone m JOIN contract c ON c.id = m.contract_id JOIN project p ON p.id = c.project_id"
        " WHERE p.number = $1 AND m.accepted_at IS NOT NULL", number,
    )  # fmt: skip
    return await record_verdict(
        city.world, number, city.regulator, outcome, _document(city, count), milestone=milestone, letter=True
    )


def _decide(city: City, outcome: Outcome, count: int) -> Act:
    """About the report that has waited longest."""

    async def act() -> None:
        number = await fetch_value(_NEXT)
        if number is not None:
            await _record(city, number, outcome, count)

    return act


def _mend(city: City) -> Act:
    """Recorded with the wrong project, and taken back with its reason."""

    async def act() -> None:
        number = await fetch_value(_NEXT)
        if number is not None:
            wrong = await _record(city, number, Outcome.RETURNED, 83)
            reason = "登记时选错了项目，该退回意见针对另一项目的成果，现予撤销。"
            await correct_verdict(city.world, number, wrong, city.regulator, Outcome.VOID, reason)

    return act


class _Twice:
    """A report that came back twice before it passed; the second time cost its agency credit."""

    def __init__(self, city: City) -> None:
        self.city, self.number = city, ""

    async def first(self) -> None:
        self.number = await fetch_value(_NEXT) or ""
        await self._again(Outcome.RETURNED, 58)

    async def second(self) -> None:
        await self._again(Outcome.RETURNED, 71)

    async def passed(self) -> None:
        await self._again(Outcome.PASSED, 90)

    async def _again(self, outcome: Outcome, count: int) -> None:
        if self.number:
            await _record(self.city, self.number, outcome, count)
