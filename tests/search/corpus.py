"""Notices in words that occur in the trade, made from a number: the same number, the same notice."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from market.kernel.calendar import BEIJING
from market.search.interface import Document

PLACES = (("370000", "370200", "370202"), ("370000", "370200", "370203"), ("370000", "371700", "371722"))
WORK = (
    "地形测绘",
    "污水处理厂工程监理",
    "环境影响评价",
    "工程造价咨询",
    "给排水设计",
    "无人机航测 RTK",
    "BIM 建模",
    "GB/T 检测",
)
FIRMS = ("青岛恒测测绘有限公司", "重庆会计师事务所", "中科测绘大学设计院", "山东齐鲁环评有限公司")
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=BEIJING)


def document(number: int, **changes: object) -> Document:
    dice = Random(number)
    values: dict[str, object] = {
        "kind": "things", "id": f"t{number:04}", "title": f"第{number}号地块{dice.choice(WORK)}服务", "code": f"MX-2026-{number:06}",
        "service": dice.choice(WORK), "company": dice.choice(FIRMS), "body": f"现场踏勘，编制{dice.choice(WORK)}成果，水电自理。",
        "regions": dice.choice(PLACES), "service_classes": (dice.choice("ABC"),), "service_items": (dice.choice(("A001", "B001")),),
        "method": dice.choice(("draw", "merit")), "stage": dice.choice(("sign_up", "done")), "outcome": "", "band": dice.choice(("-10", "10-30")),
        "amount_fen": dice.randrange(10_000_000), "published_at": NOW - timedelta(hours=number), "deadline": NOW + timedelta(hours=dice.randrange(-200, 400)),
    }  # fmt: skip
    return Document(**{**values, **changes})  # type: ignore[arg-type]


def corpus(size: int) -> list[Document]:
    return [document(number) for number in range(size)]
