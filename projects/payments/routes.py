"""Pages of fair payment."""

from __future__ import annotations

from typing import Any

from projects.payments.invoices.routes import routes as invoices
from projects.payments.overdue.routes import routes as overdue

routes: list[Any] = [*overdue, *invoices]
