"""Acts that move credit are counted as soon as they are recorded; expired events leave the account by themselves."""

from __future__ import annotations

from uuid import UUID

from market.catalogue.queries import rulebook
from market.kernel.clock import Clock
from market.kernel.jobs import job
from market.kernel.sweep import sweep
from market.register.acts import on_act
from market.register.queries import entry
from projects.queries import project_by_number
from ratings.credit import actions
from ratings.credit.rules import ACTS, excuses


@job("ratings.credit.count")
async def count(*, clock: Clock, entry_id: str) -> None:
    """Under the rulebook that the project was posted under. Runs as often as it likes: an act counts once."""
    act = await entry(UUID(entry_id))
    project = await project_by_number(act.subject)
    await actions.count_act(act, await rulebook(project.rulebook_version), now=clock.now())


@job("ratings.credit.excuse")
async def excuse(*, clock: Clock, entry_id: str) -> None:
    """A corrected verdict may take back what the returns had cost, whichever of the two jobs comes first."""
    correction = await entry(UUID(entry_id))
    project = await project_by_number(correction.subject)
    book = await rulebook(project.rulebook_version)
    if excuses(correction.data, book.integer):
        for act in await actions.disapprovals_before(correction):
            await actions.count_act(act, book, now=clock.now())
        await actions.excuse(correction, now=clock.now())


@sweep("ratings.credit.expire")
async def expire(clock: Clock) -> int:
    handled = 0
    while await actions.settle_next(clock.now()):
        handled += 1
    return handled


for kind in ACTS:
    on_act(kind, "ratings.credit.count")
on_act("verdict.corrected", "ratings.credit.excuse")
