from typing import Any

from projects.disputes import panels
from projects.disputes.routes import agreeing, cases, execution, ruling, sides

__all__ = ["panels", "routes"]

routes: list[Any] = [*cases.routes, *sides.routes, *agreeing.routes, *ruling.routes, *execution.routes]
