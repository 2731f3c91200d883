"""Which tests share a process, because they share what takes long to make."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/city/",  # the demonstration is built once
    "tests/architecture/test_house_rules.py",  # every source is read once
    "tests/architecture/test_translations.py",
    "tests/architecture/test_access.py",  # from here on: the market with which they begin is built once
    "tests/api/",
    "tests/complaints/",
    "tests/disputes/",
    "tests/experts/",
    "tests/flags/",
    "tests/fulfilment/",
)


class SharedFirst(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to whichever process is free; those that belong together to one, and first, because they take long.
    (The `xdist_group` marks of xdist 3.8 have no effect under pytest 9.)"""

    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)
