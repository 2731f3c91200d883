"""The shapes of documents that pages give as files too, made from what they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from agencies.rules import IMPORTED_LISTS
from market.api.words import enumerated
from market.catalogue import rules as catalogue
from market.kernel.i18n import N_
from market.register.proofs import INCLUSION
from market.site.figures.each import FIGURES
from market.site.figures.model import Column, Figure
from market.site.figures.names import BREAKDOWNS
from projects.eligibility import Requirement
from projects.milestones import PlannedMilestone
from projects.posting.forms import LISTS as FORM_LISTS
from projects.posting.forms import SINGLE
from projects.posting.rules import Notice
from projects.rules import Criterion
from projects.selection.methods import METHODS
from ratings.cases.rules import Violation
from ratings.lists.rules import LISTS, State

Fen = Annotated[int, Meta(description=N_("Amount in fen, a hundredth of a yuan."), ge=0)]
When = Annotated[
    str,
    Meta(
        description=N_("Moment in UTC."),
        extra_json_schema={"format": "date-time"},
        examples=["2026-06-16T02:00:00.000Z"],
    ),
]
Day = Annotated[str, Meta(description=N_("Day in Beijing."), extra_json_schema={"format": "date"})]
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Sha256 = Annotated[str, Meta(description=N_("SHA-256 in hexadecimal."), extra_json_schema={"pattern": "^[0-9a-f]{64}$"})]  # fmt: skip
CreditCode = Annotated[str, Meta(description=N_("Unified social credit code."))]
BasisPoints = Annotated[int, Meta(description=N_("Basis points: hundredths of a percent."), ge=0)]
Address = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
# What an act says depends on its kind (market.api.facts); all of it is plain JSON.
PLAIN = "PlainValue"
PLAIN_SCHEMA: dict[str, Any] = {
    "description": N_("Text, number, true, false or null, or a list or an object of these."),
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"$ref": f"#/components/schemas/{PLAIN}"}},
        {"type": "object", "additionalProperties": {"$ref": f"#/components/schemas/{PLAIN}"}},
    ],
}
Facts = Annotated[
    dict[str, Any],
    Meta(
        description=N_("What the act says; which members there are depends on its kind."),
        extra_json_schema={"additionalProperties": {"$ref": f"#/components/schemas/{PLAIN}"}},
    ),
]


class CatalogueAnswer(Struct, rename={"classes": "class"}):
    """The catalogue: everything that can be bought, and what it takes."""

    version: str
    effective_from: date
    source: list[catalogue.Source]
    region: list[catalogue.Region]
    regulator: list[catalogue.Regulator]
    classes: list[catalogue.ServiceClass]
    qualification: list[catalogue.QualificationType]
    item: list[catalogue.ServiceItem]
    bundle: list[catalogue.Bundle]


class RulebookAnswer(Struct):
    """The rulebook: every number that a rule needs."""

    version: str
    title: catalogue.Wording
    jurisdiction: str
    effective_from: date
    source: list[catalogue.Source]
    group: list[catalogue.Group]
    rule: list[catalogue.Rule]


_KNOWN: dict[str, Any] = {
    "method": enumerated(METHODS, N_("How the agency is selected.")),
    "quote": enumerated(("price", "discount")),
    "access": enumerated(("open", "invited")),
    "service_mode": enumerated(("all", "any")),
    "requirement_mode": enumerated(("all", "any")),
}
_UNITS: dict[str, Any] = {"_fen": Fen, "_share": BasisPoints, "_weight": BasisPoints, "_discount": BasisPoints}


def _row(of: Any, size: int, description: str) -> Any:
    return Annotated[
        list[Annotated[list[of], Meta(min_length=size, max_length=size)]],
        Meta(description=description),
    ]


_PLAIN_TYPES: dict[Any, Any] = {
    datetime: When,
    tuple[str, ...]: list[str],
    tuple[tuple[str, str], ...]: _row(str, 2, N_("Unified social credit code and reason.")),
    tuple[Requirement, ...]: _row(str, 3, N_("Qualification, least level, speciality; an empty text means any.")),
    tuple[Criterion, ...]: _row(str | int, 3, N_("Name, description, weight in basis points.")),
    tuple[PlannedMilestone, ...]: _row(str | int, 3, N_("Title, share of the price in basis points, working days.")),
}


def _of_notice(name: str, hint: Any) -> Any:
    """The JSON type of a notice's field, as `projects.posting.actions.plain` writes it."""
    shown = _KNOWN.get(name) or next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), None)
    optional = type(None) in getattr(hint, "__args__", ())
    inner = next((one for one in hint.__args__ if one is not type(None)), hint) if optional else hint
    shown = shown or _PLAIN_TYPES.get(inner, inner)
    return shown | None if optional else shown


def _notice_members() -> Iterable[tuple[str, Any] | tuple[str, Any, Any]]:
    """Members with a default stay out of the canonical notice where they have it."""
    hints = get_type_hints(Notice)
    for one in sorted(fields(Notice), key=lambda field: field.default is not MISSING):
        shape = _of_notice(one.name, hints[one.name])
        yield (one.name, shape) if one.default is MISSING else (one.name, shape | UnsetType, UNSET)


NoticeContent: Any = msgspec.defstruct(
    "NoticeContent", list(_notice_members()), module=__name__,
    namespace={"__doc__": "A published notice, whole. What it does not say is left out."},
)  # fmt: skip


class AttachedFile(Struct):
    id: Id
    label: str


DraftValues: Any = msgspec.defstruct(
    "DraftValues",
    [
        *((name, str | UnsetType, UNSET) for name in sorted(SINGLE)),
        *((name, list[str] | UnsetType, UNSET) for name in sorted(FORM_LISTS)),
        ("needs", dict[str, str] | UnsetType, UNSET), ("files", list[AttachedFile] | UnsetType, UNSET),
    ],
    module=__name__, namespace={"__doc__": "What was typed into a draft so far, by member of NoticeAnswers."},
)  # fmt: skip


class CheckLine(Struct):
    """One rule: met (true), not met (false), or met with a warning (null)."""

    passed: bool | None
    label: str
    found: str
    rule: Annotated[str | None, Meta(description=N_("Key of the rulebook."))]
    todo: str | None
    todo_href: str | UnsetType | None = UNSET
    rule_href: str | UnsetType | None = UNSET


class CheckAnswer(Struct):
    """What publication would say of a draft that has no mistakes."""

    fingerprint: Annotated[str, Meta(description=N_("Send it back as `seen` to publish exactly this."))]
    checked_at: When
    findings: list[CheckLine]
    publishable: bool


class ListedOrganisation(Struct, rename={"from_at": "from"}):
    list: enumerated(LISTS)  # type: ignore[valid-type]
    organisation: CreditCode
    name: str
    state: enumerated(get_args(State))  # type: ignore[valid-type]
    reason: str
    decided_at: When
    from_at: When
    until: When
    evidence: Address


class ListsAnswer(Struct):
    """Who stands on the red list and on the restricted list."""

    at: When
    entries: list[ListedOrganisation]


class ListedElsewhere(Struct):
    list: enumerated(IMPORTED_LISTS)  # type: ignore[valid-type]
    list_name: str
    organisation: CreditCode
    name: str
    since: Day
    until: Day | None
    source: str
    queried_at: When
    taken_over: Address


class ImportedListsAnswer(Struct):
    """Who of this market stands on another authority's list."""

    at: When
    entries: list[ListedElsewhere]


class DecisionAnswer(Struct):
    """A published decision on a breach."""

    number: str
    party: CreditCode
    party_name: str
    authority: str
    violation: enumerated(Violation)  # type: ignore[valid-type]
    legal_cause: str
    reasons: str
    decided_at: When
    entry: Annotated[Id | None, Meta(description=N_("Of the register."))]
    page: Address


class OverduePayment(Struct):
    """A late payment. Who owes it is not told where that is a natural person."""

    owner: CreditCode | None
    owner_name: str | None
    project: str
    title: str
    contract: str
    payable: str
    due_on: Day
    late_days: int
    unpaid: Fen
    interest: Fen
    settled: bool


class AmountUnits(Struct):
    amounts: enumerated(("fen",))  # type: ignore[valid-type]


class OverdueAnswer(Struct):
    """Payments that are late for so long that they are public."""

    at: When
    least_days: Annotated[int, Meta(description=N_("Days late from which a payment is public."))]
    units: AmountUnits
    payments: list[OverduePayment]


class CheckpointAnswer(Struct):
    """The size and root of the register, signed."""

    size: int
    root: Sha256
    signed_at: When
    note: Annotated[str, Meta(description=N_("The signed note, as witnesses read it."))]


class ProofAnswer(Struct):
    """Everything that it takes to check that an entry is in the register."""

    format: enumerated((INCLUSION,))  # type: ignore[valid-type]
    entry: Annotated[str, Meta(description=N_("The entry's canonical bytes."))]
    index: Annotated[int, Meta(description=N_("Its leaf."))]
    path: list[Sha256]
    checkpoint: str
    keys: list[str]
    successions: list[str]
    witnesses: list[str]
    data: Annotated[str, Meta(description=N_("Canonical facts, where the entry holds their digest."))] | UnsetType = (
        UNSET
    )


class FigureColumn(Struct):
    id: str
    label: str
    unit: str
    definition: str


class Filters(Struct, rename={"service_class": "class", "since": "from", "until": "to"}):
    """What the figures are cut by; what is not set is left out."""

    region: str | UnsetType = UNSET
    service_class: str | UnsetType = UNSET
    method: enumerated(METHODS) | UnsetType = UNSET  # type: ignore[valid-type]
    owner: str | UnsetType = UNSET
    period: str | UnsetType = UNSET
    since: Day | UnsetType = UNSET
    until: Day | UnsetType = UNSET
    by: str | UnsetType = UNSET


def _counted(column: Column) -> Any:
    return Annotated[int | None, Meta(description=column.definition or column.label)]


def _figure(figure: Figure) -> Any:
    """The answer of one figure: its columns are members of every line."""
    name = "".join(part.capitalize() for part in figure.id.split("-"))
    whole = [(one.id, _counted(one)) for one in figure.columns]
    total = msgspec.defstruct(f"{name}Total", [*whole, ("withheld", bool)], module=__name__)
    some = [(column, shape | UnsetType, UNSET) for column, shape in whole]
    line = msgspec.defstruct(
        f"{name}Line", [("key", str | None), ("name", str), ("withheld", bool), *some], module=__name__
    )
    members = [
        ("figure", enumerated((figure.id,))), ("question", str), ("definition", str), ("address", Address), ("filters", Filters),
        ("broken_down_by", enumerated(BREAKDOWNS)), ("as_of", When), ("rulebook", str), ("columns", list[FigureColumn]),
        ("total", total), ("previous", total | None), ("lines", list[line]),  # type: ignore[valid-type]
    ]  # fmt: skip
    return msgspec.defstruct(f"{name}Figure", members, module=__name__, namespace={"__doc__": figure.question})


PublicFigures: Any = msgspec.defstruct(
    "PublicFigures",
    [(one.id.replace("-", "_"), _figure(one)) for one in FIGURES.values() if not one.regulators_only],
    module=__name__, rename="kebab",
)  # fmt: skip


class StatisticsAnswer(Struct):
    """The market's figures: amounts in fen, shares in basis points, times in seconds, stars in hundredths."""

    filters: Filters
    figures: PublicFigures
