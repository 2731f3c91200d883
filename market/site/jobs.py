from __future__ import annotations

from market.site.desk import jobs as desk_jobs
from market.site.saved import jobs as saved_jobs

__all__ = ["desk_jobs", "saved_jobs"]
