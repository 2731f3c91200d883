"""A day's bill as Alipay hands it out: a ZIP with names and contents in GBK, refunds as negative rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from market.kernel.calendar import beijing_date
from market.payments.simulator.books import Trade
from market.payments.simulator.protocol import beijing, yuan

COLUMNS: Final = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称", "操作员", "终端号",
    "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", "商家优惠（元）",
    "券核销金额（元）", "券名称", "商家红包消费金额（元）", "卡消费金额（元）", "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip
_NONE: Final = "0.00"


def rows_of(trades: Iterable[Trade], day: date) -> list[tuple[str, ...]]:
    found = []
    for trade in trades:
        if trade.paid_at and beijing_date(datetime.fromisoformat(trade.paid_at)) == day:
            found.append(_row(trade, "交易", trade.paid_at, yuan(trade.total), "", f"-{yuan(trade.fee)}"))
        found += [
            _row(trade, "退款", at, f"-{yuan(amount)}", request_no, _NONE)
            for request_no, amount, at in trade.refunds
            if beijing_date(datetime.fromisoformat(at)) == day
        ]
    return found


def _row(trade: Trade, kind: str, at: str, amount: str, request_no: str, fee: str) -> tuple[str, ...]:
    return (
        trade.trade_no, trade.out_trade_no, kind, trade.subject, beijing(trade.created_at), beijing(at), "", "", "", "",
        "hui***@demo", amount, amount, _NONE, _NONE, _NONE, _NONE, _NONE, "", _NONE, _NONE, request_no, fee, _NONE, "",
    )  # fmt: skip


def archive(rows: Sequence[tuple[str, ...]], day: date, seller_id: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(_member(f"{seller_id}_{day:%Y%m%d}_业务明细.csv"), _text(rows, day, seller_id))
        packed.writestr(
            _member(f"{seller_id}_{day:%Y%m%d}_业务明细(汇总).csv"), "#支付宝业务汇总查询\r\n".encode("gbk")
        )
    return out.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """The name's bytes are GBK and no flag says so, as in Alipay's archives."""
    info = _Gbk(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


class _Gbk(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (overrides the library's)
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _text(rows: Sequence[tuple[str, ...]], day: date, seller_id: str) -> bytes:
    out = io.StringIO()
    out.write(f"#支付宝业务明细查询\r\n#账号：[{seller_id}0156]\r\n#起始日期：[{day}] 终止日期：[{day}]\r\n")
    out.write("#-----------------------------------------业务明细列表----------------------------------------\r\n")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    lines.writerows([f"{cell}\t" for cell in row] for row in rows)
    out.write("#-----------------------------------------业务明细列表结束------------------------------------\r\n")
    out.write(f"#交易合计：{len(rows)}笔\r\n#导出时间：[{day}]\r\n")
    return out.getvalue().encode("gb18030")
