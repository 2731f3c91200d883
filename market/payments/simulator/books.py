"""What the simulated Alipay knows, in a SQLite file of its own: it must outlive the market's process and its database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass
class Document:
    """Something kept; times are ISO texts, amounts fen."""

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass
class Order(Document):
    """A cashier's address that somebody opened. There is no trade until the buyer shows himself."""

    token: str
    method: str
    biz: dict[str, Any]
    notify_url: str
    return_url: str
    opened_at: str


@dataclass
class Trade(Document):
    trade_no: str
    out_trade_no: str
    subject: str
    total: int
    smid: str
    period_days: int
    created_at: str
    expires_at: str | None
    notify_url: str
    buyer: str = ""
    status: str = "WAIT_BUYER_PAY"
    paid_at: str | None = None
    closed_at: str | None = None
    # request number, fen, time, oldest first
    refunds: list[tuple[str, int, str]] = field(default_factory=list)
    # request number, fen, time
    settlement: tuple[str, int, str] | None = None
    auth_no: str | None = None

    @property
    def refunded(self) -> int:
        return sum(amount for _, amount, _ in self.refunds)

    @property
    def fee(self) -> int:
        """What Alipay takes from the sub-merchant: 0.6 %, half up."""
        return (self.total * 6 + 500) // 1000 if self.paid_at else 0


@dataclass
class Authorisation(Document):
    auth_no: str
    out_order_no: str
    out_request_no: str
    title: str
    total: int
    code: str
    notify_url: str
    created_at: str
    status: str = "INIT"
    frozen_at: str | None = None
    # kind (UNFREEZE, PAY), request number, fen, time
    operations: list[tuple[str, str, int, str]] = field(default_factory=list)

    @property
    def rest(self) -> int:
        return (self.total if self.frozen_at else 0) - sum(amount for _, _, amount, _ in self.operations)


@dataclass
class Merchant(Document):
    """A sub-merchant. `status` as the order query tells it: 031 under review, 99 finished, -1 refused."""

    order_id: str
    external_id: str
    request_no: str
    name: str
    logon_id: str
    smid: str
    status: str
    applied_at: str
    reason: str = ""
    frozen: bool = False


@dataclass
class Notice(Document):
    """A notify that is tried until the receiver says success; the parameters, and so the signature, stay the same."""

    notify_id: str
    url: str
    params: dict[str, str]
    tries: int
    next_at: str | None
    made_at: str


KINDS: dict[str, type[Document]] = {
    "order": Order, "trade": Trade, "authorisation": Authorisation, "merchant": Merchant, "notice": Notice,
}  # fmt: skip
_KEYS = {"order": "token", "trade": "out_trade_no", "authorisation": "out_order_no", "merchant": "order_id",
         "notice": "notify_id"}  # fmt: skip


class Books:
    """Everything in memory and, at every change, in the file. One process, one event loop, no awaiting in between."""

    def __init__(self, file: Path | None) -> None:
        self._link = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        self._link.execute("PRAGMA journal_mode = WAL")
        self._link.execute(
            "CREATE TABLE IF NOT EXISTS document (kind TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (kind, key))"
        )
        self._all: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        for kind, key, text in self._link.execute("SELECT kind, key, text FROM document ORDER BY rowid"):
            self._all[kind][key] = KINDS[kind].read(text)

    def close(self) -> None:
        self._link.close()

    def put(self, document: Document) -> None:
        kind = type(document).__name__.lower()
        key = getattr(document, _KEYS[kind])
        self._all[kind][key] = document
        self._link.execute(
            "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET text = excluded.text",
            (kind, key, document.text()),
        )

    def next_number(self, kind: str) -> int:
        return len(self._all[kind]) + 1

    def order(self, token: str) -> Order | None:
        return self._all["order"].get(token)

    def trade(self, out_trade_no: str = "", trade_no: str = "") -> Trade | None:
        if trade_no:
            return next((one for one in self.trades() if one.trade_no == trade_no), None)
        return self._all["trade"].get(out_trade_no)

    def trades(self) -> Iterator[Trade]:
        return iter(list(self._all["trade"].values()))

    def authorisation(self, out_order_no: str = "", auth_no: str = "", code: str = "") -> Authorisation | None:
        if out_order_no:
            return self._all["authorisation"].get(out_order_no)
        found = self._all["authorisation"].values()
        return next((one for one in found if (auth_no and one.auth_no == auth_no) or (code and one.code == code)), None)

    def merchant(self, order_id: str = "", smid: str = "", request_no: str = "") -> Merchant | None:
        if order_id:
            return self._all["merchant"].get(order_id)
        found = self._all["merchant"].values()
        return next(
            (one for one in found if (smid and one.smid == smid) or (request_no and one.request_no == request_no)), None
        )

    def notices(self) -> Iterator[Notice]:
        return iter(list(self._all["notice"].values()))

    def merchants(self) -> Iterator[Merchant]:
        return iter(list(self._all["merchant"].values()))
