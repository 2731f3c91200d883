"""Pages of money: for both sides of a payment, for Alipay, and for the operator."""

from __future__ import annotations

from typing import Any

from market.payments.routes import alipay, operator, parties, refunds

routes: list[Any] = [*alipay.routes, *parties.routes, *refunds.routes, *operator.routes]
