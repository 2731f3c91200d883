"""The signed protocol: who may ask, how an answer is written down to the byte, how a notify is signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from market.kernel.calendar import BEIJING
from market.payments.alipay import rsa2
from market.payments.simulator.identity import Identity

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=30)


class Refused(Exception):
    """A business refusal: code 40004 and a signed node."""

    def __init__(self, sub_code: str, sub_msg: str = "", *, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg or sub_code


class NotForUs(Exception):
    """The call itself is wrong (who, when, which signature): answered without a signature, as Alipay does."""

    def __init__(self, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_code)
        self.node = {"code": "40002", "msg": "Invalid Arguments", "sub_code": sub_code, "sub_msg": sub_msg}


@dataclass(frozen=True)
class Call:
    method: str
    params: Mapping[str, str]
    biz: Mapping[str, Any]

    def word(self, name: str, *, required: bool = True) -> str:
        value = self.biz.get(name, "")
        if required and not value:
            raise Refused("ACQ.INVALID_PARAMETER", f"参数无效: {name}")
        return str(value)


def decode_params(query: bytes, body: bytes) -> dict[str, str]:
    """Query and body together, in the charset that they name."""
    parts = [part.partition(b"=") for source in (query, body) for part in source.split(b"&") if part]
    raw = {
        unquote_to_bytes(name).decode("ascii"): unquote_to_bytes(value.replace(b"+", b" ")) for name, _, value in parts
    }
    charset = raw.get("charset", b"utf-8").decode("ascii").lower()
    if charset not in {"utf-8", "gbk", "gb2312"}:
        raise NotForUs("isv.invalid-charset", "字符集错误")
    return {name: value.decode(charset) for name, value in raw.items()}


def checked(params: Mapping[str, str], identity: Identity, key: RSAPublicKey, *, now: datetime) -> Call:
    """The call, once it is known to come from our merchant. Raises NotForUs."""
    if params.get("app_id") != identity.app_id:
        raise NotForUs("isv.invalid-app-id", "无效的AppID参数")
    if params.get("sign_type") != "RSA2":
        raise NotForUs("isv.invalid-signature-type", "无效签名类型")
    _check_certificates(params, identity)
    _check_time(params.get("timestamp", ""), now)
    charset = params.get("charset", "utf-8")
    content = rsa2.request_content(params).decode().encode(charset)
    if not rsa2.verify([key], content, params.get("sign", "")):
        raise NotForUs("isv.invalid-signature", "无效签名")
    try:
        biz = json.loads(params.get("biz_content", "{}"))
    except ValueError:
        biz = None
    if not isinstance(biz, dict):
        raise NotForUs("isv.invalid-parameter", "biz_content 不是合法的 JSON")
    return Call(params.get("method", ""), params, biz)


def _check_certificates(params: Mapping[str, str], identity: Identity) -> None:
    numbers = identity.certificates
    if numbers is None:
        return
    for name, expected in (("app_cert_sn", numbers.app), ("alipay_root_cert_sn", numbers.root)):
        if params.get(name) != expected:
            problem = "invalid" if params.get(name) else "missing"
            raise NotForUs(f"isv.{problem}-{name.replace('_', '-')}", f"{name} 缺失或无效")


def _check_time(text: str, now: datetime) -> None:
    try:
        sent = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise NotForUs("isv.invalid-timestamp", "非法的时间戳参数") from None
    if abs(sent - now) > CLOCKS_MAY_DIFFER:
        raise NotForUs("isv.invalid-timestamp", "时间戳超出允许范围")


def written(node: Mapping[str, Any]) -> str:
    """Compact, Chinese as it is, slashes escaped: byte for byte what the signature covers."""
    return json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def answer(method: str, node: Mapping[str, Any], identity: Identity, *, signed: bool) -> str:
    name, raw = method.replace(".", "_") + "_response", written(node)
    if not signed:
        return f'{{"{name}":{raw}}}'
    numbers = identity.certificates
    middle = f',"alipay_cert_sn":"{numbers.alipay}"' if numbers else ""
    return f'{{"{name}":{raw}{middle},"sign":"{rsa2.sign(identity.alipay_key, raw.encode())}"}}'


def signed_notice(params: Mapping[str, str], identity: Identity) -> dict[str, str]:
    """A notify or a return: everything but sign and sign_type is covered."""
    numbers = {"alipay_cert_sn": identity.certificates.alipay} if identity.certificates else {}
    bare = {**params, **numbers, "sign_type": "RSA2"}
    return {**bare, "sign": rsa2.sign(identity.alipay_key, rsa2.notice_content(bare))}


def beijing(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"
