"""All screens, in the order in which people read them."""

from __future__ import annotations

from typing import Final

from ratings.flags.screens import (
    always_loser,
    contract_price,
    direct_share,
    expert_marks,
    low_price,
    narrow_spread,
    near_ceiling,
    pairs,
    price_steps,
    quiet_notice,
    repeat_winner,
    shared_identity,
    splitting,
    spread_and_distance,
    tailored,
    win_odds,
    withdrawals,
)
from ratings.flags.screens.interface import Screen

SCREENS: Final[dict[str, Screen]] = {
    module.SCREEN.code: module.SCREEN
    for module in (
        price_steps, spread_and_distance, narrow_spread, near_ceiling, low_price, shared_identity, pairs, always_loser,
        withdrawals, win_odds, repeat_winner, tailored, quiet_notice, direct_share, splitting, contract_price, expert_marks,
    )
}  # fmt: skip
