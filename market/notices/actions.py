"""What people do with their messages, and how they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from market.kernel.clock import wall_now
from market.kernel.db import execute, fetch_one, transaction
from market.kernel.errors import Refusal
from market.kernel.i18n import N_
from market.kernel.ids import new_id
from market.kernel.settings import Secret
from market.notices.events import BY_ID
from market.notices.queries import addresses_of, person_reached_at
from market.notices.rules import CHANNELS, CODE_LIFE, CODE_PAUSE, CODE_TRIES, Preference, reachable
from market.notices.signing import code_of, same


async def read_message(person_id: UUID, message_id: UUID) -> None:
    """To colleagues it stays unread."""
    await execute("DELETE FROM inbox_unread WHERE person_id = $1 AND message_id = $2", person_id, message_id)


async def read_all(person_id: UUID, organisation_id: UUID, *, until: datetime) -> int:
    """Marks what had come by `until`, the moment at which the reader's page was made; returns how many were new."""
    return await execute(
        "DELETE FROM inbox_unread u USING inbox_message i"
        " WHERE i.id = u.message_id AND u.person_id = $1 AND u.organisation_id = $2 AND i.at <= $3",
        person_id, organisation_id, until,
    )  # fmt: skip


@dataclass(frozen=True)
class Wishes:
    """A person's whole answer on the preferences page. `choices` names every event and channel."""

    preference: Preference
    choices: Mapping[tuple[str, str], bool]


async def change_preferences(person_id: UUID, wishes: Wishes, *, now: datetime) -> None:
    """Keeps what differs from the market's proposal, so that a better proposal reaches those who said nothing."""
    said = wishes.preference
    async with transaction():
        await execute(
            "INSERT INTO message_preference VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT (person_id) DO UPDATE SET"
            " locale = $2, quiet_from = $3, quiet_until = $4, urgent_breaks_through = $5, digest_hour = $6, changed_at = $7",
            person_id, said.locale, said.quiet_from, said.quiet_until, said.urgent_breaks_through, said.digest_hour, now,
        )  # fmt: skip
        await execute("DELETE FROM message_choice WHERE person_id = $1", person_id)
        for (event_id, channel), wanted in wishes.choices.items():
            if wanted != (channel in BY_ID[event_id].channels):
                await _choose(person_id, event_id, channel, wanted=wanted)


async def stop(person_id: UUID, event_id: str | None) -> None:
    """No e-mail about this event any more; None: about nothing. The inbox keeps everything."""
    async with transaction():
        for one in [event_id] if event_id else list(BY_ID):
            await _choose(person_id, one, "email", wanted=False)


async def _choose(person_id: UUID, event_id: str, channel: str, *, wanted: bool) -> None:
    await execute(
        "INSERT INTO message_choice VALUES ($1,$2,$3,$4,$5) ON CONFLICT ON CONSTRAINT message_choice_once DO UPDATE"
        " SET wanted = $5",
        new_id(), person_id, event_id, channel, wanted,
    )  # fmt: skip


async def ask_for_code(person_id: UUID, channel: str, *, locale: str, now: datetime) -> None:
    """Sends a code to the address in the person's particulars; it counts once the code comes back.
    Raises Refusal where there is no address, or a code went out a moment ago."""
    assert channel in CHANNELS
    address = (await person_reached_at(person_id))[channel]
    if not address:
        raise Refusal("address.none", N_("There is no such address in your particulars yet."),
                      todo=N_("Add it on the account page, then come back."))  # fmt: skip
    if not reachable(channel, address):
        raise Refusal("address.unreachable", N_("Nothing can be sent to {address}."), address=address,
                      todo=N_("Give an e-mail address such as name@example.org, and a mobile number of 11 digits."))  # fmt: skip
    async with transaction():
        moment = wall_now()
        asked = await fetch_one(
            "INSERT INTO message_address VALUES ($1,$2,$3,$4,$5,0,NULL) ON CONFLICT ON CONSTRAINT message_address_once"
            " DO UPDATE SET address = $4, asked_at = $5, tries = 0, verified_at = NULL"
            " WHERE message_address.asked_at <= $6 RETURNING id",
            new_id(), person_id, channel, address, moment, moment - CODE_PAUSE,
        )  # fmt: skip
        if asked is None:
            raise Refusal("address.asked", N_("A code was sent less than a minute ago."),
                          todo=N_("Wait a moment before you ask for another one."))  # fmt: skip
        await execute(
            "INSERT INTO message_parcel (id, person_id, channel, kind, address, locale, made_at, state, due_at, tries)"
            " VALUES ($1,$2,$3,'code',$4,$5,$6,'waiting',$6,0)",
            new_id(), person_id, channel, address, locale, now,
        )  # fmt: skip


async def give_code(person_id: UUID, channel: str, code: str, *, key: Secret) -> None:
    """Confirms an address by its code. Raises Refusal when it is wrong, too old, or was tried too often."""
    known = (await addresses_of(person_id)).get(channel)
    if known is None or known.verified_at is not None or wall_now() >= known.asked_at + CODE_LIFE:
        raise Refusal("address.no_code", N_("There is no code to confirm: it was used, or it is too old."),
                      todo=N_("Ask for a new code."))  # fmt: skip
    counted = await execute(
        "UPDATE message_address SET tries = tries + 1 WHERE id = $1 AND asked_at = $2 AND tries < $3",
        known.id, known.asked_at, CODE_TRIES,
    )  # fmt: skip
    if not counted:
        raise Refusal("address.tried", N_("This code was tried too often."), todo=N_("Ask for a new code."))
    if not same(code.strip(), code_of(key, known.id, known.asked_at)):
        raise Refusal("address.wrong_code", N_("This is not the code that was sent."),
                      todo=N_("Compare it with the newest message; you have {left} tries left."),
                      left=CODE_TRIES - known.tries - 1)  # fmt: skip
    await execute(
        "UPDATE message_address SET verified_at = $3 WHERE id = $1 AND asked_at = $2",
        known.id,
        known.asked_at,
        wall_now(),
    )
