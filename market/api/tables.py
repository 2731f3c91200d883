from __future__ import annotations

from piccolo.columns import UUID, Array, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tokens.tables import ApiToken
from market.kernel.db import DB


class ApiRequest(Table, db=DB, tablename="api_request"):
    id = UUID(primary_key=True, default=None, null=False)
    token_id = ForeignKey(ApiToken, default=None, null=False, on_delete=OnDelete.restrict)
    act = Text(default=None, null=False)
    key = Text(default=None, null=True)
    digest = Text(default=None, null=False)
    claimed_at = Timestamptz(default=None, null=False)
    held_until = Timestamptz(default=None, null=False)
    acted_at = Timestamptz(default=None, null=True)
    entries = Array(base_column=UUID(), default=None, null=False)
    status = Integer(default=None, null=True)
    answer = Text(default=None, null=True)


class ApiAllowance(Table, db=DB, tablename="api_allowance"):
    subject = Text(primary_key=True, default=None, null=False)
    since = Timestamptz(default=None, null=False)
    used = Integer(default=None, null=False)
