from __future__ import annotations

from tests.beginnings import begins_with
from tests.contracts.award import accepted
from tests.contracts.conftest import award, sign_in

__all__ = ["award", "sign_in"]

beginning = begins_with({"award": accepted})
