"""The front page on a slow line: little to load, few requests, everything there without scripts."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Arrive
from tests.browser.person import WIDE

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000
MOST_REQUESTS = 15
# What came over the line, the page itself included; a part that a cache had would count nothing, and there is none here.
_LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map(one => [one.name, one.transferSize])"""


@pytest.mark.parametrize("width", [WIDE, 360], indirect=True)
async def test_the_front_page_is_light(arrive: Arrive, width: int) -> None:
    visitor = await arrive()
    await visitor.open("/")
    await visitor.page.wait_for_load_state("networkidle")
    loaded = await visitor.page.evaluate(_LOADED)
    assert all(size > 0 for _, size in loaded), loaded
    assert len(loaded) <= MOST_REQUESTS, loaded
    assert sum(size for _, size in loaded) <= MOST_BYTES, loaded
