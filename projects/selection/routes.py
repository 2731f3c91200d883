"""The pages of selection, noun by noun."""

from __future__ import annotations

from typing import Any

from projects.selection.bids import routes as bids
from projects.selection.objections import panels as objection_panels
from projects.selection.objections import routes as objections
from projects.selection.rounds import panels as round_panels
from projects.selection.rounds import routes as rounds
from projects.selection.sign_ups import panels as sign_up_panels
from projects.selection.sign_ups import routes as sign_ups

__all__ = ["objection_panels", "round_panels", "routes", "sign_up_panels"]

routes: list[Any] = [*sign_ups.routes, *bids.routes, *rounds.routes, *objections.routes]
