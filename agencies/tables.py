from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Person
from market.kernel.db import DB

RESTRICT = OnDelete.restrict


class Agency(Table, db=DB, tablename="agency"):
    """One row for each organisation that ever opened an application; the facts from which its stage follows."""

    # References organisation; Piccolo cannot let other tables refer to a key that is itself a reference.
    organisation_id = UUID(primary_key=True, default=None, null=False)
    stage = Text(default=None, null=False)
    introduction = Text(default=None, null=False)
    established_on = Date(default=None, null=True)
    registered_capital_fen = BigInt(default=None, null=True)
    licence_file_id = UUID(default=None, null=True)
    service_items = Array(base_column=Text(), default=None, null=False)
    branch_of = Text(default=None, null=True)
    branch_file_id = UUID(default=None, null=True)
    corrections_used = Integer(default=0, null=False)
    submitted_at = Timestamptz(default=None, null=True)
    returned_at = Timestamptz(default=None, null=True)
    notice_started_at = Timestamptz(default=None, null=True)
    notice_ends_at = Timestamptz(default=None, null=True)
    admitted_at = Timestamptz(default=None, null=True)
    refused_at = Timestamptz(default=None, null=True)
    refusal_reason = Text(default="", null=False)
    exited_at = Timestamptz(default=None, null=True)
    exit_reason = Text(default="", null=False)
    due_at = Timestamptz(default=None, null=True)
    changes_since = Timestamptz(default=None, null=True)
    changes_due_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)


class AgencyCommitment(Table, db=DB, tablename="agency_commitment"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    text_version = Text(default=None, null=False)
    text_sha256 = Text(default=None, null=False)
    accepted_by = ForeignKey(Person, default=None, null=False, on_delete=RESTRICT)
    accepted_at = Timestamptz(default=None, null=False)


class AgencyQualification(Table, db=DB, tablename="agency_qualification"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    qualification_type = Text(default=None, null=False)
    level = Text(default=None, null=False)
    specialities = Array(base_column=Text(), default=None, null=False)
    certificate_number = Text(default=None, null=False)
    valid_from = Date(default=None, null=False)
    valid_until = Date(default=None, null=False)
    file_id = UUID(default=None, null=True)
    review = Text(default=None, null=False)
    review_reason = Text(default="", null=False)
    reviewed_at = Timestamptz(default=None, null=True)
    replaces: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=RESTRICT)
    ended_at = Timestamptz(default=None, null=True)
    warned_days = Integer(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)


class AgencyPractitioner(Table, db=DB, tablename="agency_practitioner"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    name = Text(default=None, null=False)
    id_number_sealed = Text(default=None, null=False, secret=True)
    id_number_digest = Text(default=None, null=False, secret=True)
    id_number_masked = Text(default=None, null=False)
    profession = Text(default=None, null=False)
    certificate_number = Text(default=None, null=False)
    valid_until = Date(default=None, null=False)
    insurance_file_id = UUID(default=None, null=True)
    review = Text(default=None, null=False)
    review_reason = Text(default="", null=False)
    reviewed_at = Timestamptz(default=None, null=True)
    replaces: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=RESTRICT)
    warned_days = Integer(default=None, null=True)
    since = Timestamptz(default=None, null=False)
    left_at = Timestamptz(default=None, null=True)


class AgencyAuthorisedPerson(Table, db=DB, tablename="agency_authorised_person"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    name = Text(default=None, null=False)
    phone = Text(default=None, null=False)
    insurance_file_id = UUID(default=None, null=True)
    authority_file_id = UUID(default=None, null=True)
    review = Text(default=None, null=False)
    review_reason = Text(default="", null=False)
    reviewed_at = Timestamptz(default=None, null=True)
    replaces: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=RESTRICT)
    since = Timestamptz(default=None, null=False)
    left_at = Timestamptz(default=None, null=True)


class AgencyChange(Table, db=DB, tablename="agency_change"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    section = Text(default=None, null=False)
    proposed = JSONB(default=None, null=False)
    file_id = UUID(default=None, null=True)
    review = Text(default=None, null=False)
    review_reason = Text(default="", null=False)
    reviewed_at = Timestamptz(default=None, null=True)
    proposed_by = ForeignKey(Person, default=None, null=False, on_delete=RESTRICT)
    proposed_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class AgencyReview(Table, db=DB, tablename="agency_review"):
    id = UUID(primary_key=True, default=None, null=False)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=RESTRICT)
    decision = Text(default=None, null=False)
    items = JSONB(default=None, null=False)
    reviewed_by = ForeignKey(Person, default=None, null=False, on_delete=RESTRICT)
    reviewed_at = Timestamptz(default=None, null=False)


class AgencyStanding(Table, db=DB, tablename="agency_standing"):
    agency_id = ForeignKey(Agency, primary_key=True, default=None, null=False, on_delete=RESTRICT)
    suspended_until = Timestamptz(default=None, null=True)
    suspension_reason = Text(default="", null=False)
    restricted_until = Timestamptz(default=None, null=True)
    restriction_reason = Text(default="", null=False)
    score = Integer(default=None, null=True)
    updated_at = Timestamptz(default=None, null=False)
    removed_since = Timestamptz(default=None, null=True)
    removed_until = Timestamptz(default=None, null=True)
    removal_decision = Text(default="", null=False)
