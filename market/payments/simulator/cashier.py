"""The cashier in the browser. It looks like one, and says on every page that no money moves here."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from market.kernel.clock import Clock
from market.kernel.i18n import DEFAULT_LOCALE, LOCALES, N_, ROOT, speaking, translate
from market.payments.simulator import methods
from market.payments.simulator.asgi import Answer, Request, redirect
from market.payments.simulator.books import Books, Order, Trade
from market.payments.simulator.identity import Identity
from market.payments.simulator.protocol import Refused, beijing, signed_notice, yuan

BUYER: Final = "hui***@demo"
REASONS: Final = {
    "ACQ.TRADE_HAS_SUCCESS": N_("This order has been paid already."),
    "ACQ.TRADE_HAS_CLOSE": N_("The time to pay this order is over; the merchant can issue another one."),
    "ACQ.CONTEXT_INCONSISTENT": N_("This order number was used for another amount or title."),
    "ACQ.TOTAL_FEE_EXCEED": N_("The amount is beyond the limit."),
    "ACQ.SELLER_BEEN_BLOCKED": N_("The account that is to be paid is frozen."),
}
UNKNOWN_REASON: Final = N_("The merchant's order is not valid.")
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "simulator"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_ENVIRONMENT.globals["_"] = translate


class Cashier:
    def __init__(self, books: Books, identity: Identity, clock: Clock) -> None:
        self.books, self.identity, self.clock = books, identity, clock

    def page(self, request: Request, token: str) -> Answer:
        """Who pays, what, to whom: before the buyer has shown himself, after it, and when there is nothing to pay."""
        order = self.books.order(token)
        if order is None:
            return self._shown(request, "gone.html", status=404, reason=UNKNOWN_REASON, code="")
        trade = self.books.trade(str(order.biz.get("out_trade_no", "")))
        if trade is not None and trade.paid_at:
            return self._shown(request, "paid.html", order=order, trade=trade, back=self._way_back(order, trade))
        if trade is not None and trade.status != "WAIT_BUYER_PAY":
            return self._refused(request, Refused("ACQ.TRADE_HAS_CLOSE"))
        return self._shown(request, "cashier.html", order=order, trade=trade, **self._facts(order))

    def act(self, request: Request, token: str) -> Answer:
        """`step`: identify (the trade comes into being), pay, or leave."""
        order, now = self.books.order(token), self.clock.now()
        if order is None:
            return self.page(request, token)
        step = request.form.get("step")
        if step == "leave":
            return redirect(order.return_url or f"/cashier/{token}")
        try:
            trade = methods.create_trade(self.books, order.biz, order.notify_url, BUYER, now)
            if step != "pay":
                return redirect(f"/cashier/{token}{_language(request)}")
            methods.pay(self.books, trade, now)
        except Refused as refused:
            return self._refused(request, refused)
        return redirect(self._way_back(order, trade, now) or f"/cashier/{token}")

    def _way_back(self, order: Order, trade: Trade, now: datetime | None = None) -> str:
        """The signed return: it carries no status, because it proves no payment."""
        if not order.return_url:
            return ""
        params = {
            "charset": "utf-8", "out_trade_no": trade.out_trade_no, "method": f"{order.method}.return", "version": "1.0",
            "total_amount": yuan(trade.total), "trade_no": trade.trade_no, "auth_app_id": self.identity.app_id,
            "app_id": self.identity.app_id, "seller_id": self.identity.seller_id, "timestamp": beijing(now or self.clock.now()),
        }  # fmt: skip
        joint = "&" if "?" in order.return_url else "?"
        return f"{order.return_url}{joint}{urlencode(signed_notice(params, self.identity))}"

    def _facts(self, order: Order) -> dict[str, Any]:
        merchant = self.books.merchant(smid=str(order.biz.get("sub_merchant", {}).get("merchant_id", "")))
        return {"payee": merchant.name if merchant else "", "expires": str(order.biz.get("time_expire", ""))}

    def code_page(self, request: Request, code: str) -> Answer:
        """What scanning the code of a pre-authorisation shows."""
        found = self.books.authorisation(code=code)
        if found is None:
            return self._shown(request, "gone.html", status=404, reason=UNKNOWN_REASON, code="")
        if request.method == "POST" and not found.frozen_at:
            methods.freeze(self.books, found, self.clock.now())
        return self._shown(request, "freeze.html", authorisation=found, amount=yuan(found.total))

    def _refused(self, request: Request, refused: Refused) -> Answer:
        reason = REASONS.get(refused.sub_code, UNKNOWN_REASON)
        return self._shown(request, "gone.html", status=409, reason=reason, code=refused.sub_code)

    def _shown(self, request: Request, template: str, *, status: int = 200, **facts: Any) -> Answer:
        locale = request.args.get("language", DEFAULT_LOCALE)
        locale = locale if locale in LOCALES else DEFAULT_LOCALE
        with speaking(locale):
            page = _ENVIRONMENT.get_template(template).render(locale=locale, path=request.path, **facts)
        return Answer(page.encode(), status)


def _language(request: Request) -> str:
    return "?language=en" if request.args.get("language") == "en" else ""
