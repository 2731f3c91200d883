from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, ForeignKey, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.kernel.db import DB


class Organisation(Table, db=DB, tablename="organisation"):
    id = UUID(primary_key=True, default=None, null=False)
    kind = Text(default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    legal_representative = Text(default=None, null=False)
    region_code = Text(default=None, null=False)
    address = Text(default=None, null=False)
    phone = Text(default=None, null=False)
    complaint_phone = Text(default=None, null=False)
    parent_code = Text(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)


class Person(Table, db=DB, tablename="person"):
    id = UUID(primary_key=True, default=None, null=False)
    login = Text(default=None, null=False)
    name = Text(default=None, null=False)
    phone = Text(default=None, null=False)
    email = Text(default=None, null=False)
    password_hash = Text(default=None, null=False, secret=True)
    totp_secret = Text(default=None, null=True, secret=True)
    totp_confirmed_at = Timestamptz(default=None, null=True)
    totp_last_step = BigInt(default=0, null=False)
    id_number_sealed = Text(default=None, null=True, secret=True)
    id_number_digest = Text(default=None, null=True, secret=True)
    created_at = Timestamptz(default=None, null=False)
    disabled_at = Timestamptz(default=None, null=True)


class Membership(Table, db=DB, tablename="membership"):
    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    admin = Boolean(default=None, null=False)
    handler = Boolean(default=None, null=False)
    signatory = Boolean(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)


class RegulatorScope(Table, db=DB, tablename="regulator_scope"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    region_prefix = Text(default=None, null=False)
    department = Text(default=None, null=False)


class Session(Table, db=DB, tablename="session"):
    id = UUID(primary_key=True, default=None, null=False)
    token_digest = Text(default=None, null=False, secret=True)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    second_factor_passed = Boolean(default=None, null=False)
    user_agent = Text(default=None, null=False)
    address = Text(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    last_seen_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)


class SignInAttempt(Table, db=DB, tablename="sign_in_attempt"):
    id = UUID(primary_key=True, default=None, null=False)
    login = Text(default=None, null=False)
    address = Text(default=None, null=False)
    succeeded = Boolean(default=None, null=False)
    at = Timestamptz(default=None, null=False)


class InboxMessage(Table, db=DB, tablename="inbox_message"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    text = Text(default=None, null=False)
    facts = JSONB(default=None, null=False)
    link = Text(default=None, null=False)
    cause = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    carried_at = Timestamptz(default=None, null=True)
    for_person_id = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict)


class InboxUnread(Table, db=DB, tablename="inbox_unread"):
    """Keyed by person and message together."""

    person_id = ForeignKey(Person, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    message_id = ForeignKey(InboxMessage, default=None, null=False, on_delete=OnDelete.restrict)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
