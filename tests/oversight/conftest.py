from __future__ import annotations

from tests.beginnings import begins_with
from tests.contracts.award import drawn
from tests.contracts.conftest import award

__all__ = ["award"]

beginning = begins_with({"award": drawn})
