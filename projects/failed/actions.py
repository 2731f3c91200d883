"""After failed selections the owner names an agency: a draft of a direct pick, checked and published like any other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from market.web.viewer import Viewer
from projects.actions import stage_moved
from projects.failed.queries import limits_of, situation_of
from projects.failed.rules import check_pick
from projects.posting import actions as posting
from projects.posting.queries import access_draft
from projects.queries import access_own_project
from projects.rules import Stage


async def pick(viewer: Viewer, number: str, *, codes: tuple[str, ...], reason: str, now: datetime) -> UUID:
    """A draft that posts the failed job again as a direct pick of one agency (`codes` may still be empty: it is named in
    the draft). Raises NotFound for strangers, Refusal where the rules do not allow it (yet)."""
    project = await access_own_project(viewer, number)
    if project.stage is not Stage.FAILED:
        raise stage_moved()
    check_pick(await situation_of(project, now), await limits_of(project))
    draft_id = await posting.repost(viewer, number, now=now)
    draft = await access_draft(viewer, draft_id)
    chosen = {"method": "direct", "access": "invited", "invited_code": list(codes), "access_reason": reason}
    await posting.save_draft(viewer, draft_id, {**draft.values, **chosen}, now=now)
    return draft_id
