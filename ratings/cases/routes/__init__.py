from typing import Any

from ratings.cases.routes import authority, firm, judging, opening, reading

routes: list[Any] = [*opening.routes, *reading.routes, *authority.routes, *judging.routes, *firm.routes]
