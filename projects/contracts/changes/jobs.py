"""What happens to changes by itself: one that nobody signs in time lapses, one in force becomes a document."""

from __future__ import annotations

from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import one_by_one, sweep
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.changes.actions import lapse
from projects.contracts.changes.documents import make_document
from projects.contracts.changes.queries import due_changes
from projects.contracts.signing.notary import notary_in_force

on_act("change.in_force", "contracts.changes.document")


@sweep("contracts.changes.lapse")
async def lapse_due(clock: Clock) -> int:
    now = clock.now()
    return await one_by_one(await due_changes(now), "the lapse of a change", lambda one: lapse(*one, now=now))


@job("contracts.changes.document")
async def document(*, clock: Clock, entry_id: str) -> None:
    """A failure is tried again; what was signed stands meanwhile."""
    act = await entry(UUID(entry_id))
    await make_document(act.data["contract"], act.data["no"], notary_in_force(), now=clock.now())
