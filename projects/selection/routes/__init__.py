from __future__ import annotations

from typing import Any

from projects.selection.routes import objections, panels, rounds, sign_ups

__all__ = ["panels", "routes"]

routes: list[Any] = [*sign_ups.routes, *rounds.routes, *objections.routes]
