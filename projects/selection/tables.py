from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from agencies.tables import Agency, AgencyAuthorisedPerson
from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.tables import Project


class SignUp(Table, db=DB, tablename="sign_up"):
    """An agency's declaration that it wants to take part in one selection."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=OnDelete.restrict)
    authorised_person_id = ForeignKey(AgencyAuthorisedPerson, default=None, null=True, on_delete=OnDelete.restrict)
    practitioner_ids = Array(base_column=UUID(), default=None, null=False)
    signed_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    signed_up_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_after_close = Boolean(default=False, null=False)
    withdrawal_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)


class EntryMark(Table, db=DB, tablename="entry_mark"):
    """From which device and network an entry came (see projects.selection.origins)."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    mark = Text(default=None, null=False, secret=True)
    seen_at = Timestamptz(default=None, null=False)


class SelectionRound(Table, db=DB, tablename="selection_round"):
    """One draw, from the commitment to its beacon round to the published dossier."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    purpose = Text(default=None, null=False)
    cause = Text(default=None, null=False)
    committed_at = Timestamptz(default=None, null=False)
    deadline = Timestamptz(default=None, null=False)
    method = Text(default="draw", null=False)
    beacon_chain = Text(default=None, null=True)
    beacon_round = BigInt(default=None, null=True)
    salt = Text(default=None, null=True)
    opened_at = Timestamptz(default=None, null=True)
    superseded_at = Timestamptz(default=None, null=True)
    frozen_at = Timestamptz(default=None, null=True)
    pool_sha256 = Text(default=None, null=True)
    pool = JSONB(default=None, null=True)
    excluded = JSONB(default=None, null=True)
    drawn_at = Timestamptz(default=None, null=True)
    signature = Text(default=None, null=True)
    winner_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    dossier = Bytea(default=None, null=True)
    annulled_at = Timestamptz(default=None, null=True)
    annulment_reason = Text(default="", null=False)


class EligibilitySnapshot(Table, db=DB, tablename="eligibility_snapshot"):
    """Why one agency was (not) eligible at the moment the pool froze."""

    id = UUID(primary_key=True, default=None, null=False)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    eligible = Boolean(default=None, null=False)
    lines = JSONB(default=None, null=False)


class Objection(Table, db=DB, tablename="objection"):
    """A party's objection to a result, and the operator's answer."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    round_id = ForeignKey(SelectionRound, default=None, null=False, on_delete=OnDelete.restrict)
    raised_by_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    raised_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    grounds = Text(default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    answer_due_at = Timestamptz(default=None, null=False)
    statement_due_at = Timestamptz(default=None, null=True)
    statement = Text(default="", null=False)
    stated_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    stated_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    decision = Text(default=None, null=True)
    remedy = Text(default=None, null=True)
    answer = Text(default="", null=False)
    legal_cause = Text(default="", null=False)
    answered_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)


class SealedBid(Table, db=DB, tablename="sealed_bid"):
    """A bid that nobody can read before its beacon round; its text is erased where it is never opened."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    sign_up_id = ForeignKey(SignUp, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    nonce = Text(default=None, null=False)
    beacon_chain = Text(default=None, null=False)
    beacon_round = BigInt(default=None, null=False)
    ciphertext = Text(default=None, null=True)
    ciphertext_sha256 = Text(default=None, null=False)
    sealed_by = Text(default=None, null=False)
    proposal_file_id = UUID(default=None, null=True)
    sent_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    received_at = Timestamptz(default=None, null=False)
    entry_id = ForeignKey(RegisterEntry, default=None, null=False, on_delete=OnDelete.restrict)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    opened_at = Timestamptz(default=None, null=True)
    quoted = BigInt(default=None, null=True)
    fault = Text(default=None, null=True)
