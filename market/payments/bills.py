"""Alipay's bill as it is handed out: a ZIP, GBK inside, `#` lines around the rows, cells padded with tabs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market.kernel.calendar import BEIJING

LARGEST_TEXT: Final = 512 * 1024 * 1024
_AMOUNT: Final = re.compile(r"(-?)(\d{1,11})(?:\.(\d{1,2}))?")
_KINDS: Final = {"交易": "paid", "退款": "refund"}
_NEEDED: Final = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    "订单金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
)


class BillUnreadable(Exception):
    """Why a bill cannot be read; no row of it."""


@dataclass(frozen=True)
class Line:
    """One row. `amount_fen` is positive for refunds too; `kind` tells them apart."""

    no: int
    kind: str
    trade_no: str
    out_trade_no: str
    request_no: str
    amount_fen: int
    fee_fen: int
    at: datetime


def read_bill(archive: bytes) -> tuple[list[Line], list[str]]:
    """The rows, and for each row that cannot be understood its number and why. Raises BillUnreadable for the whole."""
    rows = list(_rows(_text(archive)))
    if not rows or any(name not in rows[0] for name in _NEEDED):
        raise BillUnreadable("the columns are not those of a bill of trades")
    lines, wrong = [], []
    for no, row in enumerate(rows[1:], 1):
        try:
            lines.append(_line(no, dict(zip(rows[0], row, strict=True))))
        except ValueError as problem:
            wrong.append(f"{no}: {problem}")
    return lines, wrong


def _text(archive: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(archive), metadata_encoding="gbk") as packed:
            names = [
                info for info in packed.infolist() if info.filename.endswith(".csv") and "汇总" not in info.filename
            ]
            if len(names) != 1 or names[0].file_size > LARGEST_TEXT:
                raise BillUnreadable("the archive does not hold one list of trades")
            return packed.read(names[0]).decode("gb18030")
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError, EOFError) as problem:
        raise BillUnreadable(f"the archive is damaged: {type(problem).__name__}") from None


def _rows(text: str) -> Iterator[list[str]]:
    if "明细列表结束" not in text:
        raise BillUnreadable("the list breaks off")
    plain = (line for line in text.splitlines() if line and not line.startswith("#"))
    return ([cell.strip() for cell in row] for row in csv.reader(plain))


def _line(no: int, row: dict[str, str]) -> Line:
    kind = _KINDS.get(row["业务类型"])
    if kind is None:
        raise ValueError("unknown kind of business")
    amount, fee = _fen(row["订单金额（元）"]), _fen(row["服务费（元）"])
    if (amount < 0) != (kind == "refund") or amount == 0:
        raise ValueError("an amount of the wrong sign")
    at = datetime.strptime(row["完成时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    return Line(
        no, kind, row["支付宝交易号"], row["商户订单号"], row["退款批次号/请求号"] if kind == "refund" else "",
        abs(amount), abs(fee), at,
    )  # fmt: skip


def _fen(text: str) -> int:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError("no amount")
    amount = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -amount if match[1] else amount
