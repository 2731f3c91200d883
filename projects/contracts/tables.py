from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from projects.selection.rounds.tables import SelectionRound
from projects.tables import Project


class Contract(Table, db=DB, tablename="contract"):
    """The contract of one award, from its draft to both signatures."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    number = Text(default=None, null=False)
    owner_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    price_fen = BigInt(default=None, null=False)
    terms = JSONB(default=None, null=False)
    terms_sha256 = Text(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    sign_due_at = Timestamptz(default=None, null=False)
    owner_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_signed_at = Timestamptz(default=None, null=True)
    agency_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_signed_at = Timestamptz(default=None, null=True)
    in_force_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="", null=False)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    delivery_due_at = Timestamptz(default=None, null=True)


class SigningCertificate(Table, db=DB, tablename="signing_certificate"):
    """A certificate and its sealed key: of the authority, the timestamp service, or a signatory."""

    id = UUID(primary_key=True, default=None, null=False)
    role = Text(default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    person_id = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    serial = Text(default=None, null=False)
    chain = Text(default=None, null=False)
    sealed_key = Text(default=None, null=True, secret=True)
    issued_at = Timestamptz(default=None, null=False)
    valid_until = Timestamptz(default=None, null=False)
    retired_at = Timestamptz(default=None, null=True)


class ContractDocument(Table, db=DB, tablename="contract_document"):
    """A contract as a file: signed by the market's means, or on paper."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    file_id = UUID(default=None, null=False)
    sha256 = Text(default=None, null=False)
    text_size = Integer(default=None, null=True)
    text_sha256 = Text(default=None, null=True)
    terms_sha256 = Text(default=None, null=False)
    owner_certificate_id = ForeignKey(SigningCertificate, default=None, null=True, on_delete=OnDelete.restrict)
    agency_certificate_id = ForeignKey(SigningCertificate, default=None, null=True, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)
    sent_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    sent_side = Text(default=None, null=True)
    confirmed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    confirmed_at = Timestamptz(default=None, null=True)
    refused_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    refused_at = Timestamptz(default=None, null=True)
    refusal = Text(default="", null=False)


class SigningHold(Table, db=DB, tablename="signing_hold"):
    """A time in which a result does not become final and its contract is not signed."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    contract_id = ForeignKey(Contract, default=None, null=True, on_delete=OnDelete.restrict)
    reference = Text(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    sign_due_at = Timestamptz(default=None, null=True)


class ContractVersion(Table, db=DB, tablename="contract_version"):
    """The terms as the contract was opened, and each proposal made before it was signed."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    kind = Text(default=None, null=False)
    terms = JSONB(default=None, null=False)
    terms_sha256 = Text(default=None, null=False)
    proposed_side = Text(default=None, null=True)
    proposed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    proposed_at = Timestamptz(default=None, null=False)
    agreed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agreed_at = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="", null=False)


class ContractMilestone(Table, db=DB, tablename="contract_milestone"):
    """One delivery and its part of the price and of the time; they follow one another."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    title = Text(default=None, null=False)
    share = Integer(default=None, null=False)
    price_fen = BigInt(default=None, null=False)
    days = Integer(default=None, null=False)
    started_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)
    accepted_at = Timestamptz(default=None, null=True)


class ContractFiling(Table, db=DB, tablename="contract_filing"):
    """That a contract has to be filed with an authority, until when, and that it was."""

    contract_id = ForeignKey(Contract, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    due_at = Timestamptz(default=None, null=False)
    authority = Text(default="", null=False)
    reference = Text(default="", null=False)
    filed_on = Date(default=None, null=True)
    recorded_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz(default=None, null=True)
