"""What the parties may still settle between them before they sign: milestones, language, special terms. Nothing of it
may touch the result: price, time and scope stay what was published."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.contracts.terms import Milestone, Terms
from projects.milestones import Numbers, PlannedMilestone, milestone_mistakes, prices

SPECIAL_MAX: Final = 300
# Sums and times belong to the result; a special term that names one would be a second contract beside it.
_AMOUNT: Final = re.compile(
    r"[¥￥]\s*\d|\d[\d,.，]*\s*(?:万|亿)?\s*元|[壹贰叁肆伍陆柒捌玖拾佰仟万亿]+元|\d+(?:\.\d+)?\s*[%％]", re.ASCII
)
_TIME: Final = re.compile(
    r"\d+\s*(?:个)?\s*(?:工作日|自然日|日历日|日内|天|个月|周|年内)|[一二三四五六七八九十百]+\s*个?\s*(?:工作日|日内|天内|个月内)"
)


@dataclass(frozen=True)
class Plan:
    milestones: tuple[PlannedMilestone, ...]
    language: str
    special: tuple[str, ...]


def with_prices(planned: Sequence[PlannedMilestone], total_fen: int) -> tuple[Milestone, ...]:
    """As terms state them: numbered, each with its part of the price."""
    if not planned:
        return ()
    amounts = prices(total_fen, [one.share for one in planned])
    return tuple(
        Milestone(no, one.title, one.share, amount, one.days)
        for no, (one, amount) in enumerate(zip(planned, amounts, strict=True), 1)
    )


def mistakes(
    plan: Plan, *, price_fen: int, service_days: int, number: Numbers, stated: Sequence[PlannedMilestone] = ()
) -> list[Message]:
    """Everything in a plan that departs from the result or from the limits; empty when it may be proposed. `stated`: the
    milestones of the notice, which everybody who took part has read."""
    found = milestone_mistakes(plan.milestones, price_fen=price_fen, service_days=service_days, number=number)
    if tuple(stated) not in {(), plan.milestones}:
        found.append(Message(N_("The notice stated the milestones; the contract has the same.")))
    if len(plan.special) > number("contract.special_terms_max"):
        most = number("contract.special_terms_max")
        found.append(Message(N_("At most {most} special terms can be agreed."), {"most": most}))
    return [*found, *(one for text in plan.special for one in special_mistakes(text))]


def special_mistakes(text: str) -> list[Message]:
    """What a special term may not say."""
    found = []
    if _AMOUNT.search(text):
        found.append(
            Message(
                N_("A special term may not name sums or shares of money: the price is that of the result. (“{words}”)"),
                {"words": text[:40]},
            )
        )
    if _TIME.search(text):
        found.append(
            Message(
                N_("A special term may not set times: the time is that of the result. (“{words}”)"),
                {"words": text[:40]},
            )
        )
    return found


def check_plan(
    plan: Plan, *, price_fen: int, service_days: int, number: Numbers, stated: Sequence[PlannedMilestone] = ()
) -> None:
    """Raises Refusal with the first deviation; forms show all of them beforehand."""
    found = mistakes(plan, price_fen=price_fen, service_days=service_days, number=number, stated=stated)
    if found:
        raise Refusal(
            "contract.deviates", found[0].text, rule="contract.price_deviation_max",
            todo=N_("Propose terms that leave price, time and scope as they were published."), **found[0].facts,
        )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that differs between two versions; None where there is nothing on that side."""

    what: Message
    before: Message | None
    after: Message | None


class Settled(Protocol):
    """Terms, or the part of them that a change replaces."""

    @property
    def milestones(self) -> tuple[Milestone, ...]: ...
    @property
    def special(self) -> tuple[str, ...]: ...


def changes(before: Terms, after: Terms) -> tuple[Change, ...]:
    """What a proposal changes: milestone by milestone, language, special term by special term."""
    language = Change(Message(N_("Language")), _language(before), _language(after))
    found = (*milestone_changes(before, after), language, *special_changes(before, after))
    return tuple(one for one in found if one.before != one.after)


def milestone_changes(before: Settled, after: Settled) -> list[Change]:
    """Milestone by milestone, also where nothing changed."""
    return [
        Change(Message(N_("Milestone {no}"), {"no": no + 1}), _milestone(before, no), _milestone(after, no))
        for no in range(max(len(before.milestones), len(after.milestones)))
    ]


def special_changes(before: Settled, after: Settled) -> list[Change]:
    """Special term by special term, also where nothing changed."""
    return [
        Change(Message(N_("Special term {no}"), {"no": no + 1}), _special(before, no), _special(after, no))
        for no in range(max(len(before.special), len(after.special)))
    ]


def _milestone(terms: Settled, no: int) -> Message | None:
    if no >= len(terms.milestones):
        return None
    one = terms.milestones[no]
    facts = {"title": one.title, "amount": Money(one.price_fen), "days": one.days}
    return Message(N_("{title}: {amount}, {days} working days"), facts)


def _language(terms: Terms) -> Message:
    return Message(N_("Chinese and English") if terms.language == "zh-en" else N_("Chinese"))


def _special(terms: Settled, no: int) -> Message | None:
    return Message("{words}", {"words": terms.special[no]}) if no < len(terms.special) else None
