from typing import Any

from ratings.cases.routes import authority, firm, judging, reading

routes: list[Any] = [*reading.routes, *authority.routes, *judging.routes, *firm.routes]
