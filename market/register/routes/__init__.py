"""The register over HTTP: pages for people, files and proofs for programs."""

from __future__ import annotations

from typing import Any

from market.register.routes import pages, reading, witnessing

routes: list[Any] = [*pages.routes, *reading.routes, *witnessing.routes]
