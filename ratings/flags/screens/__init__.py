"""All screens, in the order in which people read them."""

from __future__ import annotations

from typing import Final

from ratings.flags.screens import (
    always_loser,
    contract_price,
    direct_share,
    empty_entries,
    equal_prices,
    expert_marks,
    late_payment,
    low_price,
    narrow_spread,
    near_ceiling,
    pairs,
    phantom_pool,
    price_steps,
    quiet_notice,
    repeat_winner,
    same_origin,
    shared_identity,
    short_window,
    splitting,
    spread_and_distance,
    tailored,
    two_agencies,
    win_odds,
    withdrawals,
)
from ratings.flags.screens.interface import Screen

SCREENS: Final[dict[str, Screen]] = {
    module.SCREEN.code: module.SCREEN
    for module in (
        price_steps, spread_and_distance, narrow_spread, equal_prices, near_ceiling, low_price, shared_identity,
        same_origin, pairs, always_loser, phantom_pool, empty_entries, withdrawals, win_odds, repeat_winner, tailored,
        short_window, quiet_notice, direct_share, splitting, contract_price, late_payment, two_agencies, expert_marks,
    )
}  # fmt: skip
