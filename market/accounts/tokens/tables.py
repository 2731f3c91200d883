from __future__ import annotations

from piccolo.columns import UUID, Array, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import Organisation, Person
from market.kernel.db import DB


class ApiToken(Table, db=DB, tablename="api_token"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    name = Text(default=None, null=False)
    token_digest = Text(default=None, null=False, secret=True)
    beginning = Text(default=None, null=False)
    scopes = Array(base_column=Text(), default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(default=None, null=True)
    last_address = Text(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)
