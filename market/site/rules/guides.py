"""The pages that explain the market or let something be looked up, as they are found by searching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from market.kernel.i18n import N_
from market.site.help import TOPICS


@dataclass(frozen=True)
class Guide:
    """`title` and `about`: message ids. `words`: what else people call it, in Chinese."""

    path: str
    title: str
    about: str
    words: str = ""


GUIDES: Final[tuple[Guide, ...]] = (
    Guide(
        "/help",
        N_("How the market works"),
        N_("From the first notice to payment and rating, step by step for every role."),
        "帮助 使用指南 操作手册 入门 流程 怎么用",
    ),
    Guide(
        "/help#owner",
        N_("For owners"),
        N_("How to post a project, select an agency, sign and accept."),
        "业主 发布项目 发布公告 采购 委托",
    ),
    Guide(
        "/help#agency",
        N_("For agencies"),
        N_("How to enter the market, sign up, deliver and be paid."),
        "入驻 报名 中介机构 资质",
    ),
    Guide(
        "/help#contact",
        N_("Ask or complain"),
        N_("Telephone numbers, and what happens with a complaint."),
        "客服 电话 咨询 投诉 联系我们",
    ),
    Guide(
        "/complaints",
        N_("Objections, complaints and disputes"),
        N_("Who may object to what, until when, and who decides."),
        "异议 投诉 质疑 争议 复核 举报",
    ),
    Guide(
        "/methods",
        N_("Methods of selection"),
        N_("Draw, best price, sealed bids, live bidding and the others, with worked examples."),
        "选取方式 随机抽取 摇号 竞价 择优 最低价 直接选取",
    ),
    Guide(
        "/verify",
        N_("Check it yourself"),
        N_("Work out a selection again, or check an entry of the register, without trusting us."),
        "核验 验证 重算 公证 随机信标",
    ),
    Guide(
        "/register",
        N_("Public register"),
        N_("Every legal act as an entry that can only be added to."),
        "登记簿 公示 存证 记录",
    ),
    Guide(
        "/rulebook",
        N_("Rulebook"),
        N_("Every number that a rule needs: time limits, amounts, shares, with its source."),
        "规则 时限 期限 法规 依据",
    ),
    Guide(
        "/catalogue",
        N_("Service items"),
        N_("What can be bought here, and what an agency must hold for it."),
        "事项目录 服务清单 中介服务事项",
    ),
    Guide(
        "/catalogue/qualifications",
        N_("Qualifications"),
        N_("Types of certificates with their levels and specialities."),
        "资质 等级 证书 甲级 乙级",
    ),
    Guide(
        "/statistics",
        N_("Statistics"),
        N_("Projects, savings and times, by region, class and month."),
        "统计 数据 图表 节约率",
    ),
    Guide(
        "/lists",
        N_("Credit lists"),
        N_("Honoured, restricted and imported entries, with their reasons."),
        "红名单 黑名单 失信 限制名单 信用",
    ),
    Guide("/open-data", N_("Open data"), N_("Files and addresses for programs."), "开放数据 下载 接口 API CSV JSON"),
    Guide(
        "/accessibility",
        N_("Accessibility"),
        N_("Large type, high contrast, keyboard and screen readers."),
        "无障碍 大字 老年 适老 读屏",
    ),
    Guide(
        "/regions",
        N_("The market by region"),
        N_("Notices, results and agencies of each part."),
        "区域 地区 地图 区县 各区",
    ),
    *(Guide(f"/help/{topic.slug}", topic.title, topic.lead) for topic in TOPICS.values()),
)
BY_PATH: Final[Mapping[str, Guide]] = {guide.path: guide for guide in GUIDES}
