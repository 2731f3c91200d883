from __future__ import annotations

import pytest

from tests.beginnings import begins_with
from tests.contracts import award as stages
from tests.contracts.award import Award
from tests.contracts.conftest import award

__all__ = ["award"]

beginning = begins_with({"accepted": stages.accepted, "award": stages.drawn})


@pytest.fixture
def accepted(award: Award) -> Award:
    """Delivered in time and accepted; the time to rate has just begun."""
    return award
