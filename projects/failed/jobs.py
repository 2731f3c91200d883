"""A direct pick after failed selections is noted to the regulators in charge."""

from __future__ import annotations

from uuid import UUID

from market.accounts.actions import tell
from market.kernel.clock import Clock
from market.kernel.db import transaction
from market.kernel.i18n import N_
from market.kernel.jobs import job
from market.register.acts import on_act
from market.register.queries import entry
from projects.oversight import regulators_of
from projects.posting.queries import failures_of
from projects.queries import project_by_number

NOTE_JOB = "failed.note_pick"
PICKED = N_("{owner} picked an agency directly for {project}, after {failures} failed selections. Its reason: {reason}")


@job(NOTE_JOB)
async def note_pick(*, clock: Clock, entry_id: str) -> None:
    act = await entry(UUID(entry_id))
    project = await project_by_number(act.subject)
    if act.data["method"] != "direct" or project.repost_of is None:
        return
    facts = {"owner": project.owner_name, "project": project.title, "reason": project.access_reason,
             "failures": await failures_of(project.id)}  # fmt: skip
    regulators = await regulators_of(project)
    async with transaction():
        for organisation_id in regulators:
            await tell(
                organisation_id, PICKED, link=project.url, cause=f"picked:{project.number}", now=act.at, facts=facts
            )


on_act("project.published", NOTE_JOB)
