from __future__ import annotations

from piccolo.columns import UUID, Array, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from market.accounts.tables import InboxMessage, Organisation, Person
from market.kernel.db import DB


class MessageAddress(Table, db=DB, tablename="message_address"):
    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    channel = Text(default=None, null=False)
    address = Text(default=None, null=False)
    asked_at = Timestamptz(default=None, null=False)
    tries = Integer(default=None, null=False)
    verified_at = Timestamptz(default=None, null=True)


class MessagePreference(Table, db=DB, tablename="message_preference"):
    person_id = ForeignKey(Person, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    locale = Text(default=None, null=False)
    quiet_from = Integer(default=None, null=False)
    quiet_until = Integer(default=None, null=False)
    urgent_breaks_through = Boolean(default=None, null=False)
    digest_hour = Integer(default=None, null=True)
    changed_at = Timestamptz(default=None, null=False)


class MessageChoice(Table, db=DB, tablename="message_choice"):
    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    event = Text(default=None, null=False)
    channel = Text(default=None, null=False)
    wanted = Boolean(default=None, null=False)


class MessageParcel(Table, db=DB, tablename="message_parcel"):
    id = UUID(primary_key=True, default=None, null=False)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    channel = Text(default=None, null=False)
    kind = Text(default=None, null=False)
    address = Text(default=None, null=False)
    locale = Text(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    digest_at = Timestamptz(default=None, null=True)
    state = Text(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    tries = Integer(default=None, null=False)
    claimed_until = Timestamptz(default=None, null=True)
    problem = Text(default="", null=False)
    ended_at = Timestamptz(default=None, null=True)


class MessageItem(Table, db=DB, tablename="message_item"):
    id = UUID(primary_key=True, default=None, null=False)
    parcel_id = ForeignKey(MessageParcel, default=None, null=False, on_delete=OnDelete.restrict)
    message_id = ForeignKey(InboxMessage, default=None, null=False, on_delete=OnDelete.restrict)
    person_id = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    channel = Text(default=None, null=False)


class MessageRound(Table, db=DB, tablename="message_round"):
    organisation_id = ForeignKey(Organisation, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    looked_at = Timestamptz(default=None, null=False)


class WebhookEndpoint(Table, db=DB, tablename="webhook_endpoint"):
    id = UUID(primary_key=True, default=None, null=False)
    organisation_id = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    url = Text(default=None, null=False)
    events = Array(base_column=Text(), default=None, null=False)
    secret_sealed = Text(default=None, null=False, secret=True)
    former_secret_sealed = Text(default=None, null=True, secret=True)
    former_until = Timestamptz(default=None, null=True)
    made_by = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)
    failing_since = Timestamptz(default=None, null=True)
    warned_at = Timestamptz(default=None, null=True)
    disabled_at = Timestamptz(default=None, null=True)
    disabled_by = Text(default=None, null=True)
    removed_at = Timestamptz(default=None, null=True)
    claimed_until = Timestamptz(default=None, null=True)


class WebhookCall(Table, db=DB, tablename="webhook_call"):
    id = UUID(primary_key=True, default=None, null=False)
    endpoint_id = ForeignKey(WebhookEndpoint, default=None, null=False, on_delete=OnDelete.restrict)
    no = BigInt(default=None, null=False)
    message_id = ForeignKey(InboxMessage, default=None, null=True, on_delete=OnDelete.restrict)
    event = Text(default=None, null=False)
    body = Text(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    state = Text(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    tries = Integer(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class WebhookTry(Table, db=DB, tablename="webhook_try"):
    id = UUID(primary_key=True, default=None, null=False)
    call_id = ForeignKey(WebhookCall, default=None, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    status = Integer(default=None, null=True)
    problem = Text(default=None, null=False)
    milliseconds = Integer(default=None, null=False)
    answer = Text(default=None, null=False)
