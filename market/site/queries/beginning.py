"""What is known of somebody who begins."""

from __future__ import annotations

from datetime import datetime

from market.accounts.calendar import year_view
from market.kernel.calendar import Calendar, beijing_date
from market.kernel.db import fetch_one
from market.site.rules.beginning import Beginning
from market.web.viewer import Viewer

_KNOWN = """
SELECT (SELECT totp_confirmed_at IS NOT NULL FROM person WHERE id = $1) AS second_factor,
  (SELECT count(*) FROM membership WHERE organisation_id = $2 AND until IS NULL) AS colleagues,
  coalesce((SELECT stage FROM expert WHERE organisation_id = $2), '') AS entry,
  (SELECT count(*) FROM organisation WHERE kind = 'regulator') AS authorities
"""


async def beginning_of(viewer: Viewer, now: datetime, calendar: Calendar) -> Beginning:
    row = await fetch_one(_KNOWN, viewer.person_id, viewer.organisation_id)
    assert row is not None
    coming = year_view(calendar, beijing_date(now).year + 1)
    return Beginning(**row, scoped=bool(viewer.scopes), next_year_open=coming.known)
