"""What may be published, what an amendment does, and when a notice may still be withdrawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from market.catalogue.rules import Catalogue, Needs, Rulebook, ServiceItem
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.errors import Message, Refusal
from market.kernel.i18n import N_
from market.kernel.money import Money
from projects.eligibility import Requirement
from projects.rules import Criterion, Stage

Outcome = Literal["passed", "warning", "refused"]
_INSTANT: Final = timedelta(microseconds=1)  # a window that closes at midnight belongs to the day that ends


@dataclass(frozen=True)
class Notice:
    """Everything an owner says in a notice, read and typed; amounts in fen, `fiscal_share` in basis points.
    `avoided`: (agency code, reason)."""

    title: str
    service_items: tuple[str, ...]
    service_mode: str
    bundle_code: str | None
    region_code: str
    scale: str
    content: str
    service_days: int
    service_time_note: str
    investment_code: str | None
    investment_name: str
    approval_matter: str
    approval_number: str
    fiscal_share: int
    budget_fen: int | None
    price_fen: int | None
    price_note: str
    contact_name: str
    contact_phone: str
    complaint_phone: str
    requirement_mode: str
    requirements: tuple[Requirement, ...]
    practitioners_needed: int
    practitioner_profession: str
    other_requirements: str
    remarks: str
    avoided: tuple[tuple[str, str], ...]
    sign_up_closes_at: datetime
    # How the winner is selected: see projects.selection.methods. Discounts and weights in basis points.
    method: str = "draw"
    quote: str = "price"
    ceiling_fen: int | None = None
    floor_fen: int | None = None
    smallest_discount: int | None = None
    largest_discount: int | None = None
    access: str = "open"
    access_reason: str = ""
    # Codes of the agencies that may take part, where access is by invitation.
    invited: tuple[str, ...] = ()
    bidding_starts_at: datetime | None = None
    price_weight: int | None = None
    credit_weight: int | None = None
    criteria: tuple[Criterion, ...] = ()
    tender_number: str = ""
    tender_platform: str = ""

    @property
    def amount(self) -> Money:
        """What limits are compared with: the budget; where there is no estimate, the most that the price can be."""
        return Money(next(fen for fen in (self.budget_fen, self.price_fen, self.ceiling_fen, 0) if fen is not None))

    @property
    def state_funds(self) -> bool:
        return self.fiscal_share > 0


@dataclass(frozen=True)
class Finding:
    """How one publishing check went. `rule`: the rulebook key behind it."""

    code: str
    outcome: Outcome
    message: Message
    rule: str | None = None
    todo: Message | None = None

    def as_refusal(self) -> Refusal:
        todo = self.todo or Message("")
        return Refusal(self.code, self.message.text, rule=self.rule, todo=todo.text or None,
                       **{**todo.facts, **self.message.facts})  # fmt: skip


@dataclass(frozen=True)
class EarlierJob:
    """Another published project of the same owner that asks for one of the same items."""

    number: str
    amount: Money


def check_limits(notice: Notice, rulebook: Rulebook) -> Finding:
    """Fiscal funds from the must-tender limit on belong into a tender, not into the supermarket."""
    rule = "posting.limit.must_tender"
    limit = rulebook.money(rule)
    if notice.state_funds and notice.amount >= limit:
        return Finding(
            "posting.must_tender", "refused",
            Message(N_("With fiscal funds, {amount} reaches the limit of {limit} from which a tender is required by law."),
                    {"amount": notice.amount, "limit": limit}),
            rule, Message(N_("Hold a tender, or correct the amount if it is wrong. Splitting the job is not allowed.")),
        )  # fmt: skip
    return Finding("posting.must_tender", "passed", _use_of_the_market(notice, rulebook), _use_rule(notice, rulebook))


def _use_of_the_market(notice: Notice, rulebook: Rulebook) -> Message:
    """Whether the owner has to use the supermarket for this job, or may."""
    limit = rulebook.money("posting.limit.procurement_city")
    if not notice.state_funds:
        return Message(N_("No fiscal funds: using the supermarket is voluntary, and the same rules protect you."))
    if notice.amount < limit:
        return Message(N_("Fiscal funds below the procurement limit of {limit}: this job must be bought in the supermarket."),
                       {"limit": limit})  # fmt: skip
    return Message(
        N_("Fiscal funds at or above the procurement limit of {limit}: make sure that your procurement catalogue does"
           " not ask for another procedure."), {"limit": limit})  # fmt: skip


def _use_rule(notice: Notice, rulebook: Rulebook) -> str:
    return "posting.limit.procurement_city" if notice.state_funds else "posting.limit.must_tender"


def earliest_close(now: datetime, rulebook: Rulebook, calendar: Calendar) -> datetime:
    """The shortest window counts whole working days after the day of publication."""
    return calendar.add_working_days(now, rulebook.working_days("signup.min_window"))


def check_window(notice: Notice, now: datetime, rulebook: Rulebook, calendar: Calendar) -> Finding:
    rule, closes_at = "signup.min_window", notice.sign_up_closes_at
    earliest, days = earliest_close(now, rulebook, calendar), rulebook.working_days(rule)
    if closes_at < earliest:
        return Finding(
            "posting.window_too_short", "refused",
            Message(N_("Sign-up would close at {closes_at}; it must stay open for at least {days} whole working days,"
                       " so until {earliest}."), {"closes_at": closes_at, "days": days, "earliest": earliest}),
            rule, Message(N_("Choose a later closing time.")),
        )  # fmt: skip
    if not calendar.is_working(beijing_date(closes_at - _INSTANT)):
        return Finding(
            "posting.closes_on_holiday", "refused",
            Message(N_("{closes_at} is not a working day; no deadline of the market ends on a holiday."),
                    {"closes_at": closes_at}), rule, Message(N_("Choose a working day.")),
        )  # fmt: skip
    return Finding("posting.window_too_short", "passed", Message(
        N_("Sign-up stays open until {closes_at}, {days} whole working days or more."),
        {"closes_at": closes_at, "days": days}), rule)  # fmt: skip


def check_qualifications(notice: Notice, catalogue: Catalogue) -> Finding:
    """Nothing may be asked for beyond what the catalogue allows as a condition for the items."""
    items = [catalogue.item(code) for code in notice.service_items]
    above = [need for need in notice.requirements if not any(_allowed(need, item, catalogue) for item in items)]
    if above:
        return _above_catalogue(catalogue.qualification(above[0].qualification_type).name)
    if notice.requirement_mode == "all" and (item := _asks_more_than_one_of(notice, items)):
        return Finding(
            "posting.requirements_all", "refused",
            Message(N_("For {item} the catalogue asks for any one of several qualifications; you ask for all of them."),
                    {"item": item.name}), None, Message(N_("Choose “any one of them”, or ask for only one.")),
        )  # fmt: skip
    return Finding("posting.above_catalogue", "passed",
                   Message(N_("The qualifications asked for are not above the catalogue's.")))  # fmt: skip


def _above_catalogue(name: Any) -> Finding:
    return Finding(
        "posting.above_catalogue", "refused",
        Message(N_("{qualification} is asked for at a higher level, or with another speciality, than the catalogue"
                   " allows for these service items."), {"qualification": name}),
        None, Message(N_("Lower the requirement to what the catalogue names.")),
    )  # fmt: skip


def _allowed(need: Requirement, item: ServiceItem, catalogue: Catalogue) -> bool:
    for known in item.requirements:
        same = known.qualification == need.qualification_type and need.speciality in ("", known.speciality)
        if same and (not need.level or _covers(catalogue, known.qualification, known.level, need.level)):
            return True
    return False


def _covers(catalogue: Catalogue, qualification: str, allowed: str, asked: str) -> bool:
    return bool(allowed) and catalogue.level_at_least(qualification, allowed, asked)


def _asks_more_than_one_of(notice: Notice, items: Iterable[ServiceItem]) -> ServiceItem | None:
    asked = {need.qualification_type for need in notice.requirements}
    for item in items:
        if item.needs is Needs.ANY and len(asked & {known.qualification for known in item.requirements}) > 1:
            return item
    return None


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
             notice.service_time_note, *(reason for _, reason in notice.avoided))  # fmt: skip
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


def check_splitting(notice: Notice, earlier: Sequence[EarlierJob], rulebook: Rulebook) -> Finding:
    """Jobs of one owner for the same item are added up, so that a limit cannot be dodged in slices."""
    limit, months = rulebook.money("posting.limit.must_tender"), rulebook.months("posting.splitting.window")
    total = Money(notice.amount.fen + sum(job.amount.fen for job in earlier))
    facts = {"months": months, "total": total, "limit": limit, "numbers": ", ".join(job.number for job in earlier)}
    if notice.state_funds and earlier and total >= limit:
        return Finding(
            "posting.splitting", "refused",
            Message(N_("Together with your jobs for the same service in the last {months} months ({numbers}) this makes"
                       " {total}, which reaches the limit of {limit}."), facts),
            "posting.splitting.window",
            Message(N_("Jobs that belong together must be tendered together. If they do not, talk to your regulator.")),
        )  # fmt: skip
    return Finding("posting.splitting", "passed", Message(
        N_("Jobs for the same service within {months} months, this one included: {total}."), facts),
        "posting.splitting.window")  # fmt: skip


def check_matching(count: int, notice: Notice, rulebook: Rulebook) -> Finding:
    """A notice that nobody can answer is refused; one that too few can answer is published at the owner's risk."""
    least, rule = rulebook.integer("posting.matching_minimum"), "posting.matching_minimum"
    if count < least:
        return Finding(
            "posting.nobody_matches", "refused",
            Message(N_("{count} admitted agencies meet your requirements; at least {least} must."),
                    {"count": count, "least": least}),
            rule, Message(N_("Look at the count beside the form: it shows which requirement shuts agencies out.")),
        )  # fmt: skip
    key = "signup.minimum.state_funds" if notice.state_funds else "signup.minimum.social_funds"
    needed = rulebook.integer(key)
    if count < needed:
        return Finding("posting.few_match", "warning", Message(
            N_("Only {count} admitted agencies meet your requirements, and {needed} must sign up: the selection will"
               " probably fail."), {"count": count, "needed": needed}), key,
            Message(N_("Lower the requirements, or publish nevertheless.")))  # fmt: skip
    return Finding("posting.nobody_matches", "passed", Message(
        N_("{count} admitted agencies meet your requirements; {needed} must sign up."), {"count": count, "needed": needed}),
        key)  # fmt: skip


def check_reposts(count: int, rulebook: Rulebook) -> Finding | None:
    """`count`: how often the same job was posted again within the rulebook's window, before this time."""
    most, days = (
        rulebook.integer("selection.failed.max_reposts"),
        rulebook.calendar_days("selection.failed.repost_window"),
    )
    if count < most:
        return None
    return Finding(
        "posting.too_many_reposts", "refused",
        Message(N_("This job was already posted again {count} times within {days} days."), {"count": count, "days": days}),
        "selection.failed.max_reposts", Message(N_("Wait, or talk to your regulator about another procedure.")),
    )  # fmt: skip


def check_paused(until: datetime | None, now: datetime) -> Finding | None:
    """Owners who broke off signing again and again may not publish for a while."""
    if until is None or now >= until:
        return None
    return Finding(
        "posting.paused", "refused",
        Message(N_("Your organisation cannot publish until {until}: it refused to sign, or let the time to sign pass, too often."),
                {"until": until}),
        "owner.pause_after", Message(N_("The draft stays saved; publish it after that day.")),
    )  # fmt: skip


def refuse_bad(findings: Iterable[Finding]) -> None:
    """Raises the first refusal among the findings; the check page has shown all of them."""
    for finding in findings:
        if finding.outcome == "refused":
            raise finding.as_refusal()


# What an amendment may change. The job itself (title, items, region, funds) stays: another job is another notice.
AMENDABLE: Final = (
    "scale", "content", "service_days", "service_time_note", "budget_fen", "price_fen", "price_note", "quote", "ceiling_fen",
    "floor_fen", "smallest_discount", "largest_discount", "price_weight", "credit_weight", "criteria", "access_reason",
    "invited", "bidding_starts_at", "requirement_mode",
    "requirements", "practitioners_needed", "practitioner_profession", "other_requirements", "avoided", "contact_name",
    "contact_phone", "complaint_phone", "remarks", "sign_up_closes_at",
)  # fmt: skip
# Whoever decided on the old terms decides anew: changes of who may take part, of the price or of the work for it.
RESTARTING: Final = frozenset({
    "scale", "content", "service_days", "budget_fen", "price_fen", "quote", "ceiling_fen", "floor_fen", "smallest_discount",
    "largest_discount", "price_weight", "credit_weight", "criteria", "invited", "requirement_mode", "requirements",
    "practitioners_needed", "practitioner_profession", "other_requirements", "avoided",
})  # fmt: skip


def differences(before: Notice, after: Notice) -> dict[str, tuple[Any, Any]]:
    """field -> (before, after), of all fields."""
    names = [one.name for one in fields(Notice)]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def restarts_window(changes: Iterable[str]) -> bool:
    return not RESTARTING.isdisjoint(changes)


def check_amendment(before: Notice, after: Notice) -> dict[str, tuple[Any, Any]]:
    """The changes of an amendment. Refuses none at all, changes of the job itself, and a shorter window."""
    changes = differences(before, after)
    if not changes:
        raise Refusal("posting.nothing_changed", N_("The notice says this already: nothing would change."))
    if not changes.keys() <= set(AMENDABLE):
        raise Refusal(
            "posting.other_job", N_("Title, service items, region, funds and method cannot be amended: that is another job."),
            todo=N_("Withdraw this notice and post the other job."),
        )  # fmt: skip
    if after.sign_up_closes_at < before.sign_up_closes_at:
        raise Refusal(
            "posting.window_shortened", N_("Sign-up was promised until {closes_at}; it can be extended, not shortened."),
            rule="signup.min_window", todo=N_("Choose that time or a later one."), closes_at=before.sign_up_closes_at,
        )  # fmt: skip
    return changes


def check_still_open(stage: Stage, closes_at: datetime, now: datetime) -> None:
    """A notice can be amended or withdrawn until sign-up closes and the pool freezes."""
    if stage is not Stage.SIGN_UP or now >= closes_at:
        raise Refusal(
            "posting.sign_up_over",
            N_("Sign-up closed at {closes_at}: from then on the notice can be neither amended nor withdrawn."),
            todo=N_("Follow the project; if something is wrong with the selection, raise an objection."), closes_at=closes_at,
        )  # fmt: skip
