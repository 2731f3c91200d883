"""Times as Alipay writes them: Beijing, without saying so."""

from __future__ import annotations

from datetime import datetime

from market.kernel.calendar import BEIJING


def beijing_time(text: object) -> datetime | None:
    """None for anything that is no such time. Some answers carry fractions of a second."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
