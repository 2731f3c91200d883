"""From the outbox to people. A parcel is claimed for a few minutes, sent outside of any transaction, and then marked: a
worker that dies in between lets it be sent again with the same Message-ID, so nothing is lost and a copy is known as one."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from market.catalogue.queries import rulebook_in_force
from market.catalogue.rules import Rulebook
from market.kernel.calendar import ONE_DAY
from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch_one, fetch_value
from market.notices.failures import NotDelivered
from market.notices.letters import Parcel, code_letter, code_sms, letter, sms
from market.notices.post import Post
from market.notices.queries import MessageView, messages_in
from market.notices.rules import CODE_LIFE, mobile_number, next_hour, pause_after
from market.notices.signing import code_of

log = logging.getLogger(__name__)
LEASE: Final = timedelta(minutes=3)
AT_ONCE: Final = 50
MORNING: Final = 8
_CLAIM = """
UPDATE message_parcel SET claimed_until = $3 WHERE id = (
    SELECT id FROM message_parcel WHERE state = 'waiting' AND due_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $2)
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, person_id, channel, kind, address, locale, made_at, digest_at, tries
"""


class _Pointless(Exception):
    """Why there is nothing to send any more."""


async def deliver(post: Post, now: datetime) -> int:
    """Sends what is due, one parcel after the other; returns how many were dealt with."""
    book = await rulebook_in_force(post.region, now)
    for done in range(AT_ONCE):
        row = await fetch_one(_CLAIM, now, wall_now(), wall_now() + LEASE)
        if row is None:
            return done
        if not await _one(post, row, book, now):
            return done + 1  # the other side is in trouble: the next pass tries again, with another parcel
    return AT_ONCE


async def _one(post: Post, row: Mapping[str, Any], book: Rulebook, now: datetime) -> bool:
    """False where the way out itself did not work."""
    try:
        later = await _held_back(row, book, now)
        if later is not None:
            await _wait(row, until=later, tries=row["tries"], problem="the day's limit of this number is reached")
            return True
        await _send(post, row)
    except _Pointless as why:
        await _end(row, "given_up", now, str(why))
    except NotDelivered as failure:
        await _failed(row, failure, book, now)
        return failure.for_good
    except Exception:
        # A parcel that cannot even be put together must neither hold up the others nor be tried every few minutes.
        log.exception("parcel %s could not be made; it is tried again later", row["id"])
        await _failed(row, NotDelivered("it could not be put together"), book, now)
    else:
        await _end(row, "sent", now, "")
    return True


async def _held_back(row: Mapping[str, Any], book: Rulebook, now: datetime) -> datetime | None:
    """Text messages beyond a number's daily limit wait for the next morning."""
    if row["channel"] != "sms":
        return None
    sent = await fetch_value(
        "SELECT count(*) FROM message_parcel WHERE channel = 'sms' AND state = 'sent' AND address = $1 AND ended_at > $2",
        row["address"], now - ONE_DAY,
    )  # fmt: skip
    return next_hour(MORNING, now) if sent >= book.integer("message.sms_daily_max") else None


async def _send(post: Post, row: Mapping[str, Any]) -> None:
    name = await fetch_value("SELECT name FROM person WHERE id = $1 AND disabled_at IS NULL", row["person_id"])
    if name is None:
        raise _Pointless("the account is closed")
    values = {key: row[key] for key in ("id", "person_id", "channel", "kind", "address", "locale", "made_at")}
    parcel = Parcel(person_name=name, **values)
    if parcel.kind == "code":
        await _send_code(post, parcel)
        return
    messages = await _messages(parcel)
    if parcel.channel == "email":
        await post.mail.send(letter(post, parcel, messages))
    else:
        await post.sms.send(mobile_number(parcel.address), sms(post, parcel, messages[0]), reference=str(parcel.id))


async def _messages(parcel: Parcel) -> list[MessageView]:
    """What the person may still be told: the address is theirs and confirmed, and they act for the organisation."""
    confirmed = await fetch_value(
        "SELECT EXISTS (SELECT 1 FROM message_address a JOIN person p ON p.id = a.person_id WHERE a.person_id = $1"
        " AND a.channel = $2 AND a.address = $3 AND a.verified_at IS NOT NULL"
        " AND a.address = CASE a.channel WHEN 'email' THEN p.email ELSE p.phone END)",
        parcel.person_id, parcel.channel, parcel.address,
    )  # fmt: skip
    if not confirmed:
        raise _Pointless("the address was changed")
    acts_for = await fetch_value(
        "SELECT array_agg(organisation_id) FROM membership WHERE person_id = $1 AND until IS NULL", parcel.person_id
    )
    messages = [
        one for one in await messages_in(parcel.person_id, parcel.id) if one.organisation_id in (acts_for or ())
    ]
    if not messages:
        raise _Pointless("the person does not act for the organisation any more")
    return messages


async def _send_code(post: Post, parcel: Parcel) -> None:
    asked = await fetch_one(
        "SELECT id, asked_at FROM message_address WHERE person_id = $1 AND channel = $2 AND address = $3"
        " AND verified_at IS NULL AND asked_at > $4",
        parcel.person_id, parcel.channel, parcel.address, wall_now() - CODE_LIFE,
    )  # fmt: skip
    if asked is None:
        raise _Pointless("the code is not needed any more")
    code = code_of(post.key, asked["id"], asked["asked_at"])
    if parcel.channel == "email":
        await post.mail.send(code_letter(post, parcel, code))
    else:
        await post.sms.send(mobile_number(parcel.address), code_sms(post, parcel, code), reference=str(parcel.id))


async def _failed(row: Mapping[str, Any], failure: NotDelivered, book: Rulebook, now: datetime) -> None:
    tries = row["tries"] + 1
    ends = (row["digest_at"] or row["made_at"]) + ONE_DAY * book.calendar_days("message.give_up_days")
    if failure.for_good or now >= ends:
        await _end(row, "given_up", now, failure.problem)
    else:
        pause = pause_after(tries, secrets.randbelow(1000))
        await _wait(row, until=now + pause, tries=tries, problem=failure.problem)


async def _wait(row: Mapping[str, Any], *, until: datetime, tries: int, problem: str) -> None:
    await execute(
        "UPDATE message_parcel SET due_at = $2, tries = $3, problem = $4, claimed_until = NULL WHERE id = $1 AND state = 'waiting'",
        row["id"], until, tries, problem[:200],
    )  # fmt: skip


async def _end(row: Mapping[str, Any], state: str, now: datetime, problem: str) -> None:
    await execute(
        "UPDATE message_parcel SET state = $2, ended_at = $3, problem = $4, claimed_until = NULL, tries = tries + 1"
        " WHERE id = $1 AND state = 'waiting'",
        row["id"], state, now, problem[:200],
    )  # fmt: skip
