from __future__ import annotations

from tests.contracts.conftest import award, beginning, sign_in

__all__ = ["award", "beginning", "sign_in"]
