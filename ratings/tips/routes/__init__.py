from __future__ import annotations

from typing import Any

from ratings.tips.routes.handling import routes as handling
from ratings.tips.routes.telling import routes as telling

routes: list[Any] = [*telling, *handling]
