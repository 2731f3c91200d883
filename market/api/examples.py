"""Examples that stand in the description; a test sends each of them."""

from __future__ import annotations

from typing import Any, Final

NOTICE: Final[dict[str, Any]] = {
    "title": "市北区老旧小区改造工程测量", "method": "draw", "service_items": ["C001"], "service_mode": "all", "region_code": "370203",
    "scale": "12 个小区，占地约 36 公顷", "service_days": 15,
    "content": "对改造范围内的建筑、道路、地下管线进行 1:500 地形测量，提交测量成果报告及数字线划图。",
    "funding": "all", "estimate": "yes", "budget": "180000", "price": "152000", "requirement_mode": "all",
    "needs": {"surveying-mapping:engineering": "=b"}, "practitioners_needed": 0, "contact_name": "王敏",
    "contact_phone": "0532-85911234", "complaint_phone": "0532-85911200", "sign_up_closes_at": "2026-06-22T17:00",
    "not_excluded": True,
}  # fmt: skip
EXAMPLES: Final[dict[str, Any]] = {
    "NoticeAnswers": NOTICE,
    "Withdrawal": {"reason": "项目资金计划调整，暂缓实施，另行公告。"},
    "SignUp": {"authorised_person": "018f4d1e-7c5a-7b2e-9f63-0a1b2c3d4e5f", "practitioners": [], "agreed": True},
    "PaymentStart": {"means": "page"},
    "Rating": {"marks": {"quality": 5, "timeliness": 5, "attitude": 5, "charge": 4, "conduct": 5}, "reasons": ""},
    "AcceptanceAnswer": {
        "decision": "return",
        "reasons": [{"where": "第 3 章", "what": "缺少控制点成果表，请补充后重新提交。"}],
    },
    "Grounds": {"grounds": "公示的候选名单中一家机构的资质已于本月到期，请予核实。"},
}
