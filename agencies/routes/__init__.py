"""Pages of agencies: their own, the operator's, the public's."""

from __future__ import annotations

from typing import Any

from agencies.routes import bench, entry, public, review, rows

routes: list[Any] = [*entry.routes, *rows.routes, *review.routes, *public.routes]
__all__ = ["bench", "routes"]
