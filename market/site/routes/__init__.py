from typing import Any

from market.site.routes import benches, comparison, demonstration, guide, home, regions, search, statistics

routes: list[Any] = [
    *home.routes, *search.routes, *statistics.routes, *benches.routes, *demonstration.routes, *guide.routes,
    *comparison.routes, *regions.routes,
]  # fmt: skip
