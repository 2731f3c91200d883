from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.indexes import IndexMethod
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB
from market.register.tables import RegisterEntry
from projects.tables import Project

# Selection lies above: it draws panels, and panels refer to its rounds.
_ROUND = LazyTableReference("SelectionRound", module_path="projects.selection.rounds.tables")


class Expert(Table, db=DB, tablename="expert"):
    """A person who may be drawn to score; known to the public by code until a result is out."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    code = Text(default=None, null=False)
    stage = Text(default=None, null=False)
    specialities = Array(base_column=Text(), default=None, null=False, index=True, index_method=IndexMethod.gin)
    profession = Text(default=None, null=False)
    title = Text(default=None, null=False)
    employer_name = Text(default=None, null=False)
    employer_code = Text(default=None, null=True)
    id_number_sealed = Text(default=None, null=False, secret=True)
    id_number_digest = Text(default=None, null=False, secret=True)
    id_number_masked = Text(default=None, null=False)
    phone_sealed = Text(default=None, null=False, secret=True)
    phone_masked = Text(default=None, null=False)
    bank_name = Text(default=None, null=False)
    account_sealed = Text(default=None, null=False, secret=True)
    account_masked = Text(default=None, null=False)
    submitted_at = Timestamptz(default=None, null=True)
    returned_at = Timestamptz(default=None, null=True)
    admitted_at = Timestamptz(default=None, null=True)
    refused_at = Timestamptz(default=None, null=True)
    exited_at = Timestamptz(default=None, null=True)
    reason = Text(default="", null=False)
    reviewed_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
    due_at = Timestamptz(default=None, null=True)
    suspended_until = Timestamptz(default=None, null=True)
    suspension_reason = Text(default="", null=False)
    version = Integer(default=1, null=False)


class ExpertConflict(Table, db=DB, tablename="expert_conflict"):
    """An organisation about which the expert cannot judge freely."""

    id = UUID(primary_key=True, default=None, null=False)
    expert_id = ForeignKey(Expert, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_code = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    declared_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class ExpertTraining(Table, db=DB, tablename="expert_training"):
    id = UUID(primary_key=True, default=None, null=False)
    expert_id = ForeignKey(Expert, default=None, null=False, on_delete=OnDelete.restrict)
    held_on = Date(default=None, null=False)
    subject = Text(default=None, null=False)
    hours = Integer(default=None, null=False)
    recorded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz(default=None, null=False)


class ExpertAssessment(Table, db=DB, tablename="expert_assessment"):
    """One a year and expert."""

    id = UUID(primary_key=True, default=None, null=False)
    expert_id = ForeignKey(Expert, default=None, null=False, on_delete=OnDelete.restrict)
    year = Integer(default=None, null=False)
    grade = Text(default=None, null=False)
    note = Text(default=None, null=False)
    recorded_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz(default=None, null=False)


class ExpertPanel(Table, db=DB, tablename="expert_panel"):
    """Who may be drawn for one selection round, and the order in which they were."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    round_id: ForeignKey = ForeignKey(_ROUND, default=None, null=False, on_delete=OnDelete.restrict)
    size = Integer(default=None, null=False)
    salt = Text(default=None, null=False, secret=True)
    candidates = Array(base_column=Text(), default=None, null=False)
    excluded = JSONB(default=None, null=False)
    sha256 = Text(default=None, null=True)
    frozen_at = Timestamptz(default=None, null=False)
    drawn_at = Timestamptz(default=None, null=True)
    drawn = Array(base_column=Text(), default=None, null=True)
    offers = JSONB(default=None, null=True)
    completed_at = Timestamptz(default=None, null=True)
    failed_at = Timestamptz(default=None, null=True)


class PanelDraw(Table, db=DB, tablename="panel_draw"):
    """A further order of experts, drawn where the first is used up and seats are empty."""

    id = UUID(primary_key=True, default=None, null=False)
    panel_id = ForeignKey(ExpertPanel, default=None, null=False, on_delete=OnDelete.restrict)
    no = Integer(default=None, null=False)
    cause = Text(default=None, null=False)
    seats = Integer(default=None, null=False)
    salt = Text(default=None, null=False, secret=True)
    candidates = Array(base_column=Text(), default=None, null=False)
    excluded = JSONB(default=None, null=False)
    sha256 = Text(default=None, null=False)
    beacon_round = BigInt(default=None, null=False)
    frozen_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    drawn_at = Timestamptz(default=None, null=True)
    drawn = Array(base_column=Text(), default=None, null=True)
    signature = Text(default=None, null=True)


class PanelMember(Table, db=DB, tablename="panel_member"):
    """An expert who was asked to score one project."""

    id = UUID(primary_key=True, default=None, null=False)
    panel_id = ForeignKey(ExpertPanel, default=None, null=False, on_delete=OnDelete.restrict)
    expert_id = ForeignKey(Expert, default=None, null=False, on_delete=OnDelete.restrict)
    place = Integer(default=None, null=False)
    invited_at = Timestamptz(default=None, null=False)
    answer_due_at = Timestamptz(default=None, null=False)
    accepted_at = Timestamptz(default=None, null=True)
    marks_due_at = Timestamptz(default=None, null=True)
    signed_at = Timestamptz(default=None, null=True)
    marks_sha256 = Text(default=None, null=True)
    marks_salt = Text(default=None, null=True, secret=True)
    entry_id = ForeignKey(RegisterEntry, default=None, null=True, on_delete=OnDelete.restrict)
    ended = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="", null=False)
    due_at = Timestamptz(default=None, null=True)
    fee_fen = BigInt(default=None, null=True)
    service_grade = Text(default=None, null=True)
    service_note = Text(default="", null=False)


class ExpertMark(Table, db=DB, tablename="expert_mark"):
    """What an expert gives one agency on one criterion; a draft until signed."""

    id = UUID(primary_key=True, default=None, null=False)
    member_id = ForeignKey(PanelMember, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    criterion = Integer(default=None, null=False)
    mark = Integer(default=None, null=True)
    reason = Text(default=None, null=False)


class OpenedProposal(Table, db=DB, tablename="opened_proposal"):
    """The key of an encrypted proposal, known since its bid was opened, or why nobody can read it."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    file_id = UUID(default=None, null=True)
    key = Text(default=None, null=False)
    fault = Text(default=None, null=True)
    opened_at = Timestamptz(default=None, null=False)
