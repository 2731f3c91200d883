from __future__ import annotations

from typing import Any

from projects.posting.routes import amendments, drafts, overview, publication

routes: list[Any] = [*overview.routes, *drafts.routes, *publication.routes, *amendments.routes]
