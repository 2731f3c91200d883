"""Whoever is on turn is reminded before the time is over, whatever the deadline is: everything that stands in an agenda or
waits at a work bench with a day. What has reminders of its own, by other numbers of the rulebook, is left to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from market.accounts.actions import tell
from market.accounts.queries import SCOPES, scopes_from
from market.catalogue.queries import rulebook_in_force
from market.kernel.db import fetch, transaction
from market.kernel.errors import Message
from market.notices.rules import reminders_due
from market.web.agendas import events_of
from market.web.display import show
from market.web.panels import waiting_for
from market.web.viewer import Viewer

EVERY: Final = timedelta(hours=3)
AT_ONCE: Final = 10
# Texts of agendas whose deadlines are announced by messages of their own, and by which.
REMINDED_ELSEWHERE: Final = {
    "Delivery due: {project}": "delivery.due",
    "Answer to the delivery due: {project}": "delivery.reminded",
    "Answer to the request about the time due: {project}": "clock.due",
    "Payment due: {title}": "payment.reminder",
    "Bond ends: {project}": "bond.runs_out",
}
_CLAIM = """
INSERT INTO message_round (organisation_id, looked_at)
SELECT o.id, $1 FROM organisation o LEFT JOIN message_round r ON r.organisation_id = o.id
WHERE o.closed_at IS NULL AND (r.looked_at IS NULL OR r.looked_at <= $2)
ORDER BY r.looked_at NULLS FIRST, o.id LIMIT $3
ON CONFLICT (organisation_id) DO UPDATE SET looked_at = $1 WHERE message_round.looked_at <= $2
RETURNING organisation_id
"""
# Somebody who may do everything there: what waits for the organisation waits for them.
_VIEWERS = f"""
SELECT DISTINCT ON (o.id) o.id AS organisation_id, o.kind AS organisation_kind, o.name AS organisation_name,
       o.code AS organisation_code, p.id AS person_id, p.name AS person_name,
       {SCOPES} AS scopes
FROM organisation o JOIN membership m ON m.organisation_id = o.id AND m.until IS NULL
JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL
WHERE o.id = ANY ($1) ORDER BY o.id, m.signatory DESC, m.since
"""


@dataclass(frozen=True)
class Duty:
    """Something that the organisation has to do until a moment."""

    text: Message
    since: datetime
    due_at: datetime
    link: str
    number: str

    def cause(self, days: int) -> str:
        what = sha256(f"{self.text.text}|{self.link}".encode()).hexdigest()[:16]
        return f"reminder:{self.number}:{what}:{int(self.due_at.timestamp())}:{days}"


async def remind(region: str, now: datetime) -> int:
    """Looks at the organisations whose turn it is; returns how many. Each reminder is told once, by its cause."""
    claimed = await fetch(_CLAIM, now, now - EVERY, AT_ONCE)
    if not claimed:
        return 0
    days = (await rulebook_in_force(region, now)).integers("message.reminder_days")
    for row in await fetch(_VIEWERS, [row["organisation_id"] for row in claimed]):
        scopes = scopes_from(row.pop("scopes"))
        viewer = Viewer(**row, roles=frozenset({"admin", "handler", "signatory"}), scopes=scopes)
        await _remind(viewer, days, now)
    return len(claimed)


async def _remind(viewer: Viewer, days: tuple[int, ...], now: datetime) -> None:
    assert viewer.organisation_id is not None
    found = [
        (duty, due) for duty in await duties_of(viewer, now)
        if (due := reminders_due(duty.due_at, days, since=duty.since, now=now)) is not None
    ]  # fmt: skip
    if not found:
        return
    async with transaction():
        for duty, due in found:
            await tell(
                viewer.organisation_id, duty.text.text, link=duty.link, cause=duty.cause(due), now=now, due_at=duty.due_at,
                facts={name: show(value) for name, value in duty.text.facts.items()},
            )  # fmt: skip


async def duties_of(viewer: Viewer, now: datetime) -> list[Duty]:
    """Everything that the organisation itself is to do until some moment, without what is reminded of elsewhere."""
    assert viewer.organisation_id is not None
    events = await events_of(viewer.organisation_id, now)
    named = {(one.number, one.due_at) for one in events}
    own = [
        Duty(one.text, one.since, one.due_at, one.link, one.number)
        for one in events
        if one.own and one.text.text not in REMINDED_ELSEWHERE
    ]
    return own + [
        Duty(one.text, one.since, one.due_at, one.link, one.number)
        for one in await waiting_for(viewer, now)
        if one.due_at is not None and (one.number, one.due_at) not in named
    ]
