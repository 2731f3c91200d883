"""Fair competition: wordings that shut out firms by region, ownership or size. Pure."""

from __future__ import annotations

import re
from typing import Final

from market.kernel.errors import Message
from market.kernel.i18n import N_
from projects.posting.rules.notice import Finding, Notice

# Wordings that shut out firms by region, ownership or size, with what they do. They are looked for in free texts only.
_FIRM: Final = r"(?:企业|公司|机构|单位|供应商|中介|中介机构|服务机构|投标人)"
_RESTRICTIONS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:本地|本市|本县|本区|本省|当地|市内|省内|区内|县内|辖区内)(?:的|注册|登记|设立|内|[\u4e00-\u9fff]{{0,6}}){_FIRM}",
        rf"(?:外地|外省|外市|省外|市外|异地){_FIRM}?(?:不得|不予|除外|不能|谢绝)",
        r"(?:注册地|注册地址|登记地|住所地|总部)[^。；;\n]{0,8}(?:须|应|必须|需|限|要求|在)",
        r"(?:在|于)[\u4e00-\u9fff]{1,8}(?:省|市|县|区|州|旗)[^。；;\n]{0,6}(?:注册|登记|设立|设有|有固定|分公司|分支机构|办事处)",
        r"(?:在本地|在当地)[^。；;\n]{0,6}(?:注册|登记|设立|设有|分公司|分支机构|办事处|办公场所|业绩)",
        r"(?:仅限|只限|限于|优先)[^。；;\n]{0,6}(?:本地|本市|本省|本县|本区|当地)",
        rf"(?:国有|国资|民营|私营|外资|合资|集体)(?:控股|独资|背景|性质)?(?:的)?{_FIRM}",
        r"(?:国企|央企|民企|外企)",
        r"所有制(?:性质|形式)?|企业性质",
        r"(?:注册资本|注册资金|实缴资本|营业收入|年营业额|资产总额|纳税额|从业人员)[^。；;\n]{0,10}(?:不低于|不少于|以上|大于|超过|须|应|达到|不得)",
        r"(?:指定|限定|特定)(?:的)?(?:品牌|厂家|供应商|中介|机构|企业|公司)",
        r"\b(?:local|domestic|state-owned|privately owned|private|foreign)\s+(?:firms?|compan(?:y|ies)|enterprises?|agenc(?:y|ies))\b",
        r"\bregistered\s+(?:in|within)\b",
    )
)


def restrictions_in(text: str) -> list[str]:
    """The wordings in a free text that restrict by region, ownership or size (fair-competition review)."""
    return [match.group(0).strip() for pattern in _RESTRICTIONS for match in pattern.finditer(text)]


def check_neutral(notice: Notice) -> Finding:
    """No organ and no owner may shut out firms by region, ownership or size."""
    texts = (notice.other_requirements, notice.remarks, notice.practitioner_profession, notice.price_note,
             notice.service_time_note, *(reason for _, reason in notice.avoided), notice.access_reason,
             *(one.title for one in notice.milestones),
             *(text for one in notice.criteria for text in (one.name, one.description)))  # fmt: skip
    found = list(dict.fromkeys(hit for text in texts for hit in restrictions_in(text)))
    if not found:
        return Finding("posting.restriction", "passed",
                       Message(N_("No restriction by region, ownership or size was found in your texts.")))  # fmt: skip
    return Finding(
        "posting.restriction", "refused",
        Message(N_("These words restrict by region, ownership or size, which fair-competition rules forbid: {words}"),
                {"words": "、".join(f"“{word}”" for word in found)}),
        None, Message(N_("Say what the work needs, not who may do it, and take the words out.")),
    )  # fmt: skip
