"""Pages of fair payment."""

from __future__ import annotations

from typing import Any

from projects.payments.invoices.routes import routes as invoices
from projects.payments.overdue.routes import routes as overdue
from projects.payments.receipts.routes import routes as receipts
from projects.payments.statements.routes import routes as statements

routes: list[Any] = [*overdue, *invoices, *receipts, *statements]
