"""What happens to changes by itself: one that nobody signs in time lapses, one in force becomes a document."""

from __future__ import annotations

import logging
from uuid import UUID

from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.register.acts import on_act
from market.register.queries import entry
from projects.contracts.changes.actions import lapse
from projects.contracts.changes.documents import make_document
from projects.contracts.changes.queries import due_changes
from projects.contracts.signing.notary import notary_in_force

on_act("change.in_force", "contracts.changes.document")
log = logging.getLogger(__name__)


@sweep("contracts.changes.lapse")
async def lapse_due(clock: Clock) -> int:
    now, handled = clock.now(), 0
    for project_id, change_id in await due_changes(now):
        try:
            handled += await lapse(project_id, change_id, now=now)
        except Exception:
            log.exception("the change %s could not lapse; it is tried again with the next pass", change_id)
    return handled


@job("contracts.changes.document")
async def document(*, clock: Clock, entry_id: str) -> None:
    """A failure is tried again; what was signed stands meanwhile."""
    act = await entry(UUID(entry_id))
    await make_document(act.data["contract"], act.data["no"], notary_in_force(), now=clock.now())
