"""Telling the agencies that a notice names."""

from __future__ import annotations

from datetime import datetime

from market.accounts.actions import tell
from market.kernel.db import require_transaction
from market.kernel.i18n import N_
from projects.posting.actions.checking import invited_ids
from projects.posting.rules import Notice

PICKED = N_("{owner} named you for {title} by direct selection. Sign up to take the job, or leave it.")
INVITED = N_("{owner} invites you to take part in {title}.")


async def tell_invited(number: str, owner: str, notice: Notice, *, now: datetime) -> None:
    """In the transaction of the notice or its amendment. Each agency is told once, whatever follows; nobody where
    everybody may come, or where the result comes with the notice."""
    require_transaction()
    if notice.access == "open" or notice.tendered:
        return
    facts = {"owner": owner, "title": notice.title}
    for agency_id in sorted(await invited_ids(notice)):
        await tell(agency_id, PICKED if notice.picked else INVITED, link=f"/projects/{number}", cause=f"invited:{number}",
                   now=now, facts=facts)  # fmt: skip
