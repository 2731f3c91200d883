"""Who may take part, rule by rule, with the fact and the date that decided.

Pure: the catalogue, the demand and what is known of the agency come as arguments, so that a frozen pool can be
explained, and computed again, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from agencies.rules import IMPORTED_LISTS, LIST_KEEPERS, AgencyFacts, HeldPractitioner, HeldQualification
from market.catalogue.rules.catalogue import Catalogue, Held
from market.catalogue.rules.catalogue import Requirement as CatalogueRequirement
from market.catalogue.rules.wording import Wording
from market.kernel.calendar import beijing_date, end_text, last_day
from market.kernel.errors import Message
from market.kernel.i18n import N_

Mode = Literal["all", "any"]


@dataclass(frozen=True)
class Requirement:
    """A qualification with its least level and its speciality; "" means any."""

    qualification_type: str
    level: str = ""
    speciality: str = ""


@dataclass(frozen=True)
class Demand:
    """What a project asks of the agency, and who asks."""

    service_items: tuple[str, ...]
    owner_id: UUID
    owner_code: str
    service_mode: Mode = "all"
    requirement_mode: Mode = "all"
    requirements: tuple[Requirement, ...] = ()
    practitioners_needed: int = 0
    practitioner_profession: str = ""
    owner_legal_representative: str = ""
    owner_parent_code: str | None = None
    avoided: Mapping[UUID, str] = field(default_factory=dict)
    # None: everybody may come.
    invited: frozenset[UUID] | None = None
    # Of other authorities' lists those that bar, by the rulebook of the project.
    barring_lists: frozenset[str] = frozenset(IMPORTED_LISTS)


@dataclass(frozen=True)
class Line:
    """One rule and how it went. `rule`: admitted, invited, services, qualification, practitioners, avoided, affiliated,
    suspended, restricted, listed. `fact_date`: the date of the fact that decided; `todo`: what the agency can do about it."""

    rule: str
    passed: bool
    message: Message
    fact_date: date | None = None
    todo: Message | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "passed": self.passed,
            "message": _message_to_json(self.message),
            "fact_date": self.fact_date.isoformat() if self.fact_date else None,
            "todo": _message_to_json(self.todo) if self.todo else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        fact_date, todo = data["fact_date"], data["todo"]
        return cls(
            data["rule"], data["passed"], _message_from_json(data["message"]),
            date.fromisoformat(fact_date) if fact_date else None, _message_from_json(todo) if todo else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Assessment:
    eligible: bool
    lines: tuple[Line, ...]

    def to_json(self) -> list[dict[str, Any]]:
        return [line.to_json() for line in self.lines]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> Assessment:
        lines = tuple(Line.from_json(one) for one in data)
        return cls(all(line.passed for line in lines), lines)


def assess(demand: Demand, agency: AgencyFacts, *, catalogue: Catalogue, at: datetime) -> Assessment:
    """Every rule, in a fixed order, whatever the earlier ones said: an agency sees all that stands in its way."""
    today = beijing_date(at)
    lines = (
        _admitted(agency),
        *_invited(demand, agency),
        _services(demand, agency, catalogue),
        *_qualifications(demand, agency, catalogue, today),
        _practitioners(demand, agency, today),
        _avoided(demand, agency),
        _affiliated(demand, agency),
        _suspended(agency, at),
        _restricted(agency, at),
        *_listed(demand, agency, at),
    )
    return Assessment(all(line.passed for line in lines), lines)


def barring(demand: Demand, agency: AgencyFacts, *, at: datetime) -> tuple[Line, ...]:
    """The rules that keep an agency from any work, whatever the project asks for, and that it fails at this moment: its
    entry, a suspension, the restricted list, the lists of other authorities. What was judged when the pool froze
    (certificates, practitioners, affiliation) is not judged again."""
    lines = (_admitted(agency), _suspended(agency, at), _restricted(agency, at), *_listed(demand, agency, at))
    return tuple(line for line in lines if not line.passed)


def second_bidders(agencies: Iterable[AgencyFacts]) -> list[tuple[AgencyFacts, AgencyFacts]]:
    """Head office and branches count as one bidder (rulebook `entry.branches_as_one`): whoever comes later in the
    given order is out. Pairs of (the one that is out, the one that stays)."""
    first: dict[str, AgencyFacts] = {}
    out: list[tuple[AgencyFacts, AgencyFacts]] = []
    for agency in agencies:
        head = agency.branch_of or agency.code
        if head in first:
            out.append((agency, first[head]))
        else:
            first[head] = agency
    return out


def second_bidder_line(kept: AgencyFacts) -> Line:
    """Why a branch (or its head office) is out of a pool in which the other already stands."""
    return Line("one_bidder", False, Message(
        N_("Head office and branches count as one bidder, and {agency} signed up first."), {"agency": kept.name}))  # fmt: skip


def _admitted(agency: AgencyFacts) -> Line:
    if agency.stage == "admitted":
        return Line("admitted", True, Message(N_("Admitted to the supermarket.")), _day(agency.admitted_at))
    return Line(
        "admitted", False, Message(N_("Not admitted to the supermarket.")), None,
        Message(N_("Complete your entry; you can follow it on your work bench.")),
    )  # fmt: skip


def _invited(demand: Demand, agency: AgencyFacts) -> list[Line]:
    if demand.invited is None:
        return []
    if agency.id in demand.invited:
        return [Line("invited", True, Message(N_("Invited by the owner.")))]
    return [Line(
        "invited", False, Message(N_("Only agencies that the owner invited may take part; yours was not.")), None,
        Message(N_("The notice names the reason for the invitation. If you think it is wrong, complain to the regulator.")),
    )]  # fmt: skip


def _services(demand: Demand, agency: AgencyFacts, catalogue: Catalogue) -> Line:
    missing = [item for item in demand.service_items if item not in agency.service_items]
    if not missing or (demand.service_mode == "any" and len(missing) < len(demand.service_items)):
        return Line("services", True, Message(N_("Offers the service items of this project.")))
    names = _joined([catalogue.item(item).name for item in missing])
    return Line(
        "services", False, Message(N_("Does not offer: {items}."), {"items": names}), None,
        Message(N_("Add the service item to your entry.")),
    )  # fmt: skip


def _qualifications(demand: Demand, agency: AgencyFacts, catalogue: Catalogue, today: date) -> list[Line]:
    if not demand.requirements:
        return [Line("qualification", True, Message(N_("No qualification is asked for.")))]
    lines = [_qualification(need, agency, catalogue, today) for need in demand.requirements]
    if demand.requirement_mode == "all":
        return lines
    return [_any_of(demand, lines, catalogue)]


def _any_of(demand: Demand, lines: Sequence[Line], catalogue: Catalogue) -> Line:
    """One of several is enough: the one that is met decides; if none is, all are named."""
    for line in lines:
        if line.passed:
            return line
    names = _joined([requirement_name(need, catalogue) for need in demand.requirements])
    return Line(
        "qualification", False, Message(N_("Holds none of these qualifications in force: {qualifications}."),
                                        {"qualifications": names}),
        max((line.fact_date for line in lines if line.fact_date), default=None),
        Message(N_("Add one of these certificates to your entry; it counts as soon as it is accepted.")),
    )  # fmt: skip


def _qualification(need: Requirement, agency: AgencyFacts, catalogue: Catalogue, today: date) -> Line:
    asked = CatalogueRequirement(need.qualification_type, need.level, need.speciality)
    name = requirement_name(need, catalogue)
    fitting = [held for held in agency.qualifications if _meets(asked, held, catalogue)]
    in_force = [held for held in fitting if held.valid_from <= today <= held.valid_until]
    if in_force:
        best = max(in_force, key=lambda held: (held.valid_until, held.certificate_number))
        return Line("qualification", True, Message(
            N_("Holds {qualification}: certificate {number}, in force until {until}."),
            {"qualification": name, "number": best.certificate_number, "until": best.valid_until.isoformat()}),
            best.valid_until)  # fmt: skip
    if fitting:
        return _not_in_force(name, fitting, today)
    return _not_held(need, name, agency, catalogue)


def _not_in_force(name: Wording, fitting: Sequence[HeldQualification], today: date) -> Line:
    later = [held for held in fitting if held.valid_from > today]
    if later:
        start = min(held.valid_from for held in later)
        return Line("qualification", False, Message(
            N_("{qualification}: the certificate is in force only from {start}."),
            {"qualification": name, "start": start.isoformat()}), start)  # fmt: skip
    last = max(fitting, key=lambda held: (held.valid_until, held.certificate_number))
    return Line(
        "qualification", False, Message(N_("{qualification}: certificate {number} ended on {until}."), {
            "qualification": name, "number": last.certificate_number, "until": last.valid_until.isoformat()}),
        last.valid_until, Message(N_("Add the renewed certificate to your entry; it counts as soon as it is accepted.")),
    )  # fmt: skip


def _not_held(need: Requirement, name: Wording, agency: AgencyFacts, catalogue: Catalogue) -> Line:
    """Tells a certificate of another level or speciality from none at all."""
    other = [held for held in agency.qualifications if held.qualification_type == need.qualification_type]
    todo = Message(N_("Add the certificate to your entry; it counts as soon as it is accepted."))
    if not other:
        return Line(
            "qualification", False, Message(N_("Does not hold {qualification}."), {"qualification": name}), None, todo
        )
    best = max(other, key=lambda held: (held.valid_until, held.certificate_number))
    return Line("qualification", False, Message(
        N_("Needs {qualification}; certificate {number} is of another level or speciality."),
        {"qualification": name, "number": best.certificate_number}), best.valid_until, todo)  # fmt: skip


def _meets(asked: CatalogueRequirement, held: HeldQualification, catalogue: Catalogue) -> bool:
    one = Held(held.qualification_type, held.level, frozenset(held.specialities))
    return catalogue.meets(asked, [one])


def _practitioners(demand: Demand, agency: AgencyFacts, today: date) -> Line:
    if demand.practitioners_needed == 0:
        return Line("practitioners", True, Message(N_("No practitioners are asked for.")))
    have = fitting_practitioners(demand, agency, today)
    needed = demand.practitioners_needed
    facts = {"have": len(have), "needed": needed, "profession": demand.practitioner_profession or "—"}
    if len(have) >= needed:
        decisive = sorted((one.valid_until for one in have), reverse=True)[needed - 1]
        return Line("practitioners", True, Message(
            N_("{have} practitioners in force, {needed} needed ({profession})."), facts), decisive)  # fmt: skip
    return Line(
        "practitioners", False, Message(N_("Only {have} of {needed} practitioners in force ({profession})."), facts),
        max((one.valid_until for one in have), default=None),
        Message(N_("Add your practitioners to your entry; they count as soon as they are accepted.")),
    )  # fmt: skip


def fitting_practitioners(demand: Demand, agency: AgencyFacts, today: date) -> list[HeldPractitioner]:
    """The agency's practitioners whom this project can count, for the rule above and for the sign-up form."""
    wanted = demand.practitioner_profession
    return [one for one in agency.practitioners if one.valid_until >= today and wanted in ("", one.profession)]


def _avoided(demand: Demand, agency: AgencyFacts) -> Line:
    reason = demand.avoided.get(agency.id)
    if reason is None:
        return Line("avoided", True, Message(N_("Not on the owner's list of avoided agencies.")))
    return Line(
        "avoided", False, Message(N_("The owner avoids this agency: {reason}"), {"reason": reason}), None,
        Message(N_("If the reason is wrong, tell the owner before sign-up closes, or complain to the regulator.")),
    )  # fmt: skip


def _affiliated(demand: Demand, agency: AgencyFacts) -> Line:
    link = _affiliation(demand, agency)
    if link is None:
        return Line("affiliated", True, Message(N_("Not affiliated with the owner.")))
    return Line(
        "affiliated", False, link, None,
        Message(N_("Affiliated parties may not work for each other. If the record is out of date, have it changed first.")),
    )  # fmt: skip


def _affiliation(demand: Demand, agency: AgencyFacts) -> Message | None:
    """The first affiliation found; legal representatives are compared by name, which the page says."""
    owner, parent = demand.owner_code, demand.owner_parent_code
    if owner in (agency.code, agency.branch_of):
        return Message(N_("The agency and the owner are the same organisation."))
    if agency.parent_code == owner:
        return Message(N_("The owner controls the agency."))
    if parent and parent in (agency.code, agency.branch_of):
        return Message(N_("The agency controls the owner."))
    if parent and parent == agency.parent_code:
        return Message(
            N_("The agency and the owner are controlled by the same organisation ({code})."), {"code": parent}
        )
    name = agency.legal_representative
    if name and name == demand.owner_legal_representative:
        return Message(N_("The agency and the owner have the same legal representative."))
    return None


def _suspended(agency: AgencyFacts, at: datetime) -> Line:
    until = agency.standing.suspended_until
    if until is None or until <= at:
        return Line("suspended", True, Message(N_("Sign-up is not suspended.")))
    removal = agency.standing.removed_at(at)
    if removal is not None:
        return Line(
            "suspended", False, Message(N_("Removed from the market since {since} until {until} (Beijing time) by decision {decision}."), {
                "since": beijing_date(removal.since).isoformat(), "until": end_text(removal.until),
                "decision": removal.decision}),
            last_day(removal.until), Message(
                N_("Read the decision at {url}: it says how to appeal. After the term the agency applies for entry again."),
                {"url": removal.url}),
        )  # fmt: skip
    return Line(
        "suspended", False, Message(N_("Sign-up is suspended until {until} (Beijing time): {reason}"), {
            "until": end_text(until), "reason": Message(agency.standing.suspension_reason or "—")}),
        last_day(until), Message(N_("You can sign up again after that day; your credit statement shows why.")),
    )  # fmt: skip


def _restricted(agency: AgencyFacts, at: datetime) -> Line:
    until = agency.standing.restricted_until
    if until is None or until <= at:
        return Line("restricted", True, Message(N_("Not on the restricted list.")))
    return Line(
        "restricted", False, Message(N_("On the restricted list until {until} (Beijing time): {reason}"), {
            "until": end_text(until), "reason": agency.standing.restriction_reason or "—"}),
        last_day(until), Message(N_("The list entry names the decision and how to appeal.")),
    )  # fmt: skip


def _listed(demand: Demand, agency: AgencyFacts, at: datetime) -> list[Line]:
    """One line for each list of another authority that bars and on which the agency stands at that moment."""
    found = [one for one in agency.listings if one.bars_on(beijing_date(at))]
    barring = [one for one in found if one.list in demand.barring_lists]
    if found and not barring:
        return [Line("listed", True, Message(N_("On no list of another authority that bars agencies here.")))]
    if not barring:
        return [Line("listed", True, Message(N_("Found on none of the five lists of other authorities.")))]
    return [
        Line(
            "listed", False, Message(N_("On the list “{list}” since {since} (source: {source}, queried {queried})."), {
                "list": Message(IMPORTED_LISTS[one.list]), "since": one.entered_on.isoformat(), "source": one.source,
                "queried": beijing_date(one.queried_at).isoformat()}),
            one.entered_on, Message(
                N_("This market only refers to that list: ask {keeper} for removal. The bar ends when a later query no longer finds the entry."),
                {"keeper": Message(LIST_KEEPERS[one.list])}),
        )
        for one in barring
    ]  # fmt: skip


def requirement_name(need: Requirement, catalogue: Catalogue) -> Wording:
    """A qualification with its level and speciality, as in 工程勘察资质（甲级，岩土工程）, in both languages."""
    kind = catalogue.qualification(need.qualification_type)
    details = [kind.level(need.level).name] if need.level else []
    details += [kind.speciality(need.speciality).name] if need.speciality else []
    if not details:
        return kind.name
    zh, en = "，".join(one.zh for one in details), ", ".join(one.en for one in details)
    return Wording(f"{kind.name.zh}（{zh}）", f"{kind.name.en} ({en})")


def _joined(names: Sequence[Wording]) -> Wording:
    return Wording("；".join(name.zh for name in names), "; ".join(name.en for name in names))


def _day(moment: datetime | None) -> date | None:
    return beijing_date(moment) if moment else None


def _message_to_json(message: Message) -> dict[str, Any]:
    facts = {name: _fact_to_json(value) for name, value in message.facts.items()}
    return {"text": message.text, "facts": facts}


def _fact_to_json(value: Any) -> Any:
    match value:
        case Wording():
            return {"zh": value.zh, "en": value.en}
        case Message():
            return _message_to_json(value)
        case _:
            return value


def _message_from_json(data: Mapping[str, Any]) -> Message:
    return Message(data["text"], {name: _fact_from_json(value) for name, value in data["facts"].items()})


def _fact_from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return _message_from_json(value) if "text" in value else Wording(**value)
