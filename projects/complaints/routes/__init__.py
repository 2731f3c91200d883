from typing import Any

from projects.complaints import panels
from projects.complaints.routes import complainant, regulator

__all__ = ["panels", "routes"]

routes: list[Any] = [*complainant.routes, *regulator.routes]
