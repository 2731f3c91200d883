"""Pages of experts: their own, the operator's, the public's, and the part of the project page."""

from __future__ import annotations

from typing import Any

from projects.experts.routes import application, bench, desk, public, result, seats

routes: list[Any] = [*application.routes, *seats.routes, *desk.routes, *public.routes]
__all__ = ["bench", "result", "routes"]
