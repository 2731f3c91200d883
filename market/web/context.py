"""What a request needs from the running application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request
from obstore.store import ObjectStore

from market.kernel.calendar import Calendar
from market.kernel.clock import Clock
from market.kernel.settings import Settings


@dataclass
class Running:
    """Lives in `app.state.running`. `calendar` is replaced as a whole when the operator corrects it."""

    settings: Settings
    clock: Clock
    files: ObjectStore
    calendar: Calendar
    dsn: str
    beacon: Any = None  # market.beacon's Beacon; this layer does not know more of it


def running(request: Request[Any, Any, Any]) -> Running:
    state: Running = request.app.state.running
    return state


def arrived_at(request: Request[Any, Any, Any]) -> datetime:
    """The market time at which the request reached the server: the only time that judges it."""
    moment: datetime = request.scope["state"]["arrived_at"]
    return moment
