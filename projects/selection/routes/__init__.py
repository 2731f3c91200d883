from __future__ import annotations

from typing import Any

from projects.selection.routes import bids, objections, panels, rounds, sign_ups

__all__ = ["panels", "routes"]

routes: list[Any] = [*sign_ups.routes, *bids.routes, *rounds.routes, *objections.routes]
