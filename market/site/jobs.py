from __future__ import annotations

from market.site.saved import jobs as saved_jobs

__all__ = ["saved_jobs"]
