"""Who lives in the demonstration city: invented people and organisations; every name is made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from market.catalogue.rules import Catalogue, Needs, Requirement, ServiceItem

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ("建国", "晓梅", "海峰", "玉兰", "志强", "文静", "立群", "雪莹", "国栋", "秀英", "明远", "佳宁", "德胜", "春燕", "一鸣",
         "思远", "红霞", "光宇", "婉清", "天佑", "慧敏", "振华", "若楠", "俊杰", "淑芬", "子涵", "永康", "丽娟", "嘉豪", "素云")  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A field of work: what its agencies are called and which service items they serve."""

    name: str
    items: tuple[str, ...]
    profession: str
    agencies: tuple[str, ...]


FIELDS = (
    Field("测绘", ("C001", "C005", "C006", "C007", "C011", "C012"), "注册测绘师",
          ("海岳", "琴屿", "崂光", "经纬天成", "浮山湾", "锦绣山河", "沧浪", "万象")),
    Field("地产测绘", ("C002", "C003", "C006", "C007", "C008", "C015"), "注册测绘师", ("方舆", "界尺", "鼎信", "广济", "澄宇")),
    Field("环境科技", ("A012", "A013", "A016", "A018", "D014", "D015"), "环境影响评价工程师",
          ("碧澜", "清源", "绿洲", "蔚海", "松风", "澄怀", "净土")),
    Field("水利咨询", ("A021", "A022", "A023", "A024", "A025"), "水利工程师", ("胶莱", "润泽", "禹迹", "安澜", "河清", "涵泳")),
    Field("工程咨询", ("A002", "A003", "A009", "A011", "A006"), "注册咨询工程师（投资）",
          ("齐新", "远瞻", "众智", "博识", "睿衡", "泰策", "同舟", "知行")),
    Field("工程造价咨询", ("E001", "E002", "E003", "E008"), "一级造价工程师",
          ("明算", "公允", "量衡", "正源", "汇准", "德衡", "中诚明", "信达衡", "建标")),
    Field("岩土勘察", ("B001", "B002", "B003"), "注册土木工程师（岩土）", ("磐石", "厚土", "坤元", "探微", "深岩")),
    Field("规划建筑设计", ("B004", "B005", "B008"), "一级注册建筑师", ("筑境", "阔野", "营造社", "和居", "澜山")),
    Field("工程检测", ("D004", "D005", "D006", "D008", "D010", "D011", "D029"), "检测工程师",
          ("精准", "固本", "百验", "质信", "天衡", "金石")),
    Field("消防安全技术", ("D019", "D020", "A037", "A038", "A039"), "一级注册消防工程师", ("安泰宁", "守正", "烽安", "平川")),
    Field("会计师事务所", ("E009", "E010", "E011", "E012"), "注册会计师", ("诚审", "和信正", "言实", "崇明")),
)  # fmt: skip

# name, kind of organisation, district, login
OWNERS = (
    ("青岛市市北区城市更新服务中心", "public_body", "370203", "owner1"),
    ("青岛海云置业有限公司", "enterprise", "370202", "owner2"),
    ("崂山区水务事业发展中心", "public_body", "370212", "owner3"),
    ("黄岛区教育和体育保障中心", "public_body", "370211", "owner4"),
    ("城阳区市政设施养护中心", "public_body", "370214", "owner5"),
    ("青岛蓝谷科创园发展有限公司", "enterprise", "370215", "owner6"),
    ("李沧区公共卫生服务中心", "public_body", "370213", "owner7"),
    ("胶州临空物流产业有限公司", "enterprise", "370281", "owner8"),
    ("平度市农村公路建设中心", "public_body", "370283", "owner9"),
    ("莱西湖生态保护中心", "public_body", "370285", "owner10"),
    ("青岛市第三人民文化馆", "public_body", "370202", "owner11"),
)


@dataclass(frozen=True)
class Job:
    """A kind of project: its title with {place}, the item, what it costs about (yuan), its content."""

    title: str
    item: str
    yuan: int
    content: str


JOBS = (
    Job(
        "{place}老旧小区改造工程测量",
        "C001",
        152_000,
        "对改造范围内的建筑、道路和管线进行 1:500 地形测量，提交成果报告和数字线划图。",
    ),
    Job(
        "{place}保障性住房项目竣工规划测量",
        "C005",
        86_000,
        "对建筑位置、高度、面积和室外工程进行竣工测量，编制规划核实测量报告。",
    ),
    Job(
        "{place}道路改扩建地下管线探测",
        "C011",
        138_000,
        "探明道路红线内各类地下管线的位置、埋深和权属，提交管线图和成果表。",
    ),
    Job(
        "{place}地铁沿线建筑变形监测", "C012", 260_000, "在施工影响范围内布设监测点，按周观测并提交监测周报和总结报告。"
    ),
    Job("{place}棚改地块规划面积测绘", "C006", 54_000, "核算规划方案各项面积指标，编制规划面积测绘报告。"),
    Job("{place}商业街施工面积测绘", "C007", 61_000, "按施工图核算建筑面积，编制施工面积测绘报告。"),
    Job("{place}体育公园测绘地形图编制", "C001", 118_000, "完成 1:500 地形测量和控制点布设，提交测量成果。"),
    Job("{place}安置区不动产测绘", "C002", 98_000, "对安置房逐户测量面积，绘制房产分户图，满足不动产登记要求。"),
    Job("{place}产业园用地勘测定界", "C003", 76_000, "测定用地界址和地类面积，编制勘测定界技术报告书和图件。"),
    Job(
        "{place}污水处理厂扩建环境影响报告表",
        "A013",
        118_000,
        "开展现状调查和影响预测，编制环境影响报告表并配合技术评估。",
    ),
    Job(
        "{place}医疗废物处置项目环境影响报告书",
        "A012",
        298_000,
        "编制环境影响报告书，组织公众参与，配合审批部门技术评审。",
    ),
    Job("{place}化工园区突发环境事件应急预案", "A018", 92_000, "编制风险评估报告和应急预案，组织评审并完成备案材料。"),
    Job("{place}校园改造竣工环保验收监测", "D015", 64_000, "按验收规范监测废水、废气和噪声，编制验收监测报告。"),
    Job("{place}河道整治工程水土保持方案", "A021", 105_000, "调查水土流失现状，编制水土保持方案报告书及附图。"),
    Job("{place}水库除险加固防洪影响评价", "A025", 168_000, "分析工程对行洪的影响，编制洪水影响评价报告并通过评审。"),
    Job("{place}园区集中供水水资源论证", "A024", 142_000, "论证取水水源、取水量合理性和退水影响，编制论证报告书。"),
    Job("{place}文化中心可行性研究报告", "A002", 235_000, "论证建设必要性、规模、方案和投资，编制可行性研究报告。"),
    Job(
        "{place}数据中心节能报告", "A009", 88_000, "核算年综合能源消费量，提出节能措施，编制固定资产投资项目节能报告。"
    ),
    Job("{place}垃圾转运站社会稳定风险评估", "A011", 72_000, "走访利益相关方，识别和评判风险，编制评估报告。"),
    Job("{place}小学扩建工程造价咨询", "E001", 128_000, "编制工程量清单和最高限价，参与施工阶段造价控制。"),
    Job("{place}市政道路工程结算审核", "E003", 156_000, "审核竣工结算资料，核对工程量和单价，出具结算审核报告。"),
    Job("{place}养老服务中心工程量清单编制", "E002", 69_000, "编制工程量清单及最高投标限价，提供答疑服务。"),
    Job("{place}人才公寓岩土工程勘察", "B001", 186_000, "按详细勘察阶段要求布孔、取样和试验，编制岩土工程勘察报告。"),
    Job("{place}社区公园景观设计", "B008", 175_000, "完成方案设计、初步设计和施工图设计，配合施工交底。"),
    Job("{place}学校教学楼主体结构检测", "D005", 83_000, "对混凝土强度、钢筋保护层和构件尺寸进行检测，出具检测报告。"),
    Job("{place}既有建筑房屋安全鉴定", "D029", 58_000, "检测结构现状，按标准评定安全性等级，出具鉴定报告。"),
    Job("{place}综合体消防设施检测", "D019", 47_000, "对自动消防设施进行全面检测，出具检测报告和整改建议。"),
    Job("{place}仓储项目安全预评价", "A037", 96_000, "辨识危险有害因素，开展定性定量评价，编制安全预评价报告。"),
    Job("{place}文体场馆竣工财务决算审计", "E009", 112_000, "审核项目支出和资产交付，编制竣工财务决算审计报告。"),
)
PLACES = ("敦化路片区", "浮山后", "中山路", "石老人", "流亭", "王哥庄", "辛安", "灵山卫", "红岛", "棘洪滩", "沧口", "海泊河", "大沽河",
          "南墅", "温泉", "蓝村", "仁兆", "夏庄", "沙子口", "团岛", "泊里", "姜山", "店子", "云山")  # fmt: skip


def person_name(number: int) -> str:
    """Different for every number below 1,200: namesakes in one pool would look like one person behind two firms."""
    return SURNAMES[number * 7 % len(SURNAMES)] + GIVEN[(number * 11 + number // len(SURNAMES) * 3) % len(GIVEN)]


@dataclass(frozen=True)
class Holding:
    """A qualification that an agency of the demonstration gets: what its items ask for."""

    qualification: str
    level: str
    specialities: tuple[str, ...]
    valid_from: date
    valid_until: date


def holdings_for(catalogue: Catalogue, codes: tuple[str, ...], *, number: int) -> tuple[Holding, ...]:
    """What an agency needs to serve these items; one in three holds a level above the least."""
    wanted: dict[tuple[str, str], list[Requirement]] = {}
    for code in codes:
        for requirement in _asked(catalogue.item(code)):
            wanted.setdefault((requirement.qualification, requirement.level), []).append(requirement)
    return tuple(_holding(catalogue, name, needs, number) for (name, _), needs in wanted.items())


def _asked(item: ServiceItem) -> tuple[Requirement, ...]:
    return item.requirements if item.needs is Needs.ALL else item.requirements[:1]


def _holding(catalogue: Catalogue, name: str, needs: list[Requirement], number: int) -> Holding:
    least = needs[0].level
    levels = [level.code for level in catalogue.qualification(name).levels]
    better = [code for code in levels if code != least and catalogue.level_at_least(name, code, least)] if least else []
    level = better[-1] if better and number % 3 == 0 else least or (levels[-1] if levels else "")
    specialities = tuple(dict.fromkeys(need.speciality for need in needs if need.speciality))
    first = date(2023 + number % 2, 3 + number % 9, 1 + number % 27)
    until = date(2026, 8, 20) if number % 17 == 5 else date(2028 + number % 3, 3 + number % 9, 1 + number % 27)
    return Holding(name, level, specialities, first, until)
