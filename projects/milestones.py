"""The parts in which a service is delivered and paid: stated in the notice, or agreed before signing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from market.kernel.money import BASIS_POINTS, Money

TITLE_MAX: Final = 80
Numbers = Callable[[str], int]


@dataclass(frozen=True)
class PlannedMilestone:
    """`share` in basis points of the price, `days` working days."""

    title: str
    share: int
    days: int


def prices(total_fen: int, shares: Sequence[int]) -> tuple[int, ...]:
    """What each share comes to, half up to the fen; the last takes what is left, so that the sum is the price."""
    first = [Money(total_fen).share(share).fen for share in shares[:-1]]
    return (*first, total_fen - sum(first))


def milestone_mistakes(
    milestones: Sequence[PlannedMilestone], *, price_fen: int, service_days: int, number: Numbers
) -> list[Message]:
    """Everything in which milestones depart from the price, from the time and from the limits."""
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
