from __future__ import annotations

from tests.beginnings import begins_with
from tests.contracts.award import drawn
from tests.contracts.conftest import award, sign_in
from tests.site.conftest import somebody

__all__ = ["award", "sign_in", "somebody"]

beginning = begins_with({"award": drawn})
