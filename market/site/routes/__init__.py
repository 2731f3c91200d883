from typing import Any

from market.site.desk.routes import routes as desk
from market.site.routes import benches, comparison, demonstration, guide, home, regions, search, statistics
from market.site.saved import routes as saved

routes: list[Any] = [
    *home.routes, *search.routes, *saved.routes, *statistics.routes, *benches.routes, *demonstration.routes, *guide.routes,
    *comparison.routes, *regions.routes, *desk,
]  # fmt: skip
