"""The web application, put together once in a process and led from market to market: its 570 routes cost a test the better
part of a second, and none of them knows on which market it stands."""

from __future__ import annotations

from litestar import Litestar
from litestar.datastructures import State

from market.kernel.settings import Settings
from market.web.context import Running
from market.web.kept import KeptPages

_Kind = tuple[str, int]
_made: dict[_Kind, Litestar] = {}


def application_on(running: Running) -> Litestar:
    """The application as `app.create_app` makes it, on this market and with nothing kept from the one before. Two markets
    whose settings are of one kind cannot stand side by side on it."""
    site = _of_kind(running.settings, running.dsn)
    site.state = State({"running": running, "kept": KeptPages()})
    return site


def _of_kind(settings: Settings, dsn: str) -> Litestar:
    """`create_app` reads these two settings; `dsn` is for its lifespan, which tests never open."""
    kind = (settings.mode, settings.upload_limit_bytes)
    if kind not in _made:
        from app import create_app

        _made[kind] = create_app(settings, dsn)
    return _made[kind]
