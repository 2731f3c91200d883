from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB


class ProjectDraft(Table, db=DB, tablename="project_draft"):
    """A saved form; a project exists from its publication on."""

    id = UUID(primary_key=True, default=None, null=False)
    owner_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    values = JSONB(default=None, null=False)
    repost_of = UUID(default=None, null=True)
    updated_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    updated_at = Timestamptz(default=None, null=False)
    published_at = Timestamptz(default=None, null=True)


class Project(Table, db=DB, tablename="project"):
    id = UUID(primary_key=True, default=None, null=False)
    number = Text(default=None, null=False)
    owner_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    draft_id = ForeignKey(ProjectDraft, default=None, null=False, on_delete=OnDelete.restrict)
    stage = Text(default=None, null=False)
    method = Text(default=None, null=False)
    title = Text(default=None, null=False)
    service_items = Array(base_column=Text(), default=None, null=False, index=True, index_method=IndexMethod.gin)
    service_classes = Text(default=None, null=False)
    service_mode = Text(default=None, null=False)
    bundle_code = Text(default=None, null=True)
    region_code = Text(default=None, null=False)
    scale = Text(default=None, null=False)
    content = Text(default=None, null=False)
    service_days = Integer(default=None, null=False)
    service_time_note = Text(default=None, null=False)
    investment_code = Text(default=None, null=True)
    investment_name = Text(default=None, null=False)
    approval_matter = Text(default=None, null=False)
    approval_number = Text(default=None, null=False)
    fiscal_share = Integer(default=None, null=False)
    budget_fen = BigInt(default=None, null=True)
    price_fen = BigInt(default=None, null=True)
    price_note = Text(default=None, null=False)
    contact_name = Text(default=None, null=False)
    contact_phone = Text(default=None, null=False)
    complaint_phone = Text(default=None, null=False)
    requirement_mode = Text(default=None, null=False)
    practitioners_needed = Integer(default=None, null=False)
    practitioner_profession = Text(default=None, null=False)
    other_requirements = Text(default=None, null=False)
    remarks = Text(default=None, null=False)
    catalogue_version = Text(default=None, null=False)
    rulebook_version = Text(default=None, null=False)
    published_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    published_at = Timestamptz(default=None, null=False)
    sign_up_opens_at = Timestamptz(default=None, null=False)
    sign_up_closes_at = Timestamptz(default=None, null=False)
    beacon_chain = Text(default=None, null=False)
    repost_of: ForeignKey = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    quote = Text(default="price", null=False)
    ceiling_fen = BigInt(default=None, null=True)
    floor_fen = BigInt(default=None, null=True)
    smallest_discount = Integer(default=None, null=True)
    largest_discount = Integer(default=None, null=True)
    access = Text(default="open", null=False)
    access_reason = Text(default="", null=False)
    bidding_starts_at = Timestamptz(default=None, null=True)
    price_weight = Integer(default=None, null=True)
    credit_weight = Integer(default=None, null=True)
    tender_number = Text(default="", null=False)
    tender_platform = Text(default="", null=False)
    opened_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawal_reason = Text(default="", null=False)
    frozen_at = Timestamptz(default=None, null=True)
    failed_at = Timestamptz(default=None, null=True)
    failure_reason = Text(default="", null=False)
    winner_id = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    drawn_at = Timestamptz(default=None, null=True)
    result_notice_ends_at = Timestamptz(default=None, null=True)
    result_final_at = Timestamptz(default=None, null=True)
    signed_at = Timestamptz(default=None, null=True)
    accepted_at = Timestamptz(default=None, null=True)
    terminated_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None, null=True)


class ProjectRequirement(Table, db=DB, tablename="project_requirement"):
    """A qualification that the agency must hold; "" where any level or any speciality will do."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    qualification_type = Text(default=None, null=False)
    level = Text(default=None, null=False)
    speciality = Text(default=None, null=False)


class ProjectAvoided(Table, db=DB, tablename="project_avoided"):
    """An agency that may not take part, with the reason that everybody can read."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    reason = Text(default=None, null=False)


class ProjectInvited(Table, db=DB, tablename="project_invited"):
    """An agency that may take part where the owner invites."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)


class ProjectMilestone(Table, db=DB, tablename="project_milestone"):
    """A part of the service as the notice states it: `share` of the price in basis points, working days."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    title = Text(default=None, null=False)
    share = Integer(default=None, null=False)
    days = Integer(default=None, null=False)


class ProjectCriterion(Table, db=DB, tablename="project_criterion"):
    """Something that experts score, with its weight in basis points."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    name = Text(default=None, null=False)
    description = Text(default=None, null=False)
    weight = Integer(default=None, null=False)


class ProjectFile(Table, db=DB, tablename="project_file"):
    """A public document of the notice."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=False)
    label = Text(default=None, null=False)


class ProjectAmendment(Table, db=DB, tablename="project_amendment"):
    """A dated notice of what changed after publication: field -> [before, after]."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    changes = JSONB(default=None, null=False)
    reason = Text(default=None, null=False)
    restarts_window = Boolean(default=None, null=False)
    made_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)


class ProjectOwnerPause(Table, db=DB, tablename="project_owner_pause"):
    """An owner who may not publish while now < paused_until."""

    owner_id = ForeignKey(Organisation, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    paused_until = Timestamptz(default=None, null=True)
    updated_at = Timestamptz(default=None, null=False)
