from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Person
from market.kernel.db import DB
from projects.contracts.tables import Contract, SigningCertificate


class ContractChange(Table, db=DB, tablename="contract_change"):
    """A change or supplement of a contract in force, from its proposal to both signatures."""

    id = UUID(primary_key=True, default=None, null=False)
    contract_id = ForeignKey(Contract, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    terms = JSONB(default=None, null=False)
    terms_sha256 = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    price_fen = BigInt(default=None, null=False)
    added_fen = BigInt(default=None, null=False)
    proposed_side = Text(default=None, null=False)
    proposed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    proposed_at = Timestamptz(default=None, null=False)
    answer_due_at = Timestamptz(default=None, null=False)
    sign_due_at = Timestamptz(default=None, null=True)
    owner_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    owner_signed_at = Timestamptz(default=None, null=True)
    agency_signed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    agency_signed_at = Timestamptz(default=None, null=True)
    in_force_at = Timestamptz(default=None, null=True)
    due_before = Timestamptz(default=None, null=True)
    due_after = Timestamptz(default=None, null=True)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    end_reason = Text(default="", null=False)


class ContractChangeDocument(Table, db=DB, tablename="contract_change_document"):
    """A supplement as a file with both signatures."""

    change_id = ForeignKey(ContractChange, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False)
    sha256 = Text(default=None, null=False)
    text_size = Integer(default=None, null=False)
    text_sha256 = Text(default=None, null=False)
    owner_certificate_id = ForeignKey(SigningCertificate, default=None, null=False, on_delete=OnDelete.restrict)
    agency_certificate_id = ForeignKey(SigningCertificate, default=None, null=False, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)
