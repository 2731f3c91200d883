from typing import Any

from projects.complaints import panels as panels  # registers the parts of other pages
from projects.complaints.routes import complainant, regulator

routes: list[Any] = [*complainant.routes, *regulator.routes]
