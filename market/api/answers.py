"""What programs read: plain values, amounts in fen, times in UTC, codes as in the catalogue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from agencies.queries.directory import Line as AgencyRow
from agencies.queries.directory import PublicAgency
from agencies.rules import Removal
from market.accounts.tokens.rules import Scope
from market.api.shapes import CheckLine, CreditCode, Day, DraftValues, Facts, Fen, Id, Sha256, When
from market.api.words import enumerated
from market.catalogue.rules import Region, Wording
from market.catalogue.rules import ServiceItem as CatalogueItem
from market.kernel.i18n import N_
from market.payments.queries import PayableView
from market.payments.rules import State as PaymentState
from market.register.acts import NAMES
from market.register.queries import Entry, utc_text
from market.web.viewer import Viewer
from projects.contracts.queries import ContractView
from projects.contracts.rules import Ending
from projects.posting.queries import Draft
from projects.queries import ProjectView
from projects.rules import Stage
from projects.selection.bids.queries import BidView
from projects.selection.methods import METHODS
from projects.selection.sign_ups.queries import SignUpLine

StageName = enumerated(Stage, N_("Where a project stands."))
MethodName = enumerated(METHODS, N_("How the agency is selected."))
ActKind = enumerated(NAMES, N_("Kind of a legal act."))
KINDS = ("enterprise", "public_body", "natural_person", "agency", "regulator", "operator", "expert")


class EntryAnswer(Struct):
    """One legal act, as the public register holds it for ever."""

    id: Id
    leaf: Annotated[int | None, Meta(description=N_("Place in the log; null for some seconds after the act."))]
    at: When
    kind: ActKind  # type: ignore[valid-type]
    subject: str
    by: str
    data: Facts
    sha256: Annotated[Sha256, Meta(description=N_("Of the entry's canonical bytes, the leaf of the log."))]


def entry_answer(entry: Entry, leaf: int | None) -> EntryAnswer:
    return EntryAnswer(
        str(entry.id), leaf, utc_text(entry.at), entry.kind, entry.subject, entry.by, entry.data, entry.sha256
    )


class ProjectAnswer(Struct):
    """A published project."""

    number: str
    title: str
    owner: CreditCode
    owner_name: str
    stage: StageName  # type: ignore[valid-type]
    method: MethodName  # type: ignore[valid-type]
    quote: enumerated(("price", "discount"))  # type: ignore[valid-type]
    access: enumerated(("open", "invited"))  # type: ignore[valid-type]
    service_items: list[str]
    service_mode: enumerated(("all", "any"))  # type: ignore[valid-type]
    requirement_mode: enumerated(("all", "any"))  # type: ignore[valid-type]
    region: str
    scale: str
    content: str
    service_days: Annotated[int, Meta(description=N_("Working days."))]
    budget: Fen | None
    price: Fen | None
    ceiling: Fen | None
    floor: Fen | None
    published_at: When
    sign_up_opens_at: When
    sign_up_closes_at: When
    drawn_at: When | None
    result_notice_ends_at: When | None
    result_final_at: When | None
    winner: str | None
    winner_name: str | None
    failed_at: When | None
    withdrawn_at: When | None
    due_at: Annotated[When, Meta(description=N_("When the present step is due."))] | None
    catalogue_version: str
    rulebook_version: str
    href: str
    page: str


def moment(value: datetime | None) -> str | None:
    return None if value is None else utc_text(value)


def project_answer(project: ProjectView, public_url: str) -> ProjectAnswer:
    return ProjectAnswer(
        number=project.number, title=project.title, owner=project.owner_code, owner_name=project.owner_name,
        stage=str(project.stage), method=project.method, quote=project.quote, access=project.access,
        service_items=list(project.service_items), service_mode=project.service_mode,
        requirement_mode=project.requirement_mode, region=project.region_code, scale=project.scale,
        content=project.content, service_days=project.service_days, budget=project.budget_fen, price=project.price_fen,
        ceiling=project.ceiling_fen, floor=project.floor_fen, published_at=utc_text(project.published_at),
        sign_up_opens_at=utc_text(project.sign_up_opens_at), sign_up_closes_at=utc_text(project.sign_up_closes_at),
        drawn_at=moment(project.drawn_at), result_notice_ends_at=moment(project.result_notice_ends_at),
        result_final_at=moment(project.result_final_at), winner=project.winner_code, winner_name=project.winner_name,
        failed_at=moment(project.failed_at), withdrawn_at=moment(project.withdrawn_at), due_at=moment(project.due_at),
        catalogue_version=project.catalogue_version, rulebook_version=project.rulebook_version,
        href=f"/api/v1{project.url}", page=f"{public_url}{project.url}",
    )  # fmt: skip


class HeldQualification(Struct):
    qualification: str
    level: str
    valid_until: Day


class AgencyAnswer(Struct):
    """An admitted agency."""

    code: str
    name: str
    region: str
    admitted_at: When
    service_items: list[str]
    credit: Annotated[int | None, Meta(description=N_("Credit score; null while unrated."))]
    suspended_until: When | None
    restricted_until: When | None
    removed_since: Annotated[When | None, Meta(description=N_("Removed from the market by a decision, from then on."))]
    removed_until: When | None
    removal_decision: Annotated[str | None, Meta(description=N_("Address of the decision."))]
    practitioners: Annotated[int, Meta(description=N_("Accepted practitioners."))]
    qualifications: list[HeldQualification]
    page: str


def agency_row(row: AgencyRow, public_url: str) -> AgencyAnswer:
    held = [
        HeldQualification(one.qualification_type, one.level, one.valid_until.isoformat()) for one in row.qualifications
    ]
    return AgencyAnswer(
        row.code, row.name, row.region_code, utc_text(row.admitted_at), list(row.service_items), row.score,
        moment(row.suspended_until), moment(row.restricted_until), *_removal(row.removal, public_url),
        row.practitioners, held, f"{public_url}/agencies/{row.code}",
    )  # fmt: skip


def agency_answer(found: PublicAgency, today: date, public_url: str) -> AgencyAnswer:
    agency, dossier = found.dossier.agency, found.dossier
    held = [
        HeldQualification(row.qualification_type, row.level, row.valid_until.isoformat())
        for row in dossier.qualifications
        if row.review == "accepted" and row.valid_from <= today <= row.valid_until
    ]
    people = sum(row.review == "accepted" and row.valid_until >= today for row in dossier.practitioners)
    assert agency.admitted_at is not None
    return AgencyAnswer(
        agency.code, agency.name, agency.firm.region_code, utc_text(agency.admitted_at), list(agency.service_items), found.score,
        moment(found.suspended_until), moment(found.restricted_until), *_removal(found.removal, public_url),
        people, held, f"{public_url}/agencies/{agency.code}",
    )  # fmt: skip


class InBothLanguages(Struct, rename={"zh": "zh-CN"}):
    zh: str
    en: str


def in_both(text: Wording) -> InBothLanguages:
    return InBothLanguages(text.to("zh_CN"), text.to("en"))


def _removal(found: Removal | None, public_url: str) -> tuple[str | None, str | None, str | None]:
    if found is None:
        return None, None, None
    return utc_text(found.since), utc_text(found.until), f"{public_url}{found.url}"


class ItemAnswer(Struct):
    """A service item of the catalogue."""

    code: str
    name: InBothLanguages
    service_class: str
    qualifications: list[str]


def item_answer(item: CatalogueItem) -> ItemAnswer:
    return ItemAnswer(
        item.code, in_both(item.name), item.service_class,
        sorted({need.qualification for need in item.requirements}),
    )  # fmt: skip


class RegionAnswer(Struct):
    code: str
    name: InBothLanguages


def region_answer(region: Region) -> RegionAnswer:
    return RegionAnswer(region.code, in_both(region.name))


class MeAnswer(Struct):
    """Whose token this is, and what it may do."""

    person: str
    organisation: str
    organisation_name: str
    kind: enumerated(KINDS)  # type: ignore[valid-type]
    roles: list[enumerated(("admin", "handler", "signatory"))]  # type: ignore[valid-type]
    scopes: list[enumerated(Scope)]  # type: ignore[valid-type]


def me_answer(viewer: Viewer) -> MeAnswer:
    return MeAnswer(
        viewer.person_name, viewer.organisation_code, viewer.organisation_name, viewer.organisation_kind,
        sorted(viewer.roles), sorted(viewer.token_scopes),
    )  # fmt: skip


class DraftAnswer(Struct):
    """A notice that is being written. Nobody outside of your organisation sees it."""

    id: Id
    title: str
    values: DraftValues
    fingerprint: Annotated[str, Meta(description=N_("Send it back as `seen` to publish exactly this."))]
    updated_at: When
    published_as: str | None
    href: str


def draft_answer(draft: Draft, fingerprint: str) -> DraftAnswer:
    values = {name: value for name, value in draft.values.items() if name in DraftValues.__struct_fields__}
    needs = {name.removeprefix("need:"): value for name, value in draft.values.items() if name.startswith("need:")}
    return DraftAnswer(
        str(draft.id), draft.title, DraftValues(**values, **({"needs": needs} if needs else {})), fingerprint, utc_text(draft.updated_at),
        draft.number, f"/api/v1/drafts/{draft.id}",
    )  # fmt: skip


class SignUpAnswer(Struct):
    """One of your sign-ups."""

    project: str
    title: str
    stage: StageName  # type: ignore[valid-type]
    signed_up_at: When
    withdrawn_at: When | None
    href: str


def sign_up_answer(line: SignUpLine) -> SignUpAnswer:
    return SignUpAnswer(
        line.number, line.title, str(line.stage), utc_text(line.signed_up_at), moment(line.withdrawn_at),
        f"/api/v1/projects/{line.number}",
    )  # fmt: skip


class BidAnswer(Struct):
    """One of your sealed bids. Its amount is known once the beacon opened it."""

    id: Id
    received_at: When
    sealed_by: enumerated(("browser", "server"))  # type: ignore[valid-type]
    beacon_round: int
    ciphertext_sha256: Sha256
    stands: bool
    opened_at: When | None
    quoted: Annotated[int | None, Meta(description=N_("Fen, or basis points of discount."))]
    entry: Id


def bid_answer(bid: BidView) -> BidAnswer:
    return BidAnswer(
        str(bid.id), utc_text(bid.received_at), bid.sealed_by, bid.beacon_round, bid.ciphertext_sha256, bid.stands,
        moment(bid.opened_at), bid.quoted, str(bid.entry_id),
    )  # fmt: skip


class ContractAnswer(Struct):
    """A contract as its parties read it."""

    number: str
    project: str
    owner: str
    agency: str
    price: Fen
    terms_sha256: Sha256
    sign_due_at: When
    owner_signed_at: When | None
    agency_signed_at: When | None
    in_force_at: When | None
    ended: enumerated(Ending) | None  # type: ignore[valid-type]
    ended_at: When | None
    delivery_due_at: When | None
    page: str


def contract_answer(contract: ContractView, public_url: str) -> ContractAnswer:
    return ContractAnswer(
        contract.number, contract.project_number, contract.owner_code, contract.agency_code, contract.price_fen,
        contract.terms_sha256, utc_text(contract.sign_due_at), moment(contract.owner_signed_at),
        moment(contract.agency_signed_at), moment(contract.in_force_at), str(contract.ended) if contract.ended else None,
        moment(contract.ended_at), moment(contract.delivery_due_at), f"{public_url}{contract.url}",
    )  # fmt: skip


class PaymentAnswer(Struct):
    """What one side owes the other, and what became of it."""

    reference: str
    project: str
    payer_name: str
    payee_name: str
    amount: Fen
    refunded: Fen
    due_at: When | None
    paid_at: When | None
    state: Annotated[enumerated(PaymentState) | None, Meta(description=N_("Of the last trade at Alipay."))]  # type: ignore[valid-type]
    transfer_stated: bool
    transfer_confirmed: bool
    page: str


def payment_answer(payable: PayableView, public_url: str) -> PaymentAnswer:
    return PaymentAnswer(
        payable.reference, payable.subject, payable.payer_name, payable.payee_name, payable.amount_fen,
        payable.refunded_fen, moment(payable.due_at), moment(payable.paid_at), str(payable.state) if payable.state else None,
        payable.transfer_stated, payable.transfer_confirmed, f"{public_url}{payable.url}",
    )  # fmt: skip


class EligibilityAnswer(Struct):
    """Whether your agency may take part, rule by rule."""

    eligible: bool
    lines: list[CheckLine]


class DoneAnswer(Struct, omit_defaults=True):
    """The act is done. What it changed is at `href`; what the register holds of it is in `entries`."""

    act: str
    at: When
    href: str | None = None
    page: str | None = None
    entries: list[Id] = msgspec.field(default_factory=list)
    answer_lost: Annotated[
        bool, Meta(description=N_("The act was done the first time; only its answer had got lost."))
    ] = False


class CellMistake(Struct):
    cell: Annotated[str, Meta(description=N_("As spreadsheets name it."), examples=["C5"])]
    column: str
    text: str


class TableRow(Struct):
    line: int
    what: str
    mistakes: list[CellMistake]
    outcome: enumerated(("done", "refused")) | None  # type: ignore[valid-type]
    href: str
    said: str


class TableAnswer(Struct):
    """A table that was sent: what its trial found, and what became of its rows."""

    id: Id
    kind: enumerated(("notices", "sign_ups"))  # type: ignore[valid-type]
    name: str
    state: enumerated(("trying", "tried", "running", "finished"))  # type: ignore[valid-type]
    rows: int
    bad: int
    done: int
    refused: int
    lines: list[TableRow]
