from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from agencies.tables import Agency, AgencyAuthorisedPerson
from market.accounts.tables import Person
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
    """From which device and network an entry came (see origins.py)."""

    id = UUID(primary_key=True, default=None, null=False)
    project_id = ForeignKey(Project, default=None, null=False, on_delete=OnDelete.restrict)
    agency_id = ForeignKey(Agency, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Text(default=None, null=False)
    mark = Text(default=None, null=False, secret=True)
    seen_at = Timestamptz(default=None, null=False)
