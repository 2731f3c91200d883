from __future__ import annotations

from typing import Any

from market.site.desk.routes import doing, files, reading

routes: list[Any] = [*reading.routes, *doing.routes, *files.routes]
