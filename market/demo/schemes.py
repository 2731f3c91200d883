"""Schemes of the demonstration: what a ring, its owners and its shell firms agreed on, so that every screen has something to
find beside honest projects. Which flags were constructed is known here and nowhere else: no table of the market marks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RING_OWNER: Final = "青岛汇川片区建设服务中心"
FILLED_OWNER: Final = "青岛沁园公共设施服务中心"
PICKING_OWNER: Final = "青岛启昌文旅开发有限公司"
RIGGED_OWNER: Final = "青岛澜湾片区开发事务中心"
SCORED_OWNER: Final = "青岛澜湾智慧城市服务中心"
RING: Final = ("青岛联捷测绘有限公司", "青岛恒邦测绘有限公司", "青岛瑞驰测绘有限公司", "青岛同创测绘有限公司")
SHELLS: Final = ("青岛信达通测绘有限公司", "青岛永合测绘有限公司", "青岛众禾测绘有限公司")
EVERYBODY: Final = frozenset({RING_OWNER, FILLED_OWNER, PICKING_OWNER, RIGGED_OWNER, SCORED_OWNER, *RING, *SHELLS})


@dataclass(frozen=True)
class Contest:
    """What the ring agreed to bid, in yuan, in the order of RING; the first of them is to win."""

    title: str
    bids: tuple[str, str, str, str]


CONTESTS: Final = (
    Contest("汇川片区一期地形测量", ("120000", "121000", "122000", "123000")),  # equal steps
    Contest("汇川片区二期地形测量", ("104000", "115000", "115400", "116100")),  # cover bids
    Contest("汇川片区三期地形测量", ("149500", "150300", "151200", "151950")),  # just under the ceiling
    Contest("汇川片区四期地形测量", ("131000", "131400", "131900", "132100")),  # nearly the same
    Contest("汇川片区五期地形测量", ("50000", "112000", "125500", "141300")),  # dumping
    Contest("汇川片区六期地形测量", ("98000", "123456.78", "123456.78", "141300")),  # one price to the fen
)
# One shell firm makes these contests look fuller, with a bid above the ceiling of 152,000 that cannot count.
FILLED: Final = CONTESTS[:4]
EMPTY_BID: Final = "158000"
DRAWS: Final = tuple(f"沁园{place}标段控制测量" for place in ("甲", "乙", "丙", "丁", "戊"))
PICKS: Final = tuple(f"启昌文旅{place}地块测量" for place in ("东", "南", "西", "北"))
TAILORED: Final = "沁园管线数据整合测量"
# Closed at a minute that suits the first of the ring, by somebody who can look ahead in the beacon.
RIGGED_DRAWS: Final = tuple(f"澜湾{place}号地块控制测量" for place in ("一", "二", "三", "四", "五"))
# Decided by a panel with an expert of the ring's own; the others of the ring bid for show.
SCORED: Final = "澜湾片区实景三维测量"
SCORED_BIDS: Final = ("118000", "126500", "139000")
SCORED_CRITERIA: Final = {
    "criterion_name": ["技术方案", "精度控制", "项目组织", "人员配备", "设备投入", "进度安排", "质量保证", "类似业绩"],
    "criterion_description": ["是否切合本项目实际"] * 8, "criterion_weight": ["10", "10", "10", "10", "5", "5", "5", "5"],
}  # fmt: skip
# Once its contract is signed, the price grows by nearly as much as supplements may add.
RAISED: Final = CONTESTS[1].title
# An earlier ring bids in the city itself: cost consultants, two of them with one switchboard.
FIRST_RING: Final = "沙子口养老服务中心工程量清单编制"

# Screen -> how many flags the schemes are made for.
MADE_FOR: Final[dict[str, int]] = {
    "price_steps": 1, "spread_and_distance": 1, "narrow_spread": 1, "equal_prices": 1, "near_ceiling": 1, "low_price": 1,
    "shared_identity": 12, "same_origin": 6, "pairs": 3, "always_loser": 3, "phantom_pool": 1, "empty_entries": 1,
    "withdrawals": 1, "win_odds": 1, "repeat_winner": 2, "tailored": 1, "short_window": 1, "quiet_notice": 1, "direct_share": 1, "splitting": 1,
    "contract_price": 1, "late_payment": 1, "two_agencies": 1, "expert_marks": 1,
}  # fmt: skip
FIRST_RING_MADE_FOR: Final = {"price_steps": 1}
# These two meet in that contest, and wherever else both sign up.
SWITCHBOARD: Final = frozenset({"青岛量衡工程造价咨询有限公司", "青岛正源工程造价咨询有限公司"})
