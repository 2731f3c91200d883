"""What a contract owes, step by step. Where a contract names no steps, its whole price is one."""

from __future__ import annotations

from dataclasses import dataclass

from market.kernel.money import BASIS_POINTS, Money
from projects.contracts.queries import ContractView


@dataclass(frozen=True)
class Milestone:
    """`share`: of the price, in basis points."""

    no: int
    title: str
    share: int
    amount: Money


def milestones_of(contract: ContractView) -> tuple[Milestone, ...]:
    """In order; their amounts add up to the price."""
    planned = contract.terms.milestones
    if len(planned) < 2:
        return (Milestone(1, contract.title, BASIS_POINTS, contract.price),)
    return tuple(
        Milestone(one.no, f"{contract.title} · {one.title}", one.share, Money(one.price_fen)) for one in planned
    )


def reference_of(contract_number: str, no: int) -> str:
    """MX-2026-000123-C1-M1: what is owed is found by it in statements, bills and on the page of the payment."""
    return f"{contract_number}-M{no}"
