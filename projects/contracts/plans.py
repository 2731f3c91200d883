"""What the parties may still settle between them before they sign: milestones, language, special terms. Nothing of it
may touch the result: price, time and scope stay what was published."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money
from projects.contracts.terms import Milestone, Terms

TITLE_MAX: Final = 80
SPECIAL_MAX: Final = 300
Numbers = Callable[[str], int]
# Sums and times belong to the result; a special term that names one would be a second contract beside it.
_AMOUNT: Final = re.compile(
    r"[¥￥]\s*\d|\d[\d,.，]*\s*(?:万|亿)?\s*元|[壹贰叁肆伍陆柒捌玖拾佰仟万亿]+元|\d+(?:\.\d+)?\s*[%％]", re.ASCII
)
_TIME: Final = re.compile(
    r"\d+\s*(?:个)?\s*(?:工作日|自然日|日历日|日内|天|个月|周|年内)|[一二三四五六七八九十百]+\s*个?\s*(?:工作日|日内|天内|个月内)"
)


@dataclass(frozen=True)
class PlannedMilestone:
    """`share` in basis points of the price, `days` working days."""

    title: str
    share: int
    days: int


@dataclass(frozen=True)
class Plan:
    milestones: tuple[PlannedMilestone, ...]
    language: str
    special: tuple[str, ...]


def prices(total_fen: int, shares: Sequence[int]) -> tuple[int, ...]:
    """What each share comes to, half up to the fen; the last takes what is left, so that the sum is the price."""
    first = [Money(total_fen).share(share).fen for share in shares[:-1]]
    return (*first, total_fen - sum(first))


def mistakes(plan: Plan, *, price_fen: int, service_days: int, number: Numbers) -> list[Message]:
    """Everything in a plan that departs from the result or from the limits; empty when it may be proposed."""
    found = [*_of_milestones(plan.milestones, price_fen=price_fen, service_days=service_days, number=number)]
    if len(plan.special) > number("contract.special_terms_max"):
        most = number("contract.special_terms_max")
        found.append(Message(N_("At most {most} special terms can be agreed."), {"most": most}))
    return [*found, *(one for text in plan.special for one in special_mistakes(text))]


def _of_milestones(
    milestones: Sequence[PlannedMilestone], *, price_fen: int, service_days: int, number: Numbers
) -> list[Message]:
    if not milestones:
        return [Message(N_("Name at least one milestone."))]
    found = []
    if len(milestones) > number("contract.milestones_max"):
        found.append(
            Message(N_("A contract has at most {most} milestones."), {"most": number("contract.milestones_max")})
        )
    if (total := sum(one.share for one in milestones)) != BASIS_POINTS:
        facts = {"total": f"{total // 100}.{total % 100:02d}%"}
        found.append(
            Message(
                N_("The shares come to {total}; together they must be 100%: the price is that of the result."), facts
            )
        )
    elif min(prices(price_fen, [one.share for one in milestones])) <= 0:
        found.append(Message(N_("Each milestone needs a part of the price.")))
    if (days := sum(one.days for one in milestones)) != service_days:
        facts_of_time = {"days": days, "service_days": service_days}
        found.append(
            Message(N_("The times come to {days} working days; the result says {service_days}."), facts_of_time)
        )
    return found


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


def check_plan(plan: Plan, *, price_fen: int, service_days: int, number: Numbers) -> None:
    """Raises Refusal with the first deviation; forms show all of them beforehand."""
    found = mistakes(plan, price_fen=price_fen, service_days=service_days, number=number)
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
